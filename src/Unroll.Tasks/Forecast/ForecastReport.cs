using System.Globalization;
using System.Text.Json.Serialization;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Forecast;

/// <summary>How good a model is on the test part, beside simple forecasts of the very same windows.</summary>
/// <param name="Columns">One for each column that is forecast.</param>
/// <param name="Windows">How many windows were forecast.</param>
/// <param name="From">The first time that was forecast.</param>
/// <param name="To">The last.</param>
/// <param name="Interval">The share of values that an interval should hold.</param>
public sealed record ForecastReport(IReadOnlyList<ColumnReport> Columns, int Windows, string From, string To, double Interval)
{
    /// <summary>The report as lines for a terminal: a table for each column, and plainly where a simple forecast is better.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"test: {Windows} window{(Windows == 1 ? "" : "s")}, {From} to {To}";
        foreach (ColumnReport column in Columns)
        {
            yield return $"  {column.Column,-24} {"RMSE",10} {"MAE",10} {"sMAPE %",8} {"MASE",7}";
            yield return Row("this model", column.Model);
            foreach (BaselineReport baseline in column.Baselines) yield return Row(baseline.Name, baseline.Scores);
            yield return Invariant(
                $"  intervals of {Interval:P0}: {column.Coverage:P1} of the test values were inside, mean width {column.IntervalWidth:G4}");
            foreach (BaselineReport baseline in column.Baselines)
            {
                if (column.Model.Rmse < baseline.Scores.Rmse) continue;
                string verdict = baseline.Scores.Rmse == column.Model.Rmse ? "as good as" : "better than";
                yield return Invariant(
                    $"  note: {baseline.Name} is {verdict} this model: RMSE {baseline.Scores.Rmse:G4} against {column.Model.Rmse:G4}");
            }
        }
    }

    private static string Row(string name, ForecastScores s) =>
        Invariant($"    {name,-22} {s.Rmse,10:G5} {s.Mae,10:G5} {s.Smape,8:F2} {s.Mase,7:F3}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The measures of one column.</summary>
/// <param name="Column">Its name.</param>
/// <param name="Model">This model's.</param>
/// <param name="Baselines">Those of persistence, seasonal-naive and an autoregression, as far as the data allow them.</param>
/// <param name="Coverage">The share of the test values inside their intervals.</param>
/// <param name="IntervalWidth">The mean width of the intervals, in the unit of the data.</param>
/// <param name="RmseByStep">The root mean squared error of each step ahead.</param>
public sealed record ColumnReport(
    string Column, ForecastScores Model, IReadOnlyList<BaselineReport> Baselines, double Coverage, double IntervalWidth,
    IReadOnlyList<double> RmseByStep)
{
    /// <summary>The root mean squared error of a baseline, by the beginning of its name; null where the data do not allow it.</summary>
    public double? RmseOf(string baseline) => Baselines.FirstOrDefault(b => b.Name.StartsWith(baseline, StringComparison.Ordinal))?.Scores.Rmse;
}

/// <summary>The measures of a simple forecast.</summary>
/// <param name="Name"><c>persistence</c>, <c>seasonal-naive(12)</c>, <c>autoregression(24)</c>.</param>
/// <param name="Scores">Its measures.</param>
public sealed record BaselineReport(string Name, ForecastScores Scores);

/// <summary>Forecasts of a column of a series for windows of the past, beside what came: for curves.</summary>
/// <param name="Series">The series' name; empty when there is one.</param>
/// <param name="Column">The column.</param>
/// <param name="Labels">The times, one step ahead of each window.</param>
/// <param name="Actual">What came.</param>
/// <param name="Forecast">The forecast.</param>
/// <param name="Lower">The lower end of the interval.</param>
/// <param name="Upper">The upper end.</param>
public sealed record ForecastCurve(
    string Series, string Column, IReadOnlyList<string> Labels, IReadOnlyList<float> Actual, IReadOnlyList<float> Forecast,
    IReadOnlyList<float> Lower, IReadOnlyList<float> Upper);
