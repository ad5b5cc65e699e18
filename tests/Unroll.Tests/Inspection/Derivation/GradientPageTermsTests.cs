using System.Text.RegularExpressions;
using Unroll.Cells.Definitions;
using Unroll.Inspection.Derivation;
using Unroll.Tests.Architecture;

namespace Unroll.Tests.Inspection.Derivation;

/// <summary>
/// What is derived from the definitions of the built-in cells is, term for term and by name, what the pages of docs/gradients derive by hand.
/// </summary>
public sealed partial class GradientPageTermsTests
{
    // A statement as it stands on the page, and the names that stand below its terms; none: it has a single term, without a name.
    private sealed record Stated(string Equation, params string[] Names);

    // The page's letters for the definition's, as regular expressions, in order.
    private static readonly (string Page, string Own)[] s_pyTorch = [(@"W_yᵀ δy", "∂ℓ/∂h"), (@"W_i(\w)", "W_$1"), (@"W_h(\w)", "U_$1")];

    private static readonly Dictionary<string, (Stated[] Statements, (string Page, string Own)[] Letters)> s_pages = new()
    {
        ["rnn"] = ([
            new("δa⟨t⟩ = (∂y⟨t⟩/∂a⟨t⟩)ᵀ δy⟨t⟩ + (∂z⟨t+1⟩/∂a⟨t⟩)ᵀ δz⟨t+1⟩ = W_yᵀ δy⟨t⟩ + W_aaᵀ δz⟨t+1⟩", "output", "next step"),
            new("δz = δa ⊙ (1 − a²)"),
            new("δx = W_axᵀ δz"), new("dW_aa = Σ_t δz⟨t⟩ a⟨t−1⟩ᵀ"), new("dW_ax = Σ_t δz⟨t⟩ x⟨t⟩ᵀ"), new("db_a = Σ_t δz⟨t⟩"),
        ], [(@"\(∂y.*?= W_y", "W_y"), (@"W_yᵀ δy⟨t⟩", "∂ℓ/∂h"), (@"Σ_t ", ""), ("^d", "δ"), ("W_aa", "U"), ("W_ax", "W"), ("b_a", "b"),
            (@"⟨t\+1⟩", "₊"), ("⟨t−1⟩", "₋"), ("⟨t⟩", ""), (@"\bδa", "δh"), (@"\ba(?=[₋²])", "h"), ("δz", "δa_h")]),
        ["residual"] = ([
            new("δh⟨t⟩ = W_yᵀ δy⟨t⟩ + δh⟨t+1⟩ + Uᵀ δz⟨t+1⟩", "output", "direct", "through g"),
            new("dW = Σ δz xᵀ"), new("dU = Σ δz h₋ᵀ"), new("db = Σ δz"),
        ], [(@"W_yᵀ δy⟨t⟩", "∂ℓ/∂h"), ("Σ ", ""), ("^d", "δ"), (@"⟨t\+1⟩", "₊"), ("⟨t⟩", ""), ("δz", "δa_g")]),
        ["lstm"] = ([
            new("δh = W_yᵀ δy + W_hiᵀ δa_i₊ + W_hfᵀ δa_f₊ + W_hgᵀ δa_g₊ + W_hoᵀ δa_o₊", "output", "through i", "through f", "through g", "through o"),
            new("δo = δh ⊙ m"), new("δa_o = δo ⊙ o ⊙ (1 − o)"), new("δm = δh ⊙ o"),
            new("δc = δc₊ ⊙ f₊ + δm ⊙ (1 − m²)", "direct", "through h"),
            new("δg = δc ⊙ i"), new("δa_g = δg ⊙ (1 − g²)"), new("δf = δc ⊙ c₋"), new("δa_f = δf ⊙ f ⊙ (1 − f)"), new("δi = δc ⊙ g"),
            new("δa_i = δi ⊙ i ⊙ (1 − i)"),
        ], s_pyTorch),
        ["lstm-peephole"] = ([
            new("δo = δh ⊙ m"), new("δa_o = δo ⊙ o ⊙ (1 − o)"),
            new("δc = δc₊ ⊙ f₊ + p_i ⊙ δa_i₊ + p_f ⊙ δa_f₊ + δm ⊙ (1 − m²) + p_o ⊙ δa_o",
                "direct", "through i", "through f", "through h", "through o"),
            new("dp_i = Σ δa_i ⊙ c₋"), new("dp_f = Σ δa_f ⊙ c₋"), new("dp_o = Σ δa_o ⊙ c"),
        ], [("^d", "δ"), ("Σ ", ""), .. s_pyTorch]),
        ["gru"] = ([
            new("δh = W_yᵀ δy + δh₊ ⊙ z₊ + W_hzᵀ δa_z₊ + r₊ ⊙ W_hnᵀ δa_n₊ + W_hrᵀ δa_r₊", "output", "direct", "through z", "through n", "through r"),
            new("δn = δh ⊙ (1 − z)"), new("δa_n = δn ⊙ (1 − n²)"), new("δz = δh ⊙ (h₋ − n)"), new("δa_z = δz ⊙ z ⊙ (1 − z)"),
            new("δrh = W_hnᵀ δa_n"), new("δr = δrh ⊙ h₋"), new("δa_r = δr ⊙ r ⊙ (1 − r)"),
            new("dW_hn = Σ δa_n (r ⊙ h₋)ᵀ"),
        ], [("^d", "δ"), ("Σ ", ""), .. s_pyTorch]),
        ["gru-after"] = ([
            new("δh = W_yᵀ δy + δh₊ ⊙ z₊ + W_hzᵀ δa_z₊ + W_hnᵀ δhn₊ + W_hrᵀ δa_r₊", "output", "direct", "through z", "through n", "through r"),
            new("δn = δh ⊙ (1 − z)"), new("δa_n = δn ⊙ (1 − n²)"), new("δz = δh ⊙ (h₋ − n)"), new("δa_z = δz ⊙ z ⊙ (1 − z)"),
            new("δhn = δa_n ⊙ r"), new("δr = δa_n ⊙ hn"), new("δa_r = δr ⊙ r ⊙ (1 − r)"),
            new("dW_hn = Σ δhn h₋ᵀ"), new("db_hn = Σ δhn"), new("db_in = Σ δa_n"),
        ], [("^d", "δ"), ("Σ ", ""), (@"(?<!b_)\bhn|(?<=δ)hn", "u_n"), ("b_in", "b_n"), .. s_pyTorch]),
    };

