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
    private readonly PinnedBuffer _dh, _dc, _da, _dhPrev, _dSource;
    private readonly int _rows;
    private readonly bool _reverse;

    /// <summary>Takes memory.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="cache">A complete forward pass of one sequence.</param>
    /// <param name="rows">How many gradients.</param>
    /// <param name="cell">The layer's cell, or another with the same gates, slots and products.</param>
    /// <param name="threads">Shares the packing of the weights; null for the caller alone. Their number changes no bit.</param>
    /// <exception cref="UserErrorException">The layer has weights of 8 bits.</exception>
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
        (_dc, _dSource) = (new PinnedBuffer(rows * _weights.Padded), new PinnedBuffer(rows * _weights.Padded));
        _da = new PinnedBuffer(rows * _weights.Padded * _weights.BackSlots);
    }

    /// <summary>[rows, state]: δh of the step.</summary>
    public MatrixView DH => Matrix(_dh, _weights.PaddedState);

    /// <summary>[rows, units]: arrives as what the next step sends to c, leaves as what this step sends to c₋.</summary>
    public MatrixView DC => Matrix(_dc, _weights.Padded);

    /// <summary>[rows, state]: receives what no product carries to h₋.</summary>
    public MatrixView DHPrev => Matrix(_dhPrev, _weights.PaddedState);

    /// <summary>[rows, units]: δ of the slot that the next stage's product multiplied.</summary>
    public MatrixView DSource => Matrix(_dSource, _weights.Padded);

    /// <summary>[rows, units]: δ of a gate's argument; the slots are as in <see cref="TileBack.DA"/>.</summary>
    public MatrixView DArgument(int slot) => All.Part(0, _rows, slot * _weights.Padded, _weights.Padded);

    // [rows, all arguments]
    private MatrixView All => Matrix(_da, _weights.Padded * _weights.BackSlots);

    /// <summary>Sets everything to zero.</summary>
    public void Clear()
    {
        foreach (PinnedBuffer buffer in (PinnedBuffer[])[_dh, _dc, _da, _dhPrev, _dSource]) buffer.Span.Clear();
    }

    /// <summary>One stage of the cell at step <paramref name="t"/>.</summary>
    public void Stage(int stage, int t)
    {
        bool narrow = _weights.Projection is not null, cells = _cell.HasCellState;
        int steps = _cache.Layout.Steps, before = _reverse ? (t + 1 < steps ? t + 2 : 0) : t, units = _weights.Padded;
        _cell.Backward(stage, new TileBack(
            One(_cache.Slots, t), All, units, units, _weights.Hidden, _weights.Panels.Extras,
            narrow ? default : One(_cache.States, before),
            cells ? One(_cache.CellStates, before) : default,
            cells ? One(_cache.CellStates, t + 1) : default,
            narrow ? default : DH, cells ? DC : default, narrow ? default : DHPrev, DSource));
    }

    //  δh₋ = [direct] + Σ Wᵀ δa      as the layer's own backward pass has it
    /// <summary>The whole step: DH and DC in, DHPrev and DC out.</summary>
    public void Run(int t)
    {
        bool empty = _weights.Projection is not null;                    // then nothing but products reaches δh₋
        for (int stage = _cell.Stages - 1; stage >= 0; stage--)
        {
            Stage(stage, t);
            for (int p = 0; p < _cell.Products.Count; p++)
            {
                if (_cell.Products[p].Stage != stage) continue;
                bool source = _weights.SourceSlot(p) >= 0;
                MatrixView to = source ? DSource : DHPrev;
                ProductBack(p, to, source || empty ? ChainStart.Zero : ChainStart.Of(to));
                empty &= source;
            }
        }
    }

    //  δ(o ⊙ m) = W_hrᵀ δh
    /// <summary>Of a layer with a projection: DSource receives δ of what is projected, from DH.</summary>
    public void ProjectionBack()
    {
        for (int p = 0; p < _cell.Products.Count; p++)
            if (_weights.BackSlot(p) < 0) ProductBack(p, DSource, ChainStart.Zero);
    }

    // Wᵀ δ of one product.
    private void ProductBack(int product, in MatrixView to, in ChainStart start)
    {
        int slot = _weights.BackSlot(product), units = _weights.Padded;
        MatrixView from = slot < 0 ? DH : All.Part(0, _rows, slot * units, _cell.Products[product].Gates.Length * units);
        Panels panels = _weights.Panels.ProductsBack[product];
        panels.Product(from, start, to, 0, 0, panels.Sixteens);
    }

    private MatrixView One(in MatrixView all, int row) => all.Part(row, 1, 0, all.Columns).Repeated(_rows);

    private MatrixView Matrix(PinnedBuffer buffer, int columns) => buffer.MatrixView(0, _rows, columns, columns);
}
