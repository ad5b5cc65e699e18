using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.Text;

namespace Unroll.Tasks.Translation;

/// <summary>Reads pairs of texts: a TSV file, or two files whose lines belong together.</summary>
internal static class PairReader
{
    /// <summary>The pairs of one TSV file or of two aligned ones.</summary>
    /// <param name="names">One or two.</param>
    /// <param name="files">What the names stand for.</param>
    /// <exception cref="UserErrorException">
    /// There is no such file, it is not UTF-8, a side is empty, or the line counts differ; names file and line.
    /// </exception>
    public static IReadOnlyList<TranslationPair> Read(IReadOnlyList<string> names, DataFiles files)
    {
        IReadOnlyList<TranslationPair> pairs = names.Count == 2 ? Aligned(names[0], names[1], files) : Tsv(names[0], files);
        return pairs.Count > 0 ? pairs : throw new UserErrorException($"{DataFiles.Called(names[0])}: expected pairs of texts, found none.");
    }

    /// <summary>A pair without spaces around its sides.</summary>
    /// <exception cref="UserErrorException">A side is empty; says where.</exception>
    public static TranslationPair Pair(string source, string target, string whereSource, string whereTarget, string part)
    {
        (source, target) = (source.Trim(), target.Trim());
        if (source.Length == 0) throw Empty(whereSource, "source", target);
        if (target.Length == 0) throw Empty(whereTarget, "target", source);
        return new TranslationPair(source, target, part);
    }

    private static UserErrorException Empty(string where, string side, string other) =>
        new($"{where}: expected a {side}, found an empty one beside '{Table.Shorten(other)}'; fill it or take the pair out.");

    // Two columns: source, target. Three or more: the first is a part where the first line has the word of one there, else they are source, target
    // and notes.
    private static List<TranslationPair> Tsv(string file, DataFiles files)
    {
        List<TranslationPair> pairs = [];
        bool? parts = null;
        foreach ((string line, int number) in Lines(file, files))
        {
            if (line.Trim().Length == 0) continue;
            string where = $"{DataFiles.Called(file)}, line {number}";
            string[] cells = line.Split('\t');
            if (cells.Length < 2)
                throw new UserErrorException(
                    $"{where}: expected a source and a target with a TAB between them, found no TAB in '{Table.Shorten(line)}'.");
            parts ??= cells.Length >= 3 && PartOf(cells[0]) is not null;
            if (parts == true && PartOf(cells[0]) is null)
                throw new UserErrorException(
                    $"{where}: expected train, valid or test in the first column because the first line has such a word there, " +
                    $"found '{Table.Shorten(cells[0])}'.");
            if (parts == true && cells.Length < 3)
                throw new UserErrorException($"{where}: expected part, source and target, found {cells.Length} columns.");
            int first = parts == true ? 1 : 0;
            pairs.Add(Pair(cells[first], cells[first + 1], where, where, parts == true ? PartOf(cells[0])! : ""));
        }
        return pairs;
    }

    private static List<TranslationPair> Aligned(string sources, string targets, DataFiles files)
    {
        (string Line, int Number)[] a = [.. Lines(sources, files)], b = [.. Lines(targets, files)];
        string nameA = DataFiles.Called(sources), nameB = DataFiles.Called(targets);
        if (a.Length != b.Length)
            throw new UserErrorException($"{nameA} has {a.Length} lines and {nameB} has {b.Length}: expected as many because line by line " +
                "they belong together.");
        List<TranslationPair> pairs = [];
        for (int i = 0; i < a.Length; i++)
            if (a[i].Line.Trim().Length > 0 || b[i].Line.Trim().Length > 0)
                pairs.Add(Pair(a[i].Line, b[i].Line, $"{nameA}, line {i + 1}", $"{nameB}, line {i + 1}", ""));
        return pairs;
    }

    private static IEnumerable<(string Line, int Number)> Lines(string file, DataFiles files)
    {
        string[] lines = PlainText.Read(file, files).Split('\n');
        int count = lines[^1].Length == 0 ? lines.Length - 1 : lines.Length;
        return lines.Take(count).Select((line, i) => (line, i + 1));
    }

    // In small letters alone: a source may begin with the word Test.
    private static string? PartOf(string cell) => cell.Any(char.IsUpper) ? null : PartName.Of(cell);
}
