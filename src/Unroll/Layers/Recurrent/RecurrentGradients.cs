using Unroll.Cells;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

/// <summary>δx and the weight gradients of one chunk of steps after another; δx is divided by rows, weight gradients by units.</summary>
internal sealed class RecurrentGradients
{
    private RecurrentWeights _weights = null!;
    private RecurrentCache _cache = null!;
    private BackwardChunk _chunk = null!;
    private PinnedBuffer _sources = null!, _dxRows = null!, _scratch = null!;
    private int _workers, _scratchOf;

    /// <summary>δx: [rows, input size].</summary>
    public SequenceBatch DX { get; private set; }

    public void Prepare(RecurrentWeights weights, RecurrentCache cache, BackwardChunk chunk, int workers, Workspace workspace)
    {
        (_weights, _cache, _chunk, _workers) = (weights, cache, chunk, workers);
        DX = workspace.Rent(cache.Layout, weights.InputSize);
        _dxRows = workspace.Rent(chunk.MaxRows, weights.Panels.InputBack.Sixteens * 16);
        _sources = workspace.Rent(chunk.MaxRows, 16 * StripsBefore(weights.Cell.Products.Count));
        _scratchOf = WeightGradient.ProductScratch(chunk.MaxRows) + weights.Cell.ExtraRows * weights.Padded;
        _scratch = workspace.Rent(workers, _scratchOf);
    }

    /// <summary>What the weights were multiplied by, x first, then the source of each product, as the weight gradients read it.</summary>
    public void CopySources(int worker, int done, int end)
    {
        for (int product = -1; product < _weights.Cell.Products.Count; product++)
        {
            if (SameSource(product) != product) continue;
            int strips = WeightGradient.Strips(SourceSize(product)), from = Share.Split(strips, worker, _workers),
                to = Share.Split(strips, worker + 1, _workers);
            if (from < to) CopySource(product, done, end, from, to);
        }
    }

    private void CopySource(int product, int done, int end, int from, int to)
    {
        SequenceLayout layout = _cache.Layout;
        int rows = _chunk.Rows(done, end), columns = SourceSize(product);
        Share all = new(0, layout.Sequences, 0, 0, 0, 0);
        MatrixView strips = StripsOf(product, rows);
        for (int s = done; s < end; s++)
        {
            int t = _chunk.Step(s), row = _chunk.Row(done, s), step = layout.Offset(t), count = layout.Active(t);
            if (product < 0)
                WeightGradient.CopyStrips(_cache.Input.All.Slice(step * columns, count * columns), columns, strips, row, rows, from, to);
            else if (_weights.SourceSlot(product) is >= 0 and int slot)
                WeightGradient.CopyStrips(_cache.Slots.Part(step, count, slot * _weights.Padded, columns), strips, row, rows, from, to);
            else
            {
                CopyStates(StepRun.GoingOn(layout, t, _chunk.Reverse, all));
                CopyStates(StepRun.Beginning(layout, t, _chunk.Reverse, all));
            }

            void CopyStates(in StepRun run)
            {
                if (run.Rows > 0)
                    WeightGradient.CopyStrips(_cache.States.Part(run.Before, run.Rows, 0, columns), strips, row + run.Position, rows, from, to);
            }
        }
    }

    //  δx = Wᵀ δa
    public void InputGradient(int worker, int done, int end)
    {
        SequenceLayout layout = _cache.Layout;
        Panels panels = _weights.Panels.InputBack;
        int rows = _chunk.Rows(done, end), from = Share.Split(rows, worker, _workers), to = Share.Split(rows, worker + 1, _workers),
            padded = panels.Sixteens * 16, size = _weights.InputSize;
        if (from == to) return;
        MatrixView wide = _dxRows.MatrixView(0, rows, padded, padded);
        panels.Product(DeltaOfInput(from, to - from), ChainStart.Zero, wide.Part(from, to - from, 0, padded),
            0, 0, panels.Sixteens);
        for (int s = done; s < end; s++)
        {
            int t = _chunk.Step(s), row = _chunk.Row(done, s), first = Math.Max(from, row), last = Math.Min(to, row + layout.Active(t));
            if (first < last)
                MatrixViews.Narrow(wide.Part(first, last - first, 0, padded),
                    DX.All.Slice((layout.Offset(t) + first - row) * size, (last - first) * size), size);
        }
    }

    /// <summary>The same for some rows of one step: where they lie in the chunk and where in the batch.</summary>
    public void StepInputGradient(int chunkRow, int rows, int row)
    {
        if (rows == 0) return;
        Panels panels = _weights.Panels.InputBack;
        int padded = panels.Sixteens * 16, size = _weights.InputSize;
        MatrixView wide = _dxRows.MatrixView(chunkRow * padded, rows, padded, padded);
        panels.Product(DeltaOfInput(chunkRow, rows), ChainStart.Zero, wide, 0, 0, panels.Sixteens);
        MatrixViews.Narrow(wide, DX.All.Slice(row * size, rows * size), size);
    }

    private MatrixView DeltaOfInput(int row, int rows) =>
        _chunk.DA.Part(row, rows, _weights.InputBackSlot * _weights.Padded, _weights.Gates * _weights.Padded);

