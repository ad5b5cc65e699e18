using Unroll.Cells;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

/// <summary>δx and the weight gradients of one chunk of steps after another; δx is divided by rows, weight gradients by units.</summary>
internal sealed class RecurrentGradients
{
    private RecurrentWeights _weights = null!;
    private RecurrentCache _cache = null!;
    private RecurrentWindow _window = null!;
    private BackwardChunk _chunk = null!;
    private RowSums _sums;
    private PinnedBuffer _sources = null!, _dxRows = null!, _scratch = null!;
    private int _workers, _scratchOf, _tiles;

    /// <summary>δx: [rows, input size].</summary>
    public SequenceBatch DX { get; private set; }

    public void Prepare(
        RecurrentWeights weights, RecurrentCache cache, RecurrentWindow window, BackwardChunk chunk, in RowSums sums, int workers,
        Workspace workspace)
    {
        (_weights, _cache, _window, _chunk, _sums, _workers) = (weights, cache, window, chunk, sums, workers);
        DX = workspace.Rent(cache.Layout, weights.InputSize);
        _dxRows = workspace.Rent(chunk.MaxRows, PaddedInput);
        _sources = workspace.Rent(chunk.MaxRows, 16 * StripsBefore(weights.Schedule.Operands.Length));
        _tiles = WeightGradient.ProductScratch(chunk.MaxRows) + weights.ExtraRows * weights.Padded;
        _scratchOf = _tiles + (sums.AreSeveral ? chunk.MaxRows * WeightGradient.MaxUnits : 0);
        _scratch = workspace.Rent(workers, _scratchOf);
    }

    /// <summary>What the weights were multiplied by, x first, as the weight gradients read it.</summary>
    public void CopySources(int worker, int done, in Segment segment)
    {
        foreach (ref readonly ChunkPart part in _chunk.Parts(done)) CopySources(worker, part, segment);
    }

    private void CopySources(int worker, in ChunkPart part, in Segment segment)
    {
        for (int operand = 0; operand < _weights.Schedule.Operands.Length; operand++)
        {
            int strips = WeightGradient.Strips(Columns(operand)), from = Share.Split(strips, worker, _workers),
                to = Share.Split(strips, worker + 1, _workers);
            if (from < to) CopySource(operand, part, segment, from, to);
        }
    }

    private void CopySource(int operand, ChunkPart part, Segment segment, int from, int to)
    {
        SequenceLayout layout = _cache.Layout;
        ProductSource source = _weights.Schedule.Operands[operand];
        int columns = Columns(operand), width = _weights.Padded, index = source.Index, row = 0,
            firstRow = index == 0 ? 0 : segment.Row;                     // all h are there, of further states those of the segment
        MatrixView strips = StripsOf(operand, part), states = index == 0 ? _cache.States : _window.FurtherStates;
        int column = source.Kind == SourceKind.Saved ? index * width : Math.Max(0, index - 1) * width;
        for (int s = part.From; s < part.Until; s++)
            for (int run = 0, t = _chunk.Step(s); run < _sums.PositionRuns(part.Shard); run++)
            {
                RowRun positions = _sums.Positions(part.Shard, run);
                int first = layout.Offset(t) + positions.First, count = Math.Min(positions.Count, layout.Active(t) - positions.First);
                if (count <= 0) break;
                if (source.Kind == SourceKind.Input)
                    WeightGradient.CopyStrips(_cache.Input.All.Slice(first * columns, count * columns), columns, strips, row, part.Rows, from, to);
                else if (source.Kind == SourceKind.Saved)
                    WeightGradient.CopyStrips(_window.Slots.Part(first - segment.Row, count, column, columns), strips, row, part.Rows, from, to);
                else if (source.Kind == SourceKind.After)
                    WeightGradient.CopyStrips(
                        states.Part(layout.Sequences + first - firstRow, count, column, columns), strips, row, part.Rows, from, to);
                else
                {
                    Share some = new(positions.First, positions.First + count, 0, 0, 0, 0);
                    CopyStates(StepRun.GoingOn(layout, t, _chunk.Reverse, some));
                    CopyStates(StepRun.Beginning(layout, t, _chunk.Reverse, some));
                }
                row += count;

                void CopyStates(in StepRun run)
                {
                    if (run.Rows > 0)
                        WeightGradient.CopyStrips(
                            states.Part(index == 0 ? run.Before : _window.FurtherBefore(segment, run), run.Rows, column, columns), strips,
                            row + run.Position - positions.First, part.Rows, from, to);
                }
            }
    }

