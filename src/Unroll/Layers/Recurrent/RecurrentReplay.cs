using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

/// <summary>
/// Goes over the steps of a pass in the order of the forward pass, to look at gates: those that were kept, or computed again in memory of its own.
/// </summary>
internal sealed class RecurrentReplay : IDisposable
{
    private readonly RecurrentWeights _weights;
    private readonly RecurrentCache _cache;
    private readonly RecurrentWindow _window = new();
    private readonly RecurrentForward _again = new();
    private readonly ThreadTeam? _alone;
    private Segment _segment;
    private int _next;

    public RecurrentReplay(RecurrentLayer layer, RecurrentCache cache)
    {
        (_weights, _cache, _segment) = (layer.Weights, cache, Segment.Whole(cache.Layout));
        cache.RefuseInference();
        _window.Prepare(_weights, cache, new Workspace());
        if (cache.Kept is null) return;
        _alone = new ThreadTeam(1);
        _again.Prepare(_weights, cache.Layout, layer.Reverse, _alone, Partitioning.Alone, 1);
        _again.BeginAgain(cache, _window);
        _segment = default;
    }

    /// <summary>The segment of a visit, whose gates are there from now on; visits ascend.</summary>
    public Segment Visit(int visit)
    {
        while (visit >= _segment.Until)
        {
            _again.Again(_next, worker: 0);
            _segment = _cache.Kept!.Segment(_next++);
        }
        return _segment;
    }

    /// <summary>[rows of the segment, units rounded up to a multiple of 16]: one of the things that the cell saves.</summary>
    public MatrixView Saved(int slot) => _window.Slots.Part(0, Rows, slot * _weights.Padded, _weights.Padded);

    /// <summary>[rows of the segment, units rounded up to a multiple of 16]: c; no columns where the cell has none.</summary>
    public MatrixView C => _window.FurtherStates.Part(_cache.Layout.Sequences, Rows, 0, _weights.Further > 0 ? _weights.Padded : 0);

    public void Dispose() => _alone?.Dispose();

    private int Rows => _segment.Rows;
}
