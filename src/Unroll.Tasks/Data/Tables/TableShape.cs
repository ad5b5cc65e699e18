using Unroll.Core;

namespace Unroll.Tasks.Data.Tables;

/// <summary>Header and rows of equally many fields; where they are not, whether it can be said why.</summary>
/// <param name="Header">As many names as the rows have fields.</param>
/// <param name="Told">What was done about it, for a note.</param>
internal sealed record TableShape(string[] Header, string? Told = null)
{
    /// <param name="header">The fields of the header.</param>
    /// <param name="headerLine">Its line.</param>
    /// <param name="rows">The rows; a field that is empty in all may be taken off.</param>
    /// <param name="lines">The line of each row.</param>
    /// <param name="further">How many rows have one field more than the header.</param>
    /// <param name="separator">What separates fields.</param>
    /// <param name="source">What errors call the file.</param>
    internal static TableShape Of(string[] header, int headerLine, List<string[]> rows, List<int> lines, int further, char separator, string source)
    {
        int columns = header.Length;
        if (rows.Count > 0 && further == rows.Count && rows.All(row => row[^1].Length == 0))
        {
            Cut(rows, columns);
            return new(header,
                $"{source}: every row ends with a separator too many, which is passed over; the header on line {headerLine} has none.");
        }
        if (rows.Count > 1 && further == rows.Count && Enumerable.Range(0, rows.Count).All(i => rows[i][0] == $"{i + 1}"))
            return new(["", .. header]);                        // R's write.table gives its row names no name
        for (int i = 0; i < rows.Count; i++)
            if (rows[i].Length != columns) throw Ragged(header, rows[i], lines[i], further == rows.Count, separator, source);
        if (columns > 1 && header[^1].Length == 0 && rows.Count > 0 && rows.All(row => row[^1].Length == 0))
        {
            Cut(rows, columns - 1);
            return new(header[..^1]);                           // a separator at the end of every line, that of the header too
        }
        return new(header);
    }

    private static void Cut(List<string[]> rows, int fields)
    {
        for (int i = 0; i < rows.Count; i++) rows[i] = rows[i][..fields];
    }

    private static UserErrorException Ragged(string[] header, string[] row, int line, bool all, char separator, string source)
    {
        string hint = all && row.Length == header.Length + 1
            ? " Every row has one field more; if the first one is the name of the row, give it a name in the header."
            : row.Length == 1 && row[0].StartsWith('#') ? " Comments (#) may stand above the header alone; take the line out."
            : row.Length == header.Length + 1 && row[^1].Length == 0 ? " The line ends with a separator too many; take it out."
            : header.Length == 1 && row.Length > 2
                ? " If a title stands above the header, take it out."
            : row.Length == 1 ? " An empty cell still needs its separator; if the line is no row (a title, a footer), take it out."
            : row.Length > header.Length && separator == ','
                ? " If the file has decimal commas, write decimal points or separate fields by semicolons; text with a comma needs quotes."
            : row.Length > header.Length ? " Text that holds the separator needs quotes."
            : " An empty cell still needs its separator.";
        return new($"{source}, line {line}: expected {header.Length} fields because the header names {header.Length} columns " +
            $"({Table.Shorten(string.Join(", ", header))}), got {row.Length}.{hint}");
    }
}
