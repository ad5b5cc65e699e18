using Unroll.Cells;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

/// <summary>
/// The loop through time, backward, a chunk of steps at a time: first δa of the chunk's steps, last to first; then, while they are in the cache,
/// δx and the chunk's part of all weight gradients. Where gates were not kept, those of a segment of some chunks are computed again before it.
/// Every worker runs it on its share.
/// </summary>
internal sealed class RecurrentBackward : IWork
{
    private readonly RecurrentGradients _gradients = new();
    private RecurrentWeights _weights = null!;
    private RecurrentCache _cache = null!;
    private readonly RecurrentWindow _window = new();
    private RecurrentForward? _again;
    private ThreadTeam _team = null!;
    private SequenceBatch _dy;
    private BackwardChunk _chunk = null!;
    private PinnedBuffer _dSources = null!, _carryH = null!, _carryFurther = null!;
    private LayerTrace? _trace;
    private RowSums _sums;
    private Partitioning _partitioning;
    private bool _reverse;
    private int _workers;

    /// <summary>
    /// [B, state width] and [B, further states side by side], packed order: δ of the final state before the loop, of the first after it.
    /// </summary>
    public MatrixView CarryH => Matrix(_carryH, _cache.Layout.Sequences, _weights.PaddedState);
    public MatrixView CarryFurther => Matrix(_carryFurther, _cache.Layout.Sequences, _weights.Further * _weights.Padded);

    /// <summary>δ of one of the states: 0 is h.</summary>
    public MatrixView Carry(int state) => state == 0 ? CarryH
        : CarryFurther.Part(0, _cache.Layout.Sequences, (state - 1) * _weights.Padded, _weights.Padded);

    /// <summary>Takes memory and decides how the work is divided.</summary>
    public void Prepare(RecurrentWeights weights, RecurrentCache cache, bool reverse, in SequenceBatch dy, in Pass pass)
    {
        SequenceLayout layout = cache.Layout;
        (_reverse, _partitioning, _workers) = (reverse, Partitioning.Alone, 1);
        if (layout.Steps > 0) _partitioning = Share.Partitioning(pass.Threads, layout, weights, out _workers);
        Take(weights, cache, dy, pass, whole: false);
        _again = null;
        if (cache.Kept is not null)
        {
            _again = pass.Workspace.Cache<RecurrentForward>();
            _again.Prepare(weights, layout, reverse, pass.Threads, _partitioning, _workers);
        }
        _trace = pass.Trace?.Next();
        if (_trace is null) return;
        _trace.Begin(cache.Layer!, cache.Layer!.Name, layout, weights.DeltaNames, weights.PaddedState, weights.Padded, weights.Further);
        MatrixViews.Widen(dy.All, weights.StateSize, _trace.DOutput);
    }

    /// <summary>Makes ready for <see cref="Step(int, in Share)"/>: all steps are one chunk.</summary>
    public void PrepareSteps(RecurrentWeights weights, RecurrentCache cache, in SequenceBatch dy, in Pass pass, int workers)
    {
        (_reverse, _partitioning, _workers, _trace) = (false, Partitioning.Alone, workers, null);
        Take(weights, cache, dy, pass, whole: true);
        MatrixViews.Clear(CarryH);
        MatrixViews.Clear(CarryFurther);
        weights.Panels.RefreshBack(_team);
    }

    private void Take(RecurrentWeights weights, RecurrentCache cache, in SequenceBatch dy, in Pass pass, bool whole)
    {
        (_weights, _cache, _team, _dy) = (weights, cache, pass.Threads, dy);
        int sequences = cache.Layout.Sequences;
        Workspace workspace = pass.Workspace;
        _sums = pass.SumsOf(cache.Layout);
        _chunk = workspace.Cache<BackwardChunk>();
        _chunk.Prepare(weights, cache.Layout, _reverse, _sums, workspace, whole);
        _window.Prepare(weights, cache, workspace);
        _dSources = workspace.Rent(sequences, weights.Plan.Sources.Count * weights.Padded);
        if (weights.Schedule.HasNarrowSources) _dSources.Span.Clear();   // products back reach the numbers that there are
        _carryH = workspace.Rent(sequences, weights.PaddedState);
        _carryFurther = workspace.Rent(sequences, weights.Further * weights.Padded);
        weights.BeginGradients(cache.Drop, _sums.Shards);
        _gradients.Prepare(weights, cache, _window, _chunk, _sums, _workers, workspace);
    }

    /// <summary>δx, rows of the steps that are done.</summary>
    public SequenceBatch DX => _gradients.DX;

    /// <summary>One step of some sequences, the later steps done; its rows of δy are there, and those of δx are afterwards.</summary>
    public void Step(int t, in Share share)
    {
        SequenceLayout layout = _cache.Layout;
        Segment all = Segment.Whole(layout);
        int s = layout.Steps - 1 - t, rows = StepRun.RowsOf(layout, t, share);
        Step(t, StepRun.Beginning(layout, t, _reverse, share), 0, s, all, share);
        Step(t, StepRun.GoingOn(layout, t, _reverse, share), 0, s, all, share);
        _gradients.StepInputGradient(_chunk.Row(0, s) + share.FromRow, rows, layout.Offset(t) + share.FromRow);
    }

    /// <summary>Adds a worker's part of the weight gradients once all steps are done.</summary>
    public void AddWeightGradients(int worker)
    {
        Segment all = Segment.Whole(_cache.Layout);
        _gradients.CopySources(worker, 0, all);
        Meet();
        _gradients.WeightGradients(worker, 0, all);
    }

