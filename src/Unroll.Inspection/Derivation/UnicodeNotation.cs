using System.Globalization;

namespace Unroll.Inspection.Derivation;

/// <summary>As in a text: h₋, σ(a_f), (1 − z) ⊙ n.</summary>
internal sealed class UnicodeNotation : Notation
{
    private const string Superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    public static UnicodeNotation Instance { get; } = new();

    public override string Minus => " − ";

    public override string Times => " ⊙ ";

    public override string Apart => " ";

    public override string Name(string name, ReadAt at) => at switch
    {
        ReadAt.Before => name + "₋",
        ReadAt.After => name + "₊",
        _ => name,
    };

    public override string Number(double value) => NumberText(value);

    public override string Delta(string of) => "δ" + of;

    public override string OwnLoss(string of) => "∂ℓ/∂" + of;

    public override string Transposed(string of) => of + "ᵀ";

    public override string Power(string of, double exponent) =>
        exponent is >= 2 and <= 9 && exponent == (int)exponent ? of + Superscripts[(int)exponent] : $"{of}^{NumberText(exponent)}";

    public override string Quotient(string numerator, string denominator) => $"{numerator} / {denominator}";

    public override string Call(string word, params IEnumerable<string> operands) => $"{word}({string.Join(", ", operands)})";

    public override string SquareRoot(string of) => $"sqrt({of})";

    public override string Above(string a, string b, bool orEqual) => orEqual ? $"[{a} ≥ {b}]" : $"[{a} > {b}]";

    public override string UnitSum(string of) => $"Σ {of}";

    public override string Parentheses(string of) => $"({of})";

    /// <summary>A number as the language has it, with a minus sign: 0.5, 1e−5.</summary>
    public static string NumberText(double value)
    {
        string text = Digits(value);
        int e = text.IndexOf('E');
        if (e >= 0) text = $"{text[..e]}e{int.Parse(text[(e + 1)..], CultureInfo.InvariantCulture)}";
        return text.Replace('-', '−');
    }

    /// <summary>A number in the fewest digits that give it as a float, in which cells compute: 0.06, not 0.05999999865889549.</summary>
    public static string Digits(double value) =>
        ((float)value is var near && float.IsNormal(near) ? near.ToString("R", CultureInfo.InvariantCulture) : null)
            ?? value.ToString("R", CultureInfo.InvariantCulture);
}
