using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection.Flow;
using Unroll.Layers.Recurrent;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Inspection.Flow;

/// <summary>Gradient flow asks of a cell only what <see cref="ICell"/> has.</summary>
public sealed class OwnCellFlowTests
{
    [Theory, InlineData(false), InlineData(true)]
    public void The_terms_of_a_cell_of_ones_own_add_up(bool reverse)
    {
        GradientFlow flow = Flow(new MinimalGatedUnit(), reverse);
        Assert.Equal(["output", "direct", "through f", "through n"], flow.Layers[0].H.Terms.Select(term => term.Name));
        Assert.InRange(flow.LargestDifference, 0, 1e-5);
        Assert.All(flow.Layers[0].H.Terms, term => Assert.True(term.Norms.Max() > 0, term.Name));
    }

    [Fact]
    public void A_cell_state_of_ones_own_has_the_terms_that_its_backward_shows()
    {
        LayerFlow own = Flow(new Disguised(new LstmCell(new CellOptions())), reverse: false).Layers[0],
            lstm = Flow(new LstmCell(new CellOptions()), reverse: false).Layers[0];
        Assert.Equal(lstm.C!.Terms.Select(term => term.Name), own.C!.Terms.Select(term => term.Name));
        // A ratio of two floats and a product of some have a relative error of some 2⁻²⁴ each.
        foreach (FlowTerm term in own.C.Terms)
            for (int t = 0; t < 12; t++) Assert.Equal(lstm.C.Find(term.Name)!.Norms[t], term.Norms[t], 1e-5 * lstm.C.Total.Norms[t]);
        Assert.InRange(own.C.LargestDifference, 0, 1e-6);
    }

    private static GradientFlow Flow(ICell cell, bool reverse)
    {
        ParameterStore store = new();
        RecurrentLayer layer = new("own", store, cell, projection: null, inputSize: 3, hidden: 21, reverse: reverse);
        using (Edit edit = store.Edit())
            for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.4f * (float)new Rng(5).Normal((ulong)i);
        SequenceLayout layout = SequenceLayout.FromLengths(12);
        return GradientFlow.Of(layer, LayerCases.Draw(layout, 3, 1), LayerCases.Draw(layout, 21, 2), LayerCases.One);
    }

    // A built-in cell that cannot be recognized.
    private sealed class Disguised(ICell cell) : ICell
    {
        public string Name => "own";
        public string Gates => cell.Gates;
        public bool HasCellState => cell.HasCellState;
        public IReadOnlyList<string> Saved => cell.Saved;
        public IReadOnlyList<Product> Products => cell.Products;
        public int Stages => cell.Stages;
        public int ExtraRows => cell.ExtraRows;
        public void Forward(int stage, in Tile s) => cell.Forward(stage, s);
        public void Backward(int stage, in TileBack s) => cell.Backward(stage, s);
        public void AddExtraGradients(in UnitRange s) => cell.AddExtraGradients(s);
    }
}
