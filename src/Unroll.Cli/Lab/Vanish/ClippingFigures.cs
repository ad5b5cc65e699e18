using Unroll.Core;
using Unroll.Inspection.Report;
using Unroll.Training;
using static Unroll.Cli.Lab.LabCell;

namespace Unroll.Cli.Lab.Vanish;

/// <summary>What clipping does to gradients that explode and to gradients that vanish (S11).</summary>
/// <param name="Free">Trainings without clipping, by draw.</param>
/// <param name="Clipped">The same with clipping at 1.</param>
/// <param name="Gap">Of the gradient that vanishes.</param>
/// <param name="Vanishing">It, unclipped and clipped at the limits.</param>
internal sealed record ClippingFigures(
    IReadOnlyList<ClippingTrial> Free, IReadOnlyList<ClippingTrial> Clipped, int Gap,
        IReadOnlyList<(double? Limit, ClippedGradient Gradient)> Vanishing)
{
    private const double Radius = 2;                                     // rectified units pass on about half: about √2 a step is left
    private const int Hidden = 32, Steps = 50, VanishingGap = 50;

    internal static ClippingFigures Measure(VanishSizes sizes, LabRun run)
    {
        (bool Clip, int Draw)[] work = [.. from clip in (bool[])[false, true] from draw in Enumerable.Range(0, sizes.Draws) select (clip, draw)];
        ClippingTrial[] trials = run.Each(work, (item, threads) => ClippingTrial.Of(Radius, Hidden, Steps, sizes.ClippingUpdates,
            item.Clip ? new Clipping { Limit = 1 } : Clipping.None, run.Random.For("clipping").At((ulong)item.Draw), threads, run));
        Rng random = run.Random.For("clipped gradient");
        double?[] limits = [null, 1, 0.01];
        return new ClippingFigures(trials[..sizes.Draws], trials[sizes.Draws..], VanishingGap,
            [.. limits.Select(limit => (limit, ClippedGradient.Of(VanishingGap, sizes.Recall,
            limit is double at ? new Clipping { Limit = (float)at } : Clipping.None, random, run.Threads)))]);
    }

    internal IEnumerable<LabVerdict> Verdicts()
    {
        int[] blown = [.. Enumerable.Range(0, Free.Count).Where(draw => BlownUp(Free[draw]))];
        int saved = blown.Count(draw => !BlownUp(Clipped[draw]) && Clipped[draw].Losses[^1] < Clipped[draw].Losses[0]);
        yield return new LabVerdict("S11", "clipping fixes explosion",
            $"without a limit {blown.Length} of {Free.Count} training runs diverged, gradient norms reaching {Short(Free.Max(t => t.LargestNorm))}; "
                + $"with the norm limited to 1 {saved} of "
            + $"these converged, losses from {Short(Typical(t => t.Losses[0]))} to {Short(Typical(t => t.Losses[^1]))} (geometric means).",
            blown.Length == 0 ? null : saved == blown.Length);

        double before = Vanishing[0].Gradient.Ratio, apart = Vanishing.Max(v => Math.Abs(v.Gradient.Ratio / before - 1));
        yield return new LabVerdict("S11", "clipping does not fix vanishing",
            $"over a gap of {Gap} the first step's share of the gradient is {Short(before)} of the later steps'; clipped to a norm of "
            + $"{string.Join(" and ", Vanishing.Skip(1).Select(v => Short(v.Limit!.Value)))} it is the same to {Short(apart)}, because the same "
                + $"factor multiplies all of them.",
            before < 1e-3 && apart < 1e-4);
    }

    private double Typical(Func<ClippingTrial, double> of) =>
        Math.Exp(Clipped.Where(trial => trial.Losses.Count > 0).Select(of).DefaultIfEmpty(double.NaN).Average(Math.Log));

    // Not finite any more, or ever larger: ten times the first loss at the end.
    private static bool BlownUp(ClippingTrial trial) => trial.Fault is not null || trial.Losses[^1] > 10 * trial.Losses[0];

    internal LabSection Section()
    {
        LabTable training = new("training with and without clipping", "draw", "limit", "first loss", "largest loss", "last loss",
            "largest gradient norm", "updates clipped", "ended");
        foreach ((string limit, IReadOnlyList<ClippingTrial> trials) in ((string, IReadOnlyList<ClippingTrial>)[])[("none", Free),
            ("norm 1", Clipped)])
            for (int draw = 0; draw < trials.Count; draw++)
            {
                ClippingTrial trial = trials[draw];
                if (trial.Losses.Count == 0) training.Add(draw, limit, double.NaN, double.NaN, double.NaN, double.NaN, "–",
                    "not finite at the first update");
                else
                    training.Add(draw, limit, trial.Losses[0], trial.Losses.Max(), trial.Losses[^1], trial.LargestNorm,
                        Of(100 * trial.Clipped, "F0") + " %",
                        trial.Fault is int at ? $"not finite at update {at}" : $"after {trial.Losses.Count} updates");
            }
        LabTable vanishing = new($"a gradient over a gap of {Gap}, vanilla network", "limit", "norm of all", "of the first step's weights",
            "of later inputs' weights", "ratio");
        foreach ((double? limit, ClippedGradient gradient) in Vanishing)
            vanishing.Add(limit is double at ? $"norm {Short(at)}" : "none", gradient.Norm, gradient.FromFirst, gradient.FromRest, gradient.Ratio);
        return new LabSection("Clipping",
            $"Exploding: {Hidden} rectified units learn to output the mean of {Steps} numbers, with a W_s of spectral radius {Short(Radius)}, "
                + $"gradient descent at 0.01. Vanishing: the "
            + "recall task below before training; some columns of weight_ih are read only by the first step.")
        {
            Tables = [training, vanishing],
            Charts = [Curves()],
        };
    }

    private LineChart Curves()
    {
        int updates = Clipped.Max(t => t.Losses.Count);
        double[] Padded(ClippingTrial trial) => [.. trial.Losses, .. Enumerable.Repeat(double.NaN, updates - trial.Losses.Count)];
        return new LineChart([.. Enumerable.Range(0, updates).Select(u => $"{u}")],
            new Line("clipped at 1", Padded(Clipped[0])), new Line("without a limit", Padded(Free[0]), Stroke.Points))
        { Title = "Loss, first draw", XName = "update", Logarithmic = true };
    }
}
