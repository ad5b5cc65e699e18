using Unroll.Cells.Definitions;
using Unroll.Inspection.Derivation;

namespace Unroll.Tests.Inspection.Derivation;

public sealed class FormulaWriterTests
{
    private static CellExpression Read(string value)
    {
        string[] known = ["a", "c", "f", "n", "a_f"];
        string before = string.Concat(known.Select(name => $"{name} = W_{name} x + {name}₋\n"));
        string after = string.Concat(known.Select(name => $" + {name}"));
        return CellText.Read($"cell test\nscalar α = 1\n{before}q = {value}\nh = h₋ + α ⊙ (W_x x + q{after})", "test").Assignments
            .Single(one => one.Name == "q").Value;
    }

    [Theory]
    [InlineData("a + (c + f)", "a + c + f", @"a_{t} + c_{t} + f_{t}")]
    [InlineData("a − (c − f)", "a − (c − f)", @"a_{t} - (c_{t} - f_{t})")]
    [InlineData("(1 − f) ⊙ h₋ + f ⊙ n", "(1 − f) ⊙ h₋ + f ⊙ n", @"(1 - f_{t}) \odot h_{t-1} + f_{t} \odot n_{t}")]
    [InlineData("σ(W_f x + U_f (f ⊙ h₋) + b_f)", "σ(W_f x + U_f (f ⊙ h₋) + b_f)",
        @"\sigma(W_{f}\, x_{t} + U_{f}\, (f_{t} \odot h_{t-1}) + b_{f})")]
    [InlineData("α ⊙ h₋ ⊙ 2", "α h₋ ⊙ 2", @"\alpha\, h_{t-1} \odot 2")]
    [InlineData("0.5 ⊙ (a + c)", "0.5 (a + c)", @"0.5\, (a_{t} + c_{t})")]
    [InlineData("a ⊙ (c / f)", "a ⊙ c / f", @"a_{t} \odot \frac{c_{t}}{f_{t}}")]
    [InlineData("a / (c ⊙ f)", "a / (c ⊙ f)", @"\frac{a_{t}}{c_{t} \odot f_{t}}")]
    [InlineData("(a + c) / f", "(a + c) / f", @"\frac{a_{t} + c_{t}}{f_{t}}")]
    [InlineData("(W h₋) ⊙ a", "(W h₋) ⊙ a", @"(W\, h_{t-1}) \odot a_{t}")]
    [InlineData("a ⊙ (W h₋)", "a ⊙ W h₋", @"a_{t} \odot W\, h_{t-1}")]
    [InlineData("−a ⊙ c", "−a ⊙ c", @"-a_{t} \odot c_{t}")]
    [InlineData("a + (−c)", "a + (−c)", @"a_{t} + (-c_{t})")]
    [InlineData("(a − 1)^2 + c^1.5", "(a − 1)² + c^1.5", @"(a_{t} - 1)^{2} + c_{t}^{1.5}")]
    [InlineData("(W − Wᵀ) h₋ + Vᵀ c₋", "(W − Wᵀ) h₋ + Vᵀ c₋", @"(W - W^{\top})\, h_{t-1} + V^{\top}\, c_{t-1}")]
    [InlineData("a − (−2 ⊙ c)", "a − (−2 c)", @"a_{t} - (-2\, c_{t})")]
    [InlineData("max(a, clip(a_f, −1, 1e-5))", "max(a, clip(a_f, −1, 1e−5))",
        @"\max(a_{t}, \operatorname{clip}(a_{f,t}, -1, 1 \cdot 10^{-5}))")]
    [InlineData("norm(sqrt(exp(a)))", "norm(sqrt(exp(a)))", @"\operatorname{norm}(\sqrt{\exp(a_{t})})")]
    public void An_expression_has_as_few_parentheses_as_can_be_read(string text, string unicode, string latex)
    {
        Assert.Equal(unicode, FormulaWriter.Unicode.Write(Read(text)));
        Assert.Equal(latex, FormulaWriter.Latex.Write(Read(text)));
    }

    [Fact]
    public void What_only_a_derivation_has_is_written_with_the_step_at_which_it_is_read()
    {
        CellExpression z = new QuantityExpression("z"), before = new PreviousExpression("h"), delta = new DeltaExpression("a_z");
        CellExpression product = new ProductExpression("U_z", delta, MatrixForm.Transposed);
        (CellExpression Value, string Unicode, string Latex, string Html)[] cases =
        [
            (new NextStepExpression(product), "U_zᵀ δa_z₊", @"U_{z}^{\top}\, \delta a_{z,t+1}", "<i>U</i><sub>z</sub>ᵀ\u2009δ<i>a</i><sub>z</sub>₊"),
            (new NextStepExpression(before), "h", "h_{t}", "<i>h</i>"),
            (new AboveExpression(z, before, OrEqual: false), "[z > h₋]", "[z_{t} > h_{t-1}]", "[<i>z</i> &gt; <i>h</i>₋]"),
            (new AboveExpression(z, before, OrEqual: true), "[z ≥ h₋]", @"[z_{t} \ge h_{t-1}]", "[<i>z</i> ≥ <i>h</i>₋]"),
            (new OuterExpression(delta, before), "δa_z h₋ᵀ", @"\delta a_{z,t}\, h_{t-1}^{\top}", "δ<i>a</i><sub>z</sub>\u2009<i>h</i>₋ᵀ"),
            (new OwnLossExpression(z), "∂ℓ/∂z", @"\frac{\partial \ell_{t}}{\partial z_{t}}", "∂ℓ/∂<i>z</i>"),
            (new GradientExpression(new MatrixExpression("U_z")), "δU_z", @"\delta U_{z}", "δ<i>U</i><sub>z</sub>"),
            (new NormGradientExpression(new DeltaExpression("p"), "p"), "ρ_p (δp − mean(δp) − p ⊙ mean(δp ⊙ p))",
                @"\rho_{p,t}\, (\delta p_{t} - \operatorname{mean}(\delta p_{t}) - p_{t} \odot \operatorname{mean}(\delta p_{t} \odot p_{t}))",
                "<i>ρ</i><sub>p</sub>\u2009(δ<i>p</i> − mean(δ<i>p</i>) − <i>p</i> ⊙ mean(δ<i>p</i> ⊙ <i>p</i>))"),
        ];
        Assert.All(cases, one => Assert.Equal((one.Unicode, one.Latex, one.Html),
            (FormulaWriter.Unicode.Write(one.Value), FormulaWriter.Latex.Write(one.Value), FormulaWriter.Html.Write(one.Value))));
    }

    [Theory]
    [InlineData("a_f", "a_{f}")]
    [InlineData("c̃", @"\tilde{c}")]
    [InlineData("ĉ_f", @"\hat{c}_{f}")]
    [InlineData("γ_in", @"\gamma_{\mathit{in}}")]
    [InlineData("rh", @"\mathit{rh}")]
    [InlineData("αh", @"\mathit{\alpha h}")]
    [InlineData("r₁₂", "r_{12}")]
    [InlineData("z′", "z'")]
    [InlineData("norm_a_f", @"\mathit{norm}_{a,f}")]
    public void A_name_is_a_letter_and_what_stands_below_it(string name, string latex) =>
        Assert.Equal(latex, LatexNotation.Instance.Name(name, ReadAt.Always));
}
