using System.Globalization;
using Unroll.Cli.Lab.Statistics;
using Unroll.Inspection.Report;

namespace Unroll.Cli.Lab.Compare;

/// <summary>Outcomes as tables, charts and verdicts.</summary>
internal static class CompareReport
{
    internal static LabResult Of(IComparison comparison, IReadOnlyList<CompareCell> cells, string equal, ulong seed)
    {
        int seeds = cells[0].Outcomes.Count;
        IReadOnlyList<ComparePair> test = ComparePair.Of(cells, outcome => outcome.Test), best = ComparePair.Of(cells, outcome => outcome.Best);
        LabTable ratios = CompareRatios.Table(comparison, cells[0].Hidden);
        return new LabResult
        {
            Title = $"{string.Join(" against ", cells.Select(cell => cell.Cell.Name))}: {comparison.Title}",
            Asked = string.Create(CultureInfo.InvariantCulture, $"Cells with {equal} on one task, seeds {seed} to {seed + (ulong)seeds - 1} "
                + $"(initial weights and order of the data): ")
                + $"{comparison.Training}. The test part influenced no choice. Without a network: "
                + string.Join(", ", comparison.Baselines.Select(baseline => $"{baseline.Name} {LabCell.Short(baseline.Value)}")) + ".",
            Verdicts = [CompareVerdicts.Advice(cells, test, comparison), .. CompareVerdicts.Claims(cells, test, best, comparison),
                CompareRatios.Verdict(comparison, cells[0].Hidden)],
            Sections =
            [
                new LabSection("Results", "Mean and standard deviation over the seeds on the test part; lower is better. Seconds per epoch: median, "
                    + "one thread, measured at the end, one cell after another in turn.")
                {
                    Tables = [Summary(cells, comparison.Measure)],
                    Charts = [Chart(cells, comparison.Measure, seed)],
                },
                new LabSection("Pairs", "Mean of the differences seed by seed, its 95 % confidence interval (Student's t, paired), p, and p "
                    + "after Holm's correction for all "
                    + "pairs of the table; a difference counts as found if the corrected p is below 0.05. The seeds vary initial weights "
                    + "and order, not the data: other data may give another result. Not found does not mean not there: with few seeds "
                    + "only large differences are found.")
                {
                    Tables = [Pairs($"test {comparison.Measure}", test), Pairs("epochs to the best", best)],
                },
                new LabSection("All training runs", $"The measure of the test part, and the epoch that the validation part chose.{comparison.Kept}")
                {
                    Tables = [Single(cells, comparison.Measure, seed)],
                },
                new LabSection("Parameters at equal hidden size",
                    "Of the recurrent layer only; each gate has two biases, as in PyTorch.") { Tables = [ratios] },
            ],
        };
    }

    private static LabTable Summary(IReadOnlyList<CompareCell> cells, string measure)
    {
        LabTable table = new("results", "cell", "hidden", "parameters", $"test {measure}", "deviation", "best epoch", "deviation", "seconds an epoch",
            "seconds to best");
        foreach (CompareCell cell in cells)
            table.Add(cell.Cell.Name, cell.Hidden, (int)cell.Parameters, cell.Test, Deviation(cell.Outcomes.Select(outcome => outcome.Test)),
                LabCell.Of(cell.Best, "F1"), LabCell.Of(Deviation(cell.Outcomes.Select(outcome => (double)outcome.Best)), "F1"), cell.EpochSeconds,
                    cell.SecondsToBest);
        return table;
    }

    private static LabTable Pairs(string name, IReadOnlyList<ComparePair> pairs)
    {
        LabTable table = new(name, "pair", "difference", "low", "high", "p", "p (Holm)", "verdict");
        foreach (ComparePair pair in pairs)
        {
            PairedDifference d = pair.Difference;
            table.Add($"{pair.A.Cell.Name} - {pair.B.Cell.Name}", d.Mean, d.Low, d.High, LabCell.Of(d.P, "F4"), LabCell.Of(pair.Corrected, "F4"),
                pair.Better is { } better ? $"{better.Cell.Name} is lower" : "no difference found");
        }
        return table;
    }

    private static LabTable Single(IReadOnlyList<CompareCell> cells, string measure, ulong seed)
    {
        LabTable table = new($"test {measure} (best epoch)", ["seed", .. cells.Select(cell => cell.Cell.Name)]);
        for (int s = 0; s < cells[0].Outcomes.Count; s++)
            table.Add([string.Create(CultureInfo.InvariantCulture, $"{seed + (ulong)s}"), .. cells.Select(cell =>
                (LabCell)string.Create(CultureInfo.InvariantCulture, $"{LabCell.Short(cell.Outcomes[s].Test)} ({cell.Outcomes[s].Best})"))]);
        return table;
    }

    private static LineChart Chart(IReadOnlyList<CompareCell> cells, string measure, ulong seed) => new(
        [.. cells[0].Outcomes.Select((_, s) => string.Create(CultureInfo.InvariantCulture, $"{seed + (ulong)s}"))],
        [.. cells.Select(cell => new Line(cell.Cell.Name, [.. cell.Outcomes.Select(outcome => outcome.Test)], Stroke.Points))])
    {
        Title = $"Test {measure}, seed by seed",
        XName = "seed",
        YName = measure,
        Caption = "Lower is better; the pairs below say which differences count.",
    };

    internal static double Deviation(IEnumerable<double> values)
    {
        double[] all = [.. values];
        double mean = all.Average();
        return Math.Sqrt(all.Sum(value => (value - mean) * (value - mean)) / (all.Length - 1));
    }
}
