using Unroll.Numerics;

namespace Unroll.Training;

/// <summary>
/// Some sums of two gradients, one after the other: done for a few thousand numbers at a time, which then stay in the cache from sum to sum, and
/// shared among threads. Each number's additions are the same however they are cut.
/// </summary>
internal sealed class ShardFold : IWork
{
    private const int Block = 2048;                                      // of eight gradients 64 KiB
    private const int Cost = 8;                                          // of an addition, in multiply-adds
    private readonly List<(PinnedBuffer From, PinnedBuffer To)> _sums = [];
    private int _length, _workers;

    /// <summary>Forgets all sums.</summary>
    public void Begin() => _sums.Clear();

    /// <summary>To add one gradient to another, after the sums before.</summary>
    public void Add(PinnedBuffer from, PinnedBuffer to) => _sums.Add((from, to));

    /// <summary>Adds.</summary>
    /// <param name="threads">Who share the work.</param>
    /// <param name="length">Numbers of a gradient.</param>
    public void Run(ThreadTeam threads, int length)
    {
        (_length, _workers) = (length, threads.WorkersFor((long)Cost * length * _sums.Count));
        if (_workers == 1) Run(0);
        else threads.Run(this, _workers);
    }

    /// <inheritdoc/>
    public void Run(int worker)
    {
        (int from, int to) = Reduce.Share(_length, worker, _workers);
        for (int at = from; at < to; at += Block)
            foreach ((PinnedBuffer right, PinnedBuffer left) in _sums)
                Elementwise.Add(right.Span[at..Math.Min(to, at + Block)], left.Span[at..Math.Min(to, at + Block)]);
    }
}
