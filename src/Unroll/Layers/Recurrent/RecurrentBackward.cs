using Unroll.Cells;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

/// <summary>
/// The loop through time, backward, a chunk of steps at a time: first δa of the chunk's steps, last to first; then, while they are in the cache,
/// δx and the chunk's part of all weight gradients. Every worker runs it on its share.
/// </summary>
internal sealed class RecurrentBackward : IWork
{
    private readonly RecurrentGradients _gradients = new();
    private RecurrentWeights _weights = null!;
    private RecurrentCache _cache = null!;
    private ThreadTeam _team = null!;
    private SequenceBatch _dy;
    private BackwardChunk _chunk = null!;
    private PinnedBuffer _dSource = null!, _carryH = null!, _carryC = null!;
    private LayerTrace? _trace;
    private Partitioning _partitioning;
    private bool _reverse;
    private int _workers;

    /// <summary>[B, state width] and [B, units], packed order: δ of the final state before the loop, of the first after it.</summary>
    public MatrixView CarryH => Matrix(_carryH, _cache.Layout.Sequences, _weights.PaddedState);
    public MatrixView CarryC => Matrix(_carryC, _cache.Layout.Sequences, _weights.Cell.HasCellState ? _weights.Padded : 0);

    /// <summary>Takes memory and decides how the work is divided.</summary>
    public void Prepare(RecurrentWeights weights, RecurrentCache cache, bool reverse, in SequenceBatch dy, in Pass pass)
    {
        (_weights, _cache, _reverse, _team, _dy) = (weights, cache, reverse, pass.Threads, dy);
        SequenceLayout layout = cache.Layout;
        (_partitioning, _workers) = (Partitioning.Alone, 1);
        if (layout.Steps > 0) _partitioning = Share.Partitioning(_team, layout, weights, weights.Gates, out _workers);
        Workspace workspace = pass.Workspace;
        int sequences = layout.Sequences;
        _chunk = workspace.Cache<BackwardChunk>();
        _chunk.Prepare(weights, layout, reverse, workspace);
        _dSource = workspace.Rent(sequences, weights.Padded);
        _carryH = workspace.Rent(sequences, weights.PaddedState);
        _carryC = workspace.Rent(sequences, weights.Cell.HasCellState ? weights.Padded : 0);
        _gradients.Prepare(weights, cache, _chunk, _workers, workspace);
        _trace = pass.Trace?.Next();
        if (_trace is null) return;
        _trace.Begin(cache.Layer!, cache.Layer!.Name, layout, weights.Arguments, weights.PaddedState, weights.Padded, weights.Cell.HasCellState);
        MatrixViews.Widen(dy.All, weights.StateSize, _trace.DOutput);
    }

    /// <summary>Makes ready for <see cref="Step(int, in Share)"/>: all steps are one chunk.</summary>
    public void PrepareSteps(RecurrentWeights weights, RecurrentCache cache, in SequenceBatch dy, in Pass pass, int workers)
    {
        (_weights, _cache, _reverse, _team, _dy, _partitioning, _workers) = (weights, cache, false, pass.Threads, dy, Partitioning.Alone, workers);
        int sequences = cache.Layout.Sequences;
        _chunk = pass.Workspace.Cache<BackwardChunk>();
        _chunk.Prepare(weights, cache.Layout, _reverse, pass.Workspace, whole: true);
        _dSource = pass.Workspace.Rent(sequences, weights.Padded);
        _carryH = pass.Workspace.Rent(sequences, weights.PaddedState);
        _carryC = pass.Workspace.Rent(sequences, weights.Cell.HasCellState ? weights.Padded : 0);
        MatrixViews.Clear(CarryH);
        MatrixViews.Clear(CarryC);
        _gradients.Prepare(weights, cache, _chunk, _workers, pass.Workspace);
        _trace = null;
        weights.Panels.RefreshBack(_team);
    }

    /// <summary>δx, rows of the steps that are done.</summary>
    public SequenceBatch DX => _gradients.DX;

    /// <summary>One step of some sequences, the later steps done; its rows of δy are there, and those of δx are afterwards.</summary>
    public void Step(int t, in Share share)
    {
        SequenceLayout layout = _cache.Layout;
        int s = layout.Steps - 1 - t, rows = StepRun.RowsOf(layout, t, share);
        Step(t, StepRun.Beginning(layout, t, _reverse, share), 0, s, share);
        Step(t, StepRun.GoingOn(layout, t, _reverse, share), 0, s, share);
        _gradients.StepInputGradient(_chunk.Row(0, s) + share.FromRow, rows, layout.Offset(t) + share.FromRow);
    }

    /// <summary>Adds a worker's part of the weight gradients once all steps are done.</summary>
    public void AddWeightGradients(int worker)
    {
        _gradients.CopySources(worker, 0, _cache.Layout.Steps);
        Meet();
        _gradients.WeightGradients(worker, 0, _cache.Layout.Steps);
    }

    public SequenceBatch Run()
    {
        _weights.Panels.RefreshBack(_team, _cache.Drop);
        if (_workers == 1) Run(0);
        else _team.Run(this, _workers);
        return _gradients.DX;
    }

