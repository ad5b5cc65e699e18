using Unroll.Core;
using Unroll.Layers.Recurrent;

namespace Unroll.Layers.Losses;

/// <summary>What the outputs of a batch should have been: numbers or labels, one row or label per packed row.</summary>
public readonly struct Targets
{
    /// <summary>The label of a row that does not count.</summary>
    public const int Ignored = -1;

    /// <summary>Numbers, [rows, targets], of the layout of the outputs; not used by a loss over labels.</summary>
    public SequenceBatch Values { get; init; }

    /// <summary>[rows], packed: a class, or <see cref="Ignored"/>; not used by a loss over numbers.</summary>
    public ReadOnlyMemory<int> Labels { get; init; }

    /// <summary>
    /// [rows], packed, each at least 0: factors of the losses of the rows; empty: all 1. A row of weight 0 is not looked at (its targets may be
    /// NaN), has gradient zero and is not counted; every other row counts fully, whatever its weight.
    /// </summary>
    public ReadOnlyMemory<float> RowWeights { get; init; }

    /// <summary>Numbers.</summary>
    public static Targets Of(SequenceBatch values) => new() { Values = values };

    /// <summary>Labels, packed.</summary>
    public static Targets Of(ReadOnlyMemory<int> labels) => new() { Labels = labels };

    /// <summary>Labels of whole sequences, in the caller's order, put into packed order.</summary>
    /// <exception cref="ShapeException">A sequence has not one label a step.</exception>
    public static Targets OfSequences(SequenceLayout layout, params ReadOnlySpan<int[]> labels)
    {
        if (labels.Length != layout.Sequences)
            ShapeException.Throw(labels.Length, layout.Sequences, "label sequences", "the batch has that many sequences");
        int[] packed = new int[layout.Rows];
        for (int s = 0; s < labels.Length; s++)
        {
            if (labels[s].Length != layout.Lengths[s])
                ShapeException.Throw(labels[s].Length, layout.Lengths[s], $"labels of sequence {s}", "each of its steps needs one");
            for (int t = 0; t < labels[s].Length; t++) packed[layout.Row(t, s)] = labels[s][t];
        }
        return Of(packed);
    }

    /// <summary>The targets of some steps, without copying.</summary>
    /// <param name="layout">The layout of the outputs.</param>
    /// <param name="from">The first step.</param>
    /// <param name="to">The step after the last.</param>
    internal Targets Slice(SequenceLayout layout, int from, int to)
    {
        int row = layout.Offset(from), rows = layout.Offset(to) - row;
        return new Targets
        {
            Values = Values.Layout is null ? Values : Values.Slice(from, to),
            Labels = Labels.IsEmpty ? Labels : Labels.Slice(row, rows),
            RowWeights = RowWeights.IsEmpty ? RowWeights : RowWeights.Slice(row, rows),
        };
    }

    /// <summary>The targets of some sequences alone; copies them.</summary>
    /// <param name="layout">The layout of the outputs of all.</param>
    /// <param name="sequences">Their numbers here; their order there.</param>
    internal Targets Of(SequenceLayout layout, ReadOnlySpan<int> sequences)
    {
        SequenceLayout part = layout.Of(sequences);
        int[] rows = new int[part.Rows];
        for (int s = 0; s < sequences.Length; s++)
            for (int t = 0; t < part.Lengths[s]; t++) rows[part.Row(t, s)] = layout.Row(t, sequences[s]);
        ReadOnlyMemory<int> labels = Labels;
        ReadOnlyMemory<float> weights = RowWeights;
        return new Targets
        {
            Values = Values.Layout is null ? Values : Values.Of(sequences),
            Labels = labels.IsEmpty ? labels : Array.ConvertAll(rows, row => labels.Span[row]),
            RowWeights = weights.IsEmpty ? weights : Array.ConvertAll(rows, row => weights.Span[row]),
        };
    }

    /// <summary>The weight of a row; tests it first.</summary>
    internal static float Weight(ReadOnlySpan<float> weights, int row, SequenceLayout layout)
    {
        if (weights.IsEmpty) return 1;
        float weight = weights[row];
        if (weight >= 0 && float.IsFinite(weight)) return weight;
        throw new UserErrorException(
            $"weight of {RowName.Of(layout, row)}: expected a finite number of at least 0 because it multiplies a loss, got {weight}.");
    }

    internal void CheckWeights(SequenceLayout layout)
    {
        if (!RowWeights.IsEmpty && RowWeights.Length != layout.Rows)
            ShapeException.Throw(RowWeights.Length, layout.Rows, "row weights", "the outputs have that many rows");
    }
}
