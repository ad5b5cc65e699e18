using System.Globalization;
using Unroll.Inspection.Report;
using Unroll.Tasks.Forecast;

namespace Unroll.Cli.Tasks;

/// <summary>Sections of the page of a forecasting run: whole horizons, the error by step, the differences from the rules.</summary>
internal static class ForecastSections
{
    private const int MostRules = 4;

    internal static IReadOnlyList<ReportSection> Of(ForecastEvaluation evaluation)
    {
        List<ReportSection> sections = [new("Beside the rules", Differences(evaluation.Columns[0]))];
        if (evaluation.Fans.Count > 0) sections.Add(new ReportSection("Whole horizons", [.. evaluation.Fans.Select(Fan)]));
        if (evaluation.Columns[0].RmseByStep.Count > 1)
            sections.Add(new ReportSection("Error by step ahead", [.. evaluation.Columns.Select(ByStep)]));
        return sections;
    }

    private static TableBlock Differences(ColumnReport column) => new(["rule", "RMSE", "RMSE less this model's, 95 %", "verdict"],
        [.. column.Baselines.Select(rule => (IReadOnlyList<string>)
        [
            rule.Name, Short(rule.Scores.Rmse), rule.Difference is { } d ? $"{Signed(d.Low)} … {Signed(d.High)}" : "–",
            rule.Difference is not { } own ? "too few windows to say" : own.Low > 0 ? "this model is better" : own.High < 0 ? "the rule is better"
                : "not to be told apart",
        ])])
    {
        Title = $"{column.Column}: differences on the same windows",
        Caption = "By a bootstrap of blocks of windows that follow each other; of ten series and more, of whole series.",
    };

    private static LineChart Fan(ForecastFan fan)
    {
        string where = fan.Series.Length == 0 ? "" : $" of {fan.Series}, the series that went worst";
        int origin = fan.Forecast.TakeWhile(double.IsNaN).Count();
        return new LineChart(fan.Labels, new Line("forecast", fan.Forecast), new Line("truth", fan.Actual, Stroke.Points))
        {
            Title = $"{fan.Column}{where}, from {fan.Labels[origin]} on",
            Bands = [Band("80 %", fan, 0), Band("60 %", fan, 1), Band("40 %", fan, 2), Band("20 %", fan, 3)],
            Marks = [new Mark(origin, "origin")],
            Wide = true,
        };
    }

    private static Band Band(string name, ForecastFan fan, int k) => new($"{name} interval", fan.Deciles[k], fan.Deciles[8 - k]);

    private static LineChart ByStep(ColumnReport column) => new([.. Enumerable.Range(1, column.RmseByStep.Count).Select(step =>
            step.ToString(CultureInfo.InvariantCulture))],
        [
            new Line("this model", column.RmseByStep),
            .. column.Baselines.Where(rule => rule.RmseByStep.Count > 1).OrderBy(rule => rule.Scores.Rmse).Take(MostRules)
                .Select(rule => new Line(rule.Name, rule.RmseByStep, Stroke.Dashed)),
        ])
    {
        Title = $"{column.Column}: RMSE by step, beside the {MostRules} best rules",
        XName = "steps ahead",
        YName = "RMSE",
        FromZero = true,
    };

    private static string Short(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    private static string Signed(double value) => value.ToString("+0.###;−0.###;0", CultureInfo.InvariantCulture);
}
