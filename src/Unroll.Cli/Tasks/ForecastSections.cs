using System.Globalization;
using Unroll.Inspection.Report;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Tasks;

/// <summary>Sections of the page of a forecasting run: whole horizons, the error by step, the differences from the rules.</summary>
internal static class ForecastSections
{
    private const int MostRules = 4, MostSeries = 12, MostPaths = 20;

    internal static IReadOnlyList<ReportSection> Of(ForecastEvaluation evaluation)
    {
        List<ReportSection> sections = [new("Beside the rules", Differences(evaluation.Columns[0]))];
        if (evaluation.Fans.Count > 0) sections.Add(new ReportSection("Whole horizons", [.. evaluation.Fans.Select(Fan)]));
        if (evaluation.Columns[0].RmseByStep.Count > 1)
            sections.Add(new ReportSection("Error by step ahead", [.. evaluation.Columns.Select(ByStep)]));
        return sections;
    }

    /// <summary>The page of an answer: an evaluation, a backtest, or forecasts.</summary>
    internal static ReportPage Page(ForecastModel model, TaskAnswer answer)
    {
        string columns = string.Join(", ", model.Description.Columns.Select(column => column.Name));
        return answer switch
        {
            ForecastBacktest backtest => new ReportPage
            {
                Title = $"{columns}: backtest from {backtest.Origins.Count} cut-offs",
                Subtitle = backtest.Refitted ? "model and rules fitted again before each cut-off" : "the same model and rules at each cut-off",
                Sections = [Origins(backtest), .. Of(backtest.Together)],
            },
            ForecastEvaluation evaluation => new ReportPage
            {
                Title = $"{columns}: {evaluation.Part}", Subtitle = $"{evaluation.From} to {evaluation.To}", Sections = Of(evaluation),
            },
            _ => new ReportPage { Title = $"{columns}: forecasts", Sections = [new("Forecasts", [.. Forecasts((ForecastAnswer)answer)])] },
        };
    }

    private static ReportSection Origins(ForecastBacktest backtest)
    {
        ColumnReport[] first = [.. backtest.Origins.Select(origin => origin.Columns[0])];
        string[] from = [.. backtest.Origins.Select(origin => origin.From)];
        IEnumerable<string> rules = Best(backtest.Together.Columns[0]).Select(rule => rule.Kind);
        return new ReportSection("Each cut-off",
            new LineChart(from,
            [
                new Line("this model", [.. first.Select(column => column.Model.Rmse)]),
                .. rules.Select(kind => new Line(kind, [.. first.Select(column =>
                    column.Baselines.FirstOrDefault(rule => rule.Kind == kind)?.Scores.Rmse ?? double.NaN)], Stroke.Dashed)),
            ])
            {
                Title = $"{first[0].Column}: RMSE from each cut-off, beside the {MostRules} best rules", XName = "cut-off", YName = "RMSE",
                FromZero = true,
            },
            new TableBlock(["from", "to", "RMSE", "MAE", "MASE", "inside the interval"], [.. backtest.Origins.Select((origin, k) =>
                (IReadOnlyList<string>)[origin.From, origin.To, Short(first[k].Model.Rmse), Short(first[k].Model.Mae),
                    Short(first[k].Model.Mase ?? double.NaN), (100 * first[k].Coverage).ToString("F0", CultureInfo.InvariantCulture) + " %"])]));
    }

    // A chart for each of the first series and columns, with the paths that were drawn.
    private static IEnumerable<ReportBlock> Forecasts(ForecastAnswer answer) =>
        from one in answer.Points.Select((point, i) => (point, i)).GroupBy(one => (one.point.Series, one.point.Column)).Take(MostSeries)
        let points = one.Select(each => each.point).ToArray()
        let paths = answer.Paths.Count == 0 ? [] : Enumerable.Range(0, Math.Min(MostPaths, answer.Paths[0].Values.Count)).Select(p =>
            new Line($"path {p + 1}", [.. one.Select(each => answer.Paths[each.i].Values[p])], Stroke.Dashed)).ToArray()
        select new LineChart([.. points.Select(point => point.Time)], [new Line("forecast", [.. points.Select(point => point.Forecast)]), .. paths])
        {
            Title = one.Key.Series.Length == 0 ? one.Key.Column : $"{one.Key.Column} of {one.Key.Series}",
            Bands = [new Band(string.Create(CultureInfo.InvariantCulture, $"{answer.Interval:P0} interval"),
                 [.. points.Select(point => point.Lower)], [.. points.Select(point => point.Upper)])],
            Wide = true,
        };

    private static IEnumerable<BaselineReport> Best(ColumnReport column) => column.Baselines.OrderBy(rule => rule.Scores.Rmse).Take(MostRules);

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
            .. Best(column).Where(rule => rule.RmseByStep.Count > 1).Select(rule => new Line(rule.Name, rule.RmseByStep, Stroke.Dashed)),
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
