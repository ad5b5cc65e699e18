using System.Globalization;
using Unroll.Inspection.Report;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;
using Unroll.Training;

namespace Unroll.Cli.Tasks;

/// <summary>The page of a run, <c>runs/NAME/report.html</c>, from its metrics file and its evaluation.</summary>
internal static class ForecastRunReport
{
    internal static string Save(RunDirectory run, ForecastModel model, ForecastEvaluation evaluation, double seconds)
    {
        ForecastOptions options = model.Description.Options;
        ColumnReport first = evaluation.Report.Columns[0];
        string ahead = model.Description.Horizon == 1 ? "one step ahead" : $"1 to {model.Description.Horizon} steps ahead";
        TrainingReport report = new()
        {
            Title = $"{string.Join(", ", evaluation.Report.Columns.Select(c => c.Column))}: {ahead}",
            Subtitle = $"{options.Cell}, {options.Layers} × {options.Hidden} units; {options.Data}; run {Path.GetFileName(run.Root)}",
            Epochs = RunFigures.Epochs(run, "validation_rmse"),
            MetricName = "RMSE",
            Measures = ["RMSE", "MAE", "sMAPE", "MASE"],
            Methods = [Scores("this model", first.Model), .. first.Baselines.Select(b => Scores(b.Name, b.Scores))],
            Figures =
            [
                new KeyFigure("inside the interval", first.Coverage.ToString("P1", CultureInfo.InvariantCulture),
                    $"promised {evaluation.Report.Interval.ToString("P0", CultureInfo.InvariantCulture)}"),
                new KeyFigure("weights", model.Network.Parameters.Length.ToString("N0", CultureInfo.InvariantCulture),
                    $"sha256 {model.WeightsSha256[..12]}…"),
                new KeyFigure("seconds", seconds.ToString("F1", CultureInfo.InvariantCulture)),
            ],
            Forecasts = [.. evaluation.Curves.Select(curve => Curve(curve, evaluation.Report.Interval))],
            Inside = TrainingInspectionSection.Read(run.Inspection),
            Settings = RunFigures.Settings(options.ToJson()),
        };
        string path = Path.Combine(run.Root, "report.html");
        report.ToPage().Save(path);
        return path;
    }

    private static MethodScores Scores(string name, ForecastScores scores) =>
        new(name, scores.Rmse, scores.Mae, scores.Smape, scores.Mase ?? double.NaN);

    private static ForecastFigures Curve(ForecastCurve curve, double level) => new(
        curve.Series.Length == 0 ? $"{curve.Column}, one step ahead" : $"{curve.Column} of {curve.Series}, one step ahead",
        curve.Labels, Doubles(curve.Actual), Doubles(curve.Forecast))
    {
        Intervals = [new ForecastInterval(level, Doubles(curve.Lower), Doubles(curve.Upper))],
    };

    private static double[] Doubles(IReadOnlyList<float> values) => [.. values.Select(v => (double)v)];
}
