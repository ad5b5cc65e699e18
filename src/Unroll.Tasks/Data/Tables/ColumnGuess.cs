using Unroll.Core;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Data.Tables;

/// <summary>Guesses the roles of a table's columns, for a user who has named none.</summary>
public static class ColumnGuess
{
    /// <summary>Chooses the time column and the columns to forecast; notes of the table say which are left out, and why.</summary>
    /// <param name="table">The table.</param>
    /// <param name="time">
    /// The time column where the user named it; <c>none</c>: there is none; null: the first of dates, else one of numbers called time, year …
    /// </param>
    /// <param name="group">The group column where the user named it; never guessed.</param>
    /// <param name="taken">Columns that have another role already; null: none.</param>
    /// <returns>All columns of numbers that have no other role, as targets.</returns>
    /// <exception cref="UserErrorException">
    /// There is no column of numbers, a named column does not exist, the header holds times, or most cells of a column are numbers, or dates, and
    /// one is not: to leave such a column out would hide a slip.
    /// </exception>
    public static SeriesOptions Roles(Table table, string? time = null, string? group = null, IReadOnlyList<string>? taken = null)
    {
        bool timeless = time == "none" && !table.Columns.Contains("none");
        if (time is not null && !timeless) table.Column(time);
        if (group is not null) table.Column(group);
        time = timeless ? Regular(table, group) : time ?? Time(table, group);
        List<string> numbers = [];
        List<LeftOut> rest = [];
        HashSet<string> roles = [.. taken ?? []];
        for (int column = 0; column < table.Columns.Count; column++)
        {
            string name = table.Columns[column];
            if (name == time || name == group) continue;
            if (LeftOut.Of(table, column) is not { } left) numbers.Add(name);
            else if (!roles.Contains(name)) rest.Add(left);
        }
        if (numbers.Count == 0)
            throw new UserErrorException($"{table.Source}: there is no column of numbers to forecast; the columns are: " +
                $"{Table.Shortened(string.Join(", ", table.Columns), 120)}{LeftOut.Reasons(table, rest)}.");
        LeftOut.Note(table, rest);
        string[] targets = [.. numbers.Where(name => !roles.Contains(name))];
        WideTable.RefuseOrNote(table, targets, time);
        return new SeriesOptions { Targets = numbers, Time = timeless ? null : time, Group = group };
    }

    /// <summary>The time column that <see cref="Roles"/> would choose, or null.</summary>
    /// <param name="table">The table.</param>
    /// <param name="group">The group column, which is never the time column.</param>
    /// <param name="format">How times are written, as in <see cref="SeriesOptions.TimeFormat"/>; null: columns say it.</param>
    /// <exception cref="UserErrorException">
    /// There is none, but most cells of a column are dates and one is not, or a column that is called a time holds what is none.
    /// </exception>
    public static string? Time(Table table, string? group = null, string? format = null)
    {
        if (format is not null && WrittenAs(table, group, TimeForm.Named(format)) is { } named) return named;
        if (Regular(table, group) is { } regular) return regular;
        for (int column = 0; column < table.Columns.Count; column++)
        {
            if (table.Columns[column] == group) continue;
            bool most = Most(table, column, TimeFormGuess.LooksLikeDate);
            if (!most && !(TimeFormGuess.IsTimeName(table.Columns[column]) && LeftOut.Of(table, column) is { IsText: true })) continue;
            int row = Enumerable.Range(0, table.Rows).First(r => !TimeFormGuess.LooksLikeDate(table.Text(r, column)));
            string why = most ? "as in the other rows" : "because of the column's name";
            throw new UserErrorException($"{table.Where(row, column)}: expected a time {why}, found " +
                $"'{Table.Shorten(table.Text(row, column))}'; correct the cell, say how times are written " +
                $"(time-format), such as dd.MM.yyyy, {(most ? "take the line out if it is no row (a total, a footer), " : "")}" +
                "or take rows as evenly spaced (time none).");
        }
        return null;
    }

    // Numbers have many forms of time: they are one where the column is called so too.
    private static string? WrittenAs(Table table, string? group, TimeForm form) => table.Columns.FirstOrDefault((name, column) => name != group
        && (TimeFormGuess.IsTimeName(name) || !NumberText.TryParse(table.Text(0, column), out _))
        && All(table, column, text => form.Read(text) is not null));

    private static string? Regular(Table table, string? group) =>
        table.Columns.FirstOrDefault((name, column) => name != group && IsDates(table, column))
        ?? table.Columns.FirstOrDefault((name, column) => name != group && IsCounter(table, name, column));

    private static string? FirstOrDefault(this IReadOnlyList<string> names, Func<string, int, bool> fits) => names.Where(fits).FirstOrDefault();

    // Dates by what their cells are, or numbers that name and cells together make times (date: 44562, timestamp: 1700000000).
    private static bool IsDates(Table table, int column)
    {
        if (TimeFormGuess.LooksLikeDate(table.Text(0, column))) return All(table, column, TimeFormGuess.LooksLikeDate);
        return NumberedTimes.Of([table.Text(0, column)]) is not null && IsNumbered(table, column);
    }

    /// <summary>Whether the numbers of a column are times.</summary>
    internal static bool IsNumbered(Table table, int column) =>
        TimeFormGuess.Numbered(table.Columns[column], [.. Enumerable.Range(0, table.Rows).Select(row => table.Text(row, column))], out _) is not null;

    private static bool Most(Table table, int column, Func<string, bool> fits)
    {
        int cells = 0, fitting = 0;
        for (int row = 0; row < table.Rows; row++)
        {
            string text = table.Text(row, column);
            if (table.IsMissing(text)) continue;
            cells++;
            if (fits(text)) fitting++;
        }
        return 2 * fitting > cells;
    }

    private static bool IsCounter(Table table, string name, int column) =>
        name.ToLowerInvariant() is "time" or "t" or "date" or "day" or "month" or "year" or "step" or "index" or "timestamp"
        && All(table, column, text => NumberText.TryParse(text, out _)) && !All(table, column, table.IsMissing);

    private static bool All(Table table, int column, Func<string, bool> fits)
    {
        for (int row = 0; row < table.Rows; row++)
            if (!fits(table.Text(row, column))) return false;
        return true;
    }
}
