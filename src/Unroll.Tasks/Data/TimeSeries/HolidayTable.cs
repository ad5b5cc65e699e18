using Unroll.Core;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>A table of holidays: a column of days, and whatever stands beside it.</summary>
internal static class HolidayTable
{
    /// <summary>Reads the days.</summary>
    /// <param name="name">The table: its first column of dates is read.</param>
    /// <param name="files">What names stand for.</param>
    /// <returns>Each day once, in order.</returns>
    /// <exception cref="UserErrorException">It has no column of dates, or a cell of it is none.</exception>
    internal static IReadOnlyList<DateOnly> Read(string name, DataFiles files)
    {
        Table table = EmbeddedData.OpenOrRead(name, files);
        string column = ColumnGuess.Time(table, null, null) ?? table.Columns[0];
        (TimeKind kind, double[] times) = TimeColumn.Read(table, column);
        if (kind is not (TimeKind.Date or TimeKind.DateTime))
            throw new UserErrorException($"{table.Source}: expected a column of days, such as 2024-12-25, found none; the columns are: " +
                $"{string.Join(", ", table.Columns.Select(Table.Shorten))}.");
        return [.. times.Select(time => DateOnly.FromDateTime(TimeText.DateOf(time))).Distinct().Order()];
    }
}
