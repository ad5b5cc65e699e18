using Unroll.Core;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>
/// The time of a row in memory. A <see cref="DateTime"/>, a <see cref="DateOnly"/>, a <see cref="DateTimeOffset"/> (as UTC) or a plain number
/// becomes one by itself, so that a function that gives any of them can be handed to <see cref="Series.From"/>.
/// </summary>
public readonly record struct SeriesTime
{
    private SeriesTime(TimeKind kind, double value) => (Kind, Value) = (kind, value);

    /// <summary>What <see cref="Value"/> counts.</summary>
    internal TimeKind Kind { get; }

    internal double Value { get; }

    /// <summary>A time as it stands, in whatever zone the data are in.</summary>
    public static implicit operator SeriesTime(DateTime time) =>
        new(time.TimeOfDay == TimeSpan.Zero ? TimeKind.Date : TimeKind.DateTime, TimeText.SecondsOf(time));

    /// <summary>A day.</summary>
    public static implicit operator SeriesTime(DateOnly day) => day.ToDateTime(TimeOnly.MinValue);

    /// <summary>A moment, as its time in UTC: days of 23 and 25 hours of a local time would not be one step apart.</summary>
    public static implicit operator SeriesTime(DateTimeOffset moment) => moment.UtcDateTime;

    /// <summary>A plain number, such as the seconds of a run.</summary>
    public static implicit operator SeriesTime(double number) => new(TimeKind.Number, number);

    /// <summary>Reads a time as a file has it: <c>2024-01-31</c>, <c>2024-01</c>, <c>2024-01-31 13:00</c> or a number.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="UserErrorException">It is no such text.</exception>
    public static SeriesTime Parse(string text) => TimeText.TryParse(text, out TimeKind kind, out double value)
        ? new SeriesTime(kind, value)
        : throw new UserErrorException($"time: expected {TimeText.Expected}, found '{Tables.Table.Shorten(text)}'.");

    /// <summary>The value in the unit of an axis; null where the two have none in common.</summary>
    internal double? In(TimeKind axis) => (axis, Kind) switch
    {
        (TimeKind.Number, TimeKind.Number) or (TimeKind.Month, TimeKind.Month) => Value,
        (TimeKind.Month, TimeKind.Date or TimeKind.DateTime) => TimeText.MonthOf(TimeText.DateOf(Value)),
        (TimeKind.Date or TimeKind.DateTime, TimeKind.Date or TimeKind.DateTime) => Value,
        _ => null,
    };

    /// <summary>The kind of two times of one column; null where they cannot stand in one.</summary>
    internal static TimeKind? Together(TimeKind a, TimeKind b) =>
        a == b ? a : a is TimeKind.Date or TimeKind.DateTime && b is TimeKind.Date or TimeKind.DateTime ? TimeKind.DateTime : null;
}
