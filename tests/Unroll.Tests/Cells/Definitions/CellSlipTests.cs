using System.Globalization;
using System.Text.RegularExpressions;
using Unroll.Cells.Definitions;
using Unroll.Core;

namespace Unroll.Tests.Cells.Definitions;

/// <summary>
/// What papers and programs write otherwise: what a message says to write is the cell that was meant, and what is no slip is read as it stands.
/// </summary>
public sealed partial class CellSlipTests
{
    // What a message says to write is written, until nothing is left to say.
    [Theory]
    [InlineData("h_t = tanh(W_h x_t + U_h h_{t-1} + b_h_t)", "h = tanh(W_h x + U_h h₋ + b_h_t)")]
    [InlineData("hₜ = tanh(Wₜ xₜ + Uₜ hₜ₋₁ + b)", "h = tanh(Wₜ x + Uₜ h₋ + b)")]
    [InlineData("h_t = tanh(W x_t + U h_{t-1} + u_t)\nvector u_t", "h = tanh(W x + U h₋ + u_t)\nvector u_t")]
    [InlineData("f = σ(W x_t + b)\nh = f_t ⊙ h_{t-1}", "f = σ(W x + b)\nh = f ⊙ h₋")]
    [InlineData("f_t = σ(W x)\nh_t = (1 − f_t) ⊙ h_{t-1}", "f = σ(W x)\nh = (1 − f) ⊙ h₋")]
    [InlineData("f_{t} = σ(W x)\nf = tanh(V x)\nh = f_{t} ⊙ h₋ + f", "f_t = σ(W x)\nf = tanh(V x)\nh = f_t ⊙ h₋ + f")]
    [InlineData("f_t = σ(W_f · [h_{t-1}, x_t] + b_f)\nh_t = f_t ∘ h_{t-1}", "f = σ(U_f h₋ + W_f x + b_f)\nh = f ⊙ h₋")]
    [InlineData("h = tanh(W[x; r ⊙ h₋] + b)\nr = σ(V x)", "r = σ(V x)\nh = tanh(W x + U (r ⊙ h₋) + b)")]
    [InlineData("h = tanh(W x + U.T h₋)", "h = tanh(W x + Uᵀ h₋)")]
    [InlineData("h = tanh(W x + U^⊤ h₋)", "h = tanh(W x + Uᵀ h₋)")]
    [InlineData("h = tanh(W.x + U.h₋)", "h = tanh(W x + U h₋)")]
    [InlineData("f = σ_g(W x)\nh = f .* h₋ + 2 ◦ f ○ h₋", "f = σ(W x)\nh = f ⊙ h₋ + 2 ⊙ f ⊙ h₋")]
    [InlineData("Δt = 0.1\ndt = 0.2\nh = Δt ⊙ h₋ + dt ⊙ W x", "δt = 0.1\ndt = 0.2\nh = δt ⊙ h₋ + dt ⊙ W x")]
    [InlineData("h = tanh(W_{x,h} x + W_xh h₋)", "h = tanh(W_x_h x + W_xh h₋)")]
    public void The_line_that_a_message_suggests_is_the_one_that_was_meant(string slip, string meant)
    {
        string text = $"cell a\n{slip}\n", right = CellText.Read($"cell a\n{meant}\n", "my.cell").Text;
        for (int tries = 0; tries < 6; tries++)
        {
            try
            {
                Assert.Equal(right, CellText.Read(text, "my.cell").Text);
                return;
            }
            catch (UserErrorException e)
            {
                string[] lines = text.Split('\n');
                if (Suggested().Match(e.Message) is { Success: true } said)
                    lines[int.Parse(said.Groups[1].Value, CultureInfo.InvariantCulture) - 1] = said.Groups[2].Value;
                else
                {
                    Assert.Contains("; move line 3 up", e.Message);
                    (lines[1], lines[2]) = (lines[2], lines[1]);
                }
                text = string.Join('\n', lines);
            }
        }
        Assert.Fail(text);
    }

