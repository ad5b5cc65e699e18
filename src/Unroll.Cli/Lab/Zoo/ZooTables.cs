using Unroll.Cli.Lab.Compare;
using Unroll.Cli.Lab.Statistics;

namespace Unroll.Cli.Lab.Zoo;

/// <summary>The tables of <c>lab zoo</c>.</summary>
internal static class ZooTables
{
    internal static LabTable Ranks(ZooFigures figures)
    {
        LabTable table = new("ranks", ["cell", "mean rank", "low", "high", .. figures.Plan.Problems.Select(problem => problem.Name), "mean error",
            $"minus {figures.Name(figures.Reference)}", "low", "high", "p (Holm)", "found"]);
        foreach (int c in figures.Order)
        {
            ZooRank rank = figures.Ranks[c];
            table.Add([figures.Name(c), One(rank.Mean.Mean), One(rank.Mean.Low), One(rank.Mean.High), .. rank.Tasks.Select(One),
                Three(figures.Share(c)), .. Difference(figures.Overall[c])]);
        }
        return table;
    }

    internal static LabTable Task(ZooFigures figures, int task)
    {
        bool classes = figures.Plan.Problems[task].BaselineAccuracy is not null;
        LabTable table = new(figures.Plan.Problems[task].Name, ["cell", "units", "parameters", "rate", "error", "deviation",
            .. classes ? ["right"] : (string[])[], "best update", $"minus {figures.Name(figures.Reference)}", "low", "high", "p (Holm)", "found"]);
        foreach (int c in Enumerable.Range(0, figures.Results.Count).OrderBy(c => figures.Results[c][task].Share))
        {
            ZooResult result = figures.Results[c][task];
            table.Add([figures.Name(c), result.Hidden, (int)result.Parameters, result.Rate, Three(result.Share),
                Three(CompareReport.Deviation(result.Shares)), .. classes ? [LabCell.Of(result.Accuracy!.Value, "P1")] : (LabCell[])[],
                LabCell.Of(result.Outcomes.Average(outcome => outcome.Best), "F0"), .. Difference(figures.OfTask[task][c])]);
        }
        return table;
    }

    internal static LabTable Time(ZooFigures figures)
    {
        LabTable table = new("time per training step", "cell", "units", "parameters", "milliseconds", $"of {figures.Name(figures.Reference)}'s");
        foreach (int c in Enumerable.Range(0, figures.Results.Count).OrderBy(c => figures.Seconds[c]))
        {
            ZooResult result = figures.Results[c][figures.TimedTask];
            table.Add(figures.Name(c), result.Hidden, (int)result.Parameters, Three(1000 * figures.Seconds[c]),
                LabCell.Of(figures.Seconds[c] / figures.Seconds[figures.Reference], "F2"));
        }
        return table;
    }

    internal static LabTable Decay(ZooFigures figures, int task)
    {
        int[] back = Back(figures, task);
        LabTable table = new("decay of the gradient", ["cell", .. back.Select(steps => $"{steps} back, untrained"),
            .. back.Select(steps => $"{steps} back, trained"), "error"]);
        foreach (int c in Enumerable.Range(0, figures.Results.Count).OrderByDescending(c => ZooDecay.FirstToLast(Of(figures, c, task).Before)))
            table.Add([figures.Name(c), .. back.Select(steps => (LabCell)ZooDecay.Back(Of(figures, c, task).Before, steps)),
                .. back.Select(steps => (LabCell)ZooDecay.Back(Of(figures, c, task).After, steps)), Three(figures.Results[c][task].Share)]);
        return table;
    }

    internal static LabTable Tuning(ZooFigures figures)
    {
        LabTable table = new("tuning", ["cell", .. figures.Plan.Problems.SelectMany(problem => figures.Plan.Rates.Select(rate =>
            $"{problem.Name} {LabCell.Short(rate)}"))]);
        foreach (int c in figures.Order)
            table.Add([figures.Name(c), .. figures.Results[c].SelectMany(result => result.Tuning.Select(Three))]);
        return table;
    }

    private static ZooDecay Of(ZooFigures figures, int cell, int task) => figures.Results[cell][task].Decay!;

    // A quarter of the way, half of it, all of it.
    private static int[] Back(ZooFigures figures, int task)
    {
        int all = Of(figures, 0, task).Before.Count - 1;
        return [.. ((int[])[all / 4, all / 2, all]).Where(steps => steps > 0).Distinct()];
    }

    private static LabCell[] Difference(ZooDifference? difference)
    {
        if (difference is null) return ["", "", "", "", ""];
        PairedDifference d = difference.Difference;
        return [Three(d.Mean), Three(d.Low), Three(d.High), LabCell.Of(difference.Corrected, "F3"), difference.Word];
    }

    private static LabCell One(double value) => LabCell.Of(value, "F1");

    private static LabCell Three(double value) => LabCell.Of(value, "F3");
}
