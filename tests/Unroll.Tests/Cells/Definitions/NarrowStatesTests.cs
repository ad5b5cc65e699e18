using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;

namespace Unroll.Tests.Cells.Definitions;

/// <summary>What of narrower states the engine carries out, and that it refuses the rest: rows within a step are as wide as the units.</summary>
public sealed class NarrowStatesTests
{
    [Theory]
    [InlineData("width c = 2\nc = 0.5 ⊙ c₋ + P x\nh = tanh(W x + U h₋ + V norm(c))", "'c': it is narrower than the units and not the output")]
    [InlineData("width h = 2\nc = 0.5 ⊙ c₋ + tanh(W x + U h₋)\nh = 0.5 ⊙ h₋ + V c", "'h': its value is more than products")]
    [InlineData("width h = 2\nc = 0.5 ⊙ c₋ + tanh(W x + U h₋)\nh = V c + b", "'h': its value is more than products")]
    [InlineData("width h = 2\nc = 0.5 ⊙ c₋ + tanh(W x + U tanh(h₋))\nh = V c", "'h': 'c' uses it unit by unit")]
    [InlineData("width h = 2\nc = 0.5 ⊙ c₋ + tanh(W x + Q (V c₋) + U h₋)\nh = V c", "'h': 'V' makes another value of its width, for 'c'")]
    public void Other_narrow_states_are_refused(string equations, string expected)
    {
        CellDefinition definition = CellText.Read($"cell narrow\n{equations}", "narrow.cell");
        foreach (Func<object> use in (Func<object>[])[() => definition.Cell, () => CellCode.CSharp(definition)])
        {
            UserErrorException error = Assert.Throws<UserErrorException>(use);
            Assert.Contains($"cell 'narrow' state {expected}", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("c = 0.5 ⊙ c₋ + tanh(W x + U h₋ + b)\nh = V c")]
    [InlineData("c = 0.5 ⊙ c₋ + tanh(W x + U h₋ + b) + norm(Q h₋)\nh = V tanh(c) + V (c ⊙ c)")]
    public void A_projected_output_is_carried_out(string equations)
    {
        PlannedState state = CellText.Read($"cell narrow\nwidth h = 2\n{equations}", "narrow.cell").Cell.Plan.States[0];
        Assert.Equal(("h", 2), (state.Name, state.Width!(16)));
    }
}
