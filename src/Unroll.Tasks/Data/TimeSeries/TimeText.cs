using System.Globalization;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>Reads and writes the times of a column: ISO 8601 dates and months, or plain numbers.</summary>
internal static class TimeText
{
    internal const string Expected = "a date (2024-01-31), a month (2024-01), a date and time (2024-01-31 13:00) or a number";

    /// <summary>Reads one time; a year alone (<c>1985</c>) is a number.</summary>
    internal static bool TryParse(string text, out TimeKind kind, out double value)
    {
        (kind, value) = (TimeKind.Number, 0);
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value)) return double.IsFinite(value);
        string? format = Format(text);
        if (format is null || !DateTime.TryParseExact(text.TrimEnd('Z'), format, CultureInfo.InvariantCulture, DateTimeStyles.None,
            out DateTime time))
            return false;
        kind = text.Length switch { 7 => TimeKind.Month, 10 => TimeKind.Date, _ => TimeKind.DateTime };
        value = kind == TimeKind.Month ? MonthOf(time) : SecondsOf(time);
        return true;
    }

    // The one format that a text of this length can have; null when there is none. A final Z (UTC) belongs to dates with hours alone.
    private static string? Format(string text)
    {
        bool z = text.EndsWith('Z'), t = text.Length > 10 && text[10] == 'T';
        return (text.Length - (z ? 1 : 0)) switch
        {
            7 when !z => "yyyy-MM",
            10 when !z => "yyyy-MM-dd",
            16 => t ? "yyyy-MM-dd'T'HH:mm" : "yyyy-MM-dd HH:mm",
            19 => t ? "yyyy-MM-dd'T'HH:mm:ss" : "yyyy-MM-dd HH:mm:ss",
            > 19 => t ? "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF" : "yyyy-MM-dd HH:mm:ss.FFFFFFF",
            _ => null,
        };
    }

    internal static string Format((TimeKind Kind, double Value) time) => Format(time.Kind, time.Value);

    /// <summary>Writes a time as <see cref="TryParse"/> reads it; rows without times as <c>row 12</c>, counted from 1.</summary>
    internal static string Format(TimeKind kind, double value) => kind switch
    {
        TimeKind.Row => $"row {(value + 1).ToString("0", CultureInfo.InvariantCulture)}",
        TimeKind.Number => value.ToString("G10", CultureInfo.InvariantCulture),
        TimeKind.Month => $"{(long)Math.Floor(value / 12):0000}-{(long)(value - 12 * Math.Floor(value / 12)) + 1:00}",
        TimeKind.Date => DateOf(value).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        _ => DateOf(value) is { Second: 0, Millisecond: 0 } minute
            ? minute.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)
            : DateOf(value).ToString("yyyy-MM-dd HH:mm:ss.FFF", CultureInfo.InvariantCulture),
    };

    /// <summary>Months since January of year 0.</summary>
    internal static double MonthOf(DateTime time) => time.Year * 12 + time.Month - 1;

    /// <summary>Seconds since 0001-01-01 00:00; exact to about 8 µs.</summary>
    internal static double SecondsOf(DateTime time) => time.Ticks / (double)TimeSpan.TicksPerSecond;

    /// <summary>The inverse of <see cref="SecondsOf"/>, rounded to the millisecond.</summary>
    internal static DateTime DateOf(double seconds) =>
        new((long)Math.Round(Math.Clamp(seconds, 0, SecondsOf(DateTime.MaxValue) - 1) * 1000) * TimeSpan.TicksPerMillisecond);
}
