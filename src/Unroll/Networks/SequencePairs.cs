using Unroll.Core;
using Unroll.Layers.Losses;

namespace Unroll.Networks;

/// <summary>A ragged batch of pairs of symbol sequences, packed for an <see cref="EncoderDecoder"/>.</summary>
public sealed class SequencePairs
{
    private readonly int[] _symbols;

    /// <summary>Packs pairs.</summary>
    /// <param name="spec">Says which symbols begin and end a target.</param>
    /// <param name="sources">Source symbols; may be empty.</param>
    /// <param name="targets">As many target sequences, without the symbols that begin and end them.</param>
    /// <exception cref="ShapeException">There are not as many targets as sources.</exception>
    public SequencePairs(EncoderDecoderSpec spec, IReadOnlyList<int[]> sources, IReadOnlyList<int[]> targets)
    {
        if (sources.Count != targets.Count) ShapeException.Throw(targets.Count, sources.Count, "target sequences", "there are that many sources");
        Source = Pack(sources);
        TargetLayout = SequenceLayout.FromLengths([.. targets.Select(target => target.Length + 1)]);
        _symbols = new int[TargetLayout.Rows];
        int[] labels = new int[TargetLayout.Rows];
        for (int s = 0; s < targets.Count; s++)
            for (int t = 0; t <= targets[s].Length; t++)
            {
                int row = TargetLayout.Row(t, s);
                _symbols[row] = t == 0 ? spec.Begin : targets[s][t - 1];
                labels[row] = t == targets[s].Length ? spec.End : targets[s][t];
            }
        Targets = Targets.Of(labels);
    }

    /// <summary>[rows, 1]: source symbols as the embedding takes them.</summary>
    public SequenceBatch Source { get; }

    /// <summary>The decoder's steps: one for each target symbol and one for the end.</summary>
    public SequenceLayout TargetLayout { get; }

    /// <summary>What the decoder is given: the beginning, then the target.</summary>
    public ReadOnlyMemory<int> Symbols => _symbols;

    /// <summary>What it should say: the target, then the end.</summary>
    public Targets Targets { get; }

    internal static SequenceBatch Pack(IReadOnlyList<int[]> sources)
    {
        SequenceBatch batch = SequenceBatch.Zeros(SequenceLayout.FromLengths([.. sources.Select(source => source.Length)]), 1);
        for (int s = 0; s < sources.Count; s++)
            for (int t = 0; t < sources[s].Length; t++) batch.Row(t, s)[0] = sources[s][t];
        return batch;
    }
}