    //  δx = [by unit] + Wᵀ δa of every product of x, one chain
    public void InputGradient(int worker, int done, int end)
    {
        SequenceLayout layout = _cache.Layout;
        int rows = _chunk.Rows(done, end), from = Share.Split(rows, worker, _workers), to = Share.Split(rows, worker + 1, _workers),
            padded = PaddedInput, size = _weights.InputSize;
        if (from == to) return;
        MatrixView wide = _dxRows.MatrixView(0, rows, padded, padded);
        WideInputGradient(from, wide.Part(from, to - from, 0, padded));
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
        int padded = PaddedInput, size = _weights.InputSize;
        MatrixView wide = _dxRows.MatrixView(chunkRow * padded, rows, padded, padded);
        WideInputGradient(chunkRow, wide);
        MatrixViews.Narrow(wide, DX.All.Slice(row * size, rows * size), size);
    }

    private void WideInputGradient(int row, in MatrixView wide)
    {
        int units = _weights.Padded, byUnit = _weights.Plan.InputDelta;
        MatrixView da = _chunk.DA.Part(row, wide.Rows, 0, _chunk.DA.Columns);
        StepProduct[] products = _weights.Schedule.Inputs;
        ChainStart start = byUnit < 0 ? ChainStart.Zero : ChainStart.Of(da.Slot(byUnit, units, units));
        if (products.Length == 0 && byUnit < 0) MatrixViews.Clear(wide);
        else if (products.Length == 0) MatrixViews.Copy(da.Slot(byUnit, units, units), wide);
        foreach (StepProduct product in products)
        {
            Panels panels = _weights.Panels.ProductsBack[product.Index];
            panels.Product(da.Part(0, da.Rows, product.Delta * units, product.Count * units), start, wide, 0, 0, panels.Sixteens);
            start = ChainStart.Of(wide);
        }
    }

    //  δW += δaᵀ source      δb += Σ_rows δa      divided by units, so that every sum is one worker's; each shard's rows apart
    public void WeightGradients(int worker, int done, in Segment segment)
    {
        MatrixView scratch = _scratch.MatrixView(worker * _scratchOf, 1, _scratchOf, _scratchOf);
        foreach (ref readonly ChunkPart part in _chunk.Parts(done)) WeightGradients(worker, done, part, segment, scratch);
    }

    private void WeightGradients(int worker, int done, in ChunkPart part, in Segment segment, in MatrixView scratch)
    {
        int sixteens = _weights.Padded / 16, first = Share.Split(sixteens, worker, _workers) * 16,
            units = Math.Min(_weights.Hidden, Share.Split(sixteens, worker + 1, _workers) * 16) - first;
        for (int argument = 0; argument < _weights.Plan.Arguments.Count; argument++)
        {
            int from = first, until = first + units;
            if (_weights.Plan.Arguments[argument].Delta < 0)             // the state itself may have other units
                (from, until) = (Share.Split(_weights.StateSize, worker, _workers), Share.Split(_weights.StateSize, worker + 1, _workers));
            for (int at = from; at < until; at += WeightGradient.MaxUnits)
                ArgumentGradients(argument, at, Math.Min(WeightGradient.MaxUnits, until - at), done, part, scratch);
        }
        if (units > 0 && _weights.ExtraRows > 0) ExtraGradients(done, part, segment, first, (units + 15) / 16 * 16, units, scratch);
    }

    private void ArgumentGradients(int argument, int first, int units, int done, in ChunkPart part, in MatrixView scratch)
    {
        PlannedArgument planned = _weights.Plan.Arguments[argument];
        MatrixView all = planned.Delta < 0 ? _chunk.DH : _chunk.DA;
        MatrixView da = Together(all.Part(0, all.Rows, Math.Max(0, planned.Delta) * _weights.Padded + first, units), done, part, scratch);
        for (int bias = 0; bias < planned.Biases.Count; bias++)
            MatrixViews.AddRowSums(da, RowOf(planned.Biases[bias].Vector, planned.Biases[bias].Row, part.Shard).Slice(first, units));
        bool copied = false;
        foreach (StepProduct product in _weights.Schedule.Products)
        {
            if (!product.Serves(argument)) continue;
            if (!copied) WeightGradient.CopyTiles(da, scratch);
            copied = true;
            int row = (product.Block + argument - product.Argument) * product.Rows + first, columns = product.Depth;
            WeightGradient.AddCopied(scratch, units, part.Rows, StripsOf(product.Operand, part), columns,
                _weights.Gradients(product, _cache.Drop, _sums, part.Shard).Slice(row * columns, units * columns));
        }
    }

