using Unroll.Core;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.Audio;

//  {label}_{speaker}_*      7_jackson_32.wav   →  label 7, speaker jackson
//  {label}/*                yes/0a7c2a8d.wav   →  label yes

/// <summary>
/// What a file's name says: <c>{label}</c>, <c>{speaker}</c> and <c>{part}</c> stand for a text of at least one character up to what follows them,
/// <c>*</c>
/// for any text. A pattern with a slash is compared with the path below the folder, one without with the name alone; the ending does not count.
/// </summary>
public sealed class RecordingPattern
{
    private static readonly string[] s_fields = ["label", "speaker", "part"];
    private readonly List<(string? Field, string Literal)> _pieces = [];       // a field or *, then the text that follows it
    private readonly string _text, _begin;

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">Such as <c>{label}_{speaker}_*</c>.</param>
    /// <exception cref="UserErrorException">It has no <c>{label}</c>, an unknown field, or two fields without a text between them.</exception>
    public RecordingPattern(string text)
    {
        _text = text;
        int at = NextField(text, 0);
        _begin = text[..at];
        while (at < text.Length)
        {
            int end = text[at] == '*' ? at : text.IndexOf('}', at);
            if (end < 0) throw Bad("a { has no }");
            string field = text[at] == '*' ? "" : text[(at + 1)..end];
            if (field.Length > 0 && !s_fields.Contains(field)) throw Bad($"there is no field '{{{field}}}'");
            if (field.Length > 0 && _pieces.Any(piece => piece.Field == field)) throw Bad($"'{{{field}}}' stands in it twice");
            int next = NextField(text, end + 1);
            if (next == end + 1 && next < text.Length) throw Bad("two fields have no text between them");
            _pieces.Add((field.Length == 0 ? null : field, text[(end + 1)..next]));
            at = next;
        }
        if (_pieces.All(piece => piece.Field != "label")) throw Bad("it has no {label}");
    }

    /// <summary>The recording that a path means.</summary>
    /// <param name="folder">The folder that was asked for.</param>
    /// <param name="path">A file in it.</param>
    /// <exception cref="UserErrorException">The name does not fit the pattern.</exception>
    public Recording Read(string folder, string path)
    {
        return Find(folder, path) ?? throw Mismatch(folder, path);
    }

    /// <summary>The same, but null where the name does not fit the pattern.</summary>
    /// <exception cref="UserErrorException">The name says another part than train, valid or test.</exception>
    internal Recording? Find(string folder, string path)
    {
        string relative = Path.GetRelativePath(folder, path).Replace('\\', '/'), whole = relative[..^Path.GetExtension(relative).Length];
        string name = _text.Contains('/') ? whole : Path.GetFileName(whole);
        Dictionary<string, string> found = [];
        if (!Match(name, found)) return null;
        string? part = found.GetValueOrDefault("part");
        if (part is not null && PartName.Of(part) is null)
            throw new UserErrorException($"{path}: expected train, valid or test where the pattern '{_text}' has {{part}}, found " +
                $"'{Table.Shorten(part)}'.");
        string text = string.Join(' ', found["label"].Split((char[])[' ', '+'], StringSplitOptions.RemoveEmptyEntries));
        return new Recording(path, text, found.GetValueOrDefault("speaker"), part is null ? null : PartName.Of(part));
    }

    /// <summary>The error for a name that does not fit.</summary>
    /// <param name="folder">The folder that was asked for.</param>
    /// <param name="path">The first file whose name does not fit.</param>
    /// <param name="count">How many do not.</param>
    /// <param name="all">Of how many.</param>
    internal UserErrorException Mismatch(string folder, string path, int count = 1, int all = 1)
    {
        string name = Path.GetRelativePath(folder, path).Replace('\\', '/');
        string others = count == 1 ? "" : FormattableString.Invariant($" ({count:N0} of {all:N0} names do not fit)");
        return new($"{path}: expected a name like '{_text}' because that says what is said in it, found '{Table.Shorten(name)}'{others}; give " +
            "another pattern, take such files out of the folder, or give a manifest with the columns path and label.");
    }

    private bool Match(string name, Dictionary<string, string> found)
    {
        if (!name.StartsWith(_begin, StringComparison.Ordinal)) return false;
        int at = _begin.Length;
        for (int i = 0; i < _pieces.Count; i++)
        {
            (string? field, string literal) = _pieces[i];
            int least = at + (field is null ? 0 : 1);
            if (least > name.Length) return false;
            int end = i == _pieces.Count - 1 ? name.Length - literal.Length : name.IndexOf(literal, least, StringComparison.Ordinal);
            if (end < least || !name.AsSpan(end).StartsWith(literal, StringComparison.Ordinal)) return false;
            if (field is not null) found[field] = name[at..end];
            at = end + literal.Length;
        }
        return at == name.Length;
    }

    private static int NextField(string text, int from) => text.IndexOfAny(['{', '*'], from) is var at and >= 0 ? at : text.Length;

    private UserErrorException Bad(string why) =>
        new($"pattern: '{_text}' will not do: {why}; expected something like '{{label}}_{{speaker}}_*' or '{{label}}/*'.");
}