    public SequenceBatch Run()
    {
        _weights.Panels.RefreshBack(_team, _cache.Drop);
        _again?.BeginAgain(_cache, _window);
        if (_workers == 1) Run(0);
        else _team.Run(this, _workers);
        Finish();
        return _gradients.DX;
    }

    /// <summary>Adds the weight gradients that were kept elsewhere, once all workers are done.</summary>
    public void Finish() => _weights.FinishGradients(_cache.Drop, _sums);

    public void Run(int worker)
    {
        if (_again is null) Run(worker, Segment.Whole(_cache.Layout));
        else
            for (int segment = _cache.Kept!.Count - 1; segment >= 0; segment--)
            {
                _again.Again(segment, worker);
                Meet();                                                  // gates of all sequences and units are read for the weight gradients
                Run(worker, _cache.Kept.Segment(segment));
            }
    }

    // The visits of the forward pass, the last first.
    private void Run(int worker, in Segment segment)
    {
        SequenceLayout layout = _cache.Layout;
        Share share = Share.Of(worker, _workers, _partitioning, layout, _weights);
        for (int done = layout.Steps - segment.Until; done < layout.Steps - segment.From;)
        {
            int end = _chunk.End(done);
            for (int s = done; s < end && !share.IsEmpty; s++)
            {
                int t = _chunk.Step(s);
                Step(t, StepRun.Beginning(layout, t, _reverse, share), done, s, segment, share);
                Step(t, StepRun.GoingOn(layout, t, _reverse, share), done, s, segment, share);
            }
            _gradients.CopySources(worker, done, segment);          // of the forward pass: all of it is there
            Meet();
            _gradients.InputGradient(worker, done, end);
            _gradients.WeightGradients(worker, done, segment);
            Meet();                                                      // the next chunk's δa takes this one's place
            done = end;
        }
    }

    private void Step(int t, in StepRun run, int done, int s, in Segment segment, in Share share)
    {
        if (run.Rows == 0) return;
        ICell cell = _weights.Cell;
        int row = _chunk.Row(done, s) + run.Row - _cache.Layout.Offset(t), state = _cache.Layout.Sequences + run.Row;
        StepDeltas d = new()
        {
            DA = Rows(_chunk.DA, row, run.Rows), DH = Rows(_chunk.DH, row, run.Rows), CarryH = Rows(CarryH, run.Position, run.Rows),
            CarryFurther = Rows(CarryFurther, run.Position, run.Rows),
            Sources = Rows(Matrix(_dSources, _cache.Layout.Sequences, _weights.Plan.Sources.Count * _weights.Padded), run.Position, run.Rows),
        };
        SumOutputAndCarry(run, d.CarryH, d.DH, share);
        (int first, int count) = share.Units;
        if (_trace is not null) TraceFurther(_trace, run, first, count);
        bool narrow = _weights.Schedule.Narrow;
        MatrixView further = _window.FurtherStates, slots = Rows(_window.Slots, run.Row - segment.Row, run.Rows),
            furtherPrev = Rows(further, _window.FurtherBefore(segment, run), run.Rows),
            furtherNew = Rows(further, _window.FurtherAt(segment, run), run.Rows);
        for (int stage = cell.Stages - 1; stage >= 0; stage--)
        {
            cell.Backward(stage, new TileBack(
                CellStep.Part(_weights, slots, first, count), CellStep.Units(d.DA, first),
                narrow ? default : _cache.States.Part(run.Before, run.Rows, first, count),
                CellStep.Units(furtherPrev, first),
                narrow ? default : _cache.States.Part(state, run.Rows, first, count), CellStep.Units(furtherNew, first),
                narrow ? default : d.DH.Part(0, run.Rows, first, count), CellStep.Units(d.CarryFurther, first),
                narrow ? default : d.CarryH.Part(0, run.Rows, first, count), CellStep.Units(d.Sources, first)));
            d.ClearBeyond(_weights, share);
            if (_partitioning == Partitioning.Units) _team.Barrier();    // the products back need δ of all units
            d.ProductsBack(_weights, stage, share);
        }
        if (_trace is not null) TraceStep(_trace, run, d.DH, d.DA, share);
    }

    // Each worker copies what it has computed: its rows and its units.
    private void TraceFurther(LayerTrace trace, in StepRun run, int first, int count)
    {
        for (int column = first; column < trace.CarryC.Columns; column += _weights.Padded)
            MatrixViews.Copy(CarryFurther.Part(run.Position, run.Rows, column, count), trace.CarryC.Part(run.Row, run.Rows, column, count));
    }

    private void TraceStep(LayerTrace trace, in StepRun run, in MatrixView dh, in MatrixView da, in Share share)
    {
        (int first, int count) = share.State;
        MatrixViews.Copy(dh.Part(0, run.Rows, first, count), trace.DH.Part(run.Row, run.Rows, first, count));
        (first, count) = share.Units;
        for (int slot = 0; slot < _weights.Plan.Deltas; slot++)
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

    private void Meet()
    {
        if (_workers > 1) _team.Barrier();
    }

    private static MatrixView Matrix(PinnedBuffer buffer, int rows, int columns) => buffer.MatrixView(0, rows, columns, columns);
    private static MatrixView Rows(in MatrixView all, int row, int rows) => all.Part(row, rows, 0, all.Columns);
}
