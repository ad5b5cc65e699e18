using Unroll.Core;

namespace Unroll.Training;

/// <summary>
/// The processes that train together, called ranks: each has the same weights and its own share of every batch. All ranks make the same calls in the
/// same order; a call returns when this rank has what it asked for.
/// </summary>
public interface ICollective
{
    /// <summary>0 … <see cref="Size"/> − 1.</summary>
    int Rank { get; }

    /// <summary>How many train together, at least 1.</summary>
    int Size { get; }

    /// <summary>Every rank gets the bytes of all ranks, one after the other in the order of the ranks.</summary>
    /// <param name="all">[Σ counts]; this rank's bytes are at their place when it calls, those of the others are overwritten.</param>
    /// <param name="counts">How many bytes each rank gives, at least 0; the same on every rank.</param>
    /// <exception cref="UserErrorException">The ranks cannot reach each other any more; the message says what the transport said.</exception>
    void AllGather(Span<byte> all, ReadOnlySpan<int> counts);

    /// <summary>Every rank sends each rank some bytes, itself included.</summary>
    /// <param name="send">[Σ sendCounts], those for rank 0 first.</param>
    /// <param name="sendCounts">How many bytes go to each rank.</param>
    /// <param name="receive">[Σ receiveCounts], overwritten; those from rank 0 first.</param>
    /// <param name="receiveCounts">How many bytes come from each rank: what that rank has as its count for this one.</param>
    /// <exception cref="UserErrorException">The ranks cannot reach each other any more; the message says what the transport said.</exception>
    void AllToAll(ReadOnlySpan<byte> send, ReadOnlySpan<int> sendCounts, Span<byte> receive, ReadOnlySpan<int> receiveCounts);
}

/// <summary>One process alone: it has everything that there is.</summary>
public sealed class SingleRank : ICollective
{
    /// <inheritdoc/>
    public int Rank => 0;

    /// <inheritdoc/>
    public int Size => 1;

    /// <inheritdoc/>
    public void AllGather(Span<byte> all, ReadOnlySpan<int> counts) { }

    /// <inheritdoc/>
    public void AllToAll(ReadOnlySpan<byte> send, ReadOnlySpan<int> sendCounts, Span<byte> receive, ReadOnlySpan<int> receiveCounts) =>
        send[..sendCounts[0]].CopyTo(receive);
}
