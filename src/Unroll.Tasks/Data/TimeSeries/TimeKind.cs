namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>What the times of a series are, and so what the double that stands for one counts.</summary>
public enum TimeKind
{
    /// <summary>There is no time column: rows are one step apart, numbered from 0.</summary>
    Row,

    /// <summary>Plain numbers, such as years or seconds of a run.</summary>
    Number,

    /// <summary><c>2024-01</c>: months since January of year 0.</summary>
    Month,

    /// <summary><c>2024-01-31</c>: seconds since 0001-01-01 00:00, a whole number of days.</summary>
    Date,

    /// <summary><c>2024-01-31 13:00[:30[.5]]</c>: seconds since 0001-01-01 00:00, in whatever zone the file is in.</summary>
    DateTime,
}
