using System.Globalization;
using System.Text.RegularExpressions;

namespace Unroll.Tasks.Data.Tables;

/// <summary>
/// Columns that number the rows and say nothing else: the index that pandas writes, the row names of R. Neither a target nor a feature.
/// </summary>
internal static partial class RowIndex
{
    private static readonly string[] s_names =
    [
        "index", "idx", "id", "row", "rows", "rowid", "row_id", "rowname", "rownames", "row_names", "rownum", "row number", "no", "nr", "#",
        "x", "x1", "...1",
    ];

    /// <summary>
    /// Whether a column is one: without a name, or called as pandas and R call it, and of whole numbers of which each stands once; or with a name
    /// such as <c>index</c>, and counting 0, 1, 2 … or 1, 2, 3 … from the first row to the last.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="column">0 … Columns.Count − 1.</param>
    internal static bool Is(Table table, int column)
    {
        string name = table.Columns[column];
        if (table.IsNameless(column) || Unnamed().IsMatch(name)) return Counts(table, column) || AllDifferent(table, column);
        return s_names.Contains(name.ToLowerInvariant()) && table.Rows > 1 && Counts(table, column);
    }

    /// <summary>Whether a column counts 0, 1, 2 … or 1, 2, 3 … from the first row to the last.</summary>
    internal static bool Counts(Table table, int column)
    {
        long first = Whole(table.Text(0, column)) ?? -1;
        if (first is not (0 or 1)) return false;
        for (int row = 1; row < table.Rows; row++)
            if (Whole(table.Text(row, column)) != first + row) return false;
        return true;
    }

    // The index of rows that were shuffled or picked from a larger table.
    private static bool AllDifferent(Table table, int column)
    {
        HashSet<long> seen = [];
        for (int row = 0; row < table.Rows; row++)
            if (Whole(table.Text(row, column)) is not { } number || !seen.Add(number)) return false;
        return true;
    }

    private static long? Whole(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long whole) ? whole : null;

    [GeneratedRegex(@"^Unnamed: \d+(_level_\d+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Unnamed();
}
