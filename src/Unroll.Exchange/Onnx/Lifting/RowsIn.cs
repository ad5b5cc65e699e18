using Unroll.Core;
using Unroll.Exchange.Onnx.Values;
using Unroll.Networks;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>The graph's input as rows of sequences.</summary>
internal sealed class RowsIn(LiftedParts parts, Network network)
{
    private readonly bool _indices = parts.Layers[1] is EmbeddingRows, _pools = parts.Layers.Any(layer => layer is PooledRows);
    private readonly int _vocabulary = (parts.Layers[1] as EmbeddingRows)?.Table.Shape[0] ?? 0;
    private SequenceLayout _layout = SequenceLayout.FromLengths();

    /// <summary>Steps of the batch, those past the end of shorter sequences among them.</summary>
    public int Steps { get; private set; }

    /// <summary>The rows; null: the graph answers otherwise than the network, or refuses.</summary>
    /// <param name="inputs">As declared.</param>
    /// <param name="workspace">Has the memory for them.</param>
    public SequenceBatch? Read(IReadOnlyDictionary<string, OnnxValue> inputs, Workspace workspace)
    {
        OnnxTensor x = (OnnxTensor)inputs[parts.Input.Port.Name];
        AtomStrides strides = new(parts.Input.Axes, atom => x.Shape[parts.Input.Axes.Of(atom)]);
        int Size(Atom? atom) => atom is null ? 1 : x.Shape[parts.Input.Axes.Of(atom)];
        (Steps, int sequences) = (Size(parts.Steps), Size(parts.Sequences));
        if (Layout(inputs, sequences) is not { } layout) return null;
        SequenceBatch rows = workspace.Rent(layout, network.InputSize);
        bool inOrder = layout.Rows == Steps * sequences && IsInOrder(layout);
        if (_indices) return Indices(x, strides, rows) ? rows : null;
        ReadOnlySpan<float> from = x.Values<float>();
        int[]? offsets = strides.Offsets(parts.Input.Features, Size);
        int step = strides.Of(parts.Steps), sequence = strides.Of(parts.Sequences), width = network.InputSize;
        if (inOrder && offsets is null && (sequences == 1 || sequence == width) && (Steps == 1 || step == width * sequences))
        {
            from.CopyTo(rows.All);
            return rows;
        }
        for (int s = 0; s < sequences; s++)
            for (int t = 0; t < layout.Lengths[s]; t++)
                Copy(from[(t * step + s * sequence)..], offsets, rows.Row(t, s));
        return rows;
    }

    private static bool IsInOrder(SequenceLayout layout)
    {
        for (int s = 0; s < layout.Sequences; s++)
            if (layout.Order[s] != s) return false;
        return true;
    }

    private static void Copy(ReadOnlySpan<float> from, int[]? offsets, Span<float> row)
    {
        if (offsets is null) from[..row.Length].CopyTo(row);
        else for (int k = 0; k < row.Length; k++) row[k] = from[offsets[k]];
    }

    // Of sequences of the same length the layout of the run before serves.
    private SequenceLayout? Layout(IReadOnlyDictionary<string, OnnxValue> inputs, int sequences)
    {
        if (parts.Lengths is null)
            return _layout = _layout.Sequences == sequences && _layout.Steps == Steps && _layout.Rows == Steps * sequences
                ? _layout : SequenceLayout.Uniform(sequences, Steps);
        long[] given = SizeRules.Numbers((OnnxTensor)inputs[parts.Lengths.Name]);
        int least = _pools ? 1 : 0;
        if (given.Length != sequences || given.Any(length => length < least || length > Steps)) return null;
        int[] lengths = Array.ConvertAll(given, length => (int)length);
        return _layout = _layout.Lengths.SequenceEqual(lengths) ? _layout : SequenceLayout.FromLengths(lengths);
    }

    private bool Indices(OnnxTensor x, AtomStrides strides, SequenceBatch rows)
    {
        (int step, int sequence) = (strides.Of(parts.Steps), strides.Of(parts.Sequences));
        float[] indices = new float[x.Count];
        for (int i = 0; i < indices.Length; i++)
        {
            double index = x.Type switch { OnnxType.Int64 => x.Values<long>()[i], OnnxType.Int32 => x.Values<int>()[i], _ => x.Values<float>()[i] };
            if (!(index >= 0 && index < _vocabulary && index == Math.Floor(index))) return false;
            indices[i] = (float)index;
        }
        for (int s = 0; s < rows.Layout.Sequences; s++)
            for (int t = 0; t < rows.Layout.Lengths[s]; t++) rows.Row(t, s)[0] = indices[t * step + s * sequence];
        return true;
    }
}
