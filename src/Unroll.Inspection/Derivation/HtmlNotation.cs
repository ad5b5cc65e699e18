using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Unroll.Inspection.Derivation;

/// <summary>As HTML: letters slanted, what follows an underscore below the line.</summary>
internal sealed class HtmlNotation : Notation
{
    private static readonly HtmlEncoder s_encoder = HtmlEncoder.Create(UnicodeRanges.All);

    public static HtmlNotation Instance { get; } = new();

    public override string Minus => " − ";

    public override string Times => " ⊙ ";

    public override string Apart => "\u2009";

    public override string Name(string name, ReadAt at)
    {
        int under = name.IndexOf('_', 1);
        string first = under < 0 ? name : name[..under], text = $"<i>{s_encoder.Encode(first)}</i>";
        if (under >= 0) text += $"<sub>{s_encoder.Encode(name[(under + 1)..].Replace('_', ' '))}</sub>";
        return text + at switch { ReadAt.Before => "₋", ReadAt.After => "₊", _ => "" };
    }

    public override string Number(double value) => UnicodeNotation.NumberText(value);

    public override string Delta(string of) => "δ" + of;

    public override string OwnLoss(string of) => "∂ℓ/∂" + of;

    public override string Transposed(string of) => of + "ᵀ";

    public override string Power(string of, double exponent) => $"{of}<sup>{UnicodeNotation.NumberText(exponent)}</sup>";

    public override string Quotient(string numerator, string denominator) => $"{numerator} / {denominator}";

    public override string Call(string word, params IEnumerable<string> operands) => $"{word}({string.Join(", ", operands)})";

    public override string SquareRoot(string of) => $"√({of})";

    public override string Above(string a, string b, bool orEqual) => orEqual ? $"[{a} ≥ {b}]" : $"[{a} &gt; {b}]";

    public override string UnitSum(string of) => $"Σ {of}";

    public override string Parentheses(string of) => $"({of})";
}
