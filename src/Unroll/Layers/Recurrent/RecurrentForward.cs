using Unroll.Cells;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

/// <summary>The loop through time, forward: every worker runs it on its share.</summary>
internal sealed class RecurrentForward : IWork
{
    private const int ChunkFloats = 1 << 16;                             // the gates of a chunk of steps stay in the second-level cache
    private RecurrentWeights _weights = null!;
    private RecurrentCache _cache = null!;
    private ThreadTeam _team = null!;
    private Partitioning _partitioning;
    private bool _reverse;
    private int _workers, _chunk, _rowsOfStep;

    /// <summary>Rows whose gates are in work at a time, all workers together.</summary>
    public int ChunkRows => _chunk * _rowsOfStep * (_partitioning == Partitioning.Sequences ? _workers : 1);

    /// <summary>Decides how the work is divided.</summary>
    public void Prepare(RecurrentWeights weights, SequenceLayout layout, bool reverse, ThreadTeam team)
    {
        (_weights, _reverse, _team) = (weights, reverse, team);
        (_partitioning, _workers) = (Partitioning.Alone, 1);
        if (layout.Steps > 0) _partitioning = Share.Partitioning(team, layout, weights, out _workers);
        _rowsOfStep = 1;
        for (int worker = 0; worker < _workers; worker++)
        {
            Share share = Share.Of(worker, _workers, _partitioning, layout, weights);
            _rowsOfStep = Math.Max(_rowsOfStep, share.ToRow - share.FromRow);
        }
        int sharing = _partitioning == Partitioning.Units ? _workers : 1;
        _chunk = Math.Clamp(ChunkFloats * sharing / (_rowsOfStep * Math.Max(1, weights.Schedule.InputBlocks) * weights.Padded), 1,
            Math.Max(1, layout.Steps));
    }

    public void Run(RecurrentCache cache)
    {
        _cache = cache;
        _weights.Panels.Refresh(_team, cache.Drop);
        if (_workers == 1) Run(0);
        else _team.Run(this, _workers);
    }

    /// <summary>One step of some sequences, for a loop of someone else's: the input's rows of earlier steps alone need be there.</summary>
    /// <param name="t">The step; those before it are done. The layer goes forward and keeps everything.</param>
    /// <param name="share">Some sequences and all units.</param>
    public void Step(int t, in Share share)
    {
        SequenceLayout layout = _cache.Layout;
        int row = layout.Offset(t) + share.FromRow;
        InputRows(row, StepRun.RowsOf(layout, t, share), row, share);
        for (int stage = 0; stage < _weights.Cell.Stages; stage++)
        {
            Stage(stage, StepRun.GoingOn(layout, t, _reverse, share), t, t, 0, share);
            Stage(stage, StepRun.Beginning(layout, t, _reverse, share), t, t, 0, share);
        }
    }

    /// <summary>Makes ready for <see cref="Step"/>.</summary>
    public void Begin(RecurrentCache cache)
    {
        (_cache, _partitioning) = (cache, Partitioning.Alone);
        _weights.Panels.Refresh(_team);
    }

    public void Run(int worker)
    {
        SequenceLayout layout = _cache.Layout;
        Share share = Share.Of(worker, _workers, _partitioning, layout, _weights);
        if (share.IsEmpty) return;
        int steps = layout.Steps;
        for (int done = 0; done < steps; done += _chunk)
        {
            int end = Math.Min(steps, done + _chunk), low = _reverse ? steps - end : done, high = _reverse ? steps - done : end;
            Input(low, high, worker, share);
            for (int s = done; s < end; s++)
            {
                int t = _reverse ? steps - 1 - s : s;
                for (int stage = 0; stage < _weights.Cell.Stages; stage++)
                {
                    Stage(stage, StepRun.GoingOn(layout, t, _reverse, share), t, low, worker, share);
                    Stage(stage, StepRun.Beginning(layout, t, _reverse, share), t, low, worker, share);
                    if (_partitioning == Partitioning.Units) _team.Barrier();
                }
            }
        }
    }

    // Steps low … high − 1: their rows follow each other, unless the worker has only some of the sequences.
    private void Input(int low, int high, int worker, in Share share)
    {
        SequenceLayout layout = _cache.Layout;
        if (_partitioning != Partitioning.Sequences)
        {
            InputRows(layout.Offset(low), layout.Offset(high) - layout.Offset(low), SlotRow(layout.Offset(low), low, low, worker, share), share);
            return;
        }
        for (int t = low; t < high; t++)
        {
            int row = layout.Offset(t) + share.FromRow;
            InputRows(row, StepRun.RowsOf(layout, t, share), SlotRow(row, t, low, worker, share), share);
        }
    }

    private void InputRows(int row, int rows, int slot, in Share share)
    {
        if (rows == 0) return;
        int features = _weights.InputSize;
        CellStep.Input(_weights, _cache.Input.All.Slice(row * features, rows * features), Rows(_cache.Slots, slot, rows), share.FromUnit,
            share.ToUnit);
    }

    private void Stage(int stage, in StepRun run, int t, int low, int worker, in Share share)
    {
        if (run.Rows == 0) return;
        int sequences = _cache.Layout.Sequences, state = sequences + run.Row;
        MatrixView further = _cache.FurtherStates;
        CellStep.Stage(_weights, stage, new StepRows
        {
            Slots = Rows(_cache.Slots, SlotRow(run.Row, t, low, worker, share), run.Rows),
            HPrev = Rows(_cache.States, run.Before, run.Rows), H = Rows(_cache.States, state, run.Rows),
            FurtherPrev = Rows(further, _cache.FurtherBefore(run, t), run.Rows), Further = Rows(further, _cache.FurtherAt(run, t), run.Rows),
        }, share);
    }

    // Where a row's gates lie: all rows are kept, or those of a chunk, a worker's own where sequences are shared.
    private int SlotRow(int row, int t, int low, int worker, in Share share)
    {
        SequenceLayout layout = _cache.Layout;
        if (_cache.IsComplete) return row;
        if (_partitioning != Partitioning.Sequences) return row - layout.Offset(low);
        return (worker * _chunk + t - low) * _rowsOfStep + row - layout.Offset(t) - share.FromRow;
    }

    private static MatrixView Rows(in MatrixView all, int row, int rows) => all.Part(row, rows, 0, all.Columns);
}
