using Unroll.Core;

namespace Unroll.Training;

/// <summary>A place in the run through the data: the batches before it have been used. With the seed it decides everything that follows.</summary>
/// <param name="Epoch">Whole passes over the data, from 0.</param>
/// <param name="Batch">Batches used of this pass, from 0.</param>
public readonly record struct DataPlace(int Epoch, int Batch);

/// <summary>Deals out examples in batches: shuffled anew in each epoch, with examples of like length together.</summary>
/// <remarks>
/// The examples are shuffled, cut into pools of 64 batches, sorted by length within each pool and cut into batches, and the batches are
/// shuffled. So a batch wastes little on raggedness, and yet its company changes from epoch to epoch. The order of an epoch is a pure function
/// of the generator and the epoch's number: a run that goes on from a <see cref="DataPlace"/> sees what the undisturbed run would have seen.
/// </remarks>
public sealed class Batcher
{
    private const int PoolBatches = 64;
    private readonly int[] _lengths;
    private readonly Rng? _random;

    /// <summary>Makes a batcher.</summary>
    /// <param name="lengths">The length of each example, in steps; may be 0.</param>
    /// <param name="batchSize">Examples of a batch; the last one of a pool may have fewer.</param>
    /// <param name="random">Shuffles by epoch; null: no shuffling and no sorting, for validation and prediction.</param>
    /// <exception cref="UserErrorException">The batch size is below 1.</exception>
    public Batcher(IReadOnlyList<int> lengths, int batchSize, Rng? random)
    {
        if (batchSize < 1) throw new UserErrorException($"The batch size must be at least 1, got {batchSize}.");
        (_lengths, BatchSize, _random) = ([.. lengths], batchSize, random?.For("batches"));
        BatchesPerEpoch = (_lengths.Length + batchSize - 1) / batchSize;
    }

    /// <summary>Examples of a batch.</summary>
    public int BatchSize { get; }

    /// <summary>The number of examples.</summary>
    public int Examples => _lengths.Length;

    /// <summary>Batches of each epoch; 0 without examples.</summary>
    public int BatchesPerEpoch { get; }

    /// <summary>All batches of an epoch: each example in exactly one.</summary>
    /// <param name="epoch">From 0.</param>
    /// <returns>Indices of examples, longest first within a batch when shuffled.</returns>
    public IReadOnlyList<int[]> Epoch(int epoch)
    {
        int[] order = new int[_lengths.Length];
        if (_random is not Rng random)
        {
            for (int i = 0; i < order.Length; i++) order[i] = i;
            return [.. order.Chunk(BatchSize)];
        }
        random.For("examples").At((ulong)epoch).Permute(order);
        int[][] batches = [.. order.Chunk(BatchSize * PoolBatches).SelectMany(pool => pool.OrderByDescending(i => _lengths[i]).Chunk(BatchSize))];
        int[] places = new int[batches.Length];
        random.For("places").At((ulong)epoch).Permute(places);
        return Array.ConvertAll(places, p => batches[p]);
    }

    /// <summary>The batches from a place on, to the end of the last epoch.</summary>
    /// <param name="place">Where to begin; a batch number at the end of an epoch means the start of the next.</param>
    /// <param name="epochs">The number of epochs of the whole run.</param>
    /// <returns>Each batch, and the place after it: what a checkpoint keeps.</returns>
    public IEnumerable<(int[] Batch, DataPlace Next)> From(DataPlace place, int epochs)
    {
        for (int epoch = place.Epoch; epoch < epochs && Examples > 0; epoch++)
        {
            IReadOnlyList<int[]> batches = Epoch(epoch);
            for (int b = epoch == place.Epoch ? place.Batch : 0; b < batches.Count; b++)
                yield return (batches[b], b + 1 < batches.Count ? new DataPlace(epoch, b + 1) : new DataPlace(epoch + 1, 0));
        }
    }
}
