using System.Globalization;
using System.Text;
using Unroll.Core;

namespace Unroll.Inspection.Derivation;

/// <summary>
/// As LaTeX with the steps as subscripts: h_{t-1}, a_{f,t}, \delta h_{t+1}. Needs amsmath, and amssymb where a letter is double-struck or Fraktur.
/// </summary>
internal sealed class LatexNotation : Notation
{
    private static readonly Dictionary<char, string> s_greek = new()
    {
        ['α'] = "alpha", ['β'] = "beta", ['γ'] = "gamma", ['δ'] = "delta", ['ε'] = "epsilon", ['ζ'] = "zeta", ['η'] = "eta", ['θ'] = "theta",
        ['ι'] = "iota", ['κ'] = "kappa", ['λ'] = "lambda", ['μ'] = "mu", ['ν'] = "nu", ['ξ'] = "xi", ['π'] = "pi", ['ρ'] = "rho", ['σ'] = "sigma",
        ['τ'] = "tau", ['υ'] = "upsilon", ['φ'] = "phi", ['χ'] = "chi", ['ψ'] = "psi", ['ω'] = "omega", ['Γ'] = "Gamma", ['Δ'] = "Delta",
        ['Θ'] = "Theta", ['Λ'] = "Lambda", ['Ξ'] = "Xi", ['Π'] = "Pi", ['Σ'] = "Sigma", ['Φ'] = "Phi", ['Ψ'] = "Psi", ['Ω'] = "Omega",
    };

    private static readonly Dictionary<char, string> s_marks = new()
    {
        ['\u0303'] = "tilde", ['\u0302'] = "hat", ['\u0304'] = "bar", ['\u0305'] = "bar", ['\u0307'] = "dot", ['\u0308'] = "ddot", ['\u20D7'] = "vec",
    };

    public static LatexNotation Instance { get; } = new();

    public override string Minus => " - ";

    public override string Times => @" \odot ";

    public override string Apart => @"\, ";

    public override bool DrawsFractions => true;

    public override string Name(string name, ReadAt at)
    {
        (string letter, List<string> below) = Parts(name);
        if (at != ReadAt.Always) below.Add(at switch { ReadAt.Before => "t-1", ReadAt.After => "t+1", _ => "t" });
        return below.Count == 0 ? letter : $"{letter}_{{{string.Join(',', below)}}}";
    }

    public override string Number(double value)
    {
        string text = UnicodeNotation.Digits(value);
        int e = text.IndexOf('E');
        return e < 0 ? text : $@"{text[..e]} \cdot 10^{{{int.Parse(text[(e + 1)..], CultureInfo.InvariantCulture)}}}";
    }

    public override string Delta(string of) => @"\delta " + of;

    public override string OwnLoss(string of) => $@"\frac{{\partial \ell_{{t}}}}{{\partial {of}}}";

    public override string Transposed(string of) => of + @"^{\top}";

    public override string Power(string of, double exponent) => $"{of}^{{{Number(exponent)}}}";

    public override string Quotient(string numerator, string denominator) => $@"\frac{{{numerator}}}{{{denominator}}}";

    public override string Call(string word, params IEnumerable<string> operands) =>
        $@"{(word is "tanh" or "exp" or "log" or "max" or "min" ? @"\" + word : word == "σ" ? @"\sigma" : $@"\operatorname{{{word}}}")}"
        + Parentheses(string.Join(", ", operands));

    public override string SquareRoot(string of) => $@"\sqrt{{{of}}}";

    public override string Above(string a, string b, bool orEqual) => orEqual ? $@"[{a} \ge {b}]" : $"[{a} > {b}]";

    public override string UnitSum(string of) => @"\textstyle\sum " + of;

    public override string Parentheses(string of) => of.Contains(@"\frac", StringComparison.Ordinal) ? $@"\left({of}\right)" : $"({of})";

    // c̃_f is \tilde{c} and f; r₁ is r and 1; rh, a word, is \mathit{rh}.
    private static (string Letter, List<string> Below) Parts(string name)
    {
        string[] parts = name.Split('_', StringSplitOptions.RemoveEmptyEntries);
        List<string> below = [.. parts.Skip(1).Select(Word)];
        string first = parts.Length == 0 ? name : parts[0], digits = "";
        while (first.Length > 1 && first[^1] is >= '₀' and <= '₉')
        {
            digits = (char)(first[^1] - '₀' + '0') + digits;
            first = first[..^1];
        }
        if (digits.Length > 0) below.Insert(0, digits);
        return (Word(first), below);
    }

    private static string Word(string text)
    {
        StringBuilder word = new();
        int letters = 0;
        foreach (Rune rune in Nfc.Decomposed(text).EnumerateRunes())
        {
            char c = rune.IsBmp ? (char)rune.Value : '\0';
            if (s_marks.TryGetValue(c, out string? mark) && word.Length > 0)
            {
                string last = word.ToString().TrimEnd();
                word.Clear().Append($@"\{mark}{{{last}}}");
                continue;
            }
            if (Rune.IsLetterOrDigit(rune) && c is not (>= '⁰' and <= '₉' or '¹' or '²' or '³')) letters++;
            word.Append(MathAlphabet.Latex(rune)
                ?? (s_greek.TryGetValue(c, out string? greek) ? $@"\{greek} " : c == 0 ? rune.ToString() : Plain(c)));
        }
        string all = word.ToString().TrimEnd();
        return letters > 1 ? $@"\mathit{{{all}}}" : all;
    }

    private static string Plain(char c) => c switch
    {
        '′' => "'",
        '²' => "^{2}",
        '³' => "^{3}",
        '¹' => "^{1}",
        >= '⁰' and <= '⁹' => $"^{{{c - '⁰'}}}",
        >= '₀' and <= '₉' => $"_{{{c - '₀'}}}",
        _ => c.ToString(),
    };
}
