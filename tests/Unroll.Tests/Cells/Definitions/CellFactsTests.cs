using Unroll.Cells.Definitions;
using Unroll.Core;

namespace Unroll.Tests.Cells.Definitions;

public sealed class CellFactsTests
{
    private const string Projected = """
        cell projected
        scalar α = 0.5
        width h = units / 4
        i = σ(W_i x + U_i h₋ + b_i)
        c = (1 − i) ⊙ c₋ + α ⊙ (A − Aᵀ) c₋
        h = V tanh(c)
        A = orthogonal
        """;

    [Fact]
    public void Parameters_have_the_shapes_that_follow_from_the_widths()
    {
        CellFacts facts = new(CellText.Read(Projected, "t"), inputs: 3, units: 10);          // h is ⌈10 / 4⌉ = 3 wide
        Assert.Equal(["W_i [10,3] as the network's weights", "U_i [10,3] as the network's weights", "b_i [10] 0", "α [1] 0.5", "A [10,10] orthogonal",
            "V [3,10] as the network's weights"], facts.Parameters.Select(one => $"{one.Name} [{string.Join(',', one.Shape)}] {one.Begins}"));
        Assert.Equal(30 + 30 + 10 + 1 + 100 + 30, facts.ParameterCount);
        Assert.Equal(30 + 30 + 2 * 100 + 30, facts.MultiplyAdds);
        Assert.Equal(1 + 2 + 4 + 1, facts.OperationsPerUnit);
    }

    [Fact]
    public void The_widths_of_quantities_follow_too()
    {
        CellWidths widths = new(CellText.Read(Projected, "t"));
        Assert.Equal(("units", "units / 4", "units / 4", "inputs"), ($"{widths.Value("i")}", $"{widths.Value("h")}", $"{widths.Columns("U_i")}",
            $"{widths.Columns("W_i")}"));
        CellWidths narrow = new(CellText.Read("cell a\nwidth c = 3\nf = σ(W x + b)\nc = f ⊙ c₋ + V x\nh = U c + h₋", "t"));
        Assert.Equal(("3", "3", "units"), ($"{narrow.Value("f")}", $"{narrow.Rows("b")}", $"{narrow.Rows("U")}"));
    }

    [Fact]
    public void An_lstm_has_as_many_numbers_as_PyTorch_counts_with_one_bias() =>
        Assert.Equal(4 * (128 * 32 + 128 * 128 + 128), new CellFacts(BuiltInDefinitions.Find("lstm")!.Definition, 32, 128).ParameterCount);

    [Fact]
    public void A_cell_that_uses_x_unit_by_unit_needs_as_many_inputs_as_units()
    {
        CellDefinition cell = CellText.Read("cell a\ng = σ(W x + U h₋ + b)\nh = g ⊙ h₋ + (1 − g) ⊙ x", "t");
        Assert.True(cell.ReadsInputByUnit);
        Assert.False(BuiltInDefinitions.Find("lstm")!.Definition.ReadsInputByUnit);
        Assert.Equal(2 * 25 + 5, new CellFacts(cell, 5, 5).ParameterCount);
        Assert.Equal("cell 'a': expected as many inputs as units because x is used unit by unit, got 4 inputs and 5 units; make them equal, or "
            + "multiply x by a matrix.", Assert.Throws<UserErrorException>(() => new CellFacts(cell, 4, 5)).Message);
    }
}
