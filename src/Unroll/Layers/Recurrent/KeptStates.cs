using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

/// <summary>
/// The states beside h that a pass keeps so that gates can be computed again: what the sequences began with, and those before each segment of steps.
/// All h are kept, in <see cref="RecurrentCache.States"/>.
/// </summary>
/// <remarks>
/// A segment is made of whole chunks of the backward pass, so that weight gradients add in the order in which they do without segments: where two
/// products share a matrix, they take turns from chunk to chunk.
/// </remarks>
internal sealed class KeptStates
{
    private readonly List<int> _visits = [], _offsets = [];              // where segments begin, and one more; where their states lie
    private SequenceLayout _layout = null!;
    private PinnedBuffer _states = null!;
    private int _columns;
    private bool _reverse;

    /// <summary>How many segments.</summary>
    public int Count => _visits.Count - 1;

    /// <summary>[B, further states side by side], packed order: what the sequences began with.</summary>
    public MatrixView First => Rows(0, _layout.Sequences);

    /// <summary>Divides a batch into segments of whole chunks that have, but for the first, k steps at least.</summary>
    /// <returns>Whether there are several.</returns>
    public bool Divide(RecurrentWeights weights, SequenceLayout layout, bool reverse, Recomputation choice)
    {
        (_layout, _reverse) = (layout, reverse);
        _visits.Clear();
        _offsets.Clear();
        int steps = layout.Steps, every = choice.StepsOf(steps), target = BackwardChunk.Target(weights), row = layout.Sequences;
        _visits.Add(steps);
        for (int done = 0, begun = 0; done < steps;)                     // a backward pass's visits, whose first is the forward pass's last
        {
            done = BackwardChunk.End(layout, reverse, target, done);
            if (done - begun < every && done < steps) continue;
            _visits.Add(steps - done);
            begun = done;
        }
        _visits.Reverse();
        for (int segment = 0; segment < Count; row += GoingOn(segment++)) _offsets.Add(row);
        _offsets.Add(row);
        return Count > 1;
    }

    /// <summary>Takes memory.</summary>
    public void Rent(int columns, Workspace workspace)
    {
        _columns = columns;
        _states = workspace.Rent(_offsets[^1], columns);
    }

    /// <summary>The first visit of a segment, in the order of the forward pass.</summary>
    public int From(int segment) => _visits[segment];

    /// <summary>The visits of a segment, and the rows of their steps.</summary>
    public Segment Segment(int segment) => Recurrent.Segment.Of(_layout, _reverse, _visits[segment], _visits[segment + 1]);

    /// <summary>[sequences that go on into a segment, further states side by side], packed order: their states before it.</summary>
    public MatrixView Before(int segment) => Rows(_offsets[segment], _offsets[segment + 1] - _offsets[segment]);

    // The sequences that were alive at the visit before and are still.
    private int GoingOn(int segment)
    {
        int visit = _visits[segment];
        return visit == 0 ? 0 : _layout.Active(_reverse ? _layout.Steps - visit : visit);
    }

    private MatrixView Rows(int row, int rows) => _states.MatrixView(row * _columns, rows, _columns, _columns);
}
