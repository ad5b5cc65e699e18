using System.Runtime.InteropServices;
using Unroll.Core;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Training;

//  shards     0   1   2   3   4   5   6   7
//              \ /     \ /     \ /     \ /          each sum is lower + upper, element by element:
//               +       +       +       +           the same additions in the same order for every number of ranks
//                 \   /           \   /
//                   +               +
//                       \       /
//                           +
//
//  Between ranks: the gradient is cut into N slices, and rank j adds up slice j. Every rank sends it that slice of its own partial sums, one of each
//  whole subtree that it holds (a single one where N divides S); then all slices go to all. Each rank sends (N − 1)/N of the gradient twice.

/// <summary>The sum of the gradients of all shards along one fixed binary tree.</summary>
/// <param name="shards">S, a power of two.</param>
/// <param name="ranks">Who holds which shards: <see cref="ShardDeal.First"/>.</param>
/// <param name="length">Floats of a gradient.</param>
internal sealed class ShardSum(int shards, ICollective ranks, int length)
{
    private readonly List<Subtree> _held = [];                           // neighbors from left to right, none of which can be added
    private readonly Stack<PinnedBuffer> _spare = [];
    private readonly ShardFold _fold = new();
    private readonly int[] _sendCounts = new int[ranks.Size], _receiveCounts = new int[ranks.Size], _sliceBytes = new int[ranks.Size];
    private PinnedBuffer _sent = new(0), _received = new(0);

    private readonly record struct Subtree(int First, int Shards, PinnedBuffer? Buffer, int Offset)
    {
        public bool IsLeftOf(in Subtree other) => Shards == other.Shards && First % (2 * Shards) == 0 && other.First == First + Shards;

        public Subtree With(in Subtree right) => this with { Shards = Shards + right.Shards };
    }

    /// <summary>The first shard of this rank.</summary>
    public int First => ShardDeal.First(ranks.Rank, ranks.Size, shards);

    /// <summary>The shard after its last.</summary>
    public int End => ShardDeal.First(ranks.Rank + 1, ranks.Size, shards);

    /// <summary>Adds the gradient of one of this rank's shards; they come in order, all of them once for each sum.</summary>
    public void Add(int shard, ReadOnlySpan<float> gradient)
    {
        Subtree leaf = new(shard, 1, null, 0);
        if (_held.Count > 0 && _held[^1].IsLeftOf(leaf)) Elementwise.Add(gradient, _held[^1].Buffer!.Span);
        else
        {
            PinnedBuffer buffer = _spare.Count > 0 ? _spare.Pop() : new PinnedBuffer(length);
            gradient.CopyTo(buffer.Span);
            _held.Add(leaf with { Buffer = buffer });
            return;
        }
        _held[^1] = _held[^1].With(leaf);
        while (_held.Count > 1 && _held[^2].IsLeftOf(_held[^1])) AddLast((right, left) => Elementwise.Add(right.Span, left.Span));
    }

    /// <summary>Memory for the gradient of a shard, cleared; <see cref="Add(int, ReadOnlySpan{PinnedBuffer}, ThreadTeam)"/> takes it back.</summary>
    public PinnedBuffer Rent()
    {
        if (_spare.Count == 0) return new PinnedBuffer(length);
        _spare.Peek().Span.Clear();
        return _spare.Pop();
    }

    /// <summary>Adds the gradients of some of this rank's shards, the next in order.</summary>
    public void Add(int first, ReadOnlySpan<PinnedBuffer> gradients, ThreadTeam threads)
    {
        int held = _held.Count;
        _fold.Begin();
        for (int i = 0; i < gradients.Length; i++)
        {
            _held.Add(new Subtree(first + i, 1, gradients[i], 0));
            while (_held.Count > held + 1 && _held[^2].IsLeftOf(_held[^1])) AddLast(_fold.Add);
        }
        _fold.Run(threads, length);
        while (_held.Count > 1 && _held[^2].IsLeftOf(_held[^1])) AddLast((right, left) => Elementwise.Add(right.Span, left.Span));
    }

