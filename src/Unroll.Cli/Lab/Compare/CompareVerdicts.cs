using System.Globalization;
using Unroll.Cli.Lab.Statistics;

namespace Unroll.Cli.Lab.Compare;

/// <summary>What the outcomes say, and no more than they say.</summary>
internal static class CompareVerdicts
{
    /// <summary>S48: which cell to take here.</summary>
    /// <param name="cells">The cells.</param>
    /// <param name="test">Their pairs by the test measure.</param>
    /// <param name="comparison">The task.</param>
    internal static LabVerdict Advice(IReadOnlyList<CompareCell> cells, IReadOnlyList<ComparePair> test, IComparison comparison)
    {
        string measure = comparison.Measure;
        CompareCell[] left = [.. cells.Where(cell => !test.Any(pair => pair.Worse == cell)).OrderBy(cell => cell.Test)];
        string means = string.Join(", ", cells.OrderBy(cell => cell.Test).Select(cell => $"{cell.Cell.Name} {LabCell.Short(cell.Test)}"));
        string advice = left.Length switch
        {
            1 when cells.All(cell => cell == left[0] || test.Any(pair => pair.Worse == cell && pair.Better == left[0])) =>
                $"take the {left[0].Cell.Name}: in {measure} it is better than every other",
            1 => $"take the {left[0].Cell.Name}: in {measure} every other was found worse than another, and it was not",
            _ when left.Length == cells.Count => $"no difference found in {measure} between {Names(left)}, so it gives no reason to prefer one; "
                + Quickest(left),
            _ => $"{Names([.. cells.Except(left)])} found worse than another; no difference found in {measure} between {Names(left)}; "
                + $"{Quickest(left)}",
        };
        return new LabVerdict("S48", "one cell should be preferred on this task", $"{advice} (means {means})."
            + $"{Simpler(cells, comparison)}{Short(cells)}",
            left.Length == 1 ? true : null);
    }

    /// <summary>S47: the two hypotheses about gru and lstm, and every pair.</summary>
    internal static IEnumerable<LabVerdict> Claims(
        IReadOnlyList<CompareCell> cells, IReadOnlyList<ComparePair> test, IReadOnlyList<ComparePair> best, IComparison comparison)
    {
        if (best.FirstOrDefault(pair => pair.IsOf("gru", "lstm")) is { } speed)
            yield return new LabVerdict("S47", "the gru converges in fewer epochs than the lstm", Sentence(speed, "epochs to the best"),
                IsBetter(speed, "gru"));
        if (test.FirstOrDefault(pair => pair.IsOf("gru", "lstm")) is { } error)
            yield return new LabVerdict("S47", $"the lstm does better than the gru in {comparison.Measure}",
                Sentence(error, comparison.Measure) + " With a single amount of data this does not say how more data would change "
                    + "it.", IsBetter(error, "lstm"));
        foreach (ComparePair pair in test.Where(pair => !pair.IsOf("gru", "lstm")))
            yield return new LabVerdict("S48", $"{pair.A.Cell.Name} and {pair.B.Cell.Name} differ in {comparison.Measure}",
                Sentence(pair, comparison.Measure), pair.IsFound ? true : null);
    }

    /// <summary>"A is better by x [lo, hi]", or "no difference found".</summary>
    internal static string Sentence(ComparePair pair, string measure)
    {
        PairedDifference d = pair.Difference;
        string size = pair.Corrected < 0.001 ? "p < 0.001" : string.Create(CultureInfo.InvariantCulture, $"p = {pair.Corrected:F3}");
        string p = string.Create(CultureInfo.InvariantCulture, $"{size} after Holm's correction, {d.Pairs} seeds");
        if (pair.Better is not { } better)
            return $"no difference found: {pair.A.Cell.Name} - {pair.B.Cell.Name} = {LabCell.Short(d.Mean)} [{LabCell.Short(d.Low)}, "
                + $"{LabCell.Short(d.High)}] {measure}, {p}.";
        (double low, double high) = better == pair.A ? (-d.High, -d.Low) : (d.Low, d.High);
        return $"{better.Cell.Name} is better than {pair.Worse!.Cell.Name} by {LabCell.Short(Math.Abs(d.Mean))} [{LabCell.Short(low)}, "
            + $"{LabCell.Short(high)}] {measure}, {p}.";
    }

    private static bool? IsBetter(ComparePair pair, string name) => pair.Better is { } better ? better.Cell.Name == name : null;

    // What needs no network comes first: the cells are worth choosing among only where they beat it.
    private static string Simpler(IReadOnlyList<CompareCell> cells, IComparison comparison)
    {
        CompareCell[] beaten = [.. cells.Where(cell => comparison.Baselines.Count > 0 && !(cell.Test < comparison.Baselines[0].Value))];
        return beaten.Length == 0 ? ""
            : $" Without a network, {comparison.Baselines[0].Name} has {LabCell.Short(comparison.Baselines[0].Value)}: no higher than "
                + $"{Names(beaten)}.";
    }

    // Whose trainings end before they have learned what they can are compared by how fast they learn.
    private static string Short(IReadOnlyList<CompareCell> cells)
    {
        CompareCell[] cut = [.. cells.Where(cell => 2 * cell.Outcomes.Count(one => one.Best == one.Epochs) > cell.Outcomes.Count)];
        return cut.Length == 0 ? "" : $" Most trainings of {Names(cut)} were best at their last epoch: with more --epochs the order may be another.";
    }

    private static string Quickest(IReadOnlyList<CompareCell> cells)
    {
        (CompareCell lowest, CompareCell quickest) = (cells.MinBy(cell => cell.Test)!, cells.MinBy(cell => cell.SecondsToBest)!);
        string seconds = string.Create(CultureInfo.InvariantCulture, $"{quickest.SecondsToBest:G3} s");
        return lowest == quickest
            ? $"of these the {lowest.Cell.Name} has the lowest mean and reached its best epoch soonest, in {seconds}"
            : $"of these the {lowest.Cell.Name} has the lowest mean, and the {quickest.Cell.Name} reached its best epoch soonest, in {seconds}";
    }

    private static string Names(IReadOnlyList<CompareCell> cells) =>
        cells.Count == 1 ? cells[0].Cell.Name : $"{string.Join(", ", cells.Take(cells.Count - 1).Select(cell => cell.Cell.Name))} and "
            + $"{cells[^1].Cell.Name}";
}
