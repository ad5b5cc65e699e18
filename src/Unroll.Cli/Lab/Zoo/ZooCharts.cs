using System.Globalization;
using Unroll.Inspection.Report;

namespace Unroll.Cli.Lab.Zoo;

/// <summary>The charts of <c>lab zoo</c>: all cells as colors, and the best few as lines.</summary>
internal static class ZooCharts
{
    private const int Lines = 6;

    internal static IReadOnlyList<ReportBlock> Ranks(ZooFigures figures) =>
    [
        new BarChart([.. figures.Order.Select(figures.Name)], new Bars("mean rank", [.. figures.Order.Select(c => figures.Ranks[c].Mean.Mean)]))
        {
            Title = "Mean rank over the tasks",
            ValueName = "rank, 1 is best",
            Highlight = figures.Order.ToList().IndexOf(figures.Reference),
            Caption = $"Highlighted: {figures.Name(figures.Reference)}, with which all are compared. The table has the intervals.",
        },
        new HeatmapChart([.. figures.Plan.Problems.Select(problem => problem.Name)], [.. figures.Order.Select(figures.Name)],
            [.. figures.Order.Select(c => (IReadOnlyList<double>)[.. figures.Results[c].Select(result => Math.Min(1, result.Share))])])
        {
            Title = "Error on each task, as a share of the baseline's",
            Minimum = 0,
            Maximum = 1,
            Texts = [.. figures.Order.Select(c => (IReadOnlyList<string>)[.. figures.Results[c].Select(result => Two(result.Share))])],
            Caption = "1: nothing learned. 0: perfect.",
        },
    ];

    internal static IReadOnlyList<ReportBlock> Curves(ZooFigures figures, int task)
    {
        int[] order = [.. Enumerable.Range(0, figures.Results.Count).OrderBy(c => figures.Results[c][task].Share)];
        string[] updates = [.. Enumerable.Range(1, figures.Plan.Looks).Select(k =>
            (k * figures.Plan.Between).ToString(CultureInfo.InvariantCulture))];
        Line Of(int cell, Stroke stroke) => new(figures.Name(cell), figures.Results[cell][task].Curve, stroke);
        return
        [
            new LineChart(updates, [.. order.Take(Lines).Where(c => c != figures.Reference).Select(c => Of(c, Stroke.Solid)),
                Of(figures.Reference, Stroke.Dashed)])
            {
                Title = "Learning curves of the best cells",
                XName = "updates",
                YName = "validation error / baseline",
                FromZero = true,
                Caption = $"Mean over the seeds. Dashed: {figures.Name(figures.Reference)}.",
            },
            new HeatmapChart(updates, [.. order.Select(figures.Name)],
                [.. order.Select(c => (IReadOnlyList<double>)[.. figures.Results[c][task].Curve.Select(share => Math.Min(1, share))])])
            {
                Title = "Learning curves of all cells",
                XName = "updates",
                Minimum = 0,
                Maximum = 1,
                Caption = "Validation error as a share of the baseline's, mean over the seeds.",
            },
        ];
    }

    internal static BarChart Time(ZooFigures figures)
    {
        int[] order = [.. Enumerable.Range(0, figures.Results.Count).OrderBy(c => figures.Seconds[c])];
        return new BarChart([.. order.Select(figures.Name)], new Bars("milliseconds", [.. order.Select(c => 1000 * figures.Seconds[c])]))
        {
            Title = "Time per training step",
            ValueName = "milliseconds",
            Highlight = order.ToList().IndexOf(figures.Reference),
        };
    }

    internal static IReadOnlyList<ReportBlock> Decay(ZooFigures figures, int task)
    {
        int[] order = [.. Enumerable.Range(0, figures.Results.Count)
            .OrderByDescending(c => ZooDecay.FirstToLast(figures.Results[c][task].Decay!.Before))];
        int steps = figures.Results[0][task].Decay!.Before.Count;
        HeatmapChart Of(string title, Func<ZooDecay, IReadOnlyList<double>> norms) => new(
            [.. Enumerable.Range(0, steps).Select(back => back.ToString(CultureInfo.InvariantCulture))], [.. order.Select(figures.Name)],
            [.. order.Select(c => (IReadOnlyList<double>)[.. Enumerable.Range(0, steps).Select(back =>
                Math.Max(-12, Math.Log10(ZooDecay.Back(norms(figures.Results[c][task].Decay!), back))))])])
        {
            Title = title,
            XName = "steps back from the last",
            Diverging = true,
            Minimum = -12,
            Maximum = 12,
            Caption = "log₁₀ of ‖∂L/∂s⟨t⟩‖ as a share of its value at the last step, not below −12.",
        };
        return [Of("Before training", decay => decay.Before), Of("After training", decay => decay.After)];
    }

    private static string Two(double value) => value.ToString("F2", CultureInfo.InvariantCulture);
}
