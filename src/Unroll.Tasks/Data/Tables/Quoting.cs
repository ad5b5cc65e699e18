namespace Unroll.Tasks.Data.Tables;

/// <summary>
/// Whether the quotes of a file are marks of quoting (RFC 4180) or part of its texts. Fields between tabs hold quotes of people, and one that is
/// never closed would swallow every line up to the next; so there they quote only where all of them do.
/// </summary>
/// <param name="Quotes">Whether a quote at the beginning of a field begins a quoted field.</param>
/// <param name="Open">Where they are text: the fields that begin with one that does not close them.</param>
/// <param name="Line">The line of the first of those, from 1; 0: there is none.</param>
internal readonly record struct Quoting(bool Quotes, int Open, int Line)
{
    private const char Quote = '"';

    /// <summary>Decides for a file.</summary>
    /// <param name="text">All of it.</param>
    /// <param name="separator">What separates fields; anything but a tab: quotes quote.</param>
    internal static Quoting Of(ReadOnlySpan<char> text, char separator)
    {
        if (separator != '\t' || !text.Contains(Quote)) return new(true, 0, 0);
        (int open, int first, bool even) = Lines(text);
        return open == 0 || (!even && Consistent(text)) ? new(true, 0, 0) : new(false, open, first);
    }

    /// <summary>The note about quotes that are text; null: there are none.</summary>
    internal string? Note(string source) => Quotes || Open == 0 ? null
        : $"{source}, line {Line}: {Open:N0} field{(Open == 1 ? " begins" : "s begin")} with a quote (\") that does not close at the end of the " +
            "field, so that quotes are taken as part of the texts; double those within quoted fields (\"\") if fields are quoted.";

    /// <summary>A field without its quotes; as it is where it is not quoted.</summary>
    internal static string Unquoted(string field) =>
        field.Length >= 2 && field[0] == Quote && IsClosed(field) ? field[1..^1].Replace("\"\"", "\"") : field;

    // Fields that begin with a quote and do not end with theirs, line by line; and whether lines have equally many fields.
    private static (int Open, int First, bool Even) Lines(ReadOnlySpan<char> text)
    {
        int open = 0, first = 0, number = 0, width = 0;
        bool even = true;
        foreach (ReadOnlySpan<char> line in text.EnumerateLines())
        {
            number++;
            if (line.IsWhiteSpace()) continue;
            int fields = 0;
            foreach (Range range in line.Split('\t'))
            {
                fields++;
                ReadOnlySpan<char> field = line[range].Trim(' ');
                if (field.IsEmpty || field[0] != Quote || IsClosed(field)) continue;
                if (open++ == 0) first = number;
            }
            if (width == 0) width = fields;
            even &= fields == width;
        }
        return (open, first, even);
    }

    // Read as quoted, every quote closes before a tab or the end of a line, and every record has as many fields as the first.
    private static bool Consistent(ReadOnlySpan<char> text)
    {
        int fields = 1, width = 0;
        bool begins = true;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (begins && c == Quote)
            {
                i = End(text, i);
                if (i < 0) return false;
                begins = false;
                continue;
            }
            begins = c is '\t' or '\n' || (begins && c == ' ');
            if (c == '\t') fields++;
            if (c != '\n' && i + 1 < text.Length) continue;
            bool blank = fields == 1 && (i == 0 || text[i - 1] is '\n' or '\r');
            if (!blank && width == 0) width = fields;
            if (!blank && fields != width) return false;
            fields = 1;
        }
        return true;
    }

    // The place of the quote that closes the one at a place; -1: none does, or something stands behind it.
    private static int End(ReadOnlySpan<char> text, int at)
    {
        for (int i = at + 1; i < text.Length; i++)
        {
            if (text[i] != Quote) continue;
            if (i + 1 < text.Length && text[i + 1] == Quote) i++;
            else return i + 1 == text.Length || text[i + 1] is '\t' or '\n' or '\r' ? i : -1;
        }
        return -1;
    }

    private static bool IsClosed(ReadOnlySpan<char> field) => field.Length >= 2 && End(field, 0) == field.Length - 1;
}