    public void Run(int worker)
    {
        SequenceLayout layout = _cache.Layout;
        Share share = Share.Of(worker, _workers, _partitioning, layout, _weights);
        for (int done = 0; done < layout.Steps;)
        {
            int end = _chunk.End(done);
            for (int s = done; s < end && !share.IsEmpty; s++)
            {
                int t = _chunk.Step(s);
                Step(t, StepRun.Beginning(layout, t, _reverse, share), done, s, share);
                Step(t, StepRun.GoingOn(layout, t, _reverse, share), done, s, share);
            }
            Meet();
            _gradients.CopySources(worker, done, end);
            _gradients.InputGradient(worker, done, end);
            Meet();
            _gradients.WeightGradients(worker, done, end);
            Meet();                                                      // the next chunk's δa takes this one's place
            done = end;
        }
    }

    private void Step(int t, in StepRun run, int done, int s, in Share share)
    {
        bool units = _partitioning == Partitioning.Units;
        ICell cell = _weights.Cell;
        if (run.Rows == 0) return;
        int width = _weights.Padded, row = _chunk.Row(done, s) + run.Row - _cache.Layout.Offset(t), state = _cache.Layout.Sequences + run.Row;
        MatrixView dh = Rows(_chunk.DH, row, run.Rows), da = Rows(_chunk.DA, row, run.Rows), carryH = Rows(CarryH, run.Position, run.Rows),
            dSource = Rows(Matrix(_dSource, _cache.Layout.Sequences, width), run.Position, run.Rows);
        SumOutputAndCarry(run, carryH, dh, share);
        (int first, int count) = share.Units;
        if (_trace is not null && cell.HasCellState) TraceCells(_trace, run, first, count);
        bool narrow = _weights.Projection is not null;
        for (int stage = cell.Stages - 1; stage >= 0; stage--)
        {
            cell.Backward(stage, new TileBack(
                Rows(_cache.Slots, run.Row, run.Rows).Part(0, run.Rows, first, _cache.Slots.Columns - first),
                da.Part(0, run.Rows, first, da.Columns - first), width, count, _weights.Hidden,
                _weights.Panels.Extras.Part(0, cell.ExtraRows, first, count),
                narrow ? default : _cache.States.Part(run.Before, run.Rows, first, count),
                cell.HasCellState ? _cache.CellStates.Part(run.Before, run.Rows, first, count) : default,
                cell.HasCellState ? _cache.CellStates.Part(state, run.Rows, first, count) : default,
                narrow ? default : dh.Part(0, run.Rows, first, count),
                cell.HasCellState ? CarryC.Part(run.Position, run.Rows, first, count) : default,
                narrow ? default : carryH.Part(0, run.Rows, first, count),
                dSource.Part(0, run.Rows, first, count)));
            if (units) _team.Barrier();                                  // the products back need δ of all units
            ProductsBack(stage, da, dh, carryH, dSource, share);
        }
        if (_trace is not null) TraceStep(_trace, run, dh, da, share);
    }

    // Each worker copies what it has computed: its rows and its units.
    private void TraceCells(LayerTrace trace, in StepRun run, int first, int count) =>
        MatrixViews.Copy(CarryC.Part(run.Position, run.Rows, first, count), trace.CarryC.Part(run.Row, run.Rows, first, count));

    private void TraceStep(LayerTrace trace, in StepRun run, in MatrixView dh, in MatrixView da, in Share share)
    {
        (int first, int count) = share.State;
        MatrixViews.Copy(dh.Part(0, run.Rows, first, count), trace.DH.Part(run.Row, run.Rows, first, count));
        (first, count) = share.Units;
        for (int slot = 0; slot < _weights.BackSlots; slot++)
            MatrixViews.Copy(da.Part(0, run.Rows, slot * _weights.Padded + first, count), trace.Argument(slot).Part(run.Row, run.Rows, first, count));
    }

    //  δh = δy + δh₊
    private void SumOutputAndCarry(in StepRun run, in MatrixView carryH, in MatrixView dh, in Share share)
    {
        (int first, int columns) = share.State;
        int size = _weights.StateSize;
        MatrixViews.Sum(carryH.Part(0, run.Rows, first, columns), _dy.All.Slice(run.Row * size, run.Rows * size), size, first,
            dh.Part(0, run.Rows, first, columns));
    }

    //  δ(source) = Wᵀ δa over the product's gates in order, units ascending; into δh₋ it is added
    private void ProductsBack(int stage, in MatrixView da, in MatrixView dh, in MatrixView carryH, in MatrixView dSource, in Share share)
    {
        ICell cell = _weights.Cell;
        int width = _weights.Padded;
        bool projected = stage == 0 && _weights.Projection is not null;  // then nothing but products reaches δh₋
        for (int p = 0; p < cell.Products.Count; p++)
        {
            Product product = cell.Products[p];
            if (product.Stage != stage) continue;
            Panels panels = _weights.Panels.ProductsBack[p];
            int slot = _weights.BackSlot(p);
            MatrixView from = slot < 0 ? dh : da.Part(0, da.Rows, slot * width, product.Gates.Length * width);
            if (_weights.SourceSlot(p) >= 0)
            {
                panels.Product(from, ChainStart.Zero, dSource, 0, share.FromUnit, share.ToUnit);
                continue;
            }
            panels.Product(from, projected ? ChainStart.Zero : ChainStart.Of(carryH), carryH, 0, share.FromState, share.ToState);
            projected = false;
        }
    }

    private void Meet()
    {
        if (_workers > 1) _team.Barrier();
    }

    private static MatrixView Matrix(PinnedBuffer buffer, int rows, int columns) => buffer.MatrixView(0, rows, columns, columns);
    private static MatrixView Rows(in MatrixView all, int row, int rows) => all.Part(row, rows, 0, all.Columns);
}
