using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Sweeps;

/// <summary>How the settings of the trials are found.</summary>
public enum SweepSearch
{
    /// <summary>
    /// By Sobol's sequence, scrambled by the seed: as free as random draws, and each setting's values are spread evenly over any number of trials.
    /// Bergstra and Bengio 2012 for draws rather than grids, Bousquet et al. 2017 (arXiv:1706.03200) for such sequences rather than draws.
    /// </summary>
    Sobol,

    /// <summary>By independent draws.</summary>
    Random,

    /// <summary>Every combination of the listed values, the last setting's the quickest to change.</summary>
    Grid,
}

/// <summary>What a sweep tries: options of a task with ranges or values, how many trials, and whether poor ones end early.</summary>
public sealed record SweepOptions
{
    /// <summary>The settings, separated by semicolons: <c>lr=log:1e-4..1e-2; hidden=64,128</c>. See <see cref="SweepSetting.Parse"/>.</summary>
    public string Space { get; init; } = "";

    /// <summary>How the settings of the trials are found.</summary>
    public SweepSearch Search { get; init; }

    /// <summary>How many trials, 1 to 10,000; null: 20, and of a grid every combination.</summary>
    public int? Trials { get; init; }

    /// <summary>
    /// Whether trials run in rungs, of which each lets the best go on: successive halving (Jamieson and Talwalkar 2016, arXiv:1502.07943).
    /// </summary>
    public bool Halving { get; init; }

    /// <summary>η, 2 to 10: of a rung the best one in η goes on, for η times the epochs. 3 by Li et al. 2018, Hyperband.</summary>
    public int Eta { get; init; } = 3;

    /// <summary>Every option, a line each.</summary>
    public static OptionTable<SweepOptions> Table { get; } = new OptionTable<SweepOptions>()
        .String("space", "NAME=VALUES", "an option of the task and what to try: lr=log:1e-4..1e-2 (evenly in the logarithm), dropout=0..0.5, " +
            "hidden=64,128; give it once for each option", o => o.Space, (o, v) => o with { Space = v })
        .Choice("search", "how settings are found; sobol: draws that are spread evenly; grid: every combination of listed values",
            o => o.Search, (o, v) => o with { Search = v })
        .Int("trials", "N", "how many settings are tried (default 20; of a grid all)", o => o.Trials, (o, v) => o with { Trials = v }, 1, 10_000)
        .Bool("halving", "stop poor trials early: rungs of epochs, of which each lets the best one in eta go on",
            o => o.Halving, (o, v) => o with { Halving = v })
        .Int("eta", "N", "with halving, what trials are divided by and epochs multiplied by from rung to rung",
            o => o.Eta, (o, v) => o with { Eta = v }, 2, 10);
}
