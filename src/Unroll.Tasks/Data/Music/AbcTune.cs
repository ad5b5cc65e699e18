using System.Text.RegularExpressions;
using Unroll.Tasks.Data.Parts;

namespace Unroll.Tasks.Data.Music;

/// <summary>A tune in ABC notation (The abc music standard 2.1, abcnotation.com, December 2011): its header and its music as tokens.</summary>
/// <param name="Number">What stands after <c>X:</c>.</param>
/// <param name="Title">What stands after the first <c>T:</c>; may be empty.</param>
/// <param name="Meter">What stands after <c>M:</c>; empty for none.</param>
/// <param name="Unit">The length of a note without a number, in whole notes.</param>
/// <param name="Key">What stands after <c>K:</c>.</param>
/// <param name="Tokens">
/// Notes, rests, chords, bars and all else that is written, in order; changes of key, meter and unit stand as <c>[K:D]</c>.
/// </param>
/// <param name="Line">The line of the file on which it begins, from 1.</param>
public sealed partial record AbcTune(string Number, string Title, string Meter, double Unit, string Key, IReadOnlyList<string> Tokens, int Line)
{
    private const string NoteText = @"(?:\^\^|__|[\^_=])?[A-Ga-gxzZ][,']*[0-9]*(?:/+[0-9]*)?";

    /// <summary>The quarter notes of a minute; 120 where the tune does not say.</summary>
    public double QuartersPerMinute { get; init; } = 120;

    /// <summary>What a token is, by its first characters.</summary>
    internal static AbcKind KindOf(string token) => token[0] switch
    {
        '"' => AbcKind.ChordSymbol,
        '[' when token.Length > 2 && token[2] == ':' => AbcKind.Field,
        '[' when token.Length > 1 && char.IsAsciiDigit(token[1]) => AbcKind.Bar,
        '[' when token is "[|" => AbcKind.Bar,
        '[' => AbcKind.Chord,
        '|' or ':' => AbcKind.Bar,
        '(' when token.Length > 1 => AbcKind.Tuplet,
        '>' or '<' => AbcKind.Broken,
        '-' => AbcKind.Tie,
        '^' or '_' or '=' or (>= 'A' and <= 'G') or (>= 'a' and <= 'g') or 'x' or 'z' or 'Z' => AbcKind.Note,
        _ => AbcKind.Ornament,
    };

    /// <summary>The tokens of a line of music; what cannot be one is handed to <paramref name="refuse"/>.</summary>
    internal static IEnumerable<string> Split(string line, Action<int, char> refuse)
    {
        for (int at = 0; at < line.Length;)
        {
            Match token = Token().Match(line, at);
            if (token.Success && token.Length > 0)
            {
                at += token.Length;
                yield return KindOf(token.Value) == AbcKind.Chord ? token.Value.Replace(" ", "") : token.Value;
                continue;
            }
            if (!" \t\\`*!;y[]+".Contains(line[at])) refuse(at, line[at]);          // a lone bracket is passed over, as other programs do
            at++;
        }
    }

    // In the order of trial: chord symbol, field, grace notes, decorations, ending, chord, bar, tuplet, note, tie, slurs, broken rhythm, letters of
    // ornaments.
    [GeneratedRegex(@"\G(?:""[^""]*""|\[[A-Za-z]:[^\]]*\]|\{[^}]*\}|![^!\s]+!|\+[^+\s]+\+|\[[1-9][0-9,\-]*|\[(?:""[^""]*""|" + NoteText
        + @"|[\- +])+\][0-9]*/*[0-9]*"
        + @"|\[\||:*\|[|\]:]*(?:[1-9](?![0-9/]))?|::*(?:[1-9])?|\([2-9](?::[0-9]*){0,2}|" + NoteText + @"|-|[()]|>+|<+|[~.H-Wh-wv])")]
    private static partial Regex Token();

    [GeneratedRegex(NoteText)]
    internal static partial Regex Note();
}

/// <summary>What a token of ABC is.</summary>
internal enum AbcKind
{
    Note, Chord, ChordSymbol, Bar, Field, Tuplet, Broken, Tie, Ornament,
}
