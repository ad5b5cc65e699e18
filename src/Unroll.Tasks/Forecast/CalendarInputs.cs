using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Forecast;

//  weekday     a column of 0 and 1 for each day
//  month       sin and cos of 2π (month + (day − 1) / days of the month) / 12
//  hour        sin and cos of 2π h / 24 and of twice that
//  holidays    1 on the days of a table

/// <summary>Inputs that the program makes of the times of rows: known in the future by nature.</summary>
internal static class CalendarInputs
{
    private const string Prefix = "calendar:", Table = "holidays:";
    private const double Day = 86400;
    private static readonly string[] s_words = ["weekday", "month", "hour"];

    /// <summary>What is wrong with words of the option; null: nothing.</summary>
    internal static string? Wrong(IReadOnlyList<string> words)
    {
        foreach (string word in words)
            if (!s_words.Contains(word) && !(word.StartsWith(Table, StringComparison.Ordinal) && word.Length > Table.Length))
                return $"expected weekday, month, hour or holidays:FILE, got '{word}'.";
        return words.Distinct().Count() < words.Count ? "each word once." : null;
    }

    internal static bool IsCalendar(string column) => column.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Known inputs that a table has to have: those that are not made here.</summary>
    internal static IReadOnlyList<string> Given(IReadOnlyList<string> known) => [.. known.Where(column => !IsCalendar(column))];

    /// <summary>The days of the holiday table that the options name; empty: they name none.</summary>
    internal static IReadOnlyList<DateOnly> Holidays(ForecastOptions options, DataFiles files) =>
        options.Calendar.FirstOrDefault(word => word.StartsWith(Table, StringComparison.Ordinal)) is { } table
            ? HolidayTable.Read(table[Table.Length..], files) : [];

    /// <summary>The columns that options ask for.</summary>
    /// <exception cref="UserErrorException">The rows have no dates, or are too far apart for a word.</exception>
    internal static IReadOnlyList<string> Columns(ForecastOptions options, TimeAxis axis)
    {
        if (options.Calendar.Count == 0) return [];
        if (axis.Kind is TimeKind.Row or TimeKind.Number)
            throw new OptionException("calendar", "the rows have no dates; name their column with time, or leave calendar out.");
        bool daily = axis.Step.Unit == TimeUnit.BusinessDay || (axis.Step.Unit == TimeUnit.Second && axis.Step.Count <= Day);
        bool hourly = axis.Step.Unit == TimeUnit.Second && axis.Step.Count < Day;
        List<string> columns = [];
        foreach (string word in options.Calendar)
        {
            if ((word == "hour" && !hourly) || (word != "hour" && word != "month" && !daily))
                throw new OptionException("calendar", $"'{word}' says nothing of rows that are {axis.Step} apart; leave it out.");
            columns.AddRange(word switch
            {
                "weekday" => Enumerable.Range(1, axis.Step.Unit == TimeUnit.BusinessDay ? 5 : 7)
                    .Select(day => ((DayOfWeek)(day % 7)).ToString().ToLowerInvariant()),
                "month" => ["month-sin", "month-cos"],
                "hour" => ["hour-sin", "hour-cos", "half-day-sin", "half-day-cos"],
                _ => ["holiday"],
            });
        }
        return [.. columns.Select(column => Prefix + column)];
    }

    /// <summary>Series with those columns of <paramref name="known"/> that are made here.</summary>
    internal static IReadOnlyList<Series> AddTo(IReadOnlyList<Series> series, IReadOnlyList<string> known, IReadOnlyList<DateOnly> holidays)
    {
        string[] made = [.. known.Where(IsCalendar)];
        if (made.Length == 0) return series;
        Column Made(Series one, string name) => new(name, [.. one.Times.Select(time => Value(name, one.Axis, time, holidays))]);
        return [.. series.Select(one => one.Known.Any(column => IsCalendar(column.Name)) ? one
            : one.With(one.Targets, [.. one.Known, .. made.Select(name => Made(one, name))]))];
    }

    /// <summary>Series with rows to come, where nothing but the calendar has to be known of them.</summary>
    internal static IReadOnlyList<Series> Extended(ForecastDescription description, IReadOnlyList<Series> series, int horizon)
    {
        if (description.Known.Count == 0 || Given(description.Options.Known).Count > 0) return series;
        int own = description.Horizon, rows = (horizon + own - 1) / own * own;
        return [.. series.Select(one =>
        {
            double[] times = [.. Enumerable.Range(1, Math.Max(0, rows - one.FutureRows)).Select(step => one.Axis.After(one.Times[^1], step))];
            return one.WithFuture(times, [.. one.Known.Select(column =>
                times.Select(time => Value(column.Name, one.Axis, time, description.Holidays)).ToArray())]);
        })];
    }

    /// <summary>[columns][horizon]: of the steps after a time.</summary>
    internal static double[][] After(ForecastDescription description, double time) =>
    [
        .. description.Options.Known.Where(IsCalendar).Select(name => Enumerable.Range(1, description.Horizon)
            .Select(step => Value(name, description.Axis, description.Axis.After(time, step), description.Holidays)).ToArray()),
    ];

    /// <summary>Notes forecasts that reach beyond the holiday table.</summary>
    internal static void NoteEnd(ForecastDescription description, IReadOnlyList<Series> series, int horizon, Action<string>? note)
    {
        if (description.Holidays.Count == 0 || note is null) return;
        DateOnly last = description.Holidays[^1];
        if (series.Any(one => one.Date(one.Length + horizon - 1) is { } date && DateOnly.FromDateTime(date) > last))
            note($"the holiday table that the model was trained with ends at {last:yyyy-MM-dd}; days after it count as ordinary ones.");
    }

    private static double Value(string name, TimeAxis axis, double time, IReadOnlyList<DateOnly> holidays)
    {
        DateTime date = axis.DateOf(time)!.Value;
        double year = 2 * Math.PI * (date.Month - 1 + (date.Day - 1.0) / DateTime.DaysInMonth(date.Year, date.Month)) / 12;
        double hour = 2 * Math.PI * date.TimeOfDay.TotalHours / 24;
        return name[Prefix.Length..] switch
        {
            "month-sin" => Math.Sin(year),
            "month-cos" => Math.Cos(year),
            "hour-sin" => Math.Sin(hour),
            "hour-cos" => Math.Cos(hour),
            "half-day-sin" => Math.Sin(2 * hour),
            "half-day-cos" => Math.Cos(2 * hour),
            "holiday" => holidays.Contains(DateOnly.FromDateTime(date)) ? 1 : 0,
            var day => date.DayOfWeek.ToString().Equals(day, StringComparison.OrdinalIgnoreCase) ? 1 : 0,
        };
    }
}
