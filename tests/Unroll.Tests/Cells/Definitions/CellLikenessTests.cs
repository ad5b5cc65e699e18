using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Tests.Architecture;

namespace Unroll.Tests.Cells.Definitions;

public sealed class CellLikenessTests
{
    public static TheoryData<string> Names => [.. BuiltInDefinitions.All.Select(one => one.Name)];

    [Theory, MemberData(nameof(Names))]
    public void A_built_in_definition_is_canonical_is_itself_alone_and_makes_a_cell(string name)
    {
        BuiltInDefinition one = BuiltInDefinitions.Find(name)!;
        Assert.Equal(name, one.Definition.Name);
        Assert.Equal(File.ReadAllText(SourceTree.At($"src/Unroll/Cells/Definitions/BuiltIn/{name}.cell")), one.Definition.Text);
        Assert.Equal(name, CellLikeness.Of(one.Definition)!.Like.Name);
        Assert.All(CellLikeness.Of(one.Definition)!.Names, pair => Assert.Equal(pair.Key, pair.Value));
        // Else an equal signature would not prove an equal cell.
        Assert.True(CellLikeness.TellsApart(one.Definition));
        ICell made = CellCatalog.BuiltIn.Make(one.Options);
        Assert.Equal(made.HasCellState ? 2 : 1, one.Definition.States.Count);
        foreach (char gate in made.Gates.Length > 1 ? made.Gates : "")
            Assert.Equal(made.Description.Find($"{gate}")!.Role, one.Definition.Roles.Single(role => role.Name == $"{gate}").Role);
    }

    [Fact]
    public void Other_names_another_order_and_fewer_names_change_nothing()
    {
        CellLikeness like = CellLikeness.Of(CellText.Read("""
            cell from-a-paper
            s = σ(A x + B y₋ + b_s) ⊙ tanh(C x + D y₋ + b_t) + s₋ ⊙ σ(b_k + F y₋ + E x)
            out y = σ(b_y + V y₋ + K x + b_z) ⊙ tanh(s)
            """, "paper.cell"))!;
        Assert.Equal("lstm", like.Like.Name);
        string[] own = ["V", "A", "D", "E", "b_y", "b_z", "s"];
        Assert.Equal(["U_o", "W_i", "U_g", "W_f", "b_o", "b_o", "c"], own.Select(name => like.Names[name]));
    }

    [Theory]
    [InlineData("h = tanh(W x + U h₋)", null)]                                                       // no bias
    [InlineData("h = tanh(b + (U h₋ + W x))", "rnn")]
    [InlineData("h = tanh(W x − (−(U h₋)) + b)", "rnn")]
    [InlineData("a = W x + b\nh = tanh(a + U h₋)", "rnn")]
    [InlineData("initial h = 1\nh = tanh(W x + U h₋ + b)", null)]
    [InlineData("h = tanh(W x + Uᵀ h₋ + b)", null)]
    [InlineData("h = tanh(W x − U h₋ + b)", null)]
    [InlineData("h = tanh(W x + U h₋ + b) + h₋", "residual")]
    [InlineData("h = relu(W x + U h₋ + b_1 + b_2)", "rnn-relu")]
    [InlineData("r = σ(A x + B h₋ + b_r)\nz = σ(C x + D h₋ + b_z)\nn = tanh(E x + F (z ⊙ h₋) + b_n)\nh = (1 − z) ⊙ n + r ⊙ h₋", null)]
    [InlineData("z = σ(A x + B h₋ + b_z)\nr = σ(C x + D h₋ + b_r)\nh = z ⊙ h₋ + (1 − z) ⊙ tanh(E x + F (h₋ ⊙ r) + b_n)", "gru")]
    [InlineData("z = σ(A x + B h₋ + b_z)\nr = σ(C x + D h₋ + b_r)\nh = z ⊙ h₋ + (1 − z) ⊙ tanh(E x + r ⊙ (F h₋ + b_h) + b_n)", "gru-after")]
    public void What_computes_the_same_is_like_a_built_in_cell(string equations, string? like) =>
        Assert.Equal(like, CellLikeness.Of(CellText.Read($"cell own\n{equations}\n", "own.cell"))?.Like.Name);
}
