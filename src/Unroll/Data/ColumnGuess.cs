using Unroll.Core;

namespace Unroll.Data;

/// <summary>Guesses the roles of a table's columns, for a user who has named none.</summary>
public static class ColumnGuess
{
    /// <summary>Chooses the time column and the columns to forecast.</summary>
    /// <param name="table">The table.</param>
    /// <param name="time">The time column where the user named it; null: the first of dates, else one of numbers called time, year …</param>
    /// <param name="group">The group column where the user named it; never guessed.</param>
    /// <returns>All columns of numbers that have no other role, as targets.</returns>
    /// <exception cref="UserErrorException">There is no column of numbers, or a named column does not exist.</exception>
    public static SeriesOptions Roles(Table table, string? time = null, string? group = null)
    {
        if (time is not null) table.Column(time);
        if (group is not null) table.Column(group);
        time ??= Time(table, group);
        string[] numbers = [.. table.Columns.Where((name, column) => name != time && name != group && IsNumbers(table, column))];
        if (numbers.Length == 0)
            throw new UserErrorException(
                $"{table.Source}: there is no column of numbers to forecast; the columns are: {string.Join(", ", table.Columns)}.");
        return new SeriesOptions { Targets = numbers, Time = time, Group = group };
    }

    /// <summary>The time column that <see cref="Roles"/> would choose, or null.</summary>
    /// <param name="table">The table.</param>
    /// <param name="group">The group column, which is never the time column.</param>
    public static string? Time(Table table, string? group = null) =>
        table.Columns.FirstOrDefault((name, column) => name != group && IsDates(table, column))
        ?? table.Columns.FirstOrDefault((name, column) => name != group && IsCounter(table, name, column));

    private static string? FirstOrDefault(this IReadOnlyList<string> names, Func<string, int, bool> fits) => names.Where(fits).FirstOrDefault();

    private static bool IsDates(Table table, int column) =>
        All(table, column, text => TimeText.TryParse(text, out TimeKind kind, out _) && kind != TimeKind.Number);

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
