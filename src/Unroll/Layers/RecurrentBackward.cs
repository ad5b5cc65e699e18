using Unroll.Cells;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers;

/// <summary>The loop through time, backward, and after it δx and the gradients of all weights: every worker runs it on its share.</summary>
internal sealed class RecurrentBackward : IWork
{
    private ICell _cell = null!;
    private RecurrentWeights _weights = null!;
    private RecurrentCache _cache = null!;
    private ThreadTeam _team = null!;
    private SequenceBatch _dy, _dx;
    private PinnedBuffer _da = null!, _dh = null!, _dSource = null!, _carryH = null!, _carryC = null!, _dxRows = null!, _scratch = null!;
    private bool _reverse, _keepsDH;
    private int _gates, _slots;

    /// <summary>[B, state width] and [B, units], packed order: δ of the last state before the loop, of the first after it.</summary>
    public Block CarryH => Matrix(_carryH, _cache.Layout.Sequences, _weights.PaddedState);
    public Block CarryC => Matrix(_carryC, _cache.Layout.Sequences, _cell.HasCellState ? _weights.Padded : 0);

    // Rows a power of two apart would share a few lines of the first-level cache; measured: δa W is half as fast again with rows a little further apart.
    private int DaStride => _slots * _weights.Padded + 32;

    /// <summary>[rows, gates and products kept apart]: δ of every argument.</summary>
    private Block Da => _da.Block(0, _cache.Layout.Rows, _slots * _weights.Padded, DaStride);

    public void Prepare(ICell cell, RecurrentWeights weights, RecurrentCache cache, bool reverse, in SequenceBatch dy, in Pass pass)
    {
        (_cell, _weights, _cache, _reverse, _team, _dy) = (cell, weights, cache, reverse, pass.Threads, dy);
        (_gates, _slots, _keepsDH) = (cell.Gates.Length, cell.Gates.Length, weights.Projection is not null);
        for (int p = 0; p < cell.Products.Count; p++)
            if (cell.Products[p].Into is not null) _slots++;
        Workspace workspace = pass.Workspace;
        int rows = cache.Layout.Rows, sequences = cache.Layout.Sequences, inputPadded = weights.InputBack.Sixteens * 16;
        _da = workspace.Rent(rows, DaStride);
        _dh = workspace.Rent(_keepsDH ? rows : sequences, weights.PaddedState);
        _dSource = workspace.Rent(sequences, weights.Padded);
        _carryH = workspace.Rent(sequences, weights.PaddedState);
        _carryC = workspace.Rent(sequences, cell.HasCellState ? weights.Padded : 0);
        _dx = workspace.Rent(cache.Layout, weights.InputSize);
        _dxRows = workspace.Rent(rows, inputPadded == weights.InputSize ? 0 : inputPadded);
        _scratch = workspace.Rent(_team.Threads * WeightGradient.Scratch);
    }

    public SequenceBatch Run()
    {
        _team.Run(this);
        return _dx;
    }

    public void Run(int worker)
    {
        SequenceLayout layout = _cache.Layout;
        Share share = Share.Of(worker, _team, layout, _weights, _gates);
        if (!share.IsEmpty)
            for (int s = layout.Steps - 1; s >= 0; s--) Step(_reverse ? layout.Steps - 1 - s : s, share);
        _team.Barrier();                                                 // from here on the split is another one
        InputGradient(worker);
        Block scratch = _scratch.Block(worker * WeightGradient.Scratch, 1, WeightGradient.Scratch, WeightGradient.Scratch);
        WeightGradients(worker, scratch);
        if (_keepsDH) ProjectionGradient(worker, scratch);
    }

