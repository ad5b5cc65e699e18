using System.Globalization;
using Unroll.Core;
using Unroll.Inspection.Report;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Tasks;

/// <summary>Forecasting models, forecasts and their measures in lines and on pages.</summary>
internal sealed class ForecastView : ITaskView
{
    private const int MostCurves = 8;

    public ITask Task => ForecastTask.Instance;

    public bool HasPictures => true;

    public bool HasPicturesOf(string verb) => verb is "predict" or "evaluate";

    public ReportPage Picture(ITaskModel model, TaskAnswer answer) => ForecastSections.Page((ForecastModel)model, answer);

    public IEnumerable<string> Lines(ITaskModel model)
    {
        ForecastModel own = (ForecastModel)model;
        ForecastDescription d = own.Description;
        ForecastOptions o = d.Options;
        foreach (ForecastColumn c in d.Columns)
            yield return $"column {c.Name}: transform {c.Transform.Word}, the network corrects the forecast '{Anchors.WordOf(c.Anchor)}'" +
                Mixed(d, c);
        if (d.Inputs.Count > 0) yield return $"seen, not forecast: {string.Join(", ", d.Inputs.Select(i => i.Column))}";
        if (d.Known.Count > 0) yield return $"known in the future: {string.Join(", ", d.Known.Select(k => k.Column))}";
        yield return $"step {d.Axis.Step}, season {(d.Season > 1 ? d.Season : "none")}, window {d.Window}, horizon {d.Horizon}, " +
            $"loss {o.Loss.ToString().ToLowerInvariant()}";
        if (d.Scale != ScaleChoice.All)
            yield return $"scale: of each {(d.Scale == ScaleChoice.Window ? "window" : "series")}, {d.Scales.Count} series known";
        if (d.Segment > 1) yield return $"read in segments of {d.Segment} rows, {d.Steps} steps a window";
        if (d.Embedding > 0) yield return $"an embedding of {d.Embedding} of the series";
        yield return $"network: {Count(d.Features * d.Segment, "feature")}, {o.Layers} × {o.CellName} of {o.Hidden}" +
            $"{(o.Direction == ReadingDirection.Both ? ", both directions" : "")}, " +
            $"{Count(own.Network.OutputSize, "output")}, {own.Network.Parameters.Length:N0} weights";
        if (o.Bptt.Count > 0) yield return $"trained through whole series: an update every {o.Bptt[0]} steps, through {o.Bptt[1]} steps";
    }

    private static string Mixed(ForecastDescription d, ForecastColumn c)
    {
        if (d.Mixture.Count == 0) return "";
        double weight = d.Mixture[d.Columns.ToList().IndexOf(c)];
        string rule = c.Autoregression.Count > 0 ? $"an autoregression of order {c.Autoregression.Count - 1}" : "it";
        return $"; mixed with {rule}, the network's weight " + weight.ToString("F2", CultureInfo.InvariantCulture);
    }

    public IEnumerable<string> Notes(ITaskModel model) =>
    [
        ((ForecastModel)model).Description.Calibration is { Errors.Count: > 0 } c
            ? $"intervals: calibrated on {c.Errors.Count} windows of the {c.Part} part"
            : "intervals: none, the training has not ended",
    ];

    public IEnumerable<string> Lines(TaskAnswer answer) => answer switch
    {
        ForecastEvaluation evaluation => Measures(evaluation),
        ForecastBacktest backtest => Origins(backtest),
        ForecastAnswer forecast => Csv(forecast),
        _ => [],
    };

    public bool IsTable(TaskAnswer answer) => answer is ForecastAnswer;

    public string? Summary(TaskAnswer answer) => answer is ForecastAnswer forecast
        ? $"{forecast.Points.Count} forecast{(forecast.Points.Count == 1 ? "" : "s")}, intervals of "
            + forecast.Interval.ToString("P0", CultureInfo.InvariantCulture) : null;

