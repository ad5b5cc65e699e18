using System.Globalization;
using System.Text.RegularExpressions;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>In which order a date of numbers alone is written.</summary>
internal enum DateOrder
{
    DayFirst,
    MonthFirst,
    YearFirst,
}

/// <summary>A number or the name of a month within a date.</summary>
/// <param name="Value">The number; of a name 1 … 12.</param>
/// <param name="Digits">How many digits it is written with; 0 for a name.</param>
internal readonly record struct DatePart(int Value, int Digits);

/// <summary>
/// A date as people write it, taken apart without yet saying which number is the day: <c>03.01.2022</c>, <c>Jan 3, 2022 1:05 PM</c>,
/// <c>3rd January '22</c>, <c>Jan-22</c>, <c>01/2022</c>, <c>2022-01-03T13:05:00+01:00</c>, <c>2022年1月3日</c>.
/// </summary>
/// <param name="Parts">Two (a month and a year) or three.</param>
/// <param name="Mark">What stands between the first two.</param>
/// <param name="Clock">The time of the day; null: none.</param>
/// <param name="Offset">From UTC; null: none.</param>
internal sealed partial record DateText(DatePart[] Parts, char Mark, TimeSpan? Clock, TimeSpan? Offset)
{
    private static readonly string[] s_months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    /// <summary>Takes a text apart; null where it is no date.</summary>
    internal static DateText? Tokens(string text)
    {
        if (text.Length is < 5 or > 64 || !text.AsSpan().ContainsAnyInRange('0', '9')) return null;
        string date = text;
        TimeSpan? clock = null, offset = null;
        if (ClockAtEnd().Match(text) is { Success: true } at && (at.Groups["m"].Success || at.Groups["ap"].Success))
        {
            if (ClockOf(at) is not { } own || !OffsetOf(at.Groups["z"].Value, out offset)) return null;
            (date, clock) = (at.Groups["d"].Value, own);
        }
        date = Ordinal().Replace(Weekday().Replace(date.Trim(), ""), "$1").Replace('年', '-').Replace('月', '-').TrimEnd('日', '-');
        if (ThreeParts().Match(Boundary().Replace(date, " ")) is not { Success: true } match) return null;
        if (Part(match.Groups[1].Value) is not { } a || Part(match.Groups[3].Value) is not { } b) return null;
        string mark = match.Groups[2].Value.Trim(), next = match.Groups[4].Value.Trim();
        if (!match.Groups[5].Success) return new DateText([a, b], mark is [var one, ..] ? one : ' ', clock, offset);
        bool numbers = a.Digits > 0 && b.Digits > 0;
        if (Part(match.Groups[5].Value) is not { } c || (numbers && mark != next)) return null;
        return new DateText([a, b, c], mark is [var first, ..] ? first : ' ', clock, offset);
    }

    /// <summary>The time in an order, of months and of dates as <see cref="TimeText"/> counts them; null where the order does not fit.</summary>
    internal (TimeKind Kind, double Value)? In(DateOrder order)
    {
        (int year, int month, int day)? date = Parts.Length == 2 ? MonthAndYear() : Dated(order);
        if (date is not (var y, var m, var d) || y is < 1 or > 9999 || m is < 1 or > 12 || d < 1 || d > DateTime.DaysInMonth(y, m)) return null;
        DateTime day0 = new(y, m, d);
        if (Parts.Length == 2) return Clock is null ? (TimeKind.Month, TimeText.MonthOf(day0)) : null;
        if (Clock is not { } clock) return (TimeKind.Date, TimeText.SecondsOf(day0));
        double seconds = TimeText.SecondsOf(day0) + clock.TotalSeconds - (Offset ?? TimeSpan.Zero).TotalSeconds;
        return seconds >= 0 ? (TimeKind.DateTime, seconds) : null;
    }

    /// <summary>Whether the year is written with two digits, so that 22 is 2022 and 85 is 1985 (as POSIX has it).</summary>
    internal bool HasShortYear => Parts.All(part => part.Digits < 3);

    private (int, int, int)? Dated(DateOrder order)
    {
        (DatePart a, DatePart b, DatePart c) = (Parts[0], Parts[1], Parts[2]);
        if (a.Digits == 0) return (Year(c), a.Value, b.Value);                                      // Jan 3 2022
        if (b.Digits == 0) return a.Digits == 4 ? (a.Value, b.Value, c.Value) : (Year(c), b.Value, a.Value);
        if (c.Digits is 0 or 3 || a.Digits == 3 || b.Digits > 2) return null;
        if (a.Digits == 4) return c.Digits < 4 ? (a.Value, b.Value, c.Value) : null;                // 2022/01/03
        if (order == DateOrder.YearFirst) return c.Digits < 4 && a.Digits == 2 ? (Year(a), b.Value, c.Value) : null;
        if (c.Digits == 1) return null;
        return order == DateOrder.DayFirst ? (Year(c), b.Value, a.Value) : (Year(c), a.Value, b.Value);
    }

