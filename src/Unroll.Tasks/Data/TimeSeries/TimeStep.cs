using System.Globalization;
using Unroll.Core;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>The unit in which a <see cref="TimeStep"/> counts.</summary>
public enum TimeUnit
{
    /// <summary>Rows of the table, or the unit of a column of plain numbers.</summary>
    Number,

    /// <summary>Seconds; days and weeks are 86,400 and 604,800 of them.</summary>
    Second,

    /// <summary>Calendar months, of 28 to 31 days; quarters and years are 3 and 12 of them.</summary>
    Month,

    /// <summary>Business days, Monday to Friday; a few without a row, such as holidays, are passed over.</summary>
    BusinessDay,
}

/// <summary>The time from one row of a series to the next.</summary>
/// <param name="Count">How many units; above 0.</param>
/// <param name="Unit">The unit.</param>
public readonly record struct TimeStep(double Count, TimeUnit Unit)
{
    private const double Minute = 60, Hour = 3600, Day = 86400, Week = 7 * Day;

    /// <summary>
    /// The steps after which the series may be expected to repeat: 12 for months, 4 for quarters, 52 for weeks, 7 for days, 5 for business days, 24
    /// for hours, a day's
    /// worth for steps of 5 minutes and more, an hour's worth below; 1 (no season) for years and for numbers, unless they are decimal years.
    /// </summary>
    public int Season => Unit switch
    {
        TimeUnit.Month => Whole(12 / Count),
        TimeUnit.Second when Count == Week => 52,
        TimeUnit.Second when Count == Day => 7,
        TimeUnit.Second when Count < Day => Whole(Day / Count) is var perDay && perDay <= 288 ? perDay : Whole(Hour / Count),
        TimeUnit.Number when Math.Abs(Count * 12 - 1) < 0.05 => 12,             // decimal years, 1749.083 …
        TimeUnit.Number when Count == 0.25 => 4,
        TimeUnit.BusinessDay => Whole(5 / Count),
        _ => 1,
    };

    private static int Whole(double ratio) => Math.Abs(ratio - Math.Round(ratio)) < 1e-6 && ratio >= 1 ? (int)Math.Round(ratio) : 1;

    /// <summary>Reads <c>1month</c>, <c>15min</c>, <c>2 hours</c>, <c>day</c>, <c>week</c>, <c>quarter</c>, <c>30s</c>, or a plain number.</summary>
    /// <param name="text">What was typed.</param>
    /// <exception cref="UserErrorException">It is no such text, or not above 0.</exception>
    public static TimeStep Parse(string text)
    {
        string trimmed = text.Trim().ToLowerInvariant();
        int letters = trimmed.AsSpan().IndexOfAnyInRange('a', 'z');
        string number = letters < 0 ? trimmed : trimmed[..letters].Trim(), unit = letters < 0 ? "" : trimmed[letters..];
        double count = 1;
        bool read = (number.Length == 0 && letters == 0) || double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out count);
        (double Count, TimeUnit Unit)? one = unit switch
        {
            "" => (1, TimeUnit.Number),
            "s" or "sec" or "second" or "seconds" => (1, TimeUnit.Second),
            "min" or "minute" or "minutes" => (Minute, TimeUnit.Second),
            "h" or "hour" or "hours" => (Hour, TimeUnit.Second),
            "d" or "day" or "days" => (Day, TimeUnit.Second),
            "w" or "week" or "weeks" => (Week, TimeUnit.Second),
            "mo" or "month" or "months" => (1, TimeUnit.Month),
            "q" or "quarter" or "quarters" => (3, TimeUnit.Month),
            "y" or "year" or "years" => (12, TimeUnit.Month),
            _ => null,
        };
        if (!read || one is null || !(count > 0) || !double.IsFinite(count) || (one.Value.Unit == TimeUnit.Month && count != Math.Floor(count)))
            throw new UserErrorException($"Expected a period such as 15min, 1h, 1day, 1week, 1month or 1year, found '{Table.Shorten(text)}'.");
        return new TimeStep(count * one.Value.Count, one.Value.Unit);
    }

    /// <summary><c>1 month</c>, <c>15 minutes</c>, <c>1 quarter</c>, <c>0.5</c>.</summary>
    public override string ToString() => Unit switch
    {
        TimeUnit.Month => Text(Count, (12, "year"), (3, "quarter"), (1, "month")),
        TimeUnit.BusinessDay => Text(Count, (0, "business day")),
        TimeUnit.Second => Text(Count, (Week, "week"), (Day, "day"), (Hour, "hour"), (Minute, "minute"), (0, "second")),
        _ => Count.ToString("G6", CultureInfo.InvariantCulture),
    };

    // The largest unit of which the count is a whole multiple; the last one, of size 0, takes the rest as it is.
    private static string Text(double count, params ReadOnlySpan<(double Size, string Name)> units)
    {
        foreach ((double size, string name) in units)
        {
            double n = size == 0 ? count : count / size;
            if (size == 0 || n == Math.Floor(n)) return $"{n.ToString("G6", CultureInfo.InvariantCulture)} {name}{(n == 1 ? "" : "s")}";
        }
        return count.ToString("G6", CultureInfo.InvariantCulture);
    }
}
