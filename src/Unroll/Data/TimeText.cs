using System.Globalization;

namespace Unroll.Data;

/// <summary>Reads and writes the times of a column: ISO 8601 dates and months, or plain numbers.</summary>
internal static class TimeText
{
    private static readonly string[] DateTimeFormats =
    [
        "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.FFFFFFF",
        "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF",
        "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'",
    ];

    internal const string Expected = "a date (2024-01-31), a month (2024-01), a date and time (2024-01-31 13:00) or a number";

    /// <summary>Reads one time; a year alone (<c>1985</c>) is a number.</summary>
    internal static bool TryParse(string text, out TimeKind kind, out double value)
    {
        (kind, value) = (TimeKind.Number, 0);
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value)) return double.IsFinite(value);
        if (Exact(text, "yyyy-MM", out DateTime time))
        {
            (kind, value) = (TimeKind.Month, MonthOf(time));
            return true;
        }
        kind = TimeKind.Date;
        if (!Exact(text, "yyyy-MM-dd", out time))
        {
            kind = TimeKind.DateTime;
            if (!DateTime.TryParseExact(text, DateTimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out time))
                return false;
        }
        value = SecondsOf(time);
        return true;
    }

    /// <summary>Writes a time as <see cref="TryParse"/> reads it; a row number as <c>row 12</c>.</summary>
    internal static string Format(TimeKind kind, double value) => kind switch
    {
        TimeKind.Row => $"row {value.ToString("0", CultureInfo.InvariantCulture)}",
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

    private static bool Exact(string text, string format, out DateTime time) =>
        DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
}
