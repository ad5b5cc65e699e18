using Unroll.Core;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.Text;

namespace Unroll.Tasks.Translation;

/// <summary>A source and one of its translations.</summary>
/// <param name="Source">Its text.</param>
/// <param name="Target">Its text.</param>
/// <param name="Part"><c>train</c>, <c>valid</c> or <c>test</c>; empty: the file does not say.</param>
internal sealed record TranslationPair(string Source, string Target, string Part = "");

/// <summary>Reads pairs of texts: a TSV file, or two files whose lines belong together.</summary>
internal static class PairReader
{
    /// <summary>The pairs of one TSV file or of two aligned ones.</summary>
    /// <param name="files">One or two.</param>
    /// <param name="standardInput">Read when a file is <c>-</c>.</param>
    /// <exception cref="UserErrorException">There is no such file, it is not UTF-8, a side is empty, or the line counts differ; names file and line.</exception>
    public static IReadOnlyList<TranslationPair> Read(IReadOnlyList<string> files, TextReader standardInput)
    {
        IReadOnlyList<TranslationPair> pairs = files.Count == 2 ? Aligned(files[0], files[1], standardInput) : Tsv(files[0], standardInput);
        return pairs.Count > 0 ? pairs : throw new UserErrorException($"{Name(files[0])}: expected pairs of texts, found none.");
    }

    // Two columns: source, target. Three or more: the first is a part where the first line has the word of one there, else they are source, target and notes.
    private static List<TranslationPair> Tsv(string file, TextReader standardInput)
    {
        List<TranslationPair> pairs = [];
        bool? parts = null;
        foreach ((string line, int number) in Lines(file, standardInput))
        {
            if (line.Trim().Length == 0) continue;
            string where = $"{Name(file)}, line {number}";
            string[] cells = line.Split('\t');
            if (cells.Length < 2)
                throw new UserErrorException($"{where}: expected a source and a target with a TAB between them, found no TAB in '{Table.Shorten(line)}'.");
            parts ??= cells.Length >= 3 && PartOf(cells[0]) is not null;
            if (parts == true && PartOf(cells[0]) is null)
                throw new UserErrorException($"{where}: expected train, valid or test in the first column because the first line has such a word there, found '{Table.Shorten(cells[0])}'.");
            if (parts == true && cells.Length < 3)
                throw new UserErrorException($"{where}: expected part, source and target, found {cells.Length} columns.");
            int first = parts == true ? 1 : 0;
            pairs.Add(Pair(cells[first], cells[first + 1], where, where, parts == true ? PartOf(cells[0])! : ""));
        }
        return pairs;
    }

    private static List<TranslationPair> Aligned(string sources, string targets, TextReader standardInput)
    {
        (string Line, int Number)[] a = [.. Lines(sources, standardInput)], b = [.. Lines(targets, standardInput)];
        if (a.Length != b.Length)
            throw new UserErrorException($"{Name(sources)} has {a.Length} lines and {Name(targets)} has {b.Length}: expected as many because line by line they belong together.");
        List<TranslationPair> pairs = [];
        for (int i = 0; i < a.Length; i++)
            if (a[i].Line.Trim().Length > 0 || b[i].Line.Trim().Length > 0)
                pairs.Add(Pair(a[i].Line, b[i].Line, $"{Name(sources)}, line {i + 1}", $"{Name(targets)}, line {i + 1}", ""));
        return pairs;
    }

    private static TranslationPair Pair(string source, string target, string whereSource, string whereTarget, string part)
    {
        (source, target) = (source.Trim(), target.Trim());
        if (source.Length == 0) throw new UserErrorException($"{whereSource}: expected a source, found an empty one beside '{Table.Shorten(target)}'; fill it or take the pair out.");
        if (target.Length == 0) throw new UserErrorException($"{whereTarget}: expected a target, found an empty one beside '{Table.Shorten(source)}'; fill it or take the pair out.");
        return new TranslationPair(source, target, part);
    }

    private static IEnumerable<(string Line, int Number)> Lines(string file, TextReader standardInput)
    {
        string[] lines = PlainText.Read(file, standardInput).Split('\n');
        int count = lines[^1].Length == 0 ? lines.Length - 1 : lines.Length;
        return lines.Take(count).Select((line, i) => (line, i + 1));
    }

    private static string? PartOf(string cell) => cell.Trim() switch
    {
        "train" or "training" => "train",
        "valid" or "validation" or "dev" or "val" => "valid",
        "test" => "test",
        _ => null,
    };

    private static string Name(string file) => file == "-" ? "standard input" : file;
}