    // The last subtree is added to the one before it.
    private void AddLast(Action<PinnedBuffer, PinnedBuffer> add)
    {
        add(_held[^1].Buffer!, _held[^2].Buffer!);
        _held[^2] = _held[^2].With(_held[^1]);
        _spare.Push(_held[^1].Buffer!);
        _held.RemoveAt(_held.Count - 1);
    }

    /// <summary>Ends the sum: overwrites <paramref name="total"/> on every rank with the sum over all shards, and begins a new one.</summary>
    public void Take(Span<float> total)
    {
        if (ranks.Size == 1) _held[0].Buffer!.Span.CopyTo(total);
        else Exchange(total);
        foreach (Subtree one in _held) _spare.Push(one.Buffer!);
        _held.Clear();
    }

    private void Exchange(Span<float> total)
    {
        int size = ranks.Size, own = ranks.Rank, floats = Slice(own).Length;
        for (int rank = 0; rank < size; rank++)
        {
            int count = Slice(rank).Length;
            _sendCounts[rank] = _held.Count * count * sizeof(float);
            _receiveCounts[rank] = SubtreesOf(rank).Count * floats * sizeof(float);
            _sliceBytes[rank] = count * sizeof(float);
        }
        if (_received.Length < _receiveCounts.Sum() / sizeof(float)) _received = new PinnedBuffer(_receiveCounts.Sum() / sizeof(float));
        ranks.AllToAll(MemoryMarshal.AsBytes(Slices()), _sendCounts, MemoryMarshal.AsBytes(_received.Span), _receiveCounts);
        AddReceived(floats);
        _received.Span[..floats].CopyTo(total[Slice(own).From..]);
        ranks.AllGather(MemoryMarshal.AsBytes(total), _sliceBytes);
    }

    // What goes to each rank, one after the other: a single sum lies so already.
    private ReadOnlySpan<float> Slices()
    {
        if (_held.Count == 1) return _held[0].Buffer!.Span;
        if (_sent.Length < _held.Count * length) _sent = new PinnedBuffer(_held.Count * length);
        int at = 0;
        for (int rank = 0; rank < ranks.Size; rank++)
        {
            (int from, int count) = Slice(rank);
            foreach (Subtree one in _held)
            {
                one.Buffer!.Span.Slice(from, count).CopyTo(_sent.Span[at..]);
                at += count;
            }
        }
        return _sent.Span[..at];
    }

    // This rank's slice of every subtree of every rank, in the order of the shards: the tree's sum ends in the first.
    private void AddReceived(int floats)
    {
        List<Subtree> sums = [];
        int at = 0;
        for (int rank = 0; rank < ranks.Size; rank++)
            foreach ((int first, int count) in SubtreesOf(rank))
            {
                sums.Add(new Subtree(first, count, null, at));
                at += floats;
                while (sums.Count > 1 && sums[^2].IsLeftOf(sums[^1]))
                {
                    Elementwise.Add(_received.Span.Slice(sums[^1].Offset, floats), _received.Span.Slice(sums[^2].Offset, floats));
                    sums[^2] = sums[^2].With(sums[^1]);
                    sums.RemoveAt(sums.Count - 1);
                }
            }
    }

    // The largest whole subtrees of the rank's shards.
    private List<(int First, int Shards)> SubtreesOf(int rank)
    {
        List<(int, int)> found = [];
        int end = ShardDeal.First(rank + 1, ranks.Size, shards);
        for (int first = ShardDeal.First(rank, ranks.Size, shards), count; first < end; first += count)
        {
            count = 1;
            while (first % (2 * count) == 0 && first + 2 * count <= end) count *= 2;
            found.Add((first, count));
        }
        return found;
    }

    private (int From, int Length) Slice(int rank)
    {
        int from = Share.Split(length, rank, ranks.Size);
        return (from, Share.Split(length, rank + 1, ranks.Size) - from);
    }

    /// <summary>The same tree over losses, which every rank has of all shards.</summary>
    /// <param name="losses">[S]; overwritten.</param>
    public static LossSum Of(Span<LossSum> losses)
    {
        for (int width = 1; width < losses.Length; width *= 2)
            for (int i = 0; i < losses.Length; i += 2 * width) losses[i] += losses[i + width];
        return losses[0];
    }
}
