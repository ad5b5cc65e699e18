using Unroll.Numerics;

namespace Unroll.Core;

/// <summary>What a forward or backward pass is given besides its numbers.</summary>
/// <param name="Workspace">Where its buffers come from.</param>
/// <param name="Threads">The threads; the result has the same bits for every number of threads.</param>
/// <param name="Random">The generator of this training step; forward and backward of one step get the same.</param>
/// <param name="Training">Whether dropout drops.</param>
public readonly record struct Pass(Workspace Workspace, ThreadTeam Threads, Rng Random, bool Training)
{
    /// <summary>
    /// One number per sequence, in the caller's order, that random draws belong to, so that they do not depend on a sequence's place in the
    /// batch; empty: the place itself.
    /// </summary>
    public ReadOnlyMemory<long> SequenceIds { get; init; }

    /// <summary>
    /// The generator of draws that hold for a whole update, such as those of dropped weights, where the update runs in pieces whose
    /// <see cref="Random"/> differs; null: <see cref="Random"/>.
    /// </summary>
    public Rng? OfUpdate { get; init; }

    /// <summary>
    /// Whether only outputs and final states are wanted: no gates are kept, which saves memory and time, and no backward pass can follow.
    /// </summary>
    public bool InferenceOnly { get; init; }

    /// <summary>
    /// How recurrent layers save memory in a pass that a backward pass follows, by computing gates a second time; null: every gate is kept. It
    /// changes no bit. The loop of an attention decoder keeps everything. Dropout then draws its masks a second time, too.
    /// </summary>
    public Recomputation? Recomputation { get; init; }

    /// <summary>Receives the gradients inside recurrent layers in a backward pass; null: nothing is traced, at no cost.</summary>
    public GradientTrace? Trace { get; init; }

    /// <summary>The shards that run together, each of which has sums of its own; null: there is one sum over all rows.</summary>
    internal PassShards? Shards { get; init; }

    /// <summary>Whether several shards run together, whose losses are summed apart (<c>ComputeByShard</c> of a loss).</summary>
    public bool HasShards => Shards is not null;

    /// <summary>Which rows of a layout of this pass's sequences are summed together.</summary>
    internal RowSums SumsOf(SequenceLayout layout) => new(Shards, layout);

    /// <summary>
    /// The same pass for a batch of other sequences, each of which is a part or a copy of one of these: an objective that makes several sequences
    /// of one of a batch's runs with it, so that its sums know which is whose.
    /// </summary>
    /// <param name="sequences">For each sequence there, the number of the one that it is of here.</param>
    public Pass For(ReadOnlySpan<int> sequences) => Shards is null ? this : this with { Shards = Shards.For(sequences) };
}
