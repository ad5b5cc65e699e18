using System.Text.Json;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Forecast;

/// <summary>How good a model is on a part of data, beside simple forecasts of the very same windows.</summary>
/// <param name="Columns">One for each column that is forecast.</param>
/// <param name="Windows">How many windows were forecast.</param>
/// <param name="From">The first time that was forecast.</param>
/// <param name="To">The last.</param>
/// <param name="Interval">The share of values that an interval should hold.</param>
public sealed record ForecastEvaluation(IReadOnlyList<ColumnReport> Columns, int Windows, string From, string To, double Interval) : TaskEvaluation
{
    /// <summary>The first step of every forecast, for curves: one for each series and column.</summary>
    public IReadOnlyList<ForecastCurve> Curves { get; init; } = [];

    /// <summary>Whole horizons from some origins, of the series that went worst: where more than one step is forecast.</summary>
    public IReadOnlyList<ForecastFan> Fans { get; init; } = [];

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, double Value)> Measures =>
    [
        ("rmse", Columns[0].Model.Rmse), ("mae", Columns[0].Model.Mae), ("smape", Columns[0].Model.Smape),
        ("mase", Columns[0].Model.Mase ?? double.NaN), ("coverage", Columns[0].Coverage),
    ];

    /// <summary>The measures of a column in each series.</summary>
    public IReadOnlyList<SeriesReport> SeriesOf(int column) => Columns[column].Series;

    /// <inheritdoc/>
    /// <remarks>The measures of the first column at the top, those of all in <c>columns</c>.</remarks>
    public override void WriteJson(Utf8JsonWriter json)
    {
        Write(json, Columns[0]);
        json.Number("interval", Interval);
        json.WriteNumber("test_windows", Windows);
        json.WriteString("test_from", From);
        json.WriteString("test_to", To);
        json.Objects("columns", Columns, (own, column) =>
        {
            own.WriteString("column", column.Column);
            Write(own, column);
            own.WriteStartArray("rmse_by_step");
            foreach (double rmse in column.RmseByStep)
                if (double.IsFinite(rmse)) own.WriteNumberValue(rmse);
                else own.WriteNullValue();
            own.WriteEndArray();
            own.Objects("rules", column.Baselines, (rule, baseline) => baseline.WriteJson(rule));
            if (column.Series.Count > 1) own.Objects("series", column.Series, (one, report) => report.WriteJson(one));
            own.Texts("worse_than", column.Baselines.Where(baseline => !(column.Model.Rmse < baseline.Scores.Rmse)).Select(baseline =>
                baseline.Name));
        });
    }

    /// <summary>The evaluations of several origins as one: as if all windows had been measured at once.</summary>
    /// <param name="origins">Of the same columns, from old to new; at least one.</param>
    internal static ForecastEvaluation Together(IReadOnlyList<ForecastEvaluation> origins) => new(
        [.. origins[0].Columns.Select((_, c) => EvaluationPool.Of([.. origins.Select(origin => origin.Columns[c])]))],
        origins.Sum(origin => origin.Windows), origins[0].From, origins[^1].To, origins[0].Interval)
    { Curves = [.. origins.SelectMany(origin => origin.Curves)], Fans = [.. origins.SelectMany(origin => origin.Fans)] };

    private static void Write(Utf8JsonWriter json, ColumnReport column)
    {
        json.Number("rmse", column.Model.Rmse);
        json.Number("persistence_rmse", column.RmseOf("persistence"));
        json.Number("seasonal_naive_rmse", column.RmseOf("seasonal-naive"));
        json.Number("ar_rmse", column.RmseOf("autoregression"));
        json.Number("mae", column.Model.Mae);
        json.Number("smape", column.Model.Smape);
        json.Number("mase", column.Model.Mase);
        json.Number("owa", column.Owa);
        json.Number("msis", column.Msis);
        json.Number("crps", column.Crps);
        json.Number("wql", column.Wql);
        json.Number("coverage", column.Coverage);
        json.Number("interval_width", column.IntervalWidth);
    }
}

