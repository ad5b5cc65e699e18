using System.Text.RegularExpressions;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>Notices rows that are sums of others: Total, Subtotal, Gesamt …, or a last row that is the sum of those above it.</summary>
internal static partial class TotalRows
{
    private const int FewRows = 8;

    /// <param name="table">The table.</param>
    /// <param name="options">The roles of its columns.</param>
    /// <param name="kind">What the times are.</param>
    /// <param name="targets">[columns][rows].</param>
    internal static void Note(Table table, SeriesOptions options, TimeKind kind, double[][] targets)
    {
        HashSet<string> numbers = [.. options.Targets, .. options.Known];
        for (int column = 0; column < table.Columns.Count; column++)
        {
            string name = table.Columns[column];
            if (numbers.Contains(name) || name == options.Time) continue;
            int[] rows = [.. Enumerable.Range(0, table.Rows).Where(row => Word().IsMatch(table.Text(row, column)))];
            if (rows.Length == 0 && name != options.Group) rows = Measures(table, column);
            if (rows.Length == 0 || rows.Length == table.Rows) continue;
            string text = $"{table.Where(rows[0], column)}: '{Table.Shorten(table.Text(rows[0], column))}' may name a sum or measure of other rows " +
                $"({rows.Length} of {table.Rows} rows), and ";
            table.Note(text + (name == options.Group ? "is read as a series of its own; take its rows out where it is one."
                : "is read as a row like others; take the line out where it is one."));
            return;
        }
        int sum = kind == TimeKind.Row && options.Group is null ? Array.FindIndex(targets, IsSumAtEnd) : -1;
        if (sum >= 0)
            table.Note($"{table.Where(table.Rows - 1, table.Column(options.Targets[sum]))}: the last value is the sum of all above it and is " +
                "read as a row like others; take the line out where it is a total.");
    }

    // Anywhere else Max is a name.
    private static int[] Measures(Table table, int column)
    {
        int from = table.Rows;
        while (from > 0 && Measure().IsMatch(table.Text(from - 1, column))) from--;
        return 10 * (table.Rows - from) <= table.Rows ? [.. Enumerable.Range(from, table.Rows - from)] : [];
    }

    private static bool IsSumAtEnd(double[] values)
    {
        double[] above = [.. values[..^1].Where(double.IsFinite)];
        double sum = above.Sum(), last = values[^1];
        return above.Length >= FewRows && Math.Abs(last - sum) <= 1e-5 * Math.Abs(sum)
            && Math.Abs(last) > 2 * above.Max(Math.Abs);
    }

    [GeneratedRegex(@"^(?:grand[ -]?|sub[ -]?)?(?:totals?|totaal|totale|sum|summe|gesamt(?:summe)?|zwischensumme|insgesamt|somme|suma|итого)\b",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Word();

    [GeneratedRegex(@"^(?:average|mean|mittelwert|durchschnitt|moyenne|media|median|min(?:imum)?|max(?:imum)?|std(?: ?dev)?|stdev|count)\.?:?$",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Measure();
}
