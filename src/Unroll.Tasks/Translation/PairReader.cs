using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.Text;

namespace Unroll.Tasks.Translation;

/// <summary>Reads pairs of texts: a TSV file, or two files whose lines belong together. Quotes are part of a text.</summary>
internal static class PairReader
{
    // What files of pairs are headed by beside source and target: the names of two languages, or their codes.
    private static readonly HashSet<string> s_languages =
    [
        "english", "french", "german", "spanish", "italian", "portuguese", "dutch", "swedish", "danish", "norwegian", "finnish", "polish", "czech",
        "russian", "ukrainian", "turkish", "greek", "hungarian", "romanian", "arabic", "hebrew", "hindi", "chinese", "japanese", "korean",
        "vietnamese", "indonesian", "latin", "esperanto", "en", "fr", "de", "es", "it", "pt", "nl", "sv", "da", "no", "fi", "pl", "cs", "ru", "uk",
        "tr", "el", "hu", "ro", "ar", "he", "hi", "zh", "ja", "ko", "vi", "id", "eng", "fra", "fre", "deu", "ger", "spa", "ita", "por", "nld", "swe",
    ];
    private static readonly string[] s_sources = ["source", "src", "input"], s_targets = ["target", "tgt", "trg", "output", "translation"];

    /// <summary>The pairs of one TSV file or of two aligned ones.</summary>
    /// <param name="names">One or two.</param>
    /// <param name="files">What the names stand for; receives what was passed over.</param>
    /// <exception cref="UserErrorException">
    /// There is no such file, it is not UTF-8, a side is empty, or the numbers of lines or of columns differ; names file and line.
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
        (source, target) = (PlainText.Composed(source.Trim()), PlainText.Composed(target.Trim()));
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
        string source = DataFiles.Called(file);
        (int Columns, int Line, bool Parts)? form = null;
        (int Count, int Line) blank = default;
        int quoted = 0;
        string left = "";
        foreach ((string line, int number) in Lines(file, files))
        {
            string where = $"{source}, line {number}";
            if (line.Trim().Length == 0)
            {
                blank = (blank.Count + 1, blank.Count == 0 ? number : blank.Line);
                continue;
            }
            string[] cells = line.Split('\t');
            if (cells.Length < 2)
                throw new UserErrorException(
                    $"{where}: expected a source and a target with a TAB between them, found no TAB in '{Table.Shorten(line)}'.");
            if (form is null && IsHeader(cells))
            {
                files.Note($"{where}: it names the columns ('{Table.Shorten(line.Replace('\t', ' '))}'), and is no pair.");
                continue;
            }
            form ??= (cells.Length, number, cells.Length >= 3 && PartOf(cells[0]) is not null);
            bool parts = form.Value.Parts;
            if (parts && PartOf(cells[0]) is null)
                throw new UserErrorException(
                    $"{where}: expected train, valid or test in the first column because the first line has such a word there, " +
                    $"found '{Table.Shorten(cells[0])}'.");
            if (parts && cells.Length < 3)
                throw new UserErrorException($"{where}: expected part, source and target, found {cells.Length} columns.");
            if (cells.Length != form.Value.Columns)
                throw new UserErrorException($"{where}: expected {form.Value.Columns} columns as in line {form.Value.Line}, found {cells.Length} " +
                    $"in '{Table.Shorten(line.Replace('\t', ' '))}'; a TAB is missing, or stands within a text.");
            int first = parts ? 1 : 0;
            if (left.Length == 0 && cells.Length > first + 2) left = cells[first + 2];
            if (IsQuoted(cells[first]) && IsQuoted(cells[first + 1])) quoted++;
            pairs.Add(Pair(cells[first], cells[first + 1], where, where, parts ? PartOf(cells[0])! : ""));
        }
        SayBlank(source, blank, files);
        if (form is var (columns, _, partFirst) && columns > (partFirst ? 3 : 2))
            files.Note($"{source}: column {(partFirst ? 4 : 3)}{(columns > (partFirst ? 4 : 3) ? " and those after it are" : " is")} left out " +
                $"(it begins with '{Table.Shorten(left)}')" + (pairs.All(pair => pair.Source.All(char.IsAsciiDigit))
                    ? "; the source holds whole numbers alone: if they number the lines, leave them out, so that source and target come first."
                    : "."));
        if (quoted > 1 && quoted == pairs.Count)
            files.Note($"{source}: all texts stand in quotes, which are read as part of them; write the file without quotes if they are not meant.");
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
        (int Count, int Line) blank = default;
        for (int i = 0; i < a.Length; i++)
            if (a[i].Line.Trim().Length > 0 || b[i].Line.Trim().Length > 0)
                pairs.Add(Pair(a[i].Line, b[i].Line, $"{nameA}, line {i + 1}", $"{nameB}, line {i + 1}", ""));
            else blank = (blank.Count + 1, blank.Count == 0 ? i + 1 : blank.Line);
        SayBlank($"{nameA}, {nameB}", blank, files);
        return pairs;
    }

    private static void SayBlank(string source, (int Count, int Line) blank, DataFiles files)
    {
        if (blank.Count > 0)
            files.Note(FormattableString.Invariant($"{source}: {blank.Count:N0} blank lines, line {blank.Line} first, are no pairs."));
    }

    private static IEnumerable<(string Line, int Number)> Lines(string file, DataFiles files)
    {
        string[] lines = PlainText.Read(file, files).Split('\n');
        int count = lines[^1].Length == 0 ? lines.Length - 1 : lines.Length;
        return lines.Take(count).Select((line, i) => (line, i + 1));
    }

    private static bool IsHeader(string[] cells)
    {
        string[] small = [.. cells.Select(cell => cell.Trim().ToLowerInvariant())];
        return Enumerable.Range(0, small.Length - 1).Any(i => (s_sources.Contains(small[i]) && s_targets.Contains(small[i + 1]))
            || (small[i] != small[i + 1] && s_languages.Contains(small[i]) && s_languages.Contains(small[i + 1])));
    }

    private static bool IsQuoted(string cell) => cell.Trim() is ['"', _, .., '"'];

    // In small letters alone: a source may begin with the word Test.
    private static string? PartOf(string cell) => cell.Any(char.IsUpper) ? null : PartName.Of(cell);
}
