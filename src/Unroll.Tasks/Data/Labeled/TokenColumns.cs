using System.Globalization;
using Unroll.Core;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.Labeled;

/// <summary>Which columns of a file of token lines are what.</summary>
/// <param name="Token">The token's, from 0.</param>
/// <param name="Label">The label's; −1 where there is none.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Line">The line that has as many, from 1.</param>
internal sealed record TokenColumns(int Token, int Label, int Count, int Line)
{
    /// <summary>What CoNLL-U writes for nothing.</summary>
    public const string Missing = "_";

    private const string Global = "# global.columns =";
    private static readonly string[] s_names = ["id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc"];

    // In these _ says that a word has none of a kind; in all others that nobody wrote it.
    private static readonly string[] s_mayBeNone = ["feats", "deps", "misc"];

    private string[] Names { get; init; } = [];

    /// <summary>Whether lines follow the rules of CoNLL-U: ids, comments, a sign for nothing.</summary>
    public bool IsConllUniversal => Names.Length > 0;

    /// <summary>The column of ids.</summary>
    public int Id => Names.IndexOf("id");

    /// <summary>What the columns are, for errors.</summary>
    public string Roles => IsConllUniversal ? string.Join(", ", Names)
        : Label < 0 ? "a token"
        : Token == 0 && Label == Count - 1 ? "a token first and its label last" : $"the token in {Token + 1}, the label in {Label + 1}";

    /// <summary>The columns of a line.</summary>
    public string[] FieldsOf(string line) => IsConllUniversal ? line.Split('\t') : Fields(line);

    /// <summary>Whether a line of CoNLL-U has no label.</summary>
    public bool IsMissing(string[] fields) => IsConllUniversal && fields[Label] == Missing && !s_mayBeNone.Contains(Names[Label]);

    /// <summary>Whether a field is the id of a word, of words together (1-2) or of a node without a word (1.1).</summary>
    public static bool IsId(string field) => field.Length > 0 && field.Split('-', '.') is { Length: <= 2 } parts && parts.All(IsWhole);

    /// <summary>Whether an id is that of one word.</summary>
    /// <exception cref="UserErrorException">It is no id.</exception>
    public static bool IsWord(string id, string where) => IsWhole(id) || (IsId(id) ? false
        : throw new UserErrorException($"{where}: expected the number of a word, such as 1, 1-2 or 1.1, in the first column of CoNLL-U, found " +
            $"'{Table.Shorten(id)}'."));

    /// <summary>As <see cref="TokenLines.IsConllU"/> has it.</summary>
    public static bool IsConllU(string name, string[] lines)
    {
        if (Path.GetExtension(name).ToLowerInvariant() is ".conllu" or ".conllup") return true;
        if (lines[0].StartsWith(Global, StringComparison.Ordinal)) return true;
        string[][] first = [.. lines.SkipWhile(line => line.Length == 0 || line[0] == '#').TakeWhile(line => line.Length > 0)
            .Select(line => line.Split('\t'))];
        return first.Length > 0 && first.All(fields => fields.Length == s_names.Length && IsId(fields[0]))
            && first[0][0].Split('-', '.')[0] is "1" or "0";
    }

    /// <summary>Finds the columns.</summary>
    /// <param name="source">What errors call the file.</param>
    /// <param name="name">Its name.</param>
    /// <param name="lines">Its lines.</param>
    /// <param name="columns">Names or numbers, from 1, of the columns of token and label; null: the usual ones.</param>
    /// <exception cref="UserErrorException">There is no such column.</exception>
    public static TokenColumns Choose(string source, string name, string[] lines, LabelColumns columns)
    {
        if (IsConllU(name, lines))
        {
            string[] names = lines[0].StartsWith(Global, StringComparison.Ordinal)
                ? [.. lines[0][Global.Length..].ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries)] : s_names;
            if (!names.Contains("id")) throw new UserErrorException($"{source}, line 1: expected a column ID among those of CoNLL-U, found none.");
            int line = Array.FindIndex(lines, one => one.Length > 0 && one[0] != '#') + 1;
            return new(Find("text", columns.Text, "form"), Find("label", columns.Label, "upos"), names.Length, line) { Names = names };

            int Find(string option, string? wanted, string usual)
            {
                int at = names.IndexOf((wanted ?? usual).ToLowerInvariant());
                if (at < 0 && wanted is not null && IsWhole(wanted)) at = Number(option, wanted, names.Length);
                return at >= 0 ? at : throw new UserErrorException($"{source}: there is no column '{Table.Shorten(wanted ?? usual)}' ({option}). " +
                    $"The columns are: {string.Join(", ", names)}.");
            }
        }
        int first = Array.FindIndex(lines, one => IsTokens(one) && one.TrimStart()[0] != '#');
        if (first < 0) first = Array.FindIndex(lines, IsTokens);
        if (first < 0) return new(0, -1, 1, 1);
        string[] fields = Fields(lines[first].Trim(' ', '\t'));
        // A model that learned from columns with names may be asked about columns without.
        bool named = !columns.LabelsOptional;
        int count = fields.Length, token = columns.Text is { } text && (named || IsWhole(text)) ? Number("text", text, count) : 0;
        int label = !named && count == 1 ? -1
            : columns.Label is { } chosen && (named || IsWhole(chosen)) ? Number("label", chosen, count) : count - 1;
        if (columns.Text is null && count > 2 && CountsUp(lines, first))
            throw new UserErrorException($"{source}, line {first + 1}: the first of {count} columns counts the words 1, 2, 3 …, and so is no " +
                "token; name the column of the tokens (text), such as 2, and that of the labels (label), such as 4.");
        return new(token, label, count, first + 1);

        int Number(string option, string wanted, int last) => IsWhole(wanted)
            && int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= last ? number - 1
            : throw new UserErrorException($"{source}: there is no column '{Table.Shorten(wanted)}' ({option}): columns of tokens have no names; " +
                $"give a number from 1 to {last}.");
    }

    private static bool IsTokens(string line) =>
        !string.IsNullOrWhiteSpace(line) && !line.TrimStart().StartsWith("-DOCSTART-", StringComparison.Ordinal);

    private static bool CountsUp(string[] lines, int from)
    {
        string[][] words = [.. lines.Skip(from).TakeWhile(IsTokens).Select(line => Fields(line.Trim(' ', '\t')))];
        return words.Length > 1 && words.Select((fields, i) => fields[0] == (i + 1).ToString(CultureInfo.InvariantCulture)).All(one => one);
    }

    // At tabs, where there are any: a token may have a blank in it.
    private static string[] Fields(string line) => line.Contains('\t')
        ? [.. line.Split('\t').Select(field => field.Trim(' ')).Where(field => field.Length > 0)]
        : line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether a name of a column is a number.</summary>
    public static bool IsWhole(string text) => text.Length > 0 && text.All(char.IsAsciiDigit);
}
