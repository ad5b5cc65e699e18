namespace Unroll.Tasks.Data.Music;

/// <summary>A tune in ABC notation (The abc music standard 2.1, abcnotation.com, December 2011): its header and its music as tokens.</summary>
/// <param name="Number">What stands after <c>X:</c>.</param>
/// <param name="Title">What stands after the first <c>T:</c>; may be empty.</param>
/// <param name="Meter">What stands after <c>M:</c>; empty for none.</param>
/// <param name="Unit">The length of a note without a number, in whole notes.</param>
/// <param name="Key">What stands after <c>K:</c>.</param>
/// <param name="Tokens">
/// Notes, rests, chords, bars and all else that is written, in order; changes of key, meter, unit, voice and part stand as <c>[K:D]</c>.
/// </param>
/// <param name="Line">The line of the file on which it begins, from 1.</param>
public sealed record AbcTune(string Number, string Title, string Meter, double Unit, string Key, IReadOnlyList<string> Tokens, int Line)
{
    /// <summary>The quarter notes of a minute; 120 where the tune does not say.</summary>
    public double QuartersPerMinute { get; init; } = 120;

    /// <summary>What errors call its file.</summary>
    internal string Source { get; init; } = "";

    /// <summary>The order in which its parts are played (<c>P:AABB</c>), as it is written; empty: as they stand.</summary>
    internal string Order { get; init; } = "";

    /// <summary>The line of the file for each token; empty: not known.</summary>
    internal IReadOnlyList<int> Lines { get; init; } = [];

    /// <summary>The line of a token.</summary>
    internal int LineOf(int token) => token < Lines.Count ? Lines[token] : Line;

    /// <summary>What a token is, by its first characters.</summary>
    internal static AbcKind KindOf(string token) => token[0] switch
    {
        '"' => AbcKind.ChordSymbol,
        '[' when token.Length > 2 && token[2] == ':' && char.IsAsciiLetter(token[1]) => AbcKind.Field,
        '[' when token.Length > 1 && (char.IsAsciiDigit(token[1]) || token[1] is '|' or ':' or ']') => AbcKind.Bar,
        '[' => AbcKind.Chord,
        '|' or ':' => AbcKind.Bar,
        '(' when token.Length > 1 => AbcKind.Tuplet,
        '>' or '<' => AbcKind.Broken,
        '-' => AbcKind.Tie,
        '&' => AbcKind.Overlay,
        '^' or '_' or '=' or (>= 'A' and <= 'G') or (>= 'a' and <= 'g') or 'x' or 'X' or 'z' or 'Z' => AbcKind.Note,
        _ => AbcKind.Ornament,
    };

    /// <summary>Whether a token of notes sounds: a rest does not.</summary>
    internal static bool Sounds(string token) => KindOf(token) switch
    {
        AbcKind.Note => token[0] is not ('x' or 'X' or 'z' or 'Z'),
        AbcKind.Chord => token.AsSpan().IndexOfAnyInRange('A', 'G') >= 0 || token.AsSpan().IndexOfAnyInRange('a', 'g') >= 0,
        _ => false,
    };
}

/// <summary>What a token of ABC is.</summary>
internal enum AbcKind
{
    Note, Chord, ChordSymbol, Bar, Field, Tuplet, Broken, Tie, Overlay, Ornament,
}
