using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Unroll.Core;
using Unroll.Formats;

namespace Unroll.Training;

/// <summary>What a rank wants of all of them; what any one wants, all do.</summary>
[Flags]
internal enum RankWishes : long
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>To end after the step under way.</summary>
    Stop = 1,

    /// <summary>To end because the time is up.</summary>
    TimeUp = 2,

    /// <summary>A checkpoint.</summary>
    Save = 4,
}

/// <summary>
/// What all ranks tell each other before anything is added up: where they stand and what they are, which must be equal, and their losses and wishes.
/// Ranks that differ would add what does not belong together, or wait for each other without end.
/// </summary>
internal sealed class RankAgreement
{
    private const int Facts = 6, Wishes = Facts, Header = Facts + 1;   // each 8 bytes; then two for each shard
    private static readonly string[] s_facts = ["the step", "the seed", "the network", "the data", "the options", "the number of shards"];
    private readonly ICollective _ranks;
    private readonly int _shards;
    private readonly long[] _own = new long[Facts], _all;
    private readonly int[] _counts, _first;
    private readonly LossSum[] _losses;

    /// <summary>Prepares the exchange.</summary>
    /// <param name="ranks">Who trains together.</param>
    /// <param name="shards">S.</param>
    /// <exception cref="UserErrorException">S is no power of two, or there are more ranks than shards.</exception>
    public RankAgreement(ICollective ranks, int shards)
    {
        if (shards < 1 || !int.IsPow2(shards))
            throw new UserErrorException($"shards: expected a power of two because sums are taken in pairs, got {shards}.");
        if (ranks.Size > shards)
            throw new UserErrorException($"ranks: expected at most {shards}, as many as there are shards, got {ranks.Size}; start fewer ranks, or "
                + "train with more shards.");
        (_ranks, _shards, _losses) = (ranks, shards, new LossSum[shards]);
        (_counts, _first) = (new int[ranks.Size], new int[ranks.Size + 1]);
        for (int rank = 0; rank < ranks.Size; rank++)
        {
            int own = ShardDeal.First(rank + 1, ranks.Size, shards) - ShardDeal.First(rank, ranks.Size, shards);
            _first[rank + 1] = _first[rank] + Header + 2 * own;
            _counts[rank] = (Header + 2 * own) * sizeof(long);
        }
        _all = new long[_first[^1]];
        _own[5] = shards;
    }

    /// <summary>What this run is: equal on every rank, or the first exchange says who differs in what.</summary>
    public void Describe(ulong seed, string network, string data, string options) =>
        (_own[1], _own[2], _own[3], _own[4]) = ((long)seed, HashOf(network), HashOf(data), HashOf(options));

    /// <summary>What any rank wanted at the last exchange.</summary>
    public RankWishes Agreed { get; private set; }

    /// <summary>
    /// Gives every rank the losses of all shards, and every rank's wishes.
    /// </summary>
    /// <param name="step">Steps done.</param>
    /// <param name="wishes">This rank's.</param>
    /// <param name="losses">Of this rank's shards, in order; empty: none.</param>
    /// <returns>The sum over all shards, along the same tree for every number of ranks.</returns>
    /// <exception cref="UserErrorException">A rank differs from the first in what must be equal.</exception>
    public LossSum Exchange(long step, RankWishes wishes, ReadOnlySpan<LossSum> losses)
    {
        Span<long> own = _all.AsSpan(_first[_ranks.Rank].._first[_ranks.Rank + 1]);
        own.Clear();
        _own[0] = step;
        _own.CopyTo(own);
        own[Wishes] = (long)wishes;
        for (int i = 0; i < losses.Length; i++)
            (own[Header + 2 * i], own[Header + 2 * i + 1]) = (BitConverter.DoubleToInt64Bits(losses[i].Sum), losses[i].Count);
        _ranks.AllGather(MemoryMarshal.AsBytes(_all.AsSpan()), _counts);

        Agreed = RankWishes.None;
        int shard = 0;
        for (int rank = 0; rank < _ranks.Size; rank++)
        {
            ReadOnlySpan<long> one = _all.AsSpan(_first[rank].._first[rank + 1]);
            RequireEqual(rank, one);
            Agreed |= (RankWishes)one[Wishes];
            for (int at = Header; at < one.Length; at += 2) _losses[shard++] = new(BitConverter.Int64BitsToDouble(one[at]), one[at + 1]);
        }
        return ShardSum.Of(_losses);
    }

    private void RequireEqual(int rank, ReadOnlySpan<long> facts)
    {
        for (int fact = 0; fact < Facts; fact++)
            if (facts[fact] != _all[fact])
                throw new UserErrorException(string.Create(CultureInfo.InvariantCulture,
                    $"rank {rank} differs from rank 0 in {s_facts[fact]}{Said(fact, facts[fact], _all[fact])}: expected all ranks to train the same "
                    + $"network on the same data with the same options; start them with one command."));
    }

    private static string Said(int fact, long here, long there) => fact is 0 or 1 or 5 ? $" ({here} and {there})" : "";

    private static long HashOf(string text) => BitConverter.ToInt64(Sha256.HashData(Encoding.UTF8.GetBytes(text)));
}
