using Unroll.Core;
using Unroll.Layers.Recurrent;

namespace Unroll.Training;

//  S = 8 shards, N = 3 ranks        sequences, longest first:   | shard 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 |   about as many rows in each
//                                                               |     rank 0  |    rank 1  |  rank 2   |

/// <summary>
/// How a batch is dealt: its sequences, longest first, to S shards of about as many steps each, and the shards to the ranks, each a few in a row. A
/// shard's sequences depend on the lengths and on S alone, never on how many ranks there are. A shard may be empty.
/// </summary>
internal static class ShardDeal
{
    /// <summary>
    /// Up to so many weights (1 MiB) a rank's shards run one after the other: weights and gradient then stay in a second-level cache, and passes of a
    /// few sequences are as fast as those of many, which eight gradients would drive out. Above it they run together. Measured with eight
    /// shards one after the other: an LSTM of 128 inputs and units takes 1.04 times the time of one shard, one of 256 1.2, and together 1.06 to 1.09.
    /// </summary>
    public const int FewWeights = 1 << 18;

    /// <summary>The sequences of each shard, ascending.</summary>
    /// <param name="lengths">Of the batch's sequences, in steps.</param>
    /// <param name="shards">S.</param>
    public static int[][] Of(ReadOnlySpan<int> lengths, int shards)
    {
        SequenceLayout layout = SequenceLayout.FromLengths(lengths);
        int[][] dealt = new int[shards][];
        for (int shard = 0; shard < shards; shard++)
        {
            int from = Share.SplitRows(shard, shards, layout), to = Share.SplitRows(shard + 1, shards, layout);
            dealt[shard] = layout.Order[from..Math.Max(from, to)].ToArray();
            Array.Sort(dealt[shard]);
        }
        return dealt;
    }

    /// <summary>The first shard of a rank; of rank <paramref name="ranks"/> it is S.</summary>
    public static int First(int rank, int ranks, int shards) => Share.Split(shards, rank, ranks);
}
