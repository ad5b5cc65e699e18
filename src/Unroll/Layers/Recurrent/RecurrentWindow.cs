using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

/// <summary>Some steps that the loop through time visits one after the other; their rows follow each other.</summary>
/// <param name="From">The first visit, in the order of the forward pass.</param>
/// <param name="Until">The visit after the last.</param>
/// <param name="Row">The first row of their steps.</param>
/// <param name="Rows">How many rows.</param>
internal readonly record struct Segment(int From, int Until, int Row, int Rows)
{
    /// <summary>All steps.</summary>
    public static Segment Whole(SequenceLayout layout) => new(0, layout.Steps, 0, layout.Rows);

    /// <summary>Those visits.</summary>
    public static Segment Of(SequenceLayout layout, bool reverse, int from, int until)
    {
        int low = layout.Offset(reverse ? layout.Steps - until : from), high = layout.Offset(reverse ? layout.Steps - from : until);
        return new Segment(from, until, low, high - low);
    }
}

/// <summary>
/// Gates and states beside h of one segment at a time, for the backward pass: all steps in the cache, or some in memory of its own, filled by going
/// over them again. Rows are those of the segment; the states begin with one row for each sequence, those before the segment.
/// </summary>
internal sealed class RecurrentWindow
{
    private RecurrentCache _cache = null!;
    private PinnedBuffer _slots = null!, _further = null!;
    private int _rows, _slotColumns, _furtherColumns;

    /// <summary>[rows, all that the cell saves].</summary>
    public MatrixView Slots => _cache.IsComplete ? _cache.Slots : _slots.MatrixView(0, _rows, _slotColumns, _slotColumns);

    /// <summary>[B + rows, further states side by side].</summary>
    public MatrixView FurtherStates => _cache.IsComplete ? _cache.FurtherStates
        : _further.MatrixView(0, _cache.Layout.Sequences + _rows, _furtherColumns, _furtherColumns);

    /// <summary>What the cache has.</summary>
    public void Show(RecurrentCache cache) => _cache = cache;

    /// <summary>Takes memory for the largest segment, where the cache has not everything.</summary>
    public void Prepare(RecurrentWeights weights, RecurrentCache cache, Workspace workspace)
    {
        _cache = cache;
        if (cache.Kept is not { } kept) return;
        (_rows, _slotColumns, _furtherColumns) = (0, weights.Slots * weights.Padded, weights.Further * weights.Padded);
        for (int segment = 0; segment < kept.Count; segment++) _rows = Math.Max(_rows, kept.Segment(segment).Rows);
        _slots = workspace.Rent(_rows, _slotColumns);
        _further = workspace.Rent(cache.Layout.Sequences + _rows, _furtherColumns);
    }

    /// <summary>Where the further states of a run's rows lie.</summary>
    public int FurtherAt(in Segment segment, in StepRun run) => _cache.Layout.Sequences + run.Row - segment.Row;

    /// <summary>Where those of the step before lie: in the segment, or among those before it.</summary>
    public int FurtherBefore(in Segment segment, in StepRun run)
    {
        int row = run.Before - _cache.Layout.Sequences - segment.Row;
        return run.Before >= _cache.Layout.Sequences && row >= 0 && row < segment.Rows ? _cache.Layout.Sequences + row : run.Position;
    }

    /// <summary>Sets a worker's part of the states before a segment: those that were kept, and what the other sequences begin with.</summary>
    public void SetBefore(int segment, in Share share, int width)
    {
        KeptStates kept = _cache.Kept!;
        MatrixView before = kept.Before(segment), first = kept.First;
        int going = Math.Clamp(before.Rows, share.FromRow, share.ToRow);
        CopyUnits(before, share.FromRow, going, share, width);
        CopyUnits(first, going, share.ToRow, share, width);
    }

    private void CopyUnits(in MatrixView from, int row, int until, in Share share, int width)
    {
        if (row >= until) return;
        (int first, int count) = share.Units;
        for (int column = first; column < _furtherColumns; column += width)
            MatrixViews.Copy(from.Part(row, until - row, column, count), FurtherStates.Part(row, until - row, column, count));
    }
}
