using Unroll.Cells;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

/// <summary>
/// One step of a recurrent layer backward, for one sequence and any number of gradients side by side: the cell's own <see cref="ICell.Backward"/>,
/// linear in (δh, δc), at the gates that a forward pass has left. It is what one takes a gradient apart with; training does not use it.
/// </summary>
/// <remarks>Columns are rounded up to a multiple of 16; those beyond the units are zero.</remarks>
public sealed class StepBack
{
    private readonly RecurrentWeights _weights;
    private readonly RecurrentCache _cache;
    private readonly ICell _cell;
    private readonly PinnedBuffer _dh, _further, _da, _dhPrev, _sources;
    private readonly int _rows;
    private readonly bool _reverse;

    /// <summary>Takes memory.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="cache">A complete forward pass of one sequence.</param>
    /// <param name="rows">How many gradients.</param>
    /// <param name="cell">The layer's cell, or another with the same gates, slots and products.</param>
    /// <param name="threads">Shares the packing of the weights; null for the caller alone. Their number changes no bit.</param>
    /// <exception cref="UserErrorException">The layer has quantized weights.</exception>
    /// <exception cref="InvalidOperationException">The pass kept no gates.</exception>
    /// <exception cref="ShapeException">The pass was over more than one sequence.</exception>
    public StepBack(RecurrentLayer layer, RecurrentCache cache, int rows, ICell cell, ThreadTeam? threads = null)
    {
        layer.RequireTrainable();
        cache.RefuseIncomplete();
        if (cache.Layout.Sequences != 1) ShapeException.Throw(cache.Layout.Sequences, 1, "sequences to go back over", "one is looked at at a time");
        layer.Weights.Panels.RefreshBack(threads);
        (_weights, _cache, _rows, _cell, _reverse) = (layer.Weights, cache, rows, cell, layer.Reverse);
        (_dh, _dhPrev) = (new PinnedBuffer(rows * _weights.PaddedState), new PinnedBuffer(rows * _weights.PaddedState));
        _further = new PinnedBuffer(rows * _weights.Padded * _weights.Further);
        _sources = new PinnedBuffer(rows * _weights.Padded * _weights.Plan.Sources.Count);
        _da = new PinnedBuffer(rows * _weights.Padded * _weights.Plan.Deltas);
    }

    /// <summary>[rows, state]: δh of the step.</summary>
    public MatrixView DH => Matrix(_dh, _weights.PaddedState);

    /// <summary>
    /// [rows, units]: arrives as what the next step sends to c, leaves as what this step sends to c₋; of a cell with several further states all of
    /// them side by side.
    /// </summary>
    public MatrixView DC => Matrix(_further, _weights.Padded * _weights.Further);

    /// <summary>
    /// δ of one of the <see cref="StepPlan.States"/>: 0 is <see cref="DH"/>, [rows, state]; the others are parts of <see cref="DC"/>, [rows, units].
    /// </summary>
    /// <param name="state">Which.</param>
    public MatrixView DState(int state) => state == 0 ? DH : DC.Part(0, _rows, (state - 1) * _weights.Padded, _weights.Padded);

    /// <summary>[rows, state]: receives what no product carries to h₋.</summary>
    public MatrixView DHPrev => Matrix(_dhPrev, _weights.PaddedState);

    /// <summary>[rows, units]: δ of one of the <see cref="StepPlan.Sources"/>.</summary>
    public MatrixView DSource(int source = 0) => Sources.Part(0, _rows, source * _weights.Padded, _weights.Padded);

    /// <summary>[rows, units]: δ of a gate's argument; the slots are as in <see cref="TileBack.DA"/>.</summary>
    public MatrixView DArgument(int slot) => All.Part(0, _rows, slot * _weights.Padded, _weights.Padded);

    // [rows, all arguments]
    private MatrixView All => Matrix(_da, _weights.Padded * _weights.Plan.Deltas);

    private MatrixView Sources => Matrix(_sources, _weights.Padded * _weights.Plan.Sources.Count);

    private StepDeltas Deltas => new() { DA = All, DH = DH, CarryH = DHPrev, CarryFurther = DC, Sources = Sources };

    private Share Everything => new(0, _rows, 0, _weights.Padded / 16, 0, _weights.PaddedState / 16);

    /// <summary>Sets everything to zero.</summary>
    public void Clear()
    {
        foreach (PinnedBuffer buffer in (PinnedBuffer[])[_dh, _further, _da, _dhPrev, _sources]) buffer.Span.Clear();
    }

    /// <summary>One stage of the cell at step <paramref name="t"/>.</summary>
    public void Stage(int stage, int t)
    {
        bool narrow = _weights.Schedule.Narrow;
        int steps = _cache.Layout.Steps, before = _reverse ? (t + 1 < steps ? t + 2 : 0) : t, units = _weights.Padded;
        _cell.Backward(stage, new TileBack(
            CellStep.Part(_weights, One(_cache.Slots, t), 0, units), All,
            narrow ? default : One(_cache.States, before), One(_cache.FurtherStates, before),
            narrow ? default : One(_cache.States, t + 1), One(_cache.FurtherStates, t + 1),
            narrow ? default : DH, DC, narrow ? default : DHPrev, Sources));
        Deltas.ClearBeyond(_weights, Everything);
    }

    //  δh₋ = [direct] + Σ Wᵀ δa      as the layer's own backward pass has it
    /// <summary>The whole step: DH and DC in, DHPrev and DC out.</summary>
    public void Run(int t)
    {
        for (int stage = _cell.Stages - 1; stage >= 0; stage--)
        {
            Stage(stage, t);
            Deltas.ProductsBack(_weights, stage, Everything);
        }
    }

    //  δ(o ⊙ m) = W_hrᵀ δh
    /// <summary>Of a layer with a projection: DSource receives δ of what is projected, from DH.</summary>
    public void ProjectionBack()
    {
        foreach (StepProduct product in _weights.Schedule.Products)
            if (product.Delta < 0) Deltas.Back(_weights, product, Everything);
    }

    private MatrixView One(in MatrixView all, int row) => all.Part(row, 1, 0, all.Columns).Repeated(_rows);

    private MatrixView Matrix(PinnedBuffer buffer, int columns) => buffer.MatrixView(0, _rows, columns, columns);
}
