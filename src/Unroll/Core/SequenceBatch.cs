namespace Unroll.Core;

/// <summary>
/// The numbers of a ragged batch: <see cref="SequenceLayout.Rows"/> rows of <see cref="Features"/> floats, packed by <see cref="Layout"/>.
/// </summary>
public readonly struct SequenceBatch
{
    private readonly Memory<float> _values;

    /// <summary>Wraps a buffer without copying.</summary>
    /// <param name="layout">Which row is which step of which sequence.</param>
    /// <param name="features">Floats per row, at least 0.</param>
    /// <param name="values">[rows, features]; may be longer, the rest is ignored.</param>
    /// <exception cref="ShapeException">The buffer is too short.</exception>
    public SequenceBatch(SequenceLayout layout, int features, Memory<float> values)
    {
        long needed = (long)layout.Rows * features;
        if (values.Length < needed)
            throw new ShapeException(
                $"batch values: expected {needed} floats because the layout has {layout.Rows} rows of {features} features, got {values.Length}.");
        (Layout, Features, _values) = (layout, features, values[..(int)needed]);
    }

    /// <summary>A batch of zeros in memory of its own.</summary>
    /// <exception cref="ShapeException">An array cannot hold as many floats.</exception>
    public static SequenceBatch Zeros(SequenceLayout layout, int features) => new(layout, features, new float[ArraySize.Of(layout.Rows, features)]);

    /// <summary>Packs whole sequences, each [length, features] row-major, in the caller's order.</summary>
    /// <exception cref="ShapeException">A sequence's length is not a multiple of <paramref name="features"/>.</exception>
    public static SequenceBatch FromSequences(int features, params ReadOnlySpan<float[]> sequences)
    {
        int[] lengths = new int[sequences.Length];
        for (int s = 0; s < lengths.Length; s++)
        {
            if (features <= 0 || sequences[s].Length % features != 0)
                throw new ShapeException(
                    $"sequence {s}: expected a multiple of {features} floats because a step has {features} features, got {sequences[s].Length}.");
            lengths[s] = sequences[s].Length / features;
        }
        SequenceBatch batch = Zeros(SequenceLayout.FromLengths(lengths), features);
        for (int s = 0; s < lengths.Length; s++)
            for (int t = 0; t < lengths[s]; t++)
                sequences[s].AsSpan(t * features, features).CopyTo(batch.Row(t, s));
        return batch;
    }

    /// <summary>Which row is which step of which sequence.</summary>
    public SequenceLayout Layout { get; }

    /// <summary>Floats per row.</summary>
    public int Features { get; }

    /// <summary>The same numbers as memory.</summary>
    public Memory<float> Memory => _values;

    /// <summary>[rows, features], all steps.</summary>
    public Span<float> All => _values.Span;

    /// <summary>[active(t), features]: the rows of one step.</summary>
    public Span<float> Step(int t) => _values.Span.Slice(Layout.Offset(t) * Features, Layout.Active(t) * Features);

    /// <summary>Some steps of every sequence as a batch of its own, without copying; see <see cref="SequenceLayout.Slice"/>.</summary>
    /// <param name="from">The first step.</param>
    /// <param name="to">The step after the last.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no such steps.</exception>
    public SequenceBatch Slice(int from, int to) => new(Layout.Slice(from, to), Features, _values[(Layout.Offset(from) * Features)..]);

    /// <summary>Some sequences as a batch of their own; copies their rows.</summary>
    /// <param name="sequences">Their numbers here; their order there.</param>
    internal SequenceBatch Of(ReadOnlySpan<int> sequences)
    {
        SequenceBatch part = Zeros(Layout.Of(sequences), Features);
        for (int s = 0; s < sequences.Length; s++)
            for (int t = 0; t < part.Layout.Lengths[s]; t++) Row(t, sequences[s]).CopyTo(part.Row(t, s));
        return part;
    }

    /// <summary>[features]: one step of one sequence, the sequence given in the caller's order.</summary>
    public Span<float> Row(int t, int sequence) => _values.Span.Slice(Layout.Row(t, sequence) * Features, Features);
}