/// <summary>The measures of one column.</summary>
/// <param name="Column">Its name.</param>
/// <param name="Model">This model's.</param>
/// <param name="Baselines">Those of persistence, seasonal-naive and an autoregression, as far as the data allow them.</param>
/// <param name="Coverage">The share of the values inside their intervals.</param>
/// <param name="IntervalWidth">The mean width of the intervals, in the unit of the data.</param>
/// <param name="RmseByStep">The root mean squared error of each step ahead.</param>
public sealed record ColumnReport(
    string Column, ForecastScores Model, IReadOnlyList<BaselineReport> Baselines, double Coverage, double IntervalWidth,
    IReadOnlyList<double> RmseByStep)
{
    /// <summary>
    /// Overall weighted average: the mean of sMAPE and MASE, each in units of that of the rule naive2 (M4 competition); null where it cannot be said.
    /// </summary>
    public double? Owa { get; init; }

    /// <summary>Mean scaled interval score, of the intervals of the model's level; null where no scale is known.</summary>
    public double? Msis { get; init; }

    /// <summary>Continuous ranked probability score, by the quantiles 0.1 … 0.9, in the unit of the data; of a rule it would be its MAE.</summary>
    public double Crps { get; init; } = double.NaN;

    /// <summary>Weighted quantile loss of those quantiles: <see cref="Crps"/> by the mean size of what came; null where that is 0.</summary>
    public double? Wql { get; init; }

    /// <summary>The measures of the rule naive2, which scales OWA.</summary>
    internal ForecastScores? Naive { get; init; }

    /// <summary>The measures in each series, in the order of the data.</summary>
    public IReadOnlyList<SeriesReport> Series { get; init; } = [];

    /// <summary>The series that went worst, the worst first.</summary>
    /// <param name="count">How many.</param>
    public IReadOnlyList<SeriesReport> Worst(int count) => [.. Series.OrderByDescending(one => one.Badness).Take(count)];

    /// <summary>The root mean squared error of a baseline, by the beginning of its name; null where the data do not allow it.</summary>
    public double? RmseOf(string baseline) => Baselines.FirstOrDefault(b => b.Name.StartsWith(baseline, StringComparison.Ordinal))?.Scores.Rmse;
}

/// <summary>The measures of a simple forecast.</summary>
/// <param name="Name"><c>persistence</c>, <c>seasonal-naive(12)</c>, <c>autoregression(24)</c>.</param>
/// <param name="Scores">Its measures.</param>
public sealed record BaselineReport(string Name, ForecastScores Scores)
{
    /// <summary>As in <see cref="ColumnReport.Owa"/>.</summary>
    public double? Owa { get; init; }

    /// <summary>The root mean squared error of each step ahead; NaN where nothing was measured.</summary>
    public IReadOnlyList<double> RmseByStep { get; init; } = [];

    /// <summary>On how many series it was measured, where not on all: others are too short for it, or there are too many to fit it to each.</summary>
    public int? Series { get; init; }

    /// <summary>This model's measures on those series; null: on all.</summary>
    public ForecastScores? ModelOnSame { get; init; }

    /// <summary>
    /// The 95 % interval of its RMSE less that of this model, by a bootstrap of blocks of windows: above 0 this model is better, below 0 the rule,
    /// else they cannot be told apart. Null: too few windows to say.
    /// </summary>
    public (double Low, double High)? Difference { get; init; }

    /// <summary>Which of the two is better by <see cref="Difference"/>: <c>model</c>, <c>rule</c>, or null.</summary>
    internal string? Better => Difference is not { } d ? null : d.Low > 0 ? "model" : d.High < 0 ? "rule" : null;

    /// <summary>The same word for a rule however it was fitted, by which those of several evaluations are put together.</summary>
    public string Kind { get; init; } = Name;

    /// <summary>The squared errors of each window of each series that it was measured on, beside those of the model.</summary>
    internal IReadOnlyList<(string Series, BlockBootstrap.Sums[] Windows)> Sums { get; init; } = [];

    internal void WriteJson(Utf8JsonWriter json)
    {
        json.WriteString("rule", Name);
        json.Number("rmse", Scores.Rmse);
        json.Number("mae", Scores.Mae);
        json.Number("smape", Scores.Smape);
        json.Number("mase", Scores.Mase);
        json.Number("owa", Owa);
        if (Series is int series) json.WriteNumber("series", series);
        if (ModelOnSame is { } same) json.Number("model_rmse_on_same", same.Rmse);
        json.Number("rmse_difference_low", Difference?.Low);
        json.Number("rmse_difference_high", Difference?.High);
        json.WriteString("better", Better ?? "neither");
    }
}

/// <summary>Forecasts of a column of a series for windows of the past, beside what came: for curves.</summary>
/// <param name="Series">The series' name; empty when there is one.</param>
/// <param name="Column">The column.</param>
/// <param name="Labels">The times, one step ahead of each window.</param>
/// <param name="Actual">What came.</param>
/// <param name="Forecast">The forecast.</param>
/// <param name="Lower">The lower end of the interval.</param>
/// <param name="Upper">The upper end.</param>
public sealed record ForecastCurve(
    string Series, string Column, IReadOnlyList<string> Labels, IReadOnlyList<double> Actual, IReadOnlyList<double> Forecast,
    IReadOnlyList<double> Lower, IReadOnlyList<double> Upper);

/// <summary>The forecast of a whole horizon from one origin, beside what came before and after.</summary>
/// <param name="Series">The series' name; empty when there is one.</param>
/// <param name="Column">The column.</param>
/// <param name="Labels">The times: some rows before the origin, then the horizon.</param>
/// <param name="Actual">What came, at all of these times.</param>
/// <param name="Forecast">The forecast; NaN before the origin.</param>
/// <param name="Deciles">[9][times]: the quantiles 0.1 … 0.9; NaN before the origin.</param>
public sealed record ForecastFan(
    string Series, string Column, IReadOnlyList<string> Labels, IReadOnlyList<double> Actual, IReadOnlyList<double> Forecast,
    IReadOnlyList<IReadOnlyList<double>> Deciles);
