using Unroll.Core;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.Labeled;

/// <summary>
/// A token and its label on each line, with an empty line after each sequence, as the CoNLL shared tasks have it: the first and the last of some
/// columns, or those that were named by their numbers; or CoNLL-U (universaldependencies.org/format.html), whose columns have names.
/// </summary>
/// <remarks>
/// Columns are parted by tabs where a line has one, else by blanks. A line that begins with # and has as many columns as the others is a token,
/// except in CoNLL-U, where it is a comment; with another number of columns it is a comment before the first token of a sequence.
/// </remarks>
internal sealed class TokenLines
{
    private const string Separator = "-DOCSTART-";

    private readonly string _source;
    private readonly string[] _lines;
    private readonly TokenColumns _columns;
    private readonly bool _optional;
    private readonly List<LabeledSequence> _all = [];
    private readonly List<string> _tokens = [], _labels = [];
    private (int Count, int Line) _hashes, _comments, _parts, _bare;
    private int _begin;

    private TokenLines(string source, string[] lines, TokenColumns columns, bool optional) =>
        (_source, _lines, _columns, _optional) = (source, lines, columns, optional);

    /// <summary>Whether a file is CoNLL-U by its name or form: names of columns in its first line, or ten columns with ids first.</summary>
    public static bool IsConllU(string name, string text) => TokenColumns.IsConllU(name, Lines(text));

    /// <summary>Whether a file has lines of tokens whatever names of columns say: by its name, its form, or numbers for columns.</summary>
    public static bool Is(string name, string text, LabelColumns columns) => IsConllU(name, text)
        || Path.GetExtension(name).ToLowerInvariant() is ".conll" or ".iob" or ".bio"
        || new[] { columns.Text, columns.Label }.OfType<string>().ToArray() is { Length: > 0 } chosen && chosen.All(TokenColumns.IsWhole);

    /// <summary>Reads a file.</summary>
    /// <param name="text">The whole, with line breaks of any system.</param>
    /// <param name="source">What errors call it.</param>
    /// <param name="name">Its name without <c>.gz</c>; the ending <c>.conllu</c> says what it is.</param>
    /// <param name="columns">Which columns are what.</param>
    /// <param name="note">Receives what was passed over; null: nobody.</param>
    /// <exception cref="UserErrorException">A line has no label, or not as many columns as the others.</exception>
    public static IReadOnlyList<LabeledSequence> Read(string text, string source, string name, LabelColumns columns, Action<string>? note)
    {
        string[] lines = Lines(text);
        TokenColumns chosen = TokenColumns.Choose(source, name, lines, columns);
        return new TokenLines(source, lines, chosen, columns.LabelsOptional).Read(note);
    }

    private IReadOnlyList<LabeledSequence> Read(Action<string>? note)
    {
        for (int i = 0; i < _lines.Length; i++)
        {
            string line = _lines[i].Trim(' ', '\t');
            if (line.Length == 0 || line.StartsWith(Separator, StringComparison.Ordinal)) End();
            else if (!IsComment(line, i + 1)) Add(_columns.FieldsOf(line), line, i + 1);
        }
        End();
        if (_all.Count == 0) throw new UserErrorException($"{_source}: expected lines of token and label, found none.");
        if (note is null) return _all;
        Say(_comments, "begin with # and were passed over as comments");
        Say(_hashes, "begin with # and have as many columns as the others: they were read as tokens");
        Say(_parts, "are words of several tokens (1-2) or nodes without a word (1.1), and were passed over");
        Say(_bare, $"have no label ('{TokenColumns.Missing}'): their sequences are taken to have none");
        return _all;

        void Say((int Count, int Line) seen, string what)
        {
            if (seen.Count > 0) note(FormattableString.Invariant($"{_source}: {seen.Count:N0} lines, line {seen.Line} first, ") + what + ".");
        }
    }

    private bool IsComment(string line, int number)
    {
        if (line[0] != '#') return false;
        bool begins = _tokens.Count == 0;
        if (_columns.IsConllUniversal) return begins && !TokenColumns.IsId(_columns.FieldsOf(line)[0]);
        if (_columns.FieldsOf(line).Length == _columns.Count && !(begins && IsMember(line)))
        {
            if (line[1..] is [' ' or '\t', ..]) Count(ref _hashes, number);
            return false;
        }
        if (begins) Count(ref _comments, number);
        return begins;
    }

    // "# sent_id = 5", as CoNLL-U and what comes from it have them.
    private static bool IsMember(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["#", _, "=", ..];

    private void Add(string[] fields, string line, int number)
    {
        if (fields.Length < 2 && !(_optional && _columns.Count == 1))
            throw new UserErrorException($"{_source}, line {number}: expected a token and, in the last column, its label, found " +
                $"'{Table.Shorten(line)}'.");
        if (fields.Length != _columns.Count)
            throw new UserErrorException($"{_source}, line {number}: expected {_columns.Count} columns as on line {_columns.Line}, " +
                $"{_columns.Roles}, found {fields.Length}: '{Table.Shorten(line)}'.");
        if (_columns.IsConllUniversal && !TokenColumns.IsWord(fields[_columns.Id], $"{_source}, line {number}"))
        {
            Count(ref _parts, number);
            return;
        }
        if (_tokens.Count == 0) _begin = number;
        _tokens.Add(fields[_columns.Token]);
        if (_columns.Label < 0) return;
        if (_columns.IsMissing(fields))
        {
            if (!_optional)
                throw new UserErrorException($"{_source}, line {number}: expected a label because each token has one, found " +
                    $"'{TokenColumns.Missing}', which stands for none; write one, choose another column (label), or leave the sentence out.");
            Count(ref _bare, number);
        }
        else if (fields[_columns.Label].Contains(' ') && !_columns.IsConllUniversal)
            throw new UserErrorException($"{_source}, line {number}: expected a token and its label, which has no blank in it, found the label " +
                $"'{Table.Shorten(fields[_columns.Label])}'; a text with one label is no sequence of tokens.");
        else _labels.Add(fields[_columns.Label]);
    }

    private void End()
    {
        if (_tokens.Count > 0)
            _all.Add(new LabeledSequence(_source, _begin) { Tokens = [.. _tokens], StepLabels = _labels.Count == _tokens.Count ? [.. _labels] : [] });
        _tokens.Clear();
        _labels.Clear();
    }

    private static void Count(ref (int Count, int Line) seen, int line) => seen = (seen.Count + 1, seen.Count == 0 ? line : seen.Line);

    private static string[] Lines(string text) => text.Replace("\r\n", "\n").Replace('\r', '\n').Split('\n');
}
