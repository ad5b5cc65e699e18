using System.Globalization;
using System.Text;

namespace Unroll.Tasks.Data.Text;

/// <summary>Cuts texts into words and signs, by characters of Unicode (runes) and not by the 16 bits that memory has them in.</summary>
/// <remarks>
/// A word is letters, marks, digits and _, with what is inside it (don't, co-op); every other sign is for itself, with the marks and joined signs
/// that make one picture of it (a text element of UAX #29: a flag, a family). Words end at blanks of any kind: what has the property White_Space.
/// Characters that are not seen (soft hyphens, marks of direction, zero-width blanks) are no part of a word; the joiners of scripts and of emoji are.
/// </remarks>
internal static class Words
{
    private const char ZeroWidthSpace = '\u200B', NonJoiner = '\u200C', Joiner = '\u200D';

    /// <summary>A word or a sign.</summary>
    /// <param name="Text">Its characters.</param>
    /// <param name="Glued">Whether it follows another one without a blank.</param>
    public readonly record struct Word(string Text, bool Glued);

    /// <summary>The words of a text in form C.</summary>
    /// <param name="text">The text.</param>
    /// <param name="clitics">Whether an apostrophe before letters begins a word, as texts have it that are split already: do n't, John 's.</param>
    public static List<Word> Of(string text, bool clitics)
    {
        text = Seen(text);
        List<Word> words = [];
        bool glued = false;
        for (int at = 0; at < text.Length;)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                glued = false;
                continue;
            }
            int end = Letters(text, at, underscores: true);
            if (end > at) end = Inside(text, end);
            else if (clitics && IsApostrophe(text[at])) end = OnlyLetters(text, at + 1) is var after && after > at + 1 ? after : at + 1;
            else end = at + StringInfo.GetNextTextElementLength(text.AsSpan(at));
            words.Add(new Word(text[at..end], glued));
            (at, glued) = (end, true);
        }
        return words;
    }

    // don't, co-op: an apostrophe or a hyphen between letters or digits, again and again.
    private static int Inside(string text, int end)
    {
        while (end < text.Length && (IsApostrophe(text[end]) || text[end] == '-'))
        {
            int next = Letters(text, end + 1, underscores: false);
            if (next == end + 1) break;
            end = next;
        }
        return end;
    }

    private static int Letters(string text, int at, bool underscores)
    {
        int from = at;
        while (at < text.Length)
        {
            if (text[at] is Joiner or NonJoiner && at > from && IsPart(text, at + 1, underscores, out _)) at++;
            if (!IsPart(text, at, underscores, out int length)) break;
            at += length;
        }
        return at;
    }

    private static int OnlyLetters(string text, int at)
    {
        while (at < text.Length && Rune.GetRuneAt(text, at) is var rune && Rune.IsLetter(rune)) at += rune.Utf16SequenceLength;
        return at;
    }

    private static bool IsPart(string text, int at, bool underscores, out int length)
    {
        length = 0;
        if (at >= text.Length) return false;
        Rune rune = Rune.GetRuneAt(text, at);
        length = rune.Utf16SequenceLength;
        return (underscores && rune.Value == '_') || Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter
            or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter
            or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
            or UnicodeCategory.DecimalDigitNumber;
    }

    private static bool IsApostrophe(char one) => one is '\'' or '’';

    // Without what is not seen; a zero-width blank is a blank.
    private static string Seen(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\u00AD', '\uFFFF')) return text;
        StringBuilder seen = new(text.Length);
        foreach (char one in text)
            if (one == ZeroWidthSpace) seen.Append(' ');
            else if (!IsUnseen(one)) seen.Append(one);
        return seen.Length == text.Length ? text.Replace(ZeroWidthSpace, ' ') : seen.ToString();
    }

    private static bool IsUnseen(char one) => one is '\u00AD' or '\u061C' or '\u180E' or '\u200E' or '\u200F' or '\uFEFF'
        or >= '\u202A' and <= '\u202E' or >= '\u2060' and <= '\u206F' or >= '\uFFF9' and <= '\uFFFB';
}