    //  δW_ih += δaᵀ x      δW_hh += δaᵀ source      δb += Σ_rows δa      divided by units, so that every sum is one worker's
    public void WeightGradients(int worker, int done, int end)
    {
        int rows = _chunk.Rows(done, end), sixteens = _weights.Padded / 16, first = Share.Split(sixteens, worker, _workers) * 16,
            units = Math.Min(_weights.Hidden, Share.Split(sixteens, worker + 1, _workers) * 16) - first;
        MatrixView scratch = _scratch.MatrixView(worker * _scratchOf, 1, _scratchOf, _scratchOf);
        if (_weights.Projection is not null) ProjectionGradient(worker, rows, scratch);
        if (units <= 0 || rows == 0) return;
        for (int gate = 0; gate < _weights.Gates; gate++)
            for (int at = first; at < first + units; at += WeightGradient.MaxUnits)
                GateGradients(gate, at, Math.Min(WeightGradient.MaxUnits, first + units - at), rows, scratch);
        if (_weights.Extras.Length > 0) ExtraGradients(done, end, first, (units + 15) / 16 * 16, units, scratch);
    }

    private void GateGradients(int gate, int first, int units, int rows, in MatrixView scratch)
    {
        int row = gate * _weights.Hidden + first;
        bool biases = _weights.RowCell is null;                          // a cell that standardizes adds them itself
        MatrixView da = _chunk.DA.Part(0, rows, (_weights.InputBackSlot + gate) * _weights.Padded + first, units);
        WeightGradient.CopyTiles(da, scratch);
        if (biases) MatrixViews.AddRowSums(da, _weights.InputBias.Gradients.Slice(row, units));
        AddProduct(-1, _weights.InputToHidden.Gradients, row, units, rows, scratch);
        if (_weights.Apart(gate) >= 0)
        {
            da = _chunk.DA.Part(0, rows, _weights.ApartSlot(gate) * _weights.Padded + first, units);
            WeightGradient.CopyTiles(da, scratch);
        }
        if (biases) MatrixViews.AddRowSums(da, _weights.HiddenBias.Gradients.Slice(row, units));
        for (int p = 0; p < _weights.Cell.Products.Count; p++)
            if (_weights.TargetSlot(p) >= 0 && _weights.Cell.Products[p].Gates.Contains(_weights.Cell.Gates[gate]))
                AddProduct(p, _cache.Drop == 0 ? _weights.HiddenToHidden.Gradients : _weights.Drop!.Gradients, row, units, rows, scratch);
    }

    //  δW_hr += δhᵀ (o ⊙ m)
    private void ProjectionGradient(int worker, int rows, in MatrixView scratch)
    {
        int size = _weights.StateSize, first = Share.Split(size, worker, _workers), until = Share.Split(size, worker + 1, _workers);
        for (int at = first; at < until; at += WeightGradient.MaxUnits)
        {
            int units = Math.Min(WeightGradient.MaxUnits, until - at);
            WeightGradient.CopyTiles(_chunk.DH.Part(0, rows, at, units), scratch);
            AddProduct(_weights.Cell.Products.Count - 1, _weights.Projection!.Gradients, at, units, rows, scratch);
        }
    }

    private void AddProduct(int product, Span<float> gradients, int row, int units, int rows, in MatrixView scratch)
    {
        int columns = SourceSize(product);
        WeightGradient.AddCopied(scratch, units, rows, StripsOf(SameSource(product), rows), columns,
            gradients.Slice(row * columns, units * columns));
    }

    // The cell adds to whole sixteens; its parameters have only their own units.
    private void ExtraGradients(int done, int end, int first, int columns, int units, in MatrixView scratch)
    {
        SequenceLayout layout = _cache.Layout;
        ICell cell = _weights.Cell;
        MatrixView own = scratch.Fold(cell.ExtraRows, columns);
        MatrixViews.Clear(own);
        int next = 0;
        foreach (Parameter extra in _weights.Extras)
            for (int r = 0; r < extra.Length; r += _weights.Hidden) extra.Gradients.Slice(r + first, units).CopyTo(own.Row(next++));
        Share all = new(0, layout.Sequences, 0, 0, 0, 0);
        for (int s = done; s < end; s++)
        {
            int t = _chunk.Step(s);
            Add(StepRun.GoingOn(layout, t, _chunk.Reverse, all), _chunk.Row(done, s), own);
            Add(StepRun.Beginning(layout, t, _chunk.Reverse, all), _chunk.Row(done, s), own);
        }
        next = 0;
        foreach (Parameter extra in _weights.Extras)
            for (int r = 0; r < extra.Length; r += _weights.Hidden) own.Row(next++)[..units].CopyTo(extra.Gradients.Slice(r + first, units));

        void Add(in StepRun run, int row, in MatrixView into)
        {
            if (run.Rows == 0) return;
            MatrixView da = _chunk.DA.Part(row + run.Position, run.Rows, first, _chunk.DA.Columns - first);
            cell.AddExtraGradients(new UnitRange(
                _cache.Slots.Part(run.Row, run.Rows, first, _cache.Slots.Columns - first), da, _weights.Padded, columns,
                cell.HasCellState ? _cache.CellStates.Part(run.Before, run.Rows, first, columns) : default,
                cell.HasCellState ? _cache.CellStates.Part(layout.Sequences + run.Row, run.Rows, first, columns) : default, into));
        }
    }

    // Products of one source share its copy.
    private int SameSource(int product)
    {
        if (product < 0) return product;
        IReadOnlyList<Product> products = _weights.Cell.Products;
        int first = 0;
        while (products[first].Of != products[product].Of) first++;
        return first;
    }

    private MatrixView StripsOf(int product, int rows)
    {
        int floats = rows * 16 * WeightGradient.Strips(SourceSize(product));
        return _sources.MatrixView(rows * 16 * StripsBefore(product), 1, floats, floats);
    }

    private int SourceSize(int product) =>
        product < 0 ? _weights.InputSize : _weights.SourceSize(_weights.Cell.Products[product]);

    private int StripsBefore(int product)
    {
        int strips = 0;
        for (int earlier = -1; earlier < product; earlier++) strips += WeightGradient.Strips(SourceSize(earlier));
        return strips;
    }
}
