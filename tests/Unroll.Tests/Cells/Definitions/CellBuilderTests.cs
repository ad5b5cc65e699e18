using Unroll.Cells;
using Unroll.Cells.Definitions;
using static Unroll.Cells.Definitions.CellExpression;

namespace Unroll.Tests.Cells.Definitions;

public sealed class CellBuilderTests
{
    [Fact]
    public void A_gated_recurrent_unit_in_CSharp_equals_the_built_in_text()
    {
        CellBuilder cell = new("gru");
        CellExpression x = cell.Input, before = cell.Before("h");
        CellExpression Gate(string name, CellExpression seen) =>
            cell.Matrix($"W_{name}") * x + cell.Matrix($"U_{name}") * seen + cell.Vector($"b_{name}");
        CellExpression r = cell.Set("r", Sigmoid(Gate("r", before))), z = cell.Set("z", Sigmoid(Gate("z", before)));
        CellExpression n = cell.Set("n", Tanh(Gate("n", r * before)));
        cell.Set("h", (1 - z) * n + z * before);
        cell.Describe("r", "reset gate", GateRole.Resets).Describe("z", "update gate", GateRole.Keeps).Describe("n", "candidate", GateRole.Candidate);
        CellDefinition gru = BuiltInDefinitions.Find("gru")!.Definition;
        foreach (string comment in gru.Comments) cell.Comment(comment);
        Assert.Equal(gru, cell.Build());
        Assert.Equal(gru.Assignments, cell.Build().Assignments);
        Assert.Equal(gru.Parameters, cell.Build().Parameters);
    }

    [Fact]
    public void Every_construct_in_CSharp_equals_its_text()
    {
        CellBuilder cell = new("all");
        CellMatrix a = cell.Matrix("A", new ParameterStart(ParameterRule.Orthogonal, 0.5));
        CellExpression x = cell.Input, h = cell.Before("h"), u = cell.Vector("u", new ParameterStart(ParameterRule.Uniform, 0.1));
        CellExpression k = cell.Set("k", Clip(Softplus(cell.Matrix("W") * x + (a - a.T) * h), -1, 2) / Sqrt(Log(Exp(u))));
        CellExpression m = cell.Set("m", cell.Matrix("P") * (HardSigmoid(k) - Relu(-x)));
        cell.Set("h", Max(k, Min(Norm(h), Norm(h, 1e-4))) + cell.Scalar("α") * Power(x, 2) + a.T * (2 * h) + cell.Matrix("Q") * cell.Before("m"));
        cell.Output("y", Sigmoid(new QuantityExpression("h")) - 0.5 * (cell.Matrix("R") * m));
        cell.Initial("h", 1).WidthOfUnits("m", 4);
        CellDefinition read = CellText.Read("""
            cell all
            vector u = uniform(0.1)
            scalar α
            width m = units / 4
            initial h = 1
            k = clip(softplus(W x + (A − Aᵀ) h₋), −1, 2) / sqrt(log(exp(u)))
            m = P (hardsigmoid(k) − relu(−x))
            h = max(k, min(norm(h₋), norm(h₋, 1e-4))) + α ⊙ x^2 + Aᵀ (2 ⊙ h₋) + Q m₋
            out y = σ(h) − 0.5 ⊙ R m
            A = orthogonal(0.5)

            """, "all.cell");
        Assert.Equal(read.Text, cell.Build().Text);
        Assert.Equal(read.Assignments, cell.Build().Assignments);
        Assert.True(read.ReadsInputByUnit);
        Assert.Equal(["m", "h"], read.States.Select(state => state.Name));
    }

    [Fact]
    public void A_definition_that_differs_in_one_word_is_another()
    {
        CellDefinition gru = BuiltInDefinitions.Find("gru")!.Definition;
        Assert.NotEqual(gru, gru with { Roles = [] });
        Assert.NotEqual(gru, CellText.Read(gru.Text.Replace("tanh", "relu"), "gru.cell"));
        Assert.Equal(gru.GetHashCode(), CellText.Read(gru.Text, "gru.cell").GetHashCode());
    }
}
