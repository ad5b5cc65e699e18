using Unroll.Cells.Definitions;

namespace Unroll.Tests.Cells.Definitions;

/// <summary>Where the parameters of a definition are stored.</summary>
public sealed class DefinedLayoutTests
{
    private static DefinedLayout Of(string text) => DefinedLayout.Of(CellDerivation.Of(CellText.Read(text, "some.cell")));

    // name: blocks [shape] with 5 inputs and 4 units
    private static string[] Stored(DefinedLayout layout) =>
        [.. layout.Stored.Select(one => $"{one.Name}: {string.Join(' ', one.Blocks)} [{string.Join(", ", one.Shape(inputs: 5, units: 4))}]")];

    [Fact]
    public void Products_of_the_input_and_of_the_state_are_stacked_and_all_else_keeps_its_name()
    {
        DefinedLayout layout = Of(CellZoo.Text("mgu"));
        Assert.Equal(["weight_ih: W_f W_n [8, 5]", "weight_hh: U_f [4, 4]", "U_n: U_n [4, 4]", "b_f: b_f [4]", "b_n: b_n [4]"], Stored(layout));
        Assert.Equal(new ParameterPlace(0, 1), layout["W_n"]);
        Assert.Equal(new ParameterPlace(2, 0), layout["U_n"]);
    }

    [Fact]
    public void A_matrix_that_is_transposed_or_multiplies_two_things_stands_alone()
    {
        DefinedLayout layout = Of("""
            cell forms
            scalar α = 0.5
            g = σ((V − Vᵀ) h₋ + W x + R h₋)
            h = tanh(R g + α ⊙ h₋ + U c₋ + b)
            c = U g + c₋
            """);
        string[] stored = Stored(layout);
        Assert.Equal("weight_ih: W [4, 5]", stored[0]);
        Assert.Equal(["R: R [4, 4]", "U: U [4, 4]", "V: V [4, 4]"], stored[1..4].Order());
        Assert.Equal(["b: b [4]", "α: α [1]"], stored[4..].Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_narrow_state_has_narrow_rows_and_columns()
    {
        DefinedLayout layout = Of("""
            cell narrow
            width h = 3
            c = tanh(W x + U h₋ + b)
            h = W_hr c
            """);
        Assert.Equal(["weight_ih: W [4, 5]", "weight_hh: U [4, 3]", "W_hr: W_hr [3, 4]", "b: b [4]"], Stored(layout));
    }
}
