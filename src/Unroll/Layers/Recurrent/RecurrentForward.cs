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
    private readonly RecurrentWindow _whole = new();
    private RecurrentWindow _window = null!;                             // where gates go that are kept
    private ThreadTeam _team = null!;
    private Partitioning _partitioning;
    private bool _reverse, _keeps, _rings;                               // _rings: gates of a chunk and states of two steps are there at a time
    private int _workers, _chunk, _rowsOfStep;

    /// <summary>Rows whose gates are in work at a time, all workers together.</summary>
    public int ChunkRows => _chunk * _rowsOfStep * (_partitioning == Partitioning.Sequences ? _workers : 1);

    /// <summary>Decides how the work is divided.</summary>
    public void Prepare(RecurrentWeights weights, SequenceLayout layout, bool reverse, ThreadTeam team)
    {
        (Partitioning partitioning, int workers) = (Partitioning.Alone, 1);
        if (layout.Steps > 0) partitioning = Share.Partitioning(team, layout, weights, out workers);
        Prepare(weights, layout, reverse, team, partitioning, workers);
    }

    /// <summary>The same where it is decided: asked twice, a team may answer otherwise.</summary>
    public void Prepare(RecurrentWeights weights, SequenceLayout layout, bool reverse, ThreadTeam team, Partitioning partitioning, int workers)
    {
        (_weights, _reverse, _team, _partitioning, _workers) = (weights, reverse, team, partitioning, workers);
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
        Take(cache);
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
        Segment all = Segment.Whole(layout);
        int row = layout.Offset(t) + share.FromRow, rows = StepRun.RowsOf(layout, t, share);
        if (rows > 0) InputRows(row, rows, Rows(_cache.Slots, row, rows), share);
        for (int stage = 0; stage < _weights.Cell.Stages; stage++)
        {
            Stage(stage, StepRun.GoingOn(layout, t, _reverse, share), t, t, 0, all, share);
            Stage(stage, StepRun.Beginning(layout, t, _reverse, share), t, t, 0, all, share);
        }
    }

    /// <summary>Makes ready for <see cref="Step"/>.</summary>
    public void Begin(RecurrentCache cache)
    {
        Take(cache);
        _partitioning = Partitioning.Alone;
        _weights.Panels.Refresh(_team);
    }

    /// <summary>Makes ready for <see cref="Again"/>.</summary>
    public void BeginAgain(RecurrentCache cache, RecurrentWindow window)
    {
        (_cache, _window, _keeps, _rings) = (cache, window, false, false);
        _weights.Panels.Refresh(_team, cache.Drop);
    }

    /// <summary>A worker's part of the steps of a segment again, the very operations of the first time: its gates are in the window then.</summary>
    public void Again(int segment, int worker)
    {
        Share share = Share.Of(worker, _workers, _partitioning, _cache.Layout, _weights);
        if (share.IsEmpty) return;
        _window.SetBefore(segment, share, _weights.Padded);
        if (_partitioning == Partitioning.Units) _team.Barrier();        // a product may multiply all units of a state
        Visit(_cache.Kept!.Segment(segment), worker, share);
    }

    public void Run(int worker)
    {
        Share share = Share.Of(worker, _workers, _partitioning, _cache.Layout, _weights);
        if (!share.IsEmpty) Visit(Segment.Whole(_cache.Layout), worker, share);
    }

    private void Take(RecurrentCache cache)
    {
        (_cache, _window, _keeps, _rings) = (cache, _whole, cache.Kept is not null, !cache.IsComplete);
        _whole.Show(cache);
    }

    private void Visit(in Segment segment, int worker, in Share share)
    {
        SequenceLayout layout = _cache.Layout;
        int steps = layout.Steps, next = 1;                              // the segment whose beginning comes next
        for (int done = segment.From; done < segment.Until; done += _chunk)
        {
            int end = Math.Min(segment.Until, done + _chunk), low = _reverse ? steps - end : done, high = _reverse ? steps - done : end;
            Input(low, high, worker, segment, share);
            for (int s = done; s < end; s++)
            {
                int t = _reverse ? steps - 1 - s : s;
                StepRun going = StepRun.GoingOn(layout, t, _reverse, share), beginning = StepRun.Beginning(layout, t, _reverse, share);
                if (_keeps && next < _cache.Kept!.Count && s == _cache.Kept.From(next)) Keep(next++, going, t, share);
                for (int stage = 0; stage < _weights.Cell.Stages; stage++)
                {
                    Stage(stage, going, t, low, worker, segment, share);
                    Stage(stage, beginning, t, low, worker, segment, share);
                    if (_partitioning == Partitioning.Units) _team.Barrier();
                }
            }
        }
    }

    // The states before a segment, of the share's sequences and units.
    private void Keep(int segment, in StepRun run, int t, in Share share)
    {
        if (run.Rows == 0) return;
        MatrixView kept = _cache.Kept!.Before(segment), further = _cache.FurtherStates;
        (int first, int count) = share.Units;
        for (int column = first; column < further.Columns; column += _weights.Padded)
            MatrixViews.Copy(further.Part(_cache.FurtherBefore(run, t), run.Rows, column, count), kept.Part(run.Position, run.Rows, column, count));
    }

    // Steps low … high − 1: their rows follow each other, unless the worker has only some of the sequences.
    private void Input(int low, int high, int worker, in Segment segment, in Share share)
    {
        SequenceLayout layout = _cache.Layout;
        if (_partitioning != Partitioning.Sequences)
        {
            int first = layout.Offset(low), count = layout.Offset(high) - first;
            if (count > 0) InputRows(first, count, SlotRows(first, count, low, low, worker, segment, share), share);
            return;
        }
        for (int t = low; t < high; t++)
        {
            int row = layout.Offset(t) + share.FromRow, rows = StepRun.RowsOf(layout, t, share);
            if (rows > 0) InputRows(row, rows, SlotRows(row, rows, t, low, worker, segment, share), share);
        }
    }

    private void InputRows(int row, int rows, in MatrixView slots, in Share share)
    {
        int features = _weights.InputSize;
        CellStep.Input(_weights, _cache.Input.All.Slice(row * features, rows * features), slots, share.FromUnit, share.ToUnit);
    }

    private void Stage(int stage, in StepRun run, int t, int low, int worker, in Segment segment, in Share share)
    {
        if (run.Rows == 0) return;
        MatrixView further = _rings ? _cache.FurtherStates : _window.FurtherStates;
        CellStep.Stage(_weights, stage, new StepRows
        {
            Slots = SlotRows(run.Row, run.Rows, t, low, worker, segment, share),
            HPrev = Rows(_cache.States, run.Before, run.Rows), H = Rows(_cache.States, _cache.Layout.Sequences + run.Row, run.Rows),
            FurtherPrev = Rows(further, _rings ? _cache.FurtherBefore(run, t) : _window.FurtherBefore(segment, run), run.Rows),
            Further = Rows(further, _rings ? _cache.FurtherAt(run, t) : _window.FurtherAt(segment, run), run.Rows),
        }, share);
    }

    // Where some rows' gates lie: those of a segment are kept, or those of a chunk, a worker's own where sequences are shared.
    private MatrixView SlotRows(int row, int rows, int t, int low, int worker, in Segment segment, in Share share)
    {
        SequenceLayout layout = _cache.Layout;
        if (!_rings) return Rows(_window.Slots, row - segment.Row, rows);
        if (_partitioning != Partitioning.Sequences) return Rows(_cache.Slots, row - layout.Offset(low), rows);
        return Rows(_cache.Slots, (worker * _chunk + t - low) * _rowsOfStep + row - layout.Offset(t) - share.FromRow, rows);
    }

    private static MatrixView Rows(in MatrixView all, int row, int rows) => all.Part(row, rows, 0, all.Columns);
}
