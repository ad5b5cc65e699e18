using Unroll.Core;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Data.Tables;

/// <summary>A column that is not forecast unless it is named, and why.</summary>
/// <param name="Column">Its name.</param>
/// <param name="Why">The end of a sentence: <c>holds text ('north' on line 2)</c>.</param>
/// <param name="IsText">Whether it holds text that nothing is made of.</param>
internal sealed record LeftOut(string Column, string Why, bool IsText = false)
{
    private const int Named = 5;

    /// <summary>Why a column is no target; null where it is one of numbers.</summary>
    /// <exception cref="UserErrorException">Most of its cells are numbers, and one is not.</exception>
    internal static LeftOut? Of(Table table, int column)
    {
        string name = table.Columns[column];
        if (RowIndex.Is(table, column))
            return new(name, $"numbers the rows ({Table.Shorten(table.Text(0, column))}{(table.Rows > 1 ? ", " : "")}" +
                $"{(table.Rows > 1 ? Table.Shorten(table.Text(1, column)) : "")} …)");
        NumberForm? form = NumberForm.Of(table, column, out Obstacle? obstacle);
        int row = Enumerable.Range(0, table.Rows).FirstOrDefault(r => !table.IsMissing(table.Text(r, column)), -1);
        if (row < 0) return new(name, "has no value");
        string first = $"('{Table.Shorten(table.Text(row, column))}' on line {table.Line(row)})";
        if (form is { IsTruth: true }) return new(name, $"holds truth values {first}, which can be inputs (input {name} or known {name})");
        if (form is not null) return NumberedTimes.Of([table.Text(row, column)]) is not null && ColumnGuess.IsNumbered(table, column)
            ? new(name, $"holds times {first}") : null;
        int cells = 0, numbers = 0;
        for (int r = 0; r < table.Rows; r++)
        {
            if (table.IsMissing(table.Text(r, column))) continue;
            cells++;
            if (NumberCell.Of(table.Text(r, column)) is not null) numbers++;
        }
        if (2 * numbers > cells) throw obstacle!.Error(table, column);
        return new(name, TimeFormGuess.LooksLikeDate(table.Text(row, column)) ? $"holds times {first}" : $"holds text {first}", IsText: true);
    }

    /// <summary>Says which columns are left out.</summary>
    internal static void Note(Table table, IReadOnlyList<LeftOut> all)
    {
        if (all.Count == 0) return;
        string columns = all.Count == 1 ? "a column is" : $"{all.Count} columns are";
        table.Note($"{table.Source}: {columns} left out: {List(all)}; name the columns to forecast (column) where this is not meant.");
    }

    /// <summary>Why there is no column of numbers, to follow their names.</summary>
    internal static string Reasons(Table table, IReadOnlyList<LeftOut> all) => all.Count == 0 ? "" : $". Of them {List(all)}";

    private static string List(IReadOnlyList<LeftOut> all) =>
        string.Join("; ", all.Take(Named).Select(one => $"'{Table.Shorten(one.Column)}' {one.Why}")) +
        (all.Count > Named ? $"; and {all.Count - Named} more" : "");
}