    private void Step(int t, in Share share)
    {
        SequenceLayout layout = _cache.Layout;
        int rows = share.RowsOf(t, layout), row = layout.Offset(t) + share.FromRow, width = _weights.Padded, state = _weights.PaddedState;
        if (rows == 0) return;
        Block dh = Rows(Matrix(_dh, _keepsDH ? layout.Rows : layout.Sequences, state), _keepsDH ? row : share.FromRow, rows);
        Block carryH = Rows(CarryH, share.FromRow, rows), da = Rows(Da, row, rows);
        SumOutputAndCarry(row, rows, carryH, dh, share);
        int first = share.FromUnit * 16, units = (share.ToUnit - share.FromUnit) * 16;
        for (int stage = _cell.Stages - 1; stage >= 0; stage--)
        {
            bool narrow = _keepsDH;
            Block dSource = Matrix(_dSource, layout.Sequences, width).Part(share.FromRow, rows, 0, width);
            _cell.Backward(stage, new TileBack(
                _cache.Slots.Part(row, rows, first, _cache.Slots.Columns - first), da.Part(0, rows, first, da.Columns - first), width, units,
                _weights.Extras.Part(0, _cell.ExtraRows, first, units),
                narrow ? default : _cache.HPrev.Part(row, rows, first, units),
                _cell.HasCellState ? _cache.CPrev.Part(row, rows, first, units) : default,
                _cell.HasCellState ? _cache.C.Part(row, rows, first, units) : default,
                narrow ? default : dh.Part(0, rows, first, units),
                _cell.HasCellState ? CarryC.Part(share.FromRow, rows, first, units) : default,
                narrow ? default : carryH.Part(0, rows, first, units),
                dSource.Part(0, rows, first, units)));
            if (share.Columns) _team.Barrier();                          // the products back need δ of all units
            ProductsBack(stage, da, dh, carryH, dSource, share);
        }
    }

    //  δh = δy + δh₊
    private void SumOutputAndCarry(int row, int rows, in Block carryH, in Block dh, in Share share)
    {
        int first = share.FromState * 16, columns = (share.ToState - share.FromState) * 16, size = _weights.StateSize;
        if (!share.Columns)
        {
            Blocks.Sum(carryH, _dy.All.Slice(row * size, rows * size), size, dh);
            return;
        }
        for (int r = 0; r < rows; r++)
        {
            int shared = Math.Clamp(size - first, 0, columns);
            Blocks.Sum(carryH.Part(r, 1, first, columns), _dy.All.Slice((row + r) * size + Math.Min(first, size), shared), shared,
                dh.Part(r, 1, first, columns));
        }
    }

    //  δ(source) = Wᵀ δa over the product's gates in order, units ascending; into δh₋ it is added
    private void ProductsBack(int stage, in Block da, in Block dh, in Block carryH, in Block dSource, in Share share)
    {
        int width = _weights.Padded;
        if (stage == 0 && _keepsDH)
            Blocks.Clear(carryH.Part(0, carryH.Rows, share.FromState * 16, (share.ToState - share.FromState) * 16));
        for (int p = 0; p < _cell.Products.Count; p++)
        {
            Product product = _cell.Products[p];
            if (product.Stage != stage) continue;
            Panels panels = _weights.ProductsBack[p];
            if (product.Of == "h")
            {
                panels.AddProduct(Gates(da, product), carryH, 0, share.FromState, share.ToState);
                continue;
            }
            Blocks.Clear(dSource.Part(0, dSource.Rows, share.FromUnit * 16, (share.ToUnit - share.FromUnit) * 16));
            panels.AddProduct(product.Gates == "h" ? dh : Gates(da, product), dSource, 0, share.FromUnit, share.ToUnit);
        }
    }

    // The columns of δa that a product's gates, or the slot it is kept apart in, occupy.
    private Block Gates(in Block da, Product product)
    {
        int width = _weights.Padded, first = product.Into is null ? _weights.FirstGate(product) : _gates + ApartIndex(product);
        return da.Part(0, da.Rows, first * width, product.Gates.Length * width);
    }

    private int ApartIndex(Product product)
    {
        int index = 0;
        for (int p = 0; !ReferenceEquals(_cell.Products[p], product); p++)
            if (_cell.Products[p].Into is not null) index++;
        return index;
    }

    //  δx = Wᵀ δa
    private void InputGradient(int worker)
    {
        int rows = _cache.Layout.Rows, from = Share.Split(rows, worker, _team.Threads), count = Share.Split(rows, worker + 1, _team.Threads) - from;
        if (count == 0) return;
        Panels panels = _weights.InputBack;
        int size = _weights.InputSize, padded = panels.Sixteens * 16, width = _weights.Padded;
        Block da = Da.Part(from, count, 0, _gates * width);
        if (padded == size)
        {
            Span<float> to = _dx.All.Slice(from * size, count * size);
            to.Clear();
            panels.AddProduct(da, to);
            return;
        }
        Block wide = Matrix(_dxRows, rows, padded).Part(from, count, 0, padded);
        Blocks.Clear(wide);
        panels.AddProduct(da, wide, 0, 0, panels.Sixteens);
        Blocks.Narrow(wide, _dx.All.Slice(from * size, count * size), size);
    }

