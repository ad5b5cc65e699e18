using System.Globalization;
using Unroll.Cli.Lab.Statistics;

namespace Unroll.Cli.Lab.Zoo;

/// <summary>What the figures of <c>lab zoo</c> say.</summary>
internal static class ZooVerdicts
{
    private const double Level = 0.05;

    internal static IEnumerable<LabVerdict> Of(ZooFigures figures)
    {
        yield return OneForAll(figures);
        yield return AgainstReference(figures);
        if (Gates(figures) is { } gates) yield return gates;
        if (Decay(figures) is { } decay) yield return decay;
    }

    // Of the means alone: a difference between the best two of a task may be chance.
    private static LabVerdict OneForAll(ZooFigures figures)
    {
        int[] best = [.. figures.Plan.Problems.Select((_, task) => Best(figures, task))];
        string winners = string.Join(", ", best.Select((cell, task) => $"{figures.Plan.Problems[task].Name} {figures.Name(cell)}"));
        int first = figures.Order[0];
        ZooRank rank = figures.Ranks[first];
        return new LabVerdict("S48", "one cell is the best on every task",
            $"the lowest error has: {winners}. The best mean rank has {figures.Name(first)}, {One(rank.Mean.Mean)} "
            + $"[{One(rank.Mean.Low)}, {One(rank.Mean.High)}] of {figures.Plan.Cells.Count}.", best.Distinct().Count() == 1);
    }

    private static LabVerdict AgainstReference(ZooFigures figures)
    {
        string reference = figures.Name(figures.Reference);
        string[] Named(string word) => [.. figures.Order.Where(c => figures.Overall[c]?.Word == word).Select(figures.Name)];
        (string[] better, string[] worse) = (Named("better"), Named("worse"));
        string tasks = string.Join("; ", figures.Plan.Problems.Select((problem, task) =>
            $"{problem.Name} {List([.. figures.Order.Where(c => figures.OfTask[task][c]?.Word == "better").Select(figures.Name)])}"));
        return new LabVerdict("S47, S48", $"with equal parameters some cell is better than {reference}",
            $"over all tasks found better than {reference}: {List(better)}; found worse: {List(worse)}. Found better on single tasks: {tasks}.",
            better.Length > 0 ? true : null);
    }

    private static LabVerdict? Gates(ZooFigures figures)
    {
        int plain = figures.Plan.Cells.ToList().FindIndex(cell => cell.Name == "rnn");
        int[] gated = [.. figures.Order.Where(c => figures.Plan.Cells[c].KeepsByAGate)];
        if (plain < 0 || gated.Length == 0) return null;
        int[] higher = [.. gated.Where(c => figures.Ranks[c].Mean.Mean > figures.Ranks[plain].Mean.Mean)];
        return new LabVerdict("S07, S30", "every cell whose gate keeps the state ranks before the vanilla one",
            $"rnn has the mean rank {One(figures.Ranks[plain].Mean.Mean)}; of {gated.Length} cells with such a gate behind it: "
            + $"{List([.. higher.Select(c => $"{figures.Name(c)} {One(figures.Ranks[c].Mean.Mean)}")])}.", higher.Length == 0);
    }

    // A rank correlation: the more of the gradient is left before training, the lower the error.
    private static LabVerdict? Decay(ZooFigures figures)
    {
        if (figures.DecayTask is not int task) return null;
        double[] left = [.. figures.Results.Select(cell => ZooDecay.FirstToLast(cell[task].Decay!.Before))];
        RankCorrelation correlation = RankCorrelation.Of(left, [.. figures.Results.Select(cell => cell[task].Share)]);
        string p = correlation.P < 0.001 ? "p < 0.001" : string.Create(CultureInfo.InvariantCulture, $"p = {correlation.P:F3}");
        return new LabVerdict("S07", $"the more of the gradient reaches the first step before training, the lower the error on "
            + $"{figures.Plan.Problems[task].Name}",
            string.Create(CultureInfo.InvariantCulture, $"rank correlation of the two over {left.Length} cells: {correlation.Rho:F2}, {p}; the "
                + $"share that is left goes from {LabCell.Short(left.Min())} to {LabCell.Short(left.Max())}."),
            correlation.P < Level ? correlation.Rho < 0 : null);
    }

    private static int Best(ZooFigures figures, int task) =>
        Enumerable.Range(0, figures.Results.Count).MinBy(cell => figures.Results[cell][task].Share);

    private static string List(string[] names) => names.Length == 0 ? "none" : string.Join(", ", names);

    private static string One(double value) => value.ToString("F1", CultureInfo.InvariantCulture);
}
