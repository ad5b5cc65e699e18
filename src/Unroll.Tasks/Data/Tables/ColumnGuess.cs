using Unroll.Core;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Data.Tables;

/// <summary>Guesses the roles of a table's columns, for a user who has named none.</summary>
public static class ColumnGuess
{
    /// <summary>Chooses the time column and the columns to forecast.</summary>
    /// <param name="table">The table.</param>
    /// <param name="time">
    /// The time column where the user named it; <c>none</c>: there is none; null: the first of dates, else one of numbers called time, year …
    /// </param>
    /// <param name="group">The group column where the user named it; never guessed.</param>
    /// <returns>All columns of numbers that have no other role, as targets.</returns>
    /// <exception cref="UserErrorException">
    /// There is no column of numbers, a named column does not exist, or most cells of a column are numbers, or dates, and one is not: to leave
    /// such a column out would hide a slip.
    /// </exception>
    public static SeriesOptions Roles(Table table, string? time = null, string? group = null)
    {
        bool timeless = time == "none" && !table.Columns.Contains("none");
        if (time is not null && !timeless) table.Column(time);
        if (group is not null) table.Column(group);
        time = timeless ? Regular(table, group) : time ?? Time(table, group);
        string[] numbers = [.. table.Columns.Where((name, column) => name != time && name != group && IsTarget(table, column))];
        if (numbers.Length == 0)
            throw new UserErrorException(
                $"{table.Source}: there is no column of numbers to forecast; the columns are: {string.Join(", ", table.Columns)}.");
        return new SeriesOptions { Targets = numbers, Time = timeless ? null : time, Group = group };
    }

    /// <summary>The time column that <see cref="Roles"/> would choose, or null.</summary>
    /// <param name="table">The table.</param>
    /// <param name="group">The group column, which is never the time column.</param>
    /// <exception cref="UserErrorException">There is none, but most cells of a column are dates and one is not.</exception>
    public static string? Time(Table table, string? group = null)
    {
        if (Regular(table, group) is { } time) return time;
        for (int column = 0; column < table.Columns.Count; column++)
        {
            if (table.Columns[column] == group || !Most(table, column, IsDate)) continue;
            int row = Enumerable.Range(0, table.Rows).First(r => !IsDate(table.Text(r, column)));
            throw new UserErrorException($"{table.Where(row, column)}: expected a time as in the other rows, found " +
                $"'{Table.Shorten(table.Text(row, column))}'; correct the cell, or take rows as evenly spaced (time none).");
        }
        return null;
    }

    private static string? Regular(Table table, string? group) =>
        table.Columns.FirstOrDefault((name, column) => name != group && IsDates(table, column))
        ?? table.Columns.FirstOrDefault((name, column) => name != group && IsCounter(table, name, column));

    private static string? FirstOrDefault(this IReadOnlyList<string> names, Func<string, int, bool> fits) => names.Where(fits).FirstOrDefault();

    private static bool IsDates(Table table, int column) => All(table, column, IsDate);

    private static bool IsDate(string text) => TimeText.TryParse(text, out TimeKind kind, out _) && kind != TimeKind.Number;

    // Throws where the column is one of numbers but for some cells.
    private static bool IsTarget(Table table, int column)
    {
        if (IsNumbers(table, column)) return true;
        if (Most(table, column, NumberText.LooksLikeOne)) table.Numbers(column);
        return false;
    }

    private static bool Most(Table table, int column, Func<string, bool> fits)
    {
        string[] cells = [.. Enumerable.Range(0, table.Rows).Select(row => table.Text(row, column)).Where(text => !NumberText.IsMissing(text))];
        return 2 * cells.Count(fits) > cells.Length;
    }

    private static bool IsCounter(Table table, string name, int column) =>
        name.ToLowerInvariant() is "time" or "t" or "date" or "day" or "month" or "year" or "step" or "index" or "timestamp"
        && IsNumbers(table, column);

    private static bool IsNumbers(Table table, int column) =>
        All(table, column, text => NumberText.TryParse(text, out _)) && !All(table, column, NumberText.IsMissing);

    private static bool All(Table table, int column, Func<string, bool> fits)
    {
        for (int row = 0; row < table.Rows; row++)
            if (!fits(table.Text(row, column))) return false;
        return true;
    }
}
