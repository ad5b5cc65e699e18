using System.Text.Json;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Forecast;

/// <summary>A forecast of one value.</summary>
/// <param name="Series">The series' name; empty when there is one.</param>
/// <param name="Column">The column.</param>
/// <param name="Step">1 for the first step after the data.</param>
/// <param name="Time">Its time, as a table writes times.</param>
/// <param name="Forecast">The forecast, in the unit of the data.</param>
/// <param name="Lower">The lower end of the interval; NaN for a model whose training has not ended.</param>
/// <param name="Upper">The upper end.</param>
public sealed record ForecastPoint(string Series, string Column, int Step, string Time, double Forecast, double Lower, double Upper)
{
    /// <summary><see cref="Time"/> as a date, a month as its first day; null where times are numbers.</summary>
    public DateTime? Date { get; init; }
}

/// <summary>What drawn paths have at one time.</summary>
/// <param name="Series">The series' name; empty when there is one.</param>
/// <param name="Column">The column.</param>
/// <param name="Step">1 for the first step after the data.</param>
/// <param name="Time">Its time, as a table writes times.</param>
/// <param name="Values">[paths]: of each path its value.</param>
public sealed record ForecastPath(string Series, string Column, int Step, string Time, IReadOnlyList<double> Values);

/// <summary>Forecasts of the steps after the end of data.</summary>
/// <param name="Points">Series by series, step by step, column by column.</param>
/// <param name="Interval">The share of future values that an interval should hold.</param>
public sealed record ForecastAnswer(IReadOnlyList<ForecastPoint> Points, double Interval) : TaskAnswer
{
    /// <summary>What a table calls its column of times; <c>row</c> where there is none.</summary>
    public string TimeColumn { get; init; } = "row";

    /// <summary>What a table calls the column that tells series apart; null: there is one series.</summary>
    public string? GroupColumn { get; init; }

    /// <summary>Paths that were drawn, in the order of <see cref="Points"/>; empty: none were asked for.</summary>
    public IReadOnlyList<ForecastPath> Paths { get; init; } = [];

    /// <summary>Rows that a session still needs before its first forecast; 0: none.</summary>
    public int RowsNeeded { get; init; }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter json)
    {
        json.Number("interval", Interval);
        if (Paths.Count > 0)
            json.Objects("paths", Paths, (own, path) =>
            {
                if (path.Series.Length > 0) own.WriteString("series", path.Series);
                own.WriteString("column", path.Column);
                own.WriteString("time", path.Time);
                own.WriteStartArray("values");
                foreach (double value in path.Values) own.WriteNumberValue(value);
                own.WriteEndArray();
            });
        json.Objects("forecasts", Points, (own, point) =>
        {
            if (point.Series.Length > 0) own.WriteString("series", point.Series);
            own.WriteString("column", point.Column);
            own.WriteString("time", point.Time);
            own.Number("forecast", point.Forecast);
            own.Number("lower", point.Lower);
            own.Number("upper", point.Upper);
        });
        if (RowsNeeded > 0) json.WriteNumber("rows_needed", RowsNeeded);
    }

    internal static ForecastAnswer Of(ForecastModel model, IReadOnlyList<ForecastPoint> points) => new(points, model.Options.Interval)
    {
        TimeColumn = model.Options.Time is null or "none" ? "row" : model.Options.Time, GroupColumn = model.Options.Group,
    };
}
