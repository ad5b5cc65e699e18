// README: use
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Inspection.Textbook;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;
// end
using Unroll.Tests.Laws;

namespace Unroll.Tests.Docs;

/// <summary>Code of docs/own-cell.md, run; the lines between the marks are compared with the page, see Architecture/ReadmeTests.</summary>
public sealed class OwnCellCode
{
    [Fact]
    public void A_cell_of_ones_own_is_checked_in_both_ways()
    {
        // README: use
        ParameterStore store = new();
        RecurrentLayer layer = new("own", store, new MinimalGatedUnit(), projection: null, inputSize: 2, hidden: 3);
        Rng rng = new(Seed: 1);
        using (Edit weights = store.Edit())
            for (int i = 0; i < weights.Values.Length; i++) weights.Values[i] = 0.5f * (float)rng.Normal((ulong)i);

        SequenceBatch x = SequenceBatch.FromSequences(features: 2, [0.3f, -1.2f, 0.8f, 0.1f, -0.5f, 0.9f], [1.1f, 0.4f]);
        using ThreadTeam threads = new(1);
        GradientCheckOfLayer check = new(layer, store, x, new Pass(new Workspace(), threads, rng, Training: true));

        foreach (GradientCheckResult result in check.AgainstFloatDifferences()) Console.WriteLine(result);
        foreach (GradientCheckResult result in check.Against(new MinimalGatedUnitInDouble())) Console.WriteLine(result);
        // end
        Assert.All(check.AgainstFloatDifferences(), result => Assert.True(result.Passed, result.ToString()));
        Assert.All(check.Against(new MinimalGatedUnitInDouble()), result => Assert.True(result.Passed, result.ToString()));
        Assert.All(check.Against(new MinimalGatedUnitInDouble()), result => Assert.InRange(result.DoubleError!.Value, 0, 1e-7));
    }

    [Fact]
    public void A_slip_in_its_backward_is_found()
    {
        ParameterStore store = new();
        RecurrentLayer layer = new("own", store, new WithoutTheResetPath(), projection: null, inputSize: 2, hidden: 3);
        using (Edit weights = store.Edit())
            for (int i = 0; i < weights.Values.Length; i++) weights.Values[i] = 0.5f * (float)new Rng(1).Normal((ulong)i);
        SequenceBatch x = SequenceBatch.FromSequences(features: 2, [0.3f, -1.2f, 0.8f, 0.1f, -0.5f, 0.9f], [1.1f, 0.4f]);
        GradientCheckOfLayer check = new(layer, store, x, new Pass(new Workspace(), LayerCases.One, default, Training: true));
        Assert.Contains(check.AgainstFloatDifferences(), result => !result.Passed);
        Assert.Contains(check.Against(new MinimalGatedUnitInDouble()), result => !result.Passed);
    }

    // The minimal gated unit whose backward forgets that h₋ goes through f ⊙ h₋ too.
    private sealed class WithoutTheResetPath : Unroll.Cells.ICell
    {
        private readonly MinimalGatedUnit _right = new();
        public string Name => _right.Name;
        public string Gates => _right.Gates;
        public bool HasCellState => _right.HasCellState;
        public IReadOnlyList<string> Saved => _right.Saved;
        public IReadOnlyList<Unroll.Cells.Product> Products => _right.Products;
        public int Stages => _right.Stages;
        public int ExtraRows => _right.ExtraRows;
        public void Forward(int stage, in Unroll.Cells.Tile s) => _right.Forward(stage, s);
        public void AddExtraGradients(in Unroll.Cells.UnitRange s) => _right.AddExtraGradients(s);
        public void Backward(int stage, in Unroll.Cells.TileBack s)
        {
            if (stage == 0)
                for (int row = 0; row < s.DSource.Rows; row++) s.DSource.Row(row).Clear();
            _right.Backward(stage, s);
        }
    }
}
