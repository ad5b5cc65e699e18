using System.Text;

namespace Unroll.Inspection.Derivation;

//  𝒲  \mathcal{W}      𝐖  \mathbf{W}      𝔚  \mathfrak{W}      𝕎  \mathbb{W}      𝖶  \mathsf{W}      𝚆  \mathtt{W}      𝑊  W

/// <summary>The letters and digits of Unicode's mathematical alphabets, and those older ones that fill its gaps, as LaTeX.</summary>
internal static class MathAlphabet
{
    private const int FirstLetter = 0x1D400, AfterLetters = 0x1D6A4, FirstDigit = 0x1D7CE, AfterDigits = 0x1D800, Letters = 52, Digits = 10;

    // In the order of Unicode: bold, italic, bold italic, script, bold script, Fraktur, double-struck, bold Fraktur, sans serif in four ways,
    // typewriter.
    private static readonly string[] s_letters =
    [
        @"\mathbf", "", @"\boldsymbol", @"\mathcal", @"\boldsymbol\mathcal", @"\mathfrak", @"\mathbb", @"\boldsymbol\mathfrak", @"\mathsf",
        @"\mathsf", @"\mathsf", @"\mathsf", @"\mathtt",
    ];

    private static readonly string[] s_digits = [@"\mathbf", @"\mathbb", @"\mathsf", @"\mathsf", @"\mathtt"];

    private static readonly Dictionary<char, (string Command, char Letter)> s_older = Older(
        (@"\mathcal", "ℬℰℱℋℐℒℳℛ", "BEFHILMR"), (@"\mathfrak", "ℭℌℑℜℨ", "CHIRZ"), (@"\mathbb", "ℂℍℕℙℚℝℤ", "CHNPQRZ"), ("", "ℎℯℊℴ", "hego"));

    /// <summary>The letter as LaTeX; null: it is of none of these alphabets.</summary>
    /// <param name="rune">The letter or digit.</param>
    public static string? Latex(Rune rune)
    {
        int value = rune.Value;
        if (value == 'ℓ') return @"\ell ";
        if (rune.IsBmp) return s_older.TryGetValue((char)value, out var older) ? In(older.Command, older.Letter) : null;
        if (value is >= FirstDigit and < AfterDigits) return In(s_digits[(value - FirstDigit) / Digits], (char)('0' + (value - FirstDigit) % Digits));
        if (value is < FirstLetter or >= AfterLetters) return null;
        int letter = (value - FirstLetter) % Letters;
        string command = s_letters[(value - FirstLetter) / Letters];
        // \mathcal has capital letters alone
        if (letter >= 26 && command.EndsWith("cal", StringComparison.Ordinal)) command = @"\mathit";
        return In(command, (char)(letter < 26 ? 'A' + letter : 'a' + letter - 26));
    }

    private static string In(string command, char letter) => command.Length == 0 ? $"{letter}"
        : command.LastIndexOf('\\') is > 0 and var second ? $"{command[..second]}{{{command[second..]}{{{letter}}}}}" : $"{command}{{{letter}}}";

    private static Dictionary<char, (string, char)> Older(params ReadOnlySpan<(string Command, string From, string To)> all)
    {
        Dictionary<char, (string, char)> older = [];
        foreach ((string command, string from, string to) in all)
            foreach ((char one, char letter) in from.Zip(to)) older[one] = (command, letter);
        return older;
    }
}
