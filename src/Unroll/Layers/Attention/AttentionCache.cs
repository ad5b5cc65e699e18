using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Attention;

/// <summary>What an attention attends to: the rows of a ragged batch, and what queries are compared with.</summary>
/// <param name="Values">[rows, memory size].</param>
/// <param name="Keys">[rows, …]: the values themselves or their projection.</param>
internal readonly record struct AttentionMemory(SequenceBatch Values, SequenceBatch Keys);

/// <summary>What an attention's forward pass leaves: its output is the contexts, [rows of the queries, memory size].</summary>
public sealed class AttentionCache : Cache
{
    private long[] _offsets = [];
    private PinnedBuffer _weights = null!, _dScores = null!;

    /// <summary>The queries' rows; written step by step by whoever computes them.</summary>
    internal SequenceBatch Queries { get; private set; }

    internal AttentionMemory Memory { get; private set; }

    /// <summary>Additive: W q of every row.</summary>
    internal SequenceBatch Projected { get; private set; }

    internal SequenceBatch DContexts { get; set; }
    internal SequenceBatch DQueries { get; private set; }
    internal SequenceBatch DProjected { get; private set; }
    internal SequenceBatch DValues { get; private set; }
    internal SequenceBatch DKeys { get; private set; }

    /// <summary>[B, attention size]: each sequence's part of the gradient of v, so that no sum depends on the threads.</summary>
    internal PinnedBuffer DVectors { get; private set; } = null!;

    /// <summary>How much a step of a sequence attends to each step of the memory: [memory length], at least 0, with the sum 1.</summary>
    /// <param name="t">The query's step.</param>
    /// <param name="sequence">In the caller's order.</param>
    public ReadOnlySpan<float> Weights(int t, int sequence) => WeightsOf(t, sequence);

    internal Span<float> WeightsOf(int t, int sequence) => Of(_weights, t, sequence);

    /// <summary>Memory for ∂L/∂scores, as <see cref="WeightsOf"/>.</summary>
    internal Span<float> DScores(int t, int sequence) => Of(_dScores, t, sequence);

    private Span<float> Of(PinnedBuffer buffer, int t, int sequence)
    {
        int length = Memory.Values.Layout.Lengths[sequence];
        return buffer.Span.Slice((int)(_offsets[sequence] + (long)t * length), length);
    }

    internal void Begin(string layer, in SequenceBatch queries, in AttentionMemory memory, int projected, Workspace workspace)
    {
        SequenceLayout from = queries.Layout, to = memory.Values.Layout;
        if (from.Sequences != to.Sequences)
            ShapeException.Throw(from.Sequences, to.Sequences, $"layer '{layer}' query sequences", "the memory has that many");
        if (_offsets.Length < from.Sequences) _offsets = new long[from.Sequences];
        long floats = 0;
        for (int s = 0; s < from.Sequences; s++)
        {
            _offsets[s] = floats;
            floats += (long)from.Lengths[s] * to.Lengths[s];
        }
        (Queries, Memory) = (queries, memory);
        _weights = workspace.Rent(1, (int)Math.Min(floats, int.MaxValue - 64));
        Output = workspace.Rent(from, memory.Values.Features);
        Projected = workspace.Rent(from, projected);
    }

    internal void BeginBack(int vector, bool ownKeys, Workspace workspace)
    {
        SequenceLayout from = Queries.Layout, to = Memory.Values.Layout;
        _dScores = workspace.Rent(_weights.Length);
        DContexts = workspace.Rent(from, Output.Features);
        DQueries = workspace.Rent(from, Queries.Features);
        DProjected = workspace.Rent(from, Projected.Features);
        DValues = workspace.Rent(to, Memory.Values.Features);
        DKeys = ownKeys ? workspace.Rent(to, Memory.Keys.Features) : DValues;
        DVectors = workspace.Rent(from.Sequences, vector);
        DValues.All.Clear();
        if (ownKeys) DKeys.All.Clear();
        DVectors.Span.Clear();
    }
}
