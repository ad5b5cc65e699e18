using Unroll.Core;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Forecast;

/// <summary>
/// Short series beside long ones: rows like their first one are put before it, so that they are trained on, measured and forecast as far as they
/// reach. Such rows are looked at, but nothing is learned or measured by them.
/// </summary>
internal static class SeriesPadding
{
    private const int Named = 5;

    /// <summary>Those that a model of several series can be trained on, the short ones padded.</summary>
    /// <param name="series">At least one.</param>
    /// <param name="options">The split and the horizon.</param>
    /// <param name="firstOrigin">The rows that a forecast looks at.</param>
    /// <param name="season">Rows of the shortest season, that a series is forecast from at first where it has them.</param>
    /// <param name="note">Told of both kinds, without <c>note:</c>; null: nobody, and a series that is too short by itself is refused.</param>
    /// <exception cref="UserErrorException">No series is long enough by itself, or one is not and nobody is told.</exception>
    internal static IReadOnlyList<Series> ToTrain(
        IReadOnlyList<Series> series, ForecastOptions options, int firstOrigin, int season, Action<string>? note)
    {
        string? Problem(Series one) => ForecastFit.SplitOf(one, options).Problem(firstOrigin, options.Horizon, ForecastFit.NameOf(one));
        Series[] whole = [.. series.Where(one => Problem(one) is null)];
        if (whole.Length == series.Count) return series;
        if (note is null || whole.Length == 0) throw new UserErrorException(series.Select(Problem).First(problem => problem is not null)!);
        series = SeriesTooShort.PassOver(series, one => TrainRows(one) > options.Horizon ? null : Problem(one), note);
        Series[] padded = [.. series.Select(one => TrainRows(one) >= firstOrigin + options.Horizon ? one
            : Pad(one, firstOrigin - Math.Max(1, Math.Min(TrainRows(one) - options.Horizon, season))))];
        Note([.. padded.Where(one => one.Padding > 0)], series.Count, $"trained on as far as they reach", note);
        return padded;

        int TrainRows(Series one) => ForecastFit.SplitOf(one, options).Train;
    }

    /// <summary>Those that a model of several series can forecast, the short ones padded.</summary>
    internal static IReadOnlyList<Series> ToForecast(ForecastDescription description, IReadOnlyList<Series> series, Action<string>? note)
    {
        if (description.Scales.Count == 0 || note is null) return series;
        Series[] padded = [.. series.Select(one => one.Length >= description.FirstOrigin ? one : Pad(one, description.FirstOrigin - one.Length))];
        Note([.. padded.Where(one => one.Padding > 0)], series.Count, "forecast from what there is", note);
        return padded;
    }

    /// <summary>The series with rows like its first one before it.</summary>
    /// <param name="series">The series.</param>
    /// <param name="rows">How many; at least 1.</param>
    internal static Series Pad(Series series, int rows)
    {
        if (rows <= 0) return series;
        double first = series.Times[0], step = series.Axis.Step.Unit == TimeUnit.BusinessDay ? 86_400 : 0;
        double[] times = [.. Enumerable.Range(-rows, rows).Select(i => step > 0 ? first + i * step : series.Axis.After(first, i)), .. series.Times];
        return series.Padded(rows, times, Before);

        Column Before(Column column)
        {
            bool[] filled = new bool[rows + column.Values.Length];
            filled.AsSpan(0, rows).Fill(true);
            column.FilledRows?.CopyTo(filled, rows);
            return column with { Values = [.. Enumerable.Repeat(column.Values[0], rows), .. column.Values], FilledRows = filled };
        }
    }

    private static void Note(Series[] padded, int all, string what, Action<string> note)
    {
        if (padded.Length == 0) return;
        note($"{padded[0].Source}: {padded.Length} of {all} series {(padded.Length == 1 ? "is" : "are")} " +
            $"shorter than the rows that a forecast looks at, and {what}, as if the rows before had been like the first one: " +
            string.Join(", ", padded.Take(Named).Select(one => $"'{Table.Shorten(one.Name)}' ({one.Length - one.Padding} rows)")) +
            $"{(padded.Length > Named ? $" and {padded.Length - Named} more" : "")}.");
    }
}
