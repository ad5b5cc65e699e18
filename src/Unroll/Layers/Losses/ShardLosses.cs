using Unroll.Core;

namespace Unroll.Layers.Losses;

/// <summary>The losses of a pass that runs several shards together.</summary>
public static class ShardLosses
{
    /// <summary>
    /// Computes a loss for the sequences of each shard as if they were a batch of their own, and tells the pass: for a loss that adds up its rows
    /// itself. The library's losses add up for each shard without it.
    /// </summary>
    /// <param name="loss">Called once for each shard that has sequences, with a pass that has no shards.</param>
    /// <param name="outputs">As in <see cref="ILoss.Compute"/>.</param>
    /// <param name="targets">As there.</param>
    /// <param name="dOutputs">As there.</param>
    /// <param name="pass">One that <see cref="Pass.HasShards"/>.</param>
    /// <returns>The sum of all.</returns>
    public static LossSum ComputeByShard(this ILoss loss, in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, in Pass pass)
    {
        PassShards shards = pass.Shards ?? throw new ArgumentException("the pass has no shards", nameof(pass));
        LossSum total = default;
        for (int shard = 0; shard < shards.Count; shard++)
        {
            int[] own = shards.Sequences(shard);
            if (own.Length == 0) continue;
            SequenceBatch y = outputs.Of(own), dy = SequenceBatch.Zeros(y.Layout, y.Features);
            LossSum sum = loss.Compute(y, targets.Of(outputs.Layout, own), dy, pass with { Shards = null });
            shards.AddLoss(shard, sum);
            total += sum;
            for (int s = 0; s < own.Length; s++)
                for (int t = 0; t < dy.Layout.Lengths[s]; t++) dy.Row(t, s).CopyTo(dOutputs.Row(t, own[s]));
        }
        return total;
    }
}
