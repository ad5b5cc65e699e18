using Unroll.Core;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>Reads the time column: all cells of one kind, each with a value.</summary>
internal static class TimeColumn
{
    /// <summary>The times of all rows of the table; row numbers when no column is named.</summary>
    /// <param name="table">The table.</param>
    /// <param name="name">The column; null: none.</param>
    /// <param name="format">How its cells are written, a word of <see cref="TimeForm.Words"/>; null: the column says it.</param>
    internal static (TimeKind Kind, double[] Times) Read(Table table, string? name, string? format = null)
    {
        double[] times = new double[table.Rows];
        if (name is null)
        {
            for (int row = 0; row < times.Length; row++) times[row] = row;
            return (TimeKind.Row, times);
        }
        int column = table.Column(name);
        TimeForm form = Form(table, column, format);
        TimeKind kind = TimeKind.Row;
        for (int row = 0; row < times.Length; row++)
        {
            if (form.Read(table.Text(row, column)) is not var (found, time)) throw Wrong(table, column, row, format);
            times[row] = time;
            kind = row == 0 ? found : SeriesTime.Together(kind, found) ?? throw new UserErrorException(
                $"{table.Where(row, column)}: expected a time written like '{Table.Shorten(table.Text(0, column))}' on line " +
                $"{table.Line(0)}, found '{Table.Shorten(table.Text(row, column))}'; write all times of a column in one way.");
        }
        if (format is null) Tell(table, column, form);
        return (kind, times);
    }

    /// <summary>The word that reads the column so again where its cells do not say it one by one; null where they do.</summary>
    internal static string? FormatOf(Table table, string? name, string? format)
    {
        if (format is not null || name is null) return format;
        TimeForm form = Form(table, table.Column(name), null);
        Tell(table, table.Column(name), form);
        return form.Option;
    }

    private static void Tell(Table table, int column, TimeForm form)
    {
        string first = table.Text(0, column);
        if (form.Told is { } told && form.Read(first) is { } time)
            table.Note($"{table.Source}: the times of the column '{table.Columns[column]}' are read {told}: '{Table.Shorten(first)}' is " +
                $"{TimeText.Format(time)}.");
    }

    private static TimeForm Form(Table table, int column, string? format)
    {
        if (format is not null) return TimeForm.Named(format);
        string[] cells = [.. Enumerable.Range(0, table.Rows).Select(row => table.Text(row, column))];
        int bare = Array.FindIndex(cells, table.IsMissing);
        if (bare >= 0) throw Wrong(table, column, bare, null);
        if (TimeFormGuess.Of(table.Columns[column], cells, out var doubt) is { } form) return form;
        (int place, string? why) = doubt!.Value;
        throw why is null ? Wrong(table, column, place, null)
            : new UserErrorException($"{table.Where(place, column)}: found '{Table.Shorten(cells[place])}'; {why}.");
    }

    private static UserErrorException Wrong(Table table, int column, int row, string? format)
    {
        string text = table.Text(row, column);
        string found = text.Length == 0 ? "found an empty cell; every row needs its time"
            : $"found '{Table.Shorten(text)}'; " + (format is null ? "say how times are written (time-format), such as dd.MM.yyyy"
                : "correct it, or give another time-format") + ", or take rows as evenly spaced (time none)";
        string expected = format is null ? TimeText.Expected : $"a time of the format {format}";
        return new($"{table.Where(row, column)}: expected {expected}, {found}.");
    }
}
