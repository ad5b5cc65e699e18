using Unroll.Core;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>A column of rows in memory.</summary>
/// <param name="Name">What reports and errors call it.</param>
/// <param name="Value">Its number in a row; NaN or an infinity is a missing value.</param>
public sealed record SeriesColumn<TRow>(string Name, Func<TRow, double> Value);

/// <summary>From rows in memory to <see cref="SeriesRows"/>.</summary>
internal static class SeriesRecords
{
    internal const string Source = "data in memory", Time = "time", Group = "series";

    /// <param name="rows">The rows, in the order of time within each series.</param>
    /// <param name="group">The series that a row belongs to; null: all are one.</param>
    /// <param name="time">The time of a row; null: rows are one step apart.</param>
    /// <param name="columns">The columns to forecast.</param>
    /// <param name="known">Those known in the future too.</param>
    internal static SeriesRows Read<TRow>(
        IEnumerable<TRow> rows, Func<TRow, string>? group, Func<TRow, SeriesTime>? time,
        IReadOnlyList<SeriesColumn<TRow>> columns, IReadOnlyList<SeriesColumn<TRow>> known)
    {
        TRow[] all = [.. rows];
        if (all.Length == 0) throw new UserErrorException($"{Source}: there is no row; expected at least one.");
        (TimeKind kind, double[] times) = time is null ? (TimeKind.Row, [.. all.Select((_, i) => (double)i)]) : TimesOf(all, time);
        (string, int[])[] groups = group is null
            ? [("", [.. Enumerable.Range(0, all.Length)])]
            : [.. Enumerable.Range(0, all.Length).GroupBy(i => group(all[i]) ?? throw new UserErrorException(
                $"{Source}, row {i}: its series has no name (null); give each row the name of its series.")).Select(g => (g.Key, g.ToArray()))];
        double[] Of(SeriesColumn<TRow> column) =>
            [.. all.Select((row, i) => Number(column.Value(row), () => $"{Source}, row {i}, column '{column.Name}'"))];
        return new SeriesRows(Source, kind, times, new RowPlaces([.. Enumerable.Range(1, all.Length)], InMemory: true), groups,
            [.. columns.Select(Of)], [.. known.Select(Of)]);
    }

    /// <summary>As a file's numbers are read: what is not finite is missing.</summary>
    /// <param name="value">The number.</param>
    /// <param name="where">Names its place in an error.</param>
    /// <exception cref="UserErrorException">It is beyond the range of float32.</exception>
    internal static double Number(double value, Func<string> where) => !double.IsFinite(value) ? double.NaN
        : NumberText.InRange(value) ? value
        : throw new UserErrorException($"{where()}: {value:G6} is beyond the range of float32; scale the column.");

    private static (TimeKind, double[]) TimesOf<TRow>(TRow[] rows, Func<TRow, SeriesTime> time)
    {
        double[] times = new double[rows.Length];
        TimeKind kind = TimeKind.Row;
        for (int i = 0; i < rows.Length; i++)
        {
            SeriesTime own = time(rows[i]);
            kind = i == 0 ? own.Kind : SeriesTime.Together(kind, own.Kind)
                ?? throw new UserErrorException($"{Source}, row {i}: its time is a {Word(own.Kind)} and those before it are {Word(kind)}s; " +
                    "give all one kind.");
            times[i] = double.IsFinite(own.Value) ? own.Value
                : throw new UserErrorException($"{Source}, row {i}: expected a finite time, got {own.Value}.");
        }
        return (kind, times);
    }

    private static string Word(TimeKind kind) => kind switch { TimeKind.Number => "number", TimeKind.Month => "month", _ => "date" };
}