    public RunPage Page(ITaskRun run, TaskEvaluation evaluation)
    {
        ForecastEvaluation own = (ForecastEvaluation)evaluation;
        ColumnReport first = own.Columns[0];
        int horizon = ((ForecastModel)run.Model).Description.Horizon;
        string ahead = horizon == 1 ? "one step ahead" : $"1 to {horizon} steps ahead";
        return new RunPage($"{string.Join(", ", own.Columns.Select(c => c.Column))}: {ahead}",
            "validation_rmse", "RMSE", ["RMSE", "MAE", "sMAPE", "MASE", "OWA"],
            [Scores("this model", first.Model, first.Owa), .. first.Baselines.Select(Beside)])
        {
            Figures =
            [
                new KeyFigure("inside the interval", first.Coverage.ToString("P1", CultureInfo.InvariantCulture),
                    $"promised {own.Interval.ToString("P0", CultureInfo.InvariantCulture)}"),
                new KeyFigure("CRPS", first.Crps.ToString("G4", CultureInfo.InvariantCulture),
                    Invariant($"of the quantiles 0.1 … 0.9; WQL {first.Wql:G4}, MSIS {first.Msis:G4}")),
            ],
            Forecasts = [.. Worst(own.Curves).Select(curve => Curve(curve, own.Interval))],
            Sections = ForecastSections.Of(own),
        };
    }

    // Of many series those that went worst, the worst first: mean error beside the mean change from one value to the next.
    private static IEnumerable<ForecastCurve> Worst(IReadOnlyList<ForecastCurve> curves)
    {
        if (curves.Count <= MostCurves) return curves;
        return curves.OrderByDescending(curve =>
        {
            double error = curve.Actual.Zip(curve.Forecast, (actual, forecast) => Math.Abs(actual - forecast)).DefaultIfEmpty().Average();
            double change = curve.Actual.Skip(1).Zip(curve.Actual, (next, actual) => Math.Abs(next - actual)).DefaultIfEmpty().Average();
            return error / (change + 1e-12);
        }).Take(MostCurves);
    }

    // A table for each column, and plainly where a simple forecast is better.
    private static IEnumerable<string> Measures(ForecastEvaluation e)
    {
        string values = e.Part == "test" ? "test values" : "values";
        yield return $"{e.Part}: {Count(e.Windows, "window")}, {e.From} to {e.To}";
        foreach (ColumnReport column in e.Columns)
        {
            yield return $"  {TextColumns.Left(column.Column, 34)} " +
                $"{"RMSE",10} {"MAE",10} {"sMAPE %",8} {"MASE",7} {"OWA",6}  RMSE less this model's, 95 %";
            yield return Row("this model", column.Model, column.Owa);
            foreach (BaselineReport baseline in column.Baselines)
                yield return $"{Row(baseline.Name, baseline.Scores, baseline.Owa)}{Difference(baseline)}";
            foreach (BaselineReport baseline in column.Baselines.Where(b => b.ModelOnSame is not null))
                yield return Invariant($"  {baseline.Name}: of {Count(baseline.Series!.Value, "series", "series")} alone, on which this model has ") +
                    Invariant($"RMSE {baseline.ModelOnSame!.Rmse:G5}");
            yield return Invariant($"  intervals of {e.Interval:P0}: {column.Coverage:P1} of the {values} were inside, ") +
                Invariant($"mean width {column.IntervalWidth:G4}, MSIS {column.Msis:G4}");
            yield return Invariant($"  quantiles 0.1 … 0.9: CRPS {column.Crps:G4}, WQL {column.Wql:G4}");
            foreach (string line in OfSeries(column)) yield return line;
            foreach (string note in Notes(column)) yield return $"  note: {note}";
        }
    }

    // A line for each cut-off and column, then all together.
    private static IEnumerable<string> Origins(ForecastBacktest backtest)
    {
        yield return $"{backtest.Part}: {Count(backtest.Origins.Count, "cut-off")}, " +
            (backtest.Refitted ? "the model and the rules fitted again before each" : "the same model and rules at each");
        yield return $"  {"from",-18} {"column",-16} {"RMSE",10} {"MAE",10} {"MASE",7} {"inside",8}  best rule";
        foreach (ForecastEvaluation origin in backtest.Origins)
            foreach (ColumnReport column in origin.Columns)
            {
                BaselineReport? best = column.Baselines.MinBy(rule => rule.Scores.Rmse);
                yield return $"  {TextColumns.Left(origin.From, 18)} {TextColumns.Left(column.Column, 16)} " +
                    Invariant($"{column.Model.Rmse,10:G5} {column.Model.Mae,10:G5} ") +
                    Invariant($"{column.Model.Mase,7:F3} {column.Coverage,8:P0}  {best?.Name} {best?.Scores.Rmse:G5}");
            }
        foreach (string line in Measures(backtest.Together with { Part = "together" })) yield return line;
    }