    //  δW_ih += δaᵀ x      δW_hh += δaᵀ source      δb += Σ_rows δa      split by units, so that every sum is one worker's
    private void WeightGradients(int worker, in Block scratch)
    {
        SequenceLayout layout = _cache.Layout;
        int hidden = _weights.Hidden, width = _weights.Padded, rows = layout.Rows;
        int blocks = width / 16, first = Share.Split(blocks, worker, _team.Threads) * 16,
            units = Math.Min(hidden, Share.Split(blocks, worker + 1, _team.Threads) * 16) - first;
        if (units <= 0 || rows == 0) return;
        Block da = Da;
        for (int gate = 0; gate < _gates; gate++)
        {
            Block d = da.Part(0, rows, gate * width + first, units);
            int row = gate * hidden + first;
            WeightGradient.Add(d, _cache.Input.All, _weights.InputSize, _weights.InputSize, RowsOf(_weights.InputToHidden, row, units), scratch);
            Blocks.AddRowSums(d, _weights.InputBias.Gradients.Slice(row, units));
            int apart = _weights.Apart(_cell.Gates[gate]);
            Block h = apart < 0 ? d : Gates(da, _cell.Products[apart]).Part(0, rows, first, units);
            Blocks.AddRowSums(h, _weights.HiddenBias.Gradients.Slice(row, units));
        }
        for (int p = 0; p < _cell.Products.Count; p++)
        {
            Product product = _cell.Products[p];
            if (product.Gates == "h") continue;
            Block source = product.Of == "h" ? _cache.HPrev : _cache.Saved(product.Of), d = Gates(da, product);
            for (int g = 0; g < product.Gates.Length; g++)
            {
                Block own = d.Part(0, rows, g * width + first, units);
                int row = (_weights.FirstGate(product) + g) * hidden + first;
                WeightGradient.Add(own, source, _weights.HiddenToHidden.Shape[1], RowsOf(_weights.HiddenToHidden, row, units), scratch);
            }
        }
        if (_weights.Extra is not null) ExtraGradients(da, first, (units + 15) / 16 * 16, units, scratch);
    }

    //  δW_hr += δhᵀ (o ⊙ m)
    private void ProjectionGradient(int worker, in Block scratch)
    {
        int size = _weights.StateSize, first = Share.Split(size, worker, _team.Threads), count = Share.Split(size, worker + 1, _team.Threads) - first,
            rows = _cache.Layout.Rows;
        if (count == 0 || rows == 0) return;
        Product projection = _cell.Products[^1];
        WeightGradient.Add(Matrix(_dh, rows, _weights.PaddedState).Part(0, rows, first, count), _cache.Saved(projection.Of), _weights.Hidden,
            RowsOf(_weights.Projection!, first, count), scratch);
    }

    // The cell adds to whole sixteens; the parameter has only its own units.
    private void ExtraGradients(in Block da, int first, int columns, int units, in Block scratch)
    {
        Parameter extra = _weights.Extra!;
        int hidden = _weights.Hidden, rows = _cell.ExtraRows;
        Block own = scratch.Fold(rows, columns);
        for (int r = 0; r < rows; r++)
        {
            own.Row(r).Clear();
            extra.Gradients.Slice(r * hidden + first, units).CopyTo(own.Row(r));
        }
        _cell.AddExtraGradients(new UnitRange(da.Part(0, da.Rows, first, da.Columns - first), _weights.Padded, columns,
            _cache.CPrev.Part(0, da.Rows, first, columns), _cache.C.Part(0, da.Rows, first, columns), own));
        for (int r = 0; r < rows; r++) own.Row(r)[..units].CopyTo(extra.Gradients.Slice(r * hidden + first, units));
    }

    private static Span<float> RowsOf(Parameter matrix, int row, int rows) => matrix.Gradients.Slice(row * matrix.Shape[1], rows * matrix.Shape[1]);
    private static Block Matrix(PinnedBuffer buffer, int rows, int columns) => buffer.Block(0, rows, columns, columns);
    private static Block Rows(in Block all, int row, int rows) => all.Part(row, rows, 0, all.Columns);
}
