using System.CommandLine;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Tasks.Synthetic;
using Unroll.Training;

namespace Unroll.Cli.Lab.Zoo;

/// <summary>What <c>lab zoo</c> trains, and for how long: the same for every cell.</summary>
/// <param name="Cells">The cells.</param>
/// <param name="Problems">The tasks.</param>
/// <param name="Parameters">Parameters that a network has, as nearly as whole units allow.</param>
/// <param name="Seeds">Trainings of each cell on each task that are reported.</param>
internal sealed record ZooPlan(IReadOnlyList<LabNamedCell> Cells, IReadOnlyList<ISequenceProblem> Problems, int Parameters, int Seeds)
{
    private const int MaxLooks = 20;
    private const ulong AfterReported = 1000;

    /// <summary>Sequences of an update.</summary>
    internal const int Batch = 32;

    /// <summary>Sequences that the choice of a rate and of the best weights are made on.</summary>
    internal const int Validation = 128;

    /// <summary>Sequences that are reported on.</summary>
    internal const int Test = 512;

    /// <summary>The learning rates that are tried for each cell on each task.</summary>
    internal required IReadOnlyList<double> Rates { get; init; }

    /// <summary>Updates that a training may have; it has the whole looks of them.</summary>
    internal required int MaxUpdates { private get; init; }

    /// <summary>Updates between two looks at the validation sequences.</summary>
    internal int Between => Math.Max(1, MaxUpdates / MaxLooks);

    /// <summary>How often the validation sequences are looked at.</summary>
    internal int Looks => MaxUpdates / Between;

    /// <summary>Updates of a training.</summary>
    internal int Updates => Looks * Between;

    /// <summary>Trainings at each rate that the choice of it goes by.</summary>
    internal required int TuningSeeds { get; init; }

    /// <summary>The seeds by which rates are chosen: none of those reported.</summary>
    internal IEnumerable<ulong> TuningOf(ulong seed) => Enumerable.Range(0, TuningSeeds).Select(s => seed + AfterReported + (ulong)s);

    internal ProblemData Data(ulong seed) => new() { Seed = seed, Batch = Batch, Updates = Between, Validation = Validation };

    internal TrainingOptions Training(ulong seed, double rate) => new()
    {
        Epochs = Looks,
        Seed = seed,
        CountsStart = true,
        Step = Step(rate),
    };

    internal static TrainerOptions Step(double rate) => new()
    {
        Schedule = new ConstantSchedule { Rate = (float)rate },
        Clipping = new Clipping { Limit = 1 },
        NonFinite = NonFinitePolicy.SkipBatch,
    };
}

/// <summary>The options of <c>lab zoo</c>.</summary>
/// <param name="known">The cells to choose among.</param>
internal sealed class ZooOptions(CellCatalog known)
{
    private static readonly double[] Short = [0.003, 0.01, 0.03, 0.1], Full = [0.001, .. Short];
    private readonly Option<string[]> _cells = Opt.Strings("--cells", "NAME,…", "cells to compare, at least two: built-in ones, cells of the "
        + "zoo, files NAME.cell (default: all)");
    private readonly Option<string[]> _tasks = Opt.Strings("--tasks", "NAME,…", $"some of {string.Join(", ", ZooTasks.Names)} (default: "
        + $"{string.Join(",", ZooTasks.Chosen)})");
    private readonly Option<int?> _seeds = Opt.Int("--seeds", "N", "reported training runs per cell and task (default 5; with --full 10)");
    private readonly Option<int?> _updates = Opt.Int("--updates", "N", "updates of each training run (default 400; with --full 4000)");
    private readonly Option<int?> _parameters = Opt.Int("--parameters", "N", "parameters of each network, as nearly as whole units allow (default "
        + "2500; with --full 10000)");

    private readonly Option<double[]?> _rates = Opt.Doubles("--rates", "X,…", "learning rates to choose among, for each cell on each task (default "
        + "0.003,0.01,0.03,0.1; with --full also 0.001)");

    internal void AddTo(Command command)
    {
        _cells.Aliases.Add("--cell");
        foreach (Option option in (Option[])[_cells, _tasks, _seeds, _updates, _parameters, _rates]) command.Add(option);
    }

    internal ZooPlan Plan(ParseResult parsed, bool full)
    {
        IReadOnlyList<LabNamedCell> cells = parsed.GetValue(_cells) is { Length: > 0 } typed ? LabCells.Find(typed, known) : LabCells.Zoo(known);
        if (cells.Count < 2) throw new UserErrorException("--cells: expected at least two cells to compare, got one; such as --cells lstm,gru.");
        IEnumerable<string> tasks = parsed.GetValue(_tasks) is { Length: > 0 } names ? names : ZooTasks.Chosen;
        return new ZooPlan(cells, [.. tasks.Distinct().Select(name => ZooTasks.Make(name, full))],
            Opt.Within(parsed, _parameters, full ? 10_000 : 2500, 100, 10_000_000), Opt.Within(parsed, _seeds, full ? 10 : 5, 2, 500))
        {
            MaxUpdates = Opt.Within(parsed, _updates, full ? 4000 : 400, 1, 10_000_000),
            Rates = Rates(parsed, full),
            TuningSeeds = full ? 3 : 1,
        };
    }

    private double[] Rates(ParseResult parsed, bool full)
    {
        double[] rates = parsed.GetValue(_rates) is { Length: > 0 } typed ? [.. typed.Distinct().Order()] : full ? Full : Short;
        return rates.All(rate => rate is > 0 and <= 1) ? rates
            : throw new UserErrorException($"--rates: expected numbers above 0 and at most 1, such as 0.003,0.01, got {LabCell.Short(rates.First(
                rate => rate is not (> 0 and <= 1)))}.");
    }
}