    // Rules that err no more than the model: better where the interval of the difference says so.
    private static IEnumerable<string> Notes(ColumnReport column)
    {
        foreach (BaselineReport baseline in column.Baselines)
        {
            double own = (baseline.ModelOnSame ?? column.Model).Rmse, other = baseline.Scores.Rmse;
            if (own < other) continue;
            string verdict = other == own ? "as good as"
                : baseline.Difference is { High: >= 0 } ? "not to be told apart from" : baseline.Difference is null ? "ahead of" : "better than";
            string why = other != own && baseline.Difference is null ? ", on too few windows to say more" : "";
            yield return Invariant($"{baseline.Name} is {verdict} this model: RMSE {other:G4} against {own:G4}{why}");
        }
    }

    private static string Difference(BaselineReport baseline) => baseline.Difference is { } d
        ? $"  {Signed(d.Low)} … {Signed(d.High)}{(d.Low > 0 ? "" : d.High < 0 ? " better than this model" : " not to be told apart")}" : "";

    private static string Signed(double value) => value.ToString("+0.###;−0.###;0", CultureInfo.InvariantCulture);

    // Of several series: which went worst, and whose intervals hold least.
    private static IEnumerable<string> OfSeries(ColumnReport column)
    {
        if (column.Series.Count < 2) yield break;
        SeriesReport least = column.Series.MinBy(one => one.Coverage)!, most = column.Series.MaxBy(one => one.Coverage)!;
        yield return Invariant($"  of {column.Series.Count} series the worst: ") + string.Join(", ", column.Worst(3).Select(one =>
            $"'{one.Name}' (" + (one.Scores.Mase is { } mase ? Invariant($"MASE {mase:F3}") : Invariant($"sMAPE {one.Scores.Smape:F2} %")) + ")"));
        yield return Invariant($"  intervals by series: from {least.Coverage:P1} inside ('{least.Name}') to {most.Coverage:P1} ('{most.Name}')");
    }

    // time, the group where there is one, column, forecast, lower, upper
    private static IEnumerable<string> Csv(ForecastAnswer answer)
    {
        bool groups = answer.GroupColumn is not null;
        yield return $"{Field(answer.TimeColumn)}{(groups ? $",{Field(answer.GroupColumn!)}" : "")},column,forecast,lower,upper" +
            string.Concat(Enumerable.Range(1, answer.Paths.Count > 0 ? answer.Paths[0].Values.Count : 0).Select(path => $",path {path}"));
        foreach ((ForecastPoint p, int i) in answer.Points.Select((p, i) => (p, i)))
            yield return $"{Field(p.Time)}{(groups ? $",{Field(p.Series)}" : "")},{Field(p.Column)}," +
                $"{Text(p.Forecast)},{Text(p.Lower)},{Text(p.Upper)}" +
                string.Concat(answer.Paths.Count > 0 ? answer.Paths[i].Values.Select(value => $",{Text(value)}") : []);
    }

    // The intervals of the differences have a table of their own.
    private static MethodScores Beside(BaselineReport rule) => Scores(rule.Name, rule.Scores, rule.Owa) with
    {
        Verdict = rule.Difference is not { } d ? null : d.Low > 0 ? Verdict.Good : d.High < 0 ? Verdict.Bad : Verdict.None,
    };

    private static MethodScores Scores(string name, ForecastScores scores, double? owa) =>
        new(name, scores.Rmse, scores.Mae, scores.Smape, scores.Mase ?? double.NaN, owa ?? double.NaN);

    private static ForecastFigures Curve(ForecastCurve curve, double level) => new(
        curve.Series.Length == 0 ? $"{curve.Column}, one step ahead" : $"{curve.Column} of {curve.Series}, one step ahead",
        curve.Labels, curve.Actual, curve.Forecast)
    {
        Intervals = [new ForecastInterval(level, curve.Lower, curve.Upper)],
    };

    private static string Row(string name, ForecastScores s, double? owa) =>
        Invariant($"    {name,-32} {s.Rmse,10:G5} {s.Mae,10:G5} {s.Smape,8:F2} {s.Mase,7:F3} {owa,6:F3}");

    private static string Count(int n, string what, string? several = null) => n == 1 ? $"1 {what}" : $"{n} {several ?? what + "s"}";

    private static string Text(double value) => double.IsFinite(value) ? value.ToString(CultureInfo.InvariantCulture) : "";

    private static string Field(string text) => text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"")}\"";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