    [GeneratedRegex(@"\s+")] private static partial Regex Blanks();

    public static TheoryData<string> Cells => [.. s_pages.Keys];

    private static PrintedDerivation Derived(string cell) => PrintedDerivation.Of(CellDerivation.Of(BuiltInDefinitions.Find(cell)!.Definition));

    private static string Rewritten(string text, (string Page, string Own)[] letters) =>
        letters.Aggregate(text, (all, letter) => Regex.Replace(all, letter.Page, letter.Own));

    // The order of summands and of factors says nothing.
    private static string Sorted(string term) => string.Join(" ⊙ ", term.Split(" ⊙ ").Order(StringComparer.Ordinal));

    private static string[] Terms(PrintedEquation equation) =>
        [.. equation.Terms.Select(term => $"{term.Path}: {Sorted(FormulaWriter.Unicode.Write(term.Value))}").Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Cells))]
    public void The_derived_terms_are_those_of_the_page(string cell)
    {
        (Stated[] statements, (string Page, string Own)[] letters) = s_pages[cell];
        string page = Blanks().Replace(File.ReadAllText(SourceTree.At($"docs/gradients/{cell}.md")), " ");
        PrintedDerivation derived = Derived(cell);
        Dictionary<string, PrintedEquation> byLeft =
            derived.Deltas.Append(derived.Input).Concat(derived.Sums).ToDictionary(one => FormulaWriter.Unicode.Write(one.Left));
        foreach (Stated stated in statements)
        {
            Assert.Contains(stated.Names.Length == 0 ? stated.Equation : $"{stated.Equation} {string.Join(' ', stated.Names)}", page);
            string[] sides = Rewritten(stated.Equation, letters).Split(" = ");
            string[] terms = sides[1].Split(" + ");
            Assert.Equal(Math.Max(1, stated.Names.Length), terms.Length);
            string[] expected = [.. terms.Select((term, k) => $"{(stated.Names.Length > 0 ? stated.Names[k] : "")}: {Sorted(term)}")
                .Order(StringComparer.Ordinal)];
            Assert.Equal(expected, Terms(byLeft[sides[0]]));
        }
    }

    [Fact]
    public void The_notes_five_terms_of_the_gru_have_their_names_and_their_number()
    {
        PrintedEquation state = Derived("gru").Deltas[0];
        Assert.Equal("δh", FormulaWriter.Unicode.Write(state.Left));
        Assert.Equal(["output", "direct", "through n", "through z", "through r"], state.Terms.Select(term => term.Path));
    }

    [Fact]
    public void The_direct_path_of_the_lstm_has_the_factor_f_alone() => Assert.Equal("δc₊ ⊙ f₊", FormulaWriter.Unicode.Write(
        Derived("lstm").Deltas.Single(one => one.Left == new DeltaExpression("c")).Terms.Single(term => term.Path == "direct").Value));
}
