using Unroll.Core;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.Labeled;

/// <summary>
/// Lines of label TAB text, or label TAB part TAB text. Parts are train, valid and test, whole numbers, or words of which each stands in three lines
/// or more on average; where most lines have none, what follows the first tab is text, further tabs included. Quotes are part of the text, unless
/// every text stands between quotes.
/// </summary>
internal static class TextLines
{
    /// <summary>Reads them.</summary>
    /// <param name="text">All lines.</param>
    /// <param name="source">What errors call the file.</param>
    /// <param name="keepBlank">Whether a blank line is an empty text, which is answered in its place; else it is passed over.</param>
    /// <param name="note">Receives doubts; null: nobody.</param>
    public static IReadOnlyList<LabeledSequence> Read(string text, string source, bool keepBlank = false, Action<string>? note = null)
    {
        List<LabeledSequence> all = [];
        string[] lines = Lines(text);
        bool parts = HaveParts(lines), quoted = AreQuoted(lines, parts);
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i];
            if (string.IsNullOrWhiteSpace(line))
            {
                if (keepBlank) all.Add(new LabeledSequence(source, i + 1));
                continue;
            }
            string[] cells = line.Split('\t', parts ? 3 : 2);
            if (parts && PartOf(line) is null)
                throw new UserErrorException($"{source}, line {i + 1}: expected a label, a tab, a part or fold as in most lines, a tab and a " +
                    $"text, found '{Table.Shorten(line)}'.");
            if (cells.Length == 1)
                throw new UserErrorException($"{source}, line {i + 1}: expected a label, a tab and a text, found " +
                    $"'{Table.Shorten(line)}'; " +
                    (IsFastq(lines) ? "the file is FASTQ: write its sequences as FASTA, without the qualities."
                    : keepBlank ? "a table needs a header that names its columns as in training; texts alone go line by line into a .txt file."
                    : "a table needs a header that names its label column, or its name (label)."));
            if (cells[0].Trim().Length == 0)
                throw new UserErrorException($"{source}, line {i + 1}: expected a label before the first tab, found nothing.");
            string own = cells[^1].Trim();
            all.Add(new LabeledSequence(source, i + 1)
            {
                Label = cells[0].Trim(), Part = parts ? cells[1].Trim() : "", Text = quoted ? Quoting.Unquoted(own) : own,
            });
        }
        int[] fields = [.. lines.Where(line => !string.IsNullOrWhiteSpace(line)).Select(line => line.Count('\t') + 1).Distinct()];
        if (!keepBlank && all.Count > 1 && fields is [var count] && count > (parts ? 3 : 2))
            note?.Invoke($"{source}: every line has {count} fields between tabs; the first is read as the label, " +
                $"{(parts ? "the second as the part or fold, " : "")}and all others together as the text; if the columns are others, give the " +
                "file a header and name them (label, text).");
        return all.Count > 0 ? all : throw new UserErrorException($"{source}: expected lines of label, tab and text, found none.");
    }

    /// <summary>The lines of a text, without the nothing behind the last line break.</summary>
    internal static string[] Lines(string text)
    {
        string[] lines = [.. text.Split('\n').Select(line => line.TrimEnd('\r'))];
        return lines[^1].Length == 0 ? lines[..^1] : lines;
    }

    private static bool IsFastq(string[] lines) => lines is [['@', ..], _, ['+', ..], ..];

    private static bool AreQuoted(string[] lines, bool parts)
    {
        string[] texts = [.. lines.Where(line => !string.IsNullOrWhiteSpace(line)).Select(line => line.Split('\t', parts ? 3 : 2)[^1].Trim())];
        return texts.Length > 0 && texts.All(text => text.StartsWith('"') && Quoting.Unquoted(text).Length < text.Length);
    }

    private static bool HaveParts(string[] lines)
    {
        string[] parts = [.. lines.Select(PartOf).OfType<string>()];
        return 2 * parts.Length > lines.Count(line => !string.IsNullOrWhiteSpace(line))
            && (2 * parts.Count(IsKnown) > parts.Length || 3 * parts.Distinct().Count() <= parts.Length);
    }

    private static bool IsKnown(string part) => PartName.Of(part) is not null || part.All(char.IsAsciiDigit);

    // The second of three fields, where it is one word.
    private static string? PartOf(string line) =>
        line.Split('\t', 3) is [_, var field, _] && field.Trim() is { Length: > 0 } part && !part.Any(char.IsWhiteSpace) ? part : null;
}
