using Unroll.Core;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>Reads the time column: all cells of one kind, each with a value.</summary>
internal static class TimeColumn
{
    /// <summary>The times of all rows of the table; row numbers when no column is named.</summary>
    internal static (TimeKind Kind, double[] Times) Read(Table table, string? name)
    {
        double[] times = new double[table.Rows];
        if (name is null)
        {
            for (int row = 0; row < times.Length; row++) times[row] = row;
            return (TimeKind.Row, times);
        }
        int column = table.Column(name);
        TimeKind kind = TimeKind.Row;
        for (int row = 0; row < times.Length; row++)
        {
            string text = table.Text(row, column);
            if (!TimeText.TryParse(text, out TimeKind found, out times[row]))
                throw new UserErrorException($"{table.Where(row, column)}: expected {TimeText.Expected}, {Found(text)}.");
            kind = row == 0 ? found : SeriesTime.Together(kind, found) ?? throw new UserErrorException(
                $"{table.Where(row, column)}: expected a time written like '{Table.Shorten(table.Text(0, column))}' on line " +
                $"{table.Line(0)}, found '{Table.Shorten(text)}'; write all times of a column in one way.");
        }
        return (kind, times);
    }

    private static string Found(string text)
    {
        if (text.Length == 0) return "found an empty cell; every row needs its time";
        bool offset = text.Length > 16 && text.AsSpan(11).ContainsAny('+', '-');
        return $"found '{Table.Shorten(text)}'; {(offset ? "write all times in one zone, without an offset" : "write it as 2024-01-31")}";
    }
}