    // Parameters with t as their index, a quantity t, and f_t beside f are what they are; so are letters that no other name looks like.
    [Theory]
    [InlineData("f = σ(W x + U h₋ + b)\nh = f ⊙ h₋ + (1 − f) ⊙ tanh(Wₜ x + Uₜ h₋ + b_h)", "W U b Wₜ Uₜ b_h")]
    [InlineData("h = tanh(W x + U h₋ + b_h + b_h_t + b_x_t + b_t)", "W U b_h b_h_t b_x_t b_t")]
    [InlineData("vector u\nvector u_t\nh = tanh(W x + U h₋ + u + u_t)", "W U u u_t")]
    [InlineData("f_t = σ(W x)\nf = tanh(V x)\nh = f_t ⊙ h₋ + f", "W V")]
    [InlineData("t = σ(W x)\nh = V(t) + A(t - 1) + b_t-1 + h₋", "W V A b_t")]
    [InlineData("h = tanh(𝒲 x + 𝐔 h₋ + ĉ)\nvector ĉ", "𝒲 𝐔 ĉ")]
    [InlineData("k = σ(W x)\nκ = σ(V x)\nh = k ⊙ κ + h₋", "W V")]
    [InlineData("h = tanh(W x + U h₋ + U′ x)", "W U U′")]
    [InlineData("h = tanh(W' x + U' h₋)", "W′ U′")]
    public void What_only_looks_like_a_slip_is_read_as_it_stands(string equations, string parameters)
    {
        CellDefinition cell = CellText.Read($"cell a\n{equations}\n", "my.cell");
        Assert.Equal(parameters.Split(' ').Order(), cell.Parameters.Select(one => one.Name).Order());
        Assert.Equal(cell.Text, CellText.Read(cell.Text, "again.cell").Text);
    }

    // Where two things can be meant, both are named, and no line is written out.
    [Theory]
    [InlineData("f = σ(W x)\nh = (f_t-1) ⊙ h₋", "write f₋, or f − 1 with blanks.")]
    [InlineData("f_t = σ(W x)\nf = tanh(V x)\nh = f_{t-1} + f_t ⊙ h₋",
        "write f₋ or f_t₋ for the step before, or f_t − 1 with blanks for a difference.")]
    [InlineData("f = σ(W [x; h₋])\nh = f ⊙ h₋ + W [x; h₋]", "write W x + U h₋.")]
    [InlineData("h = σ_h(W x + U h₋)", "write σ(…), or tanh(…) where the paper says so.")]
    [InlineData("i = σ(W x + P ∘ h₋)\nh = i ⊙ h₋", "write ⊙ between values whose names begin with a small letter, as p_c ⊙ c₋.")]
    [InlineData("i = σ(W x + P ⊙ h₋)\nh = i ⊙ h₋", "write P x, or p_c ⊙ x of a vector p_c.")]
    [InlineData("h = tanh(W x + U h₋ + b_{t-1})", "expected it without an index; write b.")]
    [InlineData("h = tanh(W x + U h₋ + V H_{t-1})", "expected a small letter first for a state; choose such a name, as in h₋.")]
    public void What_can_be_meant_in_two_ways_is_asked(string equations, string advice) =>
        Assert.EndsWith(advice, Assert.Throws<UserErrorException>(() => CellText.Read($"cell a\n{equations}\n", "my.cell")).Message);

    // Each letter that is drawn as another one, beside it.
    [Theory]
    [InlineData("W", "Ԝ𝑊𝐖𝒲𝗪Ｗ")]
    [InlineData("k", "к𝑘𝐤ｋĸ")]
    [InlineData("κ", "к𝜅𝛋")]
    [InlineData("Γ", "Г𝛤")]
    [InlineData("ω", "ѡ𝜔")]
    [InlineData("Q", "Ԛ𝑄ℚ")]
    [InlineData("ë", "ё")]
    [InlineData("α", "ɑ𝛼")]
    [InlineData("φ", "фϕɸ𝜑𝜙")]
    public void Two_names_that_look_alike_are_refused(string plain, string lookalikes)
    {
        foreach (string other in lookalikes.EnumerateRunes().Select(rune => rune.ToString()))
        {
            CellDefinition Of(string name) => CellText.Read(char.IsUpper(plain[0]) ? $"cell a\nh = tanh({plain} x + {name} h₋)\n"
                : $"cell a\nvector {plain}\nvector {name}\nh = tanh(V x + U h₋ + {plain} + {name})\n", "my.cell");
            string message = Assert.Throws<UserErrorException>(() => Of(other)).Message;
            Assert.Contains($"'{other}' looks like '{plain}' in line 2", message);
            Assert.Contains($"its letter is U+{other.EnumerateRunes().First().Value:X4}, ", message);
            Assert.EndsWith($"write {plain}.", message);
            Assert.Equal("h", Of(char.IsUpper(plain[0]) ? "Z" : "z").Output);
        }
    }

    [GeneratedRegex(@"^my\.cell:(\d+):\d+: .*; write (.*)\.$")]
    private static partial Regex Suggested();
}