    // The rows of a part, copied where those of other shards lie between them.
    private MatrixView Together(in MatrixView chunk, int done, in ChunkPart part, in MatrixView scratch)
    {
        int at = _chunk.Row(done, part.From), row = 0;
        if (!_sums.AreSeveral) return chunk.Part(at, part.Rows, 0, chunk.Columns);
        MatrixView target = scratch.Part(0, 1, _tiles, _scratchOf - _tiles).Fold(part.Rows, chunk.Columns);
        for (int s = part.From; s < part.Until; s++)
            for (int run = 0, active = _cache.Layout.Active(_chunk.Step(s)); run < _sums.PositionRuns(part.Shard); run++)
            {
                RowRun positions = _sums.Positions(part.Shard, run);
                int count = Math.Min(positions.Count, active - positions.First);
                if (count <= 0) break;
                MatrixViews.Copy(
                    chunk.Part(_chunk.Row(done, s) + positions.First, count, 0, chunk.Columns), target.Part(row, count, 0, chunk.Columns));
                row += count;
            }
        return target;
    }

    // The cell adds to whole sixteens; its parameters have only their own units.
    private void ExtraGradients(int done, in ChunkPart part, in Segment segment, int first, int columns, int units, in MatrixView scratch)
    {
        SequenceLayout layout = _cache.Layout;
        MatrixView own = scratch.Fold(_weights.ExtraRows, columns);
        MatrixViews.Clear(own);
        for (int row = 0; row < own.Rows; row++) ExtraRow(row, part.Shard).Slice(first, units).CopyTo(own.Row(row));
        for (int s = part.From; s < part.Until; s++)
            for (int run = 0, t = _chunk.Step(s); run < _sums.PositionRuns(part.Shard); run++)
            {
                RowRun positions = _sums.Positions(part.Shard, run);
                Share some = new(positions.First, positions.First + positions.Count, 0, 0, 0, 0);
                AddExtras(StepRun.GoingOn(layout, t, _chunk.Reverse, some), segment, _chunk.Row(done, s), first, own);
                AddExtras(StepRun.Beginning(layout, t, _chunk.Reverse, some), segment, _chunk.Row(done, s), first, own);
            }
        for (int row = 0; row < own.Rows; row++) own.Row(row)[..units].CopyTo(ExtraRow(row, part.Shard).Slice(first, units));
    }

    private Span<float> ExtraRow(int row, int shard) => RowOf(_weights.ExtraAt[row].Vector, _weights.ExtraAt[row].Row, shard);

    private Span<float> RowOf(int vector, int row, int shard) => _weights.RowGradients(vector, row, _sums, shard);

    private void AddExtras(in StepRun run, in Segment segment, int row, int first, in MatrixView into)
    {
        if (run.Rows == 0) return;
        int columns = into.Columns, state = _cache.Layout.Sequences + run.Row;
        MatrixView further = _window.FurtherStates, slots = _window.Slots.Part(run.Row - segment.Row, run.Rows, 0, _window.Slots.Columns);
        bool narrow = _weights.Schedule.Narrow;
        _weights.Cell.AddExtraGradients(new UnitRange(
            CellStep.Part(_weights, slots, first, columns), _chunk.DA.Part(row + run.Position, run.Rows, first, _chunk.DA.Columns - first),
            narrow ? default : _cache.States.Part(run.Before, run.Rows, first, columns),
            CellStep.Units(further.Part(_window.FurtherBefore(segment, run), run.Rows, 0, further.Columns), first),
            narrow ? default : _cache.States.Part(state, run.Rows, first, columns),
            CellStep.Units(further.Part(_window.FurtherAt(segment, run), run.Rows, 0, further.Columns), first), into));
    }

    private int PaddedInput => (_weights.InputSize + 15) / 16 * 16;

    private int Columns(int operand) => _weights.Schedule.Width(_weights.Schedule.Operands[operand]);

    // Those of one part after those of another.
    private MatrixView StripsOf(int operand, in ChunkPart part)
    {
        int floats = part.Rows * 16 * WeightGradient.Strips(Columns(operand)),
            before = part.Before * 16 * StripsBefore(_weights.Schedule.Operands.Length);
        return _sources.MatrixView(before + part.Rows * 16 * StripsBefore(operand), 1, floats, floats);
    }

    private int StripsBefore(int operand)
    {
        int strips = 0;
        for (int earlier = 0; earlier < operand; earlier++) strips += WeightGradient.Strips(Columns(earlier));
        return strips;
    }
}
