using Unroll.Cells.Definitions;
using Unroll.Inspection.Derivation;

namespace Unroll.Tests.Inspection.Derivation;

public sealed class DerivationTextTests
{
    public static TheoryData<string> Cells => [.. CellZoo.Names, .. BuiltInDefinitions.All.Select(one => one.Name).Except(CellZoo.Names)];

    private static CellDerivation Derived(string name) =>
        CellDerivation.Of(BuiltInDefinitions.Find(name)?.Definition ?? CellText.Read(CellZoo.Text(name), name));

    [Fact]
    public void The_gru_reads_as_on_its_page() => Assert.Equal(
        """
        gradients, from the last equation back to the first
        (δv is ∂L/∂v, and L = Σ ℓ the sum of the steps' own losses; ₊ marks the step after, which is zero at the last step)
          δh   = ∂ℓ/∂h                                    output
               + δh₊ ⊙ z₊                                 direct
               + r₊ ⊙ U_nᵀ δa_n₊                          through n
               + U_zᵀ δa_z₊                               through z
               + U_rᵀ δa_r₊                               through r
          δn   = δh ⊙ (1 − z)
          δa_n = δn ⊙ (1 − n²)
          δrh  = U_nᵀ δa_n
          δz   = δh ⊙ (h₋ − n)
          δa_z = δz ⊙ z ⊙ (1 − z)
          δr   = δrh ⊙ h₋
          δa_r = δr ⊙ r ⊙ (1 − r)
        """.ReplaceLineEndings("\n"),
        string.Join('\n', DerivationText.Lines(Derived("gru")).SkipWhile(line => !line.StartsWith("gradients, "))
            .TakeWhile(line => line.Length > 0)));

    [Fact]
    public void A_sign_is_the_terms_and_a_number_stands_before_it()
    {
        CellDerivation derived = CellDerivation.Of(CellText.Read(
            """
            cell odd
            scalar α = 0.5
            e = clip((A − Aᵀ) h₋ + Vᵀ h₋ + W x, −1, 1)
            w = norm(α ⊙ e)
            h = w − 0.5 ⊙ e^3
            """, "odd"));
        string[] lines = [.. DerivationText.Lines(derived).Select(line => line.TrimEnd())];
        Assert.Contains("(w = norm(a) is ρ_w (a − mean(a)) with ρ_w = 1 / sqrt(mean((a − mean(a))²) + 1e−5))", lines);
        Assert.Contains("       + V δa_e₊                                  through e (Vᵀ)", lines);
        Assert.Contains("       − (A − Aᵀ) δa_e₊                           through e (A − Aᵀ)", lines);
        Assert.Contains(@"&- (A - A^{\top})\, \delta a_{e,t+1} && \text{through}\ e\ (A\ -\ A^{\top}) \\", DerivationText.Latex(derived));
        Assert.Contains(lines, line => line.StartsWith("  δe   = −1.5 δh ⊙ e²"));
        Assert.Contains(lines, line => line.StartsWith("       + α δαe"));
        Assert.Contains(lines, line => line.StartsWith("  δA += δa_e h₋ᵀ"));
        Assert.Contains("     −  h₋ δa_eᵀ", lines);
        Assert.Contains("  δV += h₋ δa_eᵀ", lines);
        Assert.Contains("  δα += Σ δαe ⊙ e", lines);
        Assert.Contains("  δa_e = δe ⊙ [a_e > −1] ⊙ [1 > a_e]", lines);
    }

    [Fact]
    public void What_is_the_same_at_every_step_has_no_step_and_numbers_are_those_of_floats()
    {
        CellDerivation derived = CellDerivation.Of(CellText.Read(
            "cell a\ndt = 0.1\nk = 3 ⊙ dt\nh = h₋ + k ⊙ tanh(𝒲 x + ĉ)\nvector ĉ\nout y = 0.2 ⊙ (0.3 ⊙ h)\n", "a"));
        string[] lines = [.. DerivationText.Lines(derived).Select(line => line.Trim())], latex = [.. DerivationText.Latex(derived)];
        Assert.Contains("δtanh_a_h = δh ⊙ k", lines);
        Assert.DoesNotContain(lines, line => line.Contains("k₊", StringComparison.Ordinal) || line.Contains("dt₊", StringComparison.Ordinal));
        Assert.DoesNotContain(latex, line => line.Contains("k_{t", StringComparison.Ordinal)
            && !line.Contains(@"\delta k", StringComparison.Ordinal));
        Assert.Contains(@"\mathit{dt} &= 0.1 \\", latex);
        Assert.Contains(latex, line => line.Contains(@"\mathcal{W}\, x_{t}", StringComparison.Ordinal));
        Assert.Contains(latex, line => line.Contains(@"\hat{c}", StringComparison.Ordinal));
        Assert.DoesNotContain(lines.Concat(latex), line => line.Contains("0000000", StringComparison.Ordinal));
        Assert.Equal("0.06", UnicodeNotation.NumberText(0.06f));
        Assert.Equal("0.3", LatexNotation.Instance.Number(0.1 * 3));
    }

    [Theory]
    [InlineData("𝒲", @"\mathcal{W}")]
    [InlineData("ℛ_f", @"\mathcal{R}_{f}")]
    [InlineData("𝐖", @"\mathbf{W}")]
    [InlineData("𝔚", @"\mathfrak{W}")]
    [InlineData("𝕎", @"\mathbb{W}")]
    [InlineData("𝓦", @"\boldsymbol{\mathcal{W}}")]
    [InlineData("𝖶", @"\mathsf{W}")]
    [InlineData("𝚆", @"\mathtt{W}")]
    [InlineData("𝑊", "W")]
    [InlineData("ℎ", "h")]
    [InlineData("c̃", @"\tilde{c}")]
    [InlineData("ñ", @"\tilde{n}")]
    public void Letters_of_mathematics_are_commands(string name, string latex) =>
        Assert.Equal(latex, LatexNotation.Instance.Name(name, ReadAt.Always));

    [Fact]
    public void A_term_through_an_antisymmetric_matrix_is_called_so() =>
        Assert.Contains(DerivationText.Lines(Derived("antisymmetric-rnn")), line => line.EndsWith("  through U − Uᵀ", StringComparison.Ordinal)
            && line.Contains("(U − Uᵀ) δa_h₊", StringComparison.Ordinal));

    [Fact]
    public void What_is_made_of_numbers_alone_receives_the_sum_over_the_units()
    {
        string[] lines = [.. DerivationText.Lines(CellDerivation.Of(CellText.Read(
            "cell a\nscalar α = 0.5\ng = σ(α)\nh = g ⊙ h₋ + W x", "a")))
            .Select(line => line.Trim())];
        Assert.Contains("δg = Σ δh ⊙ h₋", lines.Select(line => line.Replace("  ", " ")));
        Assert.Contains("δα += δg ⊙ g ⊙ (1 − g)", lines);
    }

    [Theory, MemberData(nameof(Cells))]
    public void LaTeX_is_ASCII_and_what_opens_closes(string name)
    {
        string latex = string.Join('\n', DerivationText.Latex(Derived(name)).Where(line => !line.StartsWith('%')));
        Assert.DoesNotContain(latex, c => c > 126);
        Assert.Equal(latex.Count(c => c == '{'), latex.Count(c => c == '}'));
        Assert.Equal(latex.Count(c => c == '('), latex.Count(c => c == ')'));
        Assert.Equal(4, latex.Split(@"\begin{align*}").Length - 1);
        Assert.Equal(4, latex.Split(@"\end{align*}").Length - 1);
        Assert.DoesNotContain("\\\\\n\\end", latex);
    }
}
