namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>The regular grid of a series' times: their kind and the step between rows. Part of a forecasting model's description.</summary>
/// <param name="Kind">What the times are.</param>
/// <param name="Step">The time from one row to the next.</param>
/// <param name="MonthDay">With a calendar step and dates: the day of the month, 31 for the last one; otherwise 0.</param>
public sealed record TimeAxis(TimeKind Kind, TimeStep Step, int MonthDay = 0)
{
    /// <summary>The axis of a table without a time column.</summary>
    public static TimeAxis Rows { get; } = new(TimeKind.Row, new TimeStep(1, TimeUnit.Number));

    /// <summary>The time some steps later (earlier when negative); months keep their day, or take the month's last one.</summary>
    /// <param name="time">A time in the unit of <see cref="Kind"/>.</param>
    /// <param name="steps">How many steps.</param>
    public double After(double time, long steps)
    {
        if (Step.Unit == TimeUnit.BusinessDay) return BusinessDays.After(time, steps * (long)Step.Count);
        if (Step.Unit != TimeUnit.Month || Kind == TimeKind.Month) return time + steps * Step.Count;
        DateTime date = TimeText.DateOf(time);
        double month = TimeText.MonthOf(date) + steps * Step.Count;
        return OnMonth(month) + TimeText.SecondsOf(default(DateTime) + date.TimeOfDay);
    }

    /// <summary>How a person writes a time of this axis: <c>2024-01</c>, <c>2024-01-31 13:00</c>, <c>row 12</c>, <c>0.25</c>.</summary>
    /// <param name="time">A time in the unit of <see cref="Kind"/>.</param>
    public string Format(double time) => TimeText.Format(Kind, time);

    /// <summary>The date of a time; null where times are row numbers or plain numbers.</summary>
    internal DateTime? DateOf(double time) => Kind switch
    {
        TimeKind.Row or TimeKind.Number => null,
        TimeKind.Month => new DateTime((int)(time / 12), (int)(time % 12) + 1, 1),
        _ => TimeText.DateOf(time),
    };

    /// <summary>Whether <paramref name="next"/> is one step after <paramref name="time"/>, to the rounding that files have.</summary>
    internal bool IsNext(double time, double next) => Step.Unit == TimeUnit.BusinessDay
        ? BusinessDays.Between(time, next) is >= 0 and <= BusinessDays.LongestHoliday
        : Math.Abs(next - After(time, 1)) <= Tolerance;

    // Plain numbers may be decimal years printed to three digits: 0.083 and 0.084 are the same month. Seconds are exact to a millisecond.
    private double Tolerance => Kind == TimeKind.Number ? 0.05 * Step.Count : 2e-3;

    /// <summary>The number of the period that holds a time, counted from <paramref name="origin"/>.</summary>
    internal long Period(double time, double origin)
    {
        if (Step.Unit == TimeUnit.BusinessDay) return BusinessDays.Between(origin, time) + 1;
        if (Step.Unit != TimeUnit.Month) return (long)Math.Floor((time - origin + Tolerance) / Step.Count);
        return (long)Math.Floor((Month(time) - Month(origin)) / Step.Count);
    }

    /// <summary>Where periods are counted from: <paramref name="first"/> itself when all lie on its grid, else its period's round start.</summary>
    internal double Origin(double first, bool allOnGrid)
    {
        if (allOnGrid || Kind is TimeKind.Row or TimeKind.Number || Step.Unit == TimeUnit.BusinessDay) return first;
        if (Step.Unit != TimeUnit.Month) return Math.Floor(first / Step.Count) * Step.Count;
        double month = Math.Floor(Month(first) / Step.Count) * Step.Count;
        return Kind == TimeKind.Month ? month : OnMonth(month);
    }

    private double Month(double time) => Kind == TimeKind.Month ? time : TimeText.MonthOf(TimeText.DateOf(time));

    private double OnMonth(double month)
    {
        int year = Math.Clamp((int)Math.Floor(month / 12), 1, 9999), number = (int)(month - 12 * Math.Floor(month / 12)) + 1;
        return TimeText.SecondsOf(new DateTime(year, number, Math.Clamp(MonthDay, 1, DateTime.DaysInMonth(year, number))));
    }
}
