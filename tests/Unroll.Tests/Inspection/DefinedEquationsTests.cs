using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Inspection.Textbook;

namespace Unroll.Tests.Inspection;

/// <summary>Cells from their definitions in double: every gradient and every named term against central differences.</summary>
public sealed class DefinedEquationsTests
{
    private static readonly string[] s_unusual =
    [
        """
        cell functions
        vector u = uniform(1)
        scalar α = 0.5
        a = hardsigmoid(W_a x + U_a h₋ + b_a)
        e = exp(tanh(W_e x + α ⊙ h₋))
        s = sqrt(1 + softplus(U_e h₋ + b_e))
        l = log(2 + e)
        h = clip(a ⊙ h₋ + l / s, −4, 4) − (u ⊙ x)^3 ⊙ 0.1 + max(b_m, e) − min(a, h₋) + relu(x) + a^-2 ⊙ 0.01
        """,
        """
        cell forms
        vector a = uniform(1)
        g = σ((V − Vᵀ) h₋ + Vᵀ h₋ + W x + b_g + b_2)
        k = tanh(W_k x + U (g ⊙ h₋) + U (g + h₋) + b_k)
        m = norm(W_m x) ⊙ a + norm(h₋ + k, 0.01)
        h = h₋ − 0.5 ⊙ (k − m)
        """,
        """
        cell states
        width h = units / 2
        initial n = 1
        i = exp(W_i x + U_i h₋ + b_i)
        f = σ(W_f x + U_f h₋ + p_f ⊙ c₋ + b_f)
        z = tanh(W_z x + U_z h₋ + R q₋)
        c = f ⊙ c₋ + i ⊙ z
        n = max(f ⊙ n₋ + i, 0.2)
        q = c / n
        h = W_h q
        """,
        """
        cell outputs
        h = tanh(W x + U h₋ + V q₋)
        q = σ(R h + W_q x)
        out y = h ⊙ q + tanh(W_y q₋ + S q)
        """,
        """
        cell numbers
        scalar β = 1
        scalar γ = 0.5
        k = σ(β)
        h = k ⊙ tanh(W x + U h₋ + V k) + (1 − k) ⊙ h₋ + γ
        """,
        """
        cell twice
        vector v
        f = σ(W x + U h₋ + v ⊙ h₋)
        g = tanh(W x + U (f ⊙ h₋) + Uᵀ c₋)
        c = f ⊙ c₋ + g + h₋
        h = tanh(c) + g ⊙ c + h₋
        """,
    ];

    public static TheoryData<string> Zoo => [.. CellZoo.Names];

    public static TheoryData<string> BuiltIn => [.. BuiltInDefinitions.All.Select(one => one.Name)];

    public static TheoryData<int> Unusual => [.. Enumerable.Range(0, s_unusual.Length)];

    [Theory, MemberData(nameof(Zoo))]
    public void Every_term_of_a_published_cell_agrees_with_its_central_difference(string name) => Agrees(CellText.Read(CellZoo.Text(name), name));

    [Theory, MemberData(nameof(BuiltIn))]
    public void Every_term_of_a_built_in_cell_agrees_with_its_central_difference(string name) => Agrees(BuiltInDefinitions.Find(name)!.Definition);

    [Theory, MemberData(nameof(Unusual))]
    public void Every_construct_of_the_language_agrees(int which) => Agrees(CellText.Read(s_unusual[which], "unusual.cell"));

    [Theory]
    [InlineData("lstm", "h", "through o, through g, through f, through i")]
    [InlineData("lstm", "c", "direct")]
    [InlineData("lstm-peephole", "c", "direct, through f, through i")]
    [InlineData("gru", "h", "direct, through n, through z, through r")]
    [InlineData("gru-after", "h", "direct, through n, through z, through r")]
    [InlineData("rnn", "h", "next step")]
    [InlineData("residual", "h", "direct, through g")]
    public void What_a_step_sends_back_has_the_names_of_the_gates(string name, string state, string terms)
    {
        CellDerivation derivation = CellDerivation.Of(BuiltInDefinitions.Find(name)!.Definition);
        Assert.Equal(terms.Split(", "), new DefinedPaths(derivation).Of(derivation.Before.Single(one => one.Of == new PreviousExpression(state))));
    }

    [Theory]
    [InlineData(0, "h", "direct (a_h), direct (h), through s, through e, through a")]
    [InlineData(5, "h", "direct, through c, through g, through f (U), through f (a_f)")]
    [InlineData(5, "c", "direct, through g")]
    public void Terms_through_one_quantity_are_told_apart(int which, string state, string terms)
    {
        CellDerivation derivation = CellDerivation.Of(CellText.Read(s_unusual[which], "unusual.cell"));
        string[] names = [.. new DefinedPaths(derivation).Of(derivation.Before.Single(one => one.Of == new PreviousExpression(state)))];
        Assert.Equal(terms.Split(", ").Order(), names.Order());
    }

    [Fact]
    public void A_cell_that_is_nowhere_smooth_is_refused()
    {
        CellDefinition definition = CellText.Read("cell kink\na = tanh(W x + U h₋ + b)\nh = max(a, 0 ⊙ a + a)\n", "kink.cell");
        UserErrorException error = Assert.Throws<UserErrorException>(() => GradientCheck.Run(GradientCheckCases.OfDefinition(definition)[0]));
        Assert.StartsWith("cell 'kink, forward': expected drawn weights at which it is smooth", error.Message);
    }

    private static void Agrees(CellDefinition definition)
    {
        foreach (GradientCheckCase one in GradientCheckCases.OfDefinition(definition))
        {
            IReadOnlyList<GradientCheckResult> results = GradientCheck.Run(one);
            Assert.All(new DefinedEquations(definition).Layout.Stored, stored =>
                Assert.Contains(results, result => result.What.StartsWith($"rnn.{stored.Name}_l0", StringComparison.Ordinal)));
            Assert.All(definition.States, state =>
                Assert.Contains(results, result => result.What.StartsWith($"term of {state.Name}: ", StringComparison.Ordinal)));
            Assert.All(results, result => Assert.True(result.Passed, result.ToString()));
        }
    }
}
