using System.Text;
using Unroll.Core;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.Music;

/// <summary>
/// Lines of music into tokens: notes, chords, bars, tuplets, fields, ornaments (the standard, chapter 4). Equal tokens are one string.
/// </summary>
/// <param name="source">What errors call the file.</param>
/// <param name="remarks">Is told what is read with a doubt.</param>
internal sealed class AbcScanner(string source, AbcRemarks remarks)
{
    private const int MaxChord = 100, MaxDigits = 9, MaxTuplet = 999, MaxBroken = 3;
    private const string Blank = " \t\\`$*;";                          // and what the standard tells programs to pass over

    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _known =
        new HashSet<string>(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The tokens of a line.</summary>
    /// <param name="line">The line, without its comment.</param>
    /// <param name="number">Its number in the file, from 1.</param>
    /// <param name="add">Receives them in order.</param>
    /// <exception cref="UserErrorException">Something is no music; the message names the character.</exception>
    public void Scan(string line, int number, Action<string> add)
    {
        for (int at = 0; at < line.Length;)
        {
            int end = End(line, at, number, out string? chord);
            if (end > at) add(Known(chord ?? line.AsSpan(at, end - at)));
            if (end > at) at = end;
            else if (line[at++] == 'y')                                           // a space may have a width: y3
                while (at < line.Length && char.IsAsciiDigit(line[at])) at++;
        }
    }

    private string Known(ReadOnlySpan<char> token)
    {
        if (_known.TryGetValue(token, out string? before)) return before;
        _known.Add(token);
        return _known.TryGetValue(token, out before) ? before : token.ToString();
    }

    // Where the token that begins there ends; the same place for what is passed over.
    private int End(string line, int at, int number, out string? chord)
    {
        chord = null;
        char c = line[at], next = at + 1 < line.Length ? line[at + 1] : '\0';
        switch (c)
        {
            case '"': return Closing(line, at, '"', number, "a text in quotes");
            case '{': return Closing(line, at, '}', number, "a group of grace notes");
            case '!' or '+': return Decoration(line, at);
            case '[' when next is ':' or '|' || next == ']' && at + 2 < line.Length && line[at + 2] is '|' or ':': return Bar(line, at, number);
            case '[' when char.IsAsciiDigit(next): return Ending(line, at + 1, number);
            case '[' when char.IsAsciiLetter(next) && at + 2 < line.Length && line[at + 2] == ':':
                return Closing(line, at, ']', number, "a field");
            case '[': return Chord(line, at, number, out chord);
            case '|' or ':': return Bar(line, at, number);
            case '.' when next is '|' or '-' or '(' or ')': return at;                                   // dotted bars, ties and slurs
            case '(' when char.IsAsciiDigit(next): return Tuplet(line, at, number);
            case '(' when next == '&': throw Wrong(number, at, "'(&' is no sign of ABC 2.1; write each bar's second voice behind '&' in the bar");
            case '>' or '<':
                int broken = Run(line, at, c);
                return broken - at <= MaxBroken ? broken : throw Wrong(number, at, $"expected at most {MaxBroken} signs '{c}' in a row");
            case '&': return Run(line, at, c);
            case '-' or '(' or ')' or '.' or '~' or (>= 'H' and <= 'W') or (>= 'h' and <= 'w'): return at + 1;
            case 'y' or ']': return at;                                                                  // spaces, and brackets of no chord
            case '^' or '_' or '=' or (>= 'A' and <= 'G') or (>= 'a' and <= 'g') or 'x' or 'X' or 'z' or 'Z':
                return Note(line, at, number);
            default: return Blank.Contains(c) ? at : throw Unknown(line, number, at);
        }
    }

    private UserErrorException Unknown(string line, int number, int at)
    {
        string sign = Rune.TryGetRuneAt(line, at, out Rune rune) ? rune.ToString() : "\uFFFD";
        return Wrong(number, at, $"'{Table.Shorten(sign)}' is no ABC music here; correct it or turn the line into a comment with %");
    }

    private UserErrorException Wrong(int number, int at, string what) => new($"{source}, line {number}, character {at + 1}: {what}.");

    private static int Run(string line, int at, char c)
    {
        while (at < line.Length && line[at] == c) at++;
        return at;
    }

    private int Closing(string line, int at, char closing, int number, string what)
    {
        int end = line.IndexOf(closing, at + 1);
        return end > 0 ? end + 1 : throw Wrong(number, at, $"{what} begins and never ends in the line; write '{closing}' behind it");
    }

    // !trill!  +trill+; one sign alone broke lines once and is passed over
    private static int Decoration(string line, int at)
    {
        int end = at + 1;
        while (end < line.Length && line[end] != line[at] && !char.IsWhiteSpace(line[end])) end++;
        return end < line.Length && line[end] == line[at] && end > at + 1 ? end + 1 : at;
    }

    private int Bar(string line, int at, int number)
    {
        int lines = Run(line, at, ':'), end = lines, dots = lines - at;
        while (end < line.Length && (line[end] is '|' or ']' || line[end] == '[' && end + 1 < line.Length && line[end + 1] is '|' or ']' or ':'))
        {
            int behind = Run(line, end + 1, ':');
            dots = Math.Max(dots, behind - end - 1);
            end = behind;
        }
        if (end == lines && dots != 2)
            throw Wrong(number, at, dots == 1 ? "':' is no bar line; write ':|', '|:' or '::'"
                : $"{dots} dots without '|' can be read in several ways; write '::|::'");
        if (dots >= AbcBar.MaxPasses)
            throw Wrong(number, at, $"expected a section that is played at most {AbcBar.MaxPasses} times, found {dots} dots");
        return Ending(line, end, number);
    }

    // The numbers behind a bar or a bracket: 1  1,3  1-3
    private int Ending(string line, int at, int number)
    {
        int end = at;
        if (at == line.Length || !char.IsAsciiDigit(line[at])) return at;
        bool IsDigit(int i) => i < line.Length && char.IsAsciiDigit(line[i]);
        while (IsDigit(end) || end < line.Length && line[end] is ',' or '-' && IsDigit(end + 1)) end++;
        string found = line[at..end];
        return AbcBar.Numbers(found) is not null ? end
            : throw Wrong(number, at, $"expected numbers of endings from 1 to {AbcBar.MaxPasses}, such as 1 or 1,3, found '{Table.Shorten(found)}'");
    }

    //  (3  (3:2  (3:2:4  (3::4
    private int Tuplet(string line, int at, int number)
    {
        int end = at + 1;
        for (int part = 0; part < 3; part++)
        {
            int begin = end;
            while (end < line.Length && char.IsAsciiDigit(line[end])) end++;
            ReadOnlySpan<char> digits = line.AsSpan(begin, end - begin);
            if (part == 0 && digits is "1" || digits.Length > 3 || digits.Length > 0 && int.Parse(digits) == 0)
                throw Wrong(number, at, $"expected a tuplet such as (3 or (3:2:3 of 2 to {MaxTuplet} notes, found '{Table.Shorten(line[at..end])}'");
            if (part == 0 && end - begin > 1 && (end == line.Length || line[end] != ':'))
                throw Wrong(number, at, $"expected how long a tuplet of more than 9 notes is, such as (11:8, found '{Table.Shorten(line[at..end])}'");
            if (part == 2 || end == line.Length || line[end] != ':' || end + 1 < line.Length && line[end + 1] == '|') break;
            end++;
        }
        return end;
    }

    //  ^c'3/2  z  Z4
    private int Note(string line, int at, int number)
    {
        int begin = at, signs = at;
        while (at < line.Length && line[at] is '^' or '_' or '='
            && (at == signs || line[at] == line[signs] && line[at] != '=' && at < signs + 2)) at++;
        bool moved = at > signs;
        if (moved && line[signs] != '=')                                                                 // quarter tones: ^/c  _3/2B
            while (at < line.Length && (char.IsAsciiDigit(line[at]) || line[at] == '/')) at++;
        if (at == line.Length
            || line[at] is not ((>= 'A' and <= 'G') or (>= 'a' and <= 'g')) && (moved || line[at] is not ('x' or 'X' or 'z' or 'Z')))
            throw Wrong(number, begin, $"expected a note behind the accidental '{Table.Shorten(line[begin..at])}'");
        bool bars = line[at] is 'Z' or 'X';
        at++;
        while (at < line.Length && line[at] is ',' or '\'') at++;
        int end = Length(line, at, number);
        return !bars || !line.AsSpan(at, end - at).Contains('/') ? end
            : throw Wrong(number, begin, "expected a whole number of bars of rest, such as Z4");
    }

    //  3  3/2  /  //  /4
    private int Length(string line, int at, int number)
    {
        int above = at;
        while (at < line.Length && char.IsAsciiDigit(line[at])) at++;
        int slash = at;
        at = Run(line, at, '/');
        int below = at;
        while (at < line.Length && below > slash && char.IsAsciiDigit(line[at])) at++;
        if (slash - above > MaxDigits || at - below > MaxDigits || below - slash > MaxDigits)
            throw Wrong(number, above, $"expected a length of at most {MaxDigits} digits, found '{Table.Shorten(line[above..at])}'");
        if (slash > above && int.Parse(line.AsSpan(above, slash - above)) == 0 || at > below && int.Parse(line.AsSpan(below, at - below)) == 0)
            throw Wrong(number, above, $"a length of zero is none, found '{line[above..at]}'");
        return at;
    }

    // Of a chord its notes, their ties and its length are kept; texts, ornaments and slurs in it are not.
    private int Chord(string line, int at, int number, out string? chord)
    {
        chord = null;
        StringBuilder kept = new("[");
        int notes = 0, end = at + 1;
        while (end < line.Length && line[end] != ']')
        {
            char c = line[end];
            int begin = end;
            if (c is '^' or '_' or '=' or (>= 'A' and <= 'G') or (>= 'a' and <= 'g') or 'x' or 'z')
            {
                end = Note(line, end, number);
                kept.Append(line, begin, end - begin);
                if (++notes > MaxChord) throw Wrong(number, at, $"expected a chord of at most {MaxChord} notes, found more");
            }
            else if (c is '-' or '+') kept.Append(line[end++]);
            else if (c == '"') end = Closing(line, end, '"', number, "a text in quotes");
            else if (c == '!' && Decoration(line, end) is var after && after > end) end = after;
            else if (c is ' ' or '\t' or '!' or '.' or '~' or '(' or ')' or '`' or (>= 'H' and <= 'W') or (>= 'h' and <= 'v')) end++;
            else if (IsOpen(line, end)) return Unclosed(at, number);
            else throw Unknown(line, number, end);
        }
        if (end == line.Length) return Unclosed(at, number);
        if (notes == 0) throw Wrong(number, at, "expected notes in the brackets of a chord, found none");
        int length = Length(line, end + 1, number);
        chord = kept.Append(line, end, length - end).ToString();
        return length;
    }

    private static bool IsOpen(string line, int at) =>
        line.AsSpan(at).IndexOfAny(']', '|', '[') is var end && (end < 0 || line[at + end] != ']');

    // Such slips are found in collections, where the notes are in time one after another.
    private int Unclosed(int at, int number)
    {
        remarks.Doubt("a chord begins by '[' and does not end in its bar, and its notes are read one after another", source, number);
        return at;
    }
}
