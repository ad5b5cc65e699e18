using Unroll.Core;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>Gives a graph and the network it was lifted to the same input.</summary>
internal static class LiftProbe
{
    private const int Sequences = 3, Steps = 7;

    /// <summary>The largest difference between their outputs; null: it is above the tolerance, or they cannot be compared.</summary>
    public static double? Difference(LiftedNetwork lifted, out string why)
    {
        Dictionary<string, OnnxValue> inputs = [];
        Rng rng = new(13);
        foreach (OnnxPort port in lifted.Model.Inputs) inputs[port.Name] = Input(lifted.Parts, port, rng.For(port.Name));
        IReadOnlyDictionary<string, OnnxValue> theirs = lifted.Model.Run(inputs);
        if (lifted.NewSession().TryRun(inputs) is not { } ours)
        {
            why = "the network does not take the graph's inputs";
            return null;
        }
        double largest = 0, worst = 0;
        foreach (OnnxPort port in lifted.Model.Outputs)
        {
            (OnnxTensor a, OnnxTensor b) = ((OnnxTensor)theirs[port.Name], (OnnxTensor)ours[port.Name]);
            if (!a.Shape.SequenceEqual(b.Shape) || a.Type != b.Type)
            {
                why = $"output '{port.Name}' of the graph is {a.Text}, and of the network {b.Text}";
                return null;
            }
            ReadOnlySpan<float> x = a.Values<float>(), y = b.Values<float>();
            for (int i = 0; i < x.Length; i++)
            {
                if (x[i].Equals(y[i])) continue;
                double difference = Math.Abs((double)x[i] - y[i]);
                largest = Math.Max(largest, double.IsNaN(difference) ? double.PositiveInfinity : difference);
                worst = Math.Max(worst, double.IsNaN(difference) ? double.PositiveInfinity : difference / Math.Max(1, Math.Abs((double)x[i])));
            }
        }
        why = worst <= LiftedNetwork.Tolerance ? "" : FormattableString.Invariant(
            $"the network's answers to a probe input differ from the graph's by {largest:G3}, which is more than {LiftedNetwork.Tolerance:G1}");
        return worst <= LiftedNetwork.Tolerance ? largest : null;
    }

    private static OnnxTensor Input(LiftedParts parts, OnnxPort port, Rng rng)
    {
        bool isInput = port.Name == parts.Input.Port.Name, isLengths = port.Name == parts.Lengths?.Name;
        int[] shape = [.. port.Shape!.Select((size, axis) =>
            size.Size ?? (isInput && parts.Input.Axes[axis].Contains(parts.Steps!) ? Steps : parts.FixedSequences ?? Sequences))];
        long count = Shapes.Count(shape);
        int most = parts.Layers[1] is EmbeddingRows embedding ? embedding.Table.Shape[0] : 1;
        int steps = parts.Steps?.Size.Number is { } fixedSteps ? (int)fixedSteps : Steps;
        // Lengths in no order, so that what a graph sorts and forgets to sort back shows.
        long Whole(long i) => isLengths ? Math.Max(1, steps - 2 * ((i + 1) % 3)) : isInput ? (long)(rng.Uniform((ulong)i) * most) : 0;
        return port.Type switch
        {
            OnnxType.Int64 => Filled(shape, count, Whole),
            OnnxType.Int32 => Filled(shape, count, i => (int)Whole(i)),
            _ => Filled(shape, count, i => isInput && most > 1 ? Whole(i) : (float)rng.Normal((ulong)i)),
        };
    }

    private static OnnxTensor Filled<T>(int[] shape, long count, Func<long, T> value) where T : unmanaged
    {
        OnnxTensor tensor = OnnxTensor.New(shape, out Span<T> values);
        for (int i = 0; i < count; i++) values[i] = value(i);
        return tensor;
    }
}