    private (int, int, int)? MonthAndYear()
    {
        (DatePart a, DatePart b) = (Parts[0], Parts[1]);
        if (a.Digits == 0) return b.Digits is 2 or 4 ? (Year(b), a.Value, 1) : null;
        if (b.Digits == 0) return a.Digits is 2 or 4 ? (Year(a), b.Value, 1) : null;
        return a.Digits == 4 && b.Digits < 3 ? (a.Value, b.Value, 1) : b.Digits == 4 && a.Digits < 3 ? (b.Value, a.Value, 1) : null;
    }

    private static int Year(DatePart part) => part.Digits > 2 ? part.Value : part.Value < 69 ? 2000 + part.Value : 1900 + part.Value;

    private static DatePart? Part(string text)
    {
        if (char.IsAsciiDigit(text[0])) return new DatePart(int.Parse(text, CultureInfo.InvariantCulture), text.Length);
        string name = text.TrimEnd('.').ToLowerInvariant();
        int month = Array.FindIndex(s_months, known => name.StartsWith(known, StringComparison.Ordinal)) + 1;
        bool whole = month > 0 && (name.Length == 3 || name == "sept"
            || CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName(month).Equals(name, StringComparison.OrdinalIgnoreCase));
        return whole ? new DatePart(month, 0) : null;
    }

    private static TimeSpan? ClockOf(Match at)
    {
        int hour = int.Parse(at.Groups["h"].Value, CultureInfo.InvariantCulture);
        int minute = at.Groups["m"].Success ? int.Parse(at.Groups["m"].Value, CultureInfo.InvariantCulture) : 0;
        double second = at.Groups["s"].Success
            ? double.Parse(at.Groups["s"].Value.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture) : 0;
        if (at.Groups["ap"].Value.ToLowerInvariant() is { Length: > 0 } half)
        {
            if (hour is < 1 or > 12) return null;
            hour = hour % 12 + (half[0] == 'p' ? 12 : 0);
        }
        bool midnight = hour == 24 && minute == 0 && second == 0;                                   // ISO 8601: the end of the day
        return (hour < 24 || midnight) && minute < 60 && second < 60 ? TimeSpan.FromSeconds(hour * 3600 + minute * 60 + second) : null;
    }

    private static bool OffsetOf(string text, out TimeSpan? offset)
    {
        offset = text.Length == 0 ? null : TimeSpan.Zero;
        if (text.Length == 0 || text[0] is not ('+' or '-')) return true;
        string digits = text[1..].Replace(":", "");
        int hours = int.Parse(digits[..2], CultureInfo.InvariantCulture);
        int minutes = digits.Length > 2 ? int.Parse(digits[2..], CultureInfo.InvariantCulture) : 0;
        offset = new TimeSpan(hours, minutes, 0) * (text[0] == '-' ? -1 : 1);
        return hours < 15 && minutes < 60;
    }

    [GeneratedRegex(@"^(?<d>.+?)(?:(?<=\d)[Tt]|,?\s+(?:at\s+)?)(?<h>\d{1,2})(?::(?<m>\d{2})(?::(?<s>\d{2}(?:[.,]\d{1,9})?))?)?" +
        @"\s*(?<ap>[aApP]\.?[mM]\.?)?\s*(?<z>Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$", RegexOptions.CultureInvariant)]
    private static partial Regex ClockAtEnd();

    [GeneratedRegex(@"^(?:mon|tue|wed|thu|fri|sat|sun)(?:day|sday|nesday|rsday|urday|s|rs|r)?\.?,?\s+",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Weekday();

    [GeneratedRegex(@"\b(\d{1,2})(?:st|nd|rd|th)\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Ordinal();

    // 03Jan2022 → 03 Jan 2022
    [GeneratedRegex(@"(?<=\d)(?=[A-Za-z])|(?<=[A-Za-z])(?=\d)", RegexOptions.CultureInvariant)]
    private static partial Regex Boundary();

    [GeneratedRegex(@"^(\d{1,4}|[A-Za-z]{3,9}\.?)\s*([-/.,'’]\s*'?|\s'?)\s*(\d{1,4}|[A-Za-z]{3,9}\.?)" +
        @"(?:\s*([-/.,'’]\s*'?|\s'?)\s*(\d{1,4}|[A-Za-z]{3,9}\.?))?$", RegexOptions.CultureInvariant)]
    private static partial Regex ThreeParts();
}
