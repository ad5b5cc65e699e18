using System.Globalization;
using System.Text;

namespace Unroll.Core;

/// <summary>
/// Texts in the columns of a terminal. A column counts the cells that a text takes on the screen: two for a character that is East Asian Wide or
/// Fullwidth (Unicode Standard Annex 11, of Unicode 14), none for a mark over or under the letter before it, one for every other.
/// </summary>
public static class TextColumns
{
    // First and last of each range of wide characters, ascending; what is not assigned between two of a range counts as the range does.
    private static readonly int[] s_wide =
    [
        0x1100, 0x115F, 0x231A, 0x231B, 0x2329, 0x232A, 0x23E9, 0x23EC, 0x23F0, 0x23F0, 0x23F3, 0x23F3, 0x25FD, 0x25FE, 0x2614, 0x2615,
        0x2648, 0x2653, 0x267F, 0x267F, 0x2693, 0x2693, 0x26A1, 0x26A1, 0x26AA, 0x26AB, 0x26BD, 0x26BE, 0x26C4, 0x26C5, 0x26CE, 0x26CE,
        0x26D4, 0x26D4, 0x26EA, 0x26EA, 0x26F2, 0x26F3, 0x26F5, 0x26F5, 0x26FA, 0x26FA, 0x26FD, 0x26FD, 0x2705, 0x2705, 0x270A, 0x270B,
        0x2728, 0x2728, 0x274C, 0x274C, 0x274E, 0x274E, 0x2753, 0x2755, 0x2757, 0x2757, 0x2795, 0x2797, 0x27B0, 0x27B0, 0x27BF, 0x27BF,
        0x2B1B, 0x2B1C, 0x2B50, 0x2B50, 0x2B55, 0x2B55, 0x2E80, 0x303E, 0x3041, 0x3247, 0x3250, 0x4DBF, 0x4E00, 0xA4C6, 0xA960, 0xA97C,
        0xAC00, 0xD7A3, 0xF900, 0xFAD9, 0xFE10, 0xFE19, 0xFE30, 0xFE6B, 0xFF01, 0xFF60, 0xFFE0, 0xFFE6, 0x16FE0, 0x1B2FB, 0x1F004, 0x1F004,
        0x1F0CF, 0x1F0CF, 0x1F18E, 0x1F18E, 0x1F191, 0x1F19A, 0x1F200, 0x1F320, 0x1F32D, 0x1F335, 0x1F337, 0x1F37C, 0x1F37E, 0x1F393,
        0x1F3A0, 0x1F3CA, 0x1F3CF, 0x1F3D3, 0x1F3E0, 0x1F3F0, 0x1F3F4, 0x1F3F4, 0x1F3F8, 0x1F43E, 0x1F440, 0x1F440, 0x1F442, 0x1F4FC,
        0x1F4FF, 0x1F53D, 0x1F54B, 0x1F54E, 0x1F550, 0x1F567, 0x1F57A, 0x1F57A, 0x1F595, 0x1F596, 0x1F5A4, 0x1F5A4, 0x1F5FB, 0x1F64F,
        0x1F680, 0x1F6C5, 0x1F6CC, 0x1F6CC, 0x1F6D0, 0x1F6D2, 0x1F6D5, 0x1F6DF, 0x1F6EB, 0x1F6EC, 0x1F6F4, 0x1F6FC, 0x1F7E0, 0x1F7F0,
        0x1F90C, 0x1F93A, 0x1F93C, 0x1F945, 0x1F947, 0x1F9FF, 0x1FA70, 0x1FAF6, 0x20000, 0x3FFFD,
    ];

    /// <summary>The cells that a text takes.</summary>
    public static int Cells(string text)
    {
        int cells = 0;
        foreach (Rune rune in text.EnumerateRunes()) cells += Cells(rune);
        return cells;
    }

    /// <summary>The cells of a column that has room for each of the texts, and at least so many.</summary>
    public static int Widest(IEnumerable<string> texts, int atLeast) => texts.Select(Cells).Append(atLeast).Max();

    /// <summary>The text with blanks after it, so that it takes at least so many cells.</summary>
    public static string Left(string text, int cells) => text + new string(' ', Math.Max(0, cells - Cells(text)));

    /// <summary>The text with blanks before it, so that it takes at least so many cells.</summary>
    public static string Right(string text, int cells) => new string(' ', Math.Max(0, cells - Cells(text))) + text;

    /// <summary>The text if it takes at most so many cells, else its beginning with <c>…</c> in the last of them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="cells">At least one.</param>
    public static string Shorten(string text, int cells)
    {
        if (Cells(text) <= cells) return text;
        int used = 1, end = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if ((used += Cells(rune)) > cells) break;
            end += rune.Utf16SequenceLength;
        }
        return text[..end] + "…";
    }

    private static int Cells(Rune rune) => rune.Value switch
    {
        < 0x300 => 1,
        >= 0x1160 and <= 0x11FF => 0,                              // the second and third letters of a Korean syllable
        _ => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format ? 0
            : IsWide(rune.Value) ? 2 : 1,
    };

    // The place where it would stand is inside a range, or the value is a range's first or last.
    private static bool IsWide(int value)
    {
        int at = Array.BinarySearch(s_wide, value);
        return at >= 0 || (~at & 1) == 1;
    }
}
