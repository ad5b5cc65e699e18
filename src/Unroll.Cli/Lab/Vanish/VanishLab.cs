using System.CommandLine;
using Unroll.Core;
using Unroll.Inspection.Report;

namespace Unroll.Cli.Lab.Vanish;

/// <summary>
/// <c>unroll lab vanish</c>: why gradients vanish and explode, what clipping fixes, and over which gaps cells learn (study notes, S07–S11).
/// </summary>
internal sealed class VanishLab : ILab
{
    private readonly Option<int[]?> _gaps = Opt.Ints("--gaps", "N,…",
        "steps of noise between symbol and cue (default 5,10,20,50,100; --full to 500)");
    private readonly Option<int?> _updates = Opt.Int("--updates", "N", "maximum number of updates per training run (default 1000, --full 5000)");
    private readonly Option<int?> _hidden = Opt.Int("--hidden", "N", "units (default 32)");
    private readonly Option<int?> _steps = Opt.Int("--steps", "N", "steps of backpropagation whose norms are measured (default 100)");

    public string Name => "vanish";

    public string Summary => "Why gradients vanish and explode, what clipping fixes and what it does not, and over which gaps RNN, LSTM and GRU "
        + "learn.";

    public string Notes => "S07–S11";

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_gaps, _updates, _hidden, _steps]) command.Add(option);
    }

    public LabResult Run(ParseResult parsed, LabRun run)
    {
        int[] gaps = parsed.GetValue(_gaps) is { Length: > 0 } typed ? typed : run.Full ? [5, 10, 20, 50, 100, 200, 500] : [5, 10, 20, 50, 100];
        if (gaps.Any(gap => gap is < 1 or > 10_000) || gaps.Zip(gaps.Skip(1)).Any(pair => pair.First >= pair.Second))
            throw new UserErrorException($"--gaps: expected increasing whole numbers from 1 to 10000, such as 5,10,20, found "
                + $"'{string.Join(',', gaps)}'.");
        VanishSizes sizes = new()
        {
            Recall = new RecallSizes
            {
                Gaps = gaps,
                Updates = Opt.Within(parsed, _updates, run.Full ? 5000 : 1000, 1, 1_000_000),
                Hidden = Opt.Within(parsed, _hidden, 32, 1, 512),
            },
            Steps = Opt.Within(parsed, _steps, 100, 2, 10_000),
            Hidden = Opt.Within(parsed, _hidden, 32, 1, 512),
            Draws = run.Full ? 20 : 3,
        };
        return Measure(sizes, run);
    }

    internal static LabResult Measure(VanishSizes sizes, LabRun run)
    {
        Rng random = run.Random.For("vanish");
        run.Progress("vanish: twenty steps, norms during backpropagation");
        (LabTable twenty, LabVerdict noted) = TwentySteps.Measure(run.Threads);
        DecayFigures decay = DecayFigures.Measure(sizes, run);
        run.Progress("vanish: clipping");
        ClippingFigures clipping = ClippingFigures.Measure(sizes, run);
        run.Progress($"vanish: {RecallCell.All.Count} cells, gaps {string.Join(", ", sizes.Recall.Gaps)}, at most {sizes.Recall.Updates} updates "
            + $"each");
        RecallFigures recall = RecallFigures.Measure(sizes.Recall, run);
        return new LabResult
        {
            Title = "Vanishing and exploding gradients",
            Asked = "Does a vanilla network stop learning as the gap grows (S07)? Do vanishing and exploding come from repeated multiplication by "
                + "W_s (S08), and "
                + "does its size alone decide (S09)? What is the product over 20 steps (S10)? Does clipping fix explosion, and vanishing (S11)?",
            Verdicts = [.. recall.Verdicts(), .. decay.Verdicts(), noted, .. clipping.Verdicts()],
            Sections =
            [
                new LabSection("Twenty steps", "The product of one factor with itself, and the engine's gradient over 20 steps of one rectified "
                    + "unit with that weight.")
                { Tables = [twenty] },
                decay.Section(), clipping.Section(), recall.Section(),
            ],
        };
    }
}

/// <summary>How much is measured.</summary>
internal sealed record VanishSizes
{
    /// <summary>The recall task.</summary>
    public RecallSizes Recall { get; init; } = new();

    /// <summary>Steps of the way back whose norms are measured.</summary>
    public int Steps { get; init; } = 100;

    /// <summary>Units of the networks whose norms are measured.</summary>
    public int Hidden { get; init; } = 32;

    /// <summary>Draws that are averaged.</summary>
    public int Draws { get; init; } = 3;

    /// <summary>Updates with and without clipping.</summary>
    public int ClippingUpdates { get; init; } = 400;
}
