using System.Text;

namespace Unroll.Cells.Definitions;

/// <summary>Letters and digits of Unicode's mathematical alphabets and the fullwidth ones, which are plain ones in another face.</summary>
internal static class MathLetters
{
    private const int FirstLetter = 0x1D400, AfterLetters = 0x1D6A4, FirstGreek = 0x1D6A8, AfterGreek = 0x1D7CA, FirstDigit = 0x1D7CE,
        AfterDigits = 0x1D800, Latin = 52, GreekLetters = 58, Digits = 10;

    // Of one Greek alphabet, in the order of Unicode; and the letters that are older than these alphabets and fill their gaps.
    private const string Greek = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡϴΣΤΥΦΧΨΩ∇αβγδεζηθικλμνξοπρςστυφχψω∂ϵϑϰϕϱϖ",
        Older = "ℬℰℱℋℐℒℳℛℭℌℑℜℨℂℍℕℙℚℝℤℎℯℊℴℓ", OlderPlain = "BEFHILMRCHIRZCHNPQRZhegol";

    /// <summary>The plain letter or digit; itself, where it is none of these.</summary>
    public static int Plain(Rune rune) => rune.Value switch
    {
        > 0xFF00 and < 0xFF5F => rune.Value - 0xFEE0,
        >= FirstLetter and < AfterLetters => (rune.Value - FirstLetter) % Latin is var letter && letter < 26 ? 'A' + letter : 'a' + letter - 26,
        0x1D6A4 => 'i',
        0x1D6A5 => 'j',
        >= FirstGreek and < AfterGreek => Greek[(rune.Value - FirstGreek) % GreekLetters],
        >= FirstDigit and < AfterDigits => '0' + (rune.Value - FirstDigit) % Digits,
        < 0x10000 when Older.IndexOf((char)rune.Value, StringComparison.Ordinal) is >= 0 and var at => OlderPlain[at],
        _ => rune.Value,
    };

    /// <summary>
    /// Whether it is the plain letter itself, as a paper prints it or a wide keyboard types it: italic or fullwidth. Bold and script tell apart.
    /// </summary>
    public static bool IsPlainOne(Rune rune) => rune.Value is (> 0xFF00 and < 0xFF5F) or 'ℎ' or 0x1D6A4 or 0x1D6A5
        || rune.Value is >= FirstLetter and < AfterLetters && (rune.Value - FirstLetter) / Latin == 1
        || rune.Value is >= FirstGreek and < AfterGreek && (rune.Value - FirstGreek) / GreekLetters == 1;
}
