using System.Runtime.InteropServices;
using Unroll.Core;
using Unroll.Exchange.Onnx.Values;
using Unroll.Layers;
using Unroll.Networks;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>The network's rows and states as the graph's outputs.</summary>
internal sealed class RowsOut(LiftedNetwork lifted)
{
    private readonly LiftedParts _parts = lifted.Parts;

    /// <summary>Whether states are among the outputs.</summary>
    public bool WantsStates { get; } = lifted.Parts.Outputs.Any(output => output.States is not null);

    /// <summary>The outputs by name.</summary>
    /// <param name="y">The network's rows.</param>
    /// <param name="x">The layout of its input.</param>
    /// <param name="steps">Steps of the batch.</param>
    /// <param name="last">The states after the last step; null: none are wanted.</param>
    /// <param name="pass">The pass.</param>
    public IReadOnlyDictionary<string, OnnxValue> Write(in SequenceBatch y, SequenceLayout x, int steps, State? last, in Pass pass)
    {
        Dictionary<string, OnnxValue> outputs = [];
        foreach (LiftedOutput output in _parts.Outputs)
            outputs[output.Port.Name] = output.States is { } states ? States(output, states, last!, x.Sequences) : Rows(output, y, x, steps, pass);
        return outputs;
    }

    private OnnxTensor Rows(LiftedOutput output, in SequenceBatch y, SequenceLayout x, int steps, in Pass pass)
    {
        bool pooled = _parts.Layers[^1].Pooled;
        int sequences = x.Sequences, shown = pooled ? 1 : steps, width = y.Features;
        int Size(Atom atom) => atom == _parts.Steps ? steps : atom == _parts.Sequences ? sequences : (int)atom.Size.Number!.Value;
        AtomStrides strides = new(output.Axes, Size);
        // Every number is written below: clearing the memory first would be work for nothing.
        byte[] bytes = GC.AllocateUninitializedArray<byte>(Shapes.Bytes(OnnxType.Float, strides.Shape));
        OnnxTensor tensor = new(OnnxType.Float, strides.Shape, bytes);
        Span<float> values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        int step = pooled ? 0 : strides.Of(_parts.Steps), sequence = strides.Of(_parts.Sequences);
        int[]? offsets = strides.Offsets([.. _parts.Layers[^1].Features], Size);
        bool whole = y.Layout.Rows == shown * sequences;
        if (whole && offsets is null && InOrder(y.Layout) && (sequences == 1 || sequence == width) && (shown == 1 || step == width * sequences))
        {
            y.All.CopyTo(values);
            for (int row = 0; row < y.Layout.Rows; row++) Meant(output.Meaning, values.Slice(row * width, width));
            return tensor;
        }
        float[] own = new float[width], past = whole ? [] : Past(output.Meaning, pass);
        for (int s = 0; s < sequences; s++)
            for (int t = 0; t < shown; t++)
            {
                bool there = t < y.Layout.Lengths[s];
                if (there)
                {
                    y.Row(t, s).CopyTo(own);
                    Meant(output.Meaning, own);
                }
                Span<float> to = values[(t * step + s * sequence)..];
                ReadOnlySpan<float> from = there ? own : past;
                if (offsets is null) from.CopyTo(to);
                else for (int k = 0; k < width; k++) to[offsets[k]] = from[k];
            }
        return tensor;
    }

    private static bool InOrder(SequenceLayout layout)
    {
        for (int s = 0; s < layout.Sequences; s++)
            if (layout.Order[s] != s) return false;
        return true;
    }

    // Past a sequence's end recurrent nodes give zeros; what lies above them makes this of zeros.
    private float[] Past(OutputMeaning meaning, in Pass pass)
    {
        IReadOnlyList<ILayer> all = lifted.Network.All;
        int above = all.Count;
        while (all[above - 1] is not IRecurrentLayer) above--;
        SequenceBatch zero = SequenceBatch.Zeros(SequenceLayout.Uniform(1, 1), all[above - 1].OutputSize);
        for (int i = above; i < all.Count; i++) zero = all[i].Forward(zero, pass).Output;
        float[] row = zero.All.ToArray();
        Meant(meaning, row);
        return row;
    }

    private OnnxTensor States(LiftedOutput output, StatesValue states, State last, int sequences)
    {
        int Size(Atom atom) => atom == _parts.Sequences ? sequences : (int)atom.Size.Number!.Value;
        AtomStrides strides = new(output.Axes, Size);
        OnnxTensor tensor = OnnxTensor.New(strides.Shape, out Span<float> values);
        int sequence = strides.Of(_parts.Sequences), unit = strides.Of(states.Units);
        int[] places = strides.Offsets([.. states.Counting], Size) ?? [.. Enumerable.Range(0, states.Slots.Length)];
        for (int slot = 0; slot < states.Slots.Length; slot++)
        {
            (RecurrentRows layer, int direction) = states.Slots[slot];
            State leaf = last.Children[_parts.Recurrent.ToList().IndexOf(layer)];
            if (layer.Directions == 2) leaf = leaf.Children[direction];
            ReadOnlySpan<float> from = states.IsCell ? leaf.C : leaf.H;
            int width = from.Length / sequences;
            for (int s = 0; s < sequences; s++)
                for (int u = 0; u < width; u++) values[places[slot] + s * sequence + u * unit] = from[s * width + u];
        }
        return tensor;
    }

    private static void Meant(OutputMeaning meaning, Span<float> row)
    {
        switch (meaning)
        {
            case OutputMeaning.Probabilities or OutputMeaning.LogProbabilities: Softmax(row, meaning == OutputMeaning.LogProbabilities); break;
            case OutputMeaning.Logistic:
                foreach (ref float value in row) value = (float)(1 / (1 + Math.Exp(-(double)value)));
                break;
            case OutputMeaning.HyperbolicTangent:
                foreach (ref float value in row) value = (float)Math.Tanh(value);
                break;
        }
    }

    //  yₖ = exp(xₖ − max) ÷ Σ exp(xⱼ − max)      or its logarithm
    private static void Softmax(Span<float> row, bool logarithms)
    {
        double largest = double.NegativeInfinity, sum = 0;
        foreach (float value in row) largest = value > largest || float.IsNaN(value) ? value : largest;
        foreach (float value in row) sum += Math.Exp(value - largest);
        double log = Math.Log(sum);
        foreach (ref float value in row) value = (float)(logarithms ? value - largest - log : Math.Exp(value - largest) / sum);
    }
}
