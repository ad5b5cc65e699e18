using Unroll.Core;

namespace Unroll.Training;

/// <summary>What is minimized: weights, and a loss that a batch adds to their gradients.</summary>
/// <typeparam name="TBatch">What one step learns from: the rows themselves, or only which rows.</typeparam>
public interface IObjective<TBatch>
{
    /// <summary>The weights that are trained; always the same store.</summary>
    ParameterStore Parameters { get; }

    /// <summary>
    /// Runs forward and backward: adds the gradient of the batch's <b>sum</b> of losses to the store's gradients; nothing is averaged here.
    /// </summary>
    /// <param name="batch">One of the batches of an epoch.</param>
    /// <param name="pass">Workspace (reset before), threads, this step's random draws.</param>
    /// <returns>The sum of the losses and how many were summed; 0 of them: the batch is passed over.</returns>
    LossSum Accumulate(TBatch batch, in Pass pass);

    /// <summary>
    /// The lengths of the sequences of a batch, in steps, by which they are dealt to shards; null: its batches cannot be dealt. A sequence is what
    /// <see cref="Part"/> can take out, and its length a measure of its work.
    /// </summary>
    IReadOnlyList<int>? LengthsOf(TBatch batch) => null;

    /// <summary>
    /// The batch of some sequences of a batch: what <see cref="Accumulate"/> adds for all parts of a batch is, but for rounding, what it adds for the
    /// whole. Random draws belong to a sequence, whatever part it is in.
    /// </summary>
    /// <param name="batch">A whole batch.</param>
    /// <param name="sequences">Some of its sequences, ascending, at least one.</param>
    TBatch Part(TBatch batch, IReadOnlyList<int> sequences) => throw new NotSupportedException("its batches cannot be dealt");

    /// <summary>
    /// Whether <see cref="Accumulate"/> may be called with a pass that runs several shards of the batch together: everything that it sums over rows,
    /// gradients and losses, is then summed for each shard apart by the library's layers and losses (one's own: <see cref="Pass.HasShards"/>), and
    /// the sequences of its passes are those of <see cref="LengthsOf"/>, or <see cref="Pass.For"/> says which is whose. False: shards run one after
    /// the other, to the same bits.
    /// </summary>
    bool SumsByShard(TBatch batch) => false;

    /// <summary>
    /// The gates whose rows a parameter stacks, one letter each (<c>ifgo</c>), so that an error can name the gate; null where there are none.
    /// </summary>
    string? GatesOf(Parameter parameter) => null;

    /// <summary>
    /// Called after an <see cref="Accumulate"/> whose loss or gradient is not finite, with the same batch and pass and the workspace as it was
    /// left: where the first bad number stands, as <c>"sequence 3, step 17"</c>; null if that is not known.
    /// </summary>
    string? LocateNonFinite(TBatch batch, in Pass pass) => null;

    /// <summary>
    /// What is carried from batch to batch beside the weights (the state of truncated backpropagation), to be saved with a checkpoint and put
    /// back by writing into the same memory. Names are unique, and names and lengths never change.
    /// </summary>
    IReadOnlyList<NamedFloats> CarriedState => [];
}

/// <summary>Floats with a name.</summary>
/// <param name="Name">Unique among its neighbors.</param>
/// <param name="Values">The floats themselves, not a copy.</param>
public readonly record struct NamedFloats(string Name, Memory<float> Values)
{
    /// <summary>
    /// How many sequences they belong to: as many rows of equal length, in the order of the batch, of which each rank that trains has its own; 0:
    /// every rank has the same.
    /// </summary>
    public int Sequences { get; init; }
}
