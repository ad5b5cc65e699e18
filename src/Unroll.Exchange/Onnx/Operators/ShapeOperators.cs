using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Operators;

/// <summary>Operators that ask for a shape or change it, and leave the elements where they are.</summary>
internal static class ShapeOperators
{
    /// <summary>The operators of this family.</summary>
    public static IEnumerable<Operator> All =>
    [
        new("Identity", 1..1, _ => call => call.Set(0, call.Value(0) ?? throw call.Refusal("its input is missing"))),
        new("Shape", 1..1, Shape),
        new("Size", 1..1, _ => call => call.Set(0, OnnxTensor.Scalar((long)call.Tensor(0).Count))),
        new("Reshape", 2..2, Reshape),
        new("Flatten", 1..1, Flatten),
        new("Squeeze", 1..2, Squeeze),
        new("Unsqueeze", 1..2, Unsqueeze),
        new("Dropout", 1..3, Dropout) { Outputs = 2 },
    ];

    private static OperatorBody Shape(OperatorNode node)
    {
        long start = node.Opset >= 15 ? node.Int("start", 0) : 0, end = node.Opset >= 15 ? node.Int("end", long.MaxValue) : long.MaxValue;
        return call =>
        {
            OnnxTensor tensor = call.Tensor(0);
            int from = Within(start, tensor.Rank), to = Within(end, tensor.Rank);
            long[] sizes = [.. tensor.Shape[from..Math.Max(from, to)].ToArray().Select(size => (long)size)];
            call.Set(0, OnnxTensor.Of<long>([sizes.Length], sizes));
        };

        static int Within(long at, int rank) => (int)Math.Clamp(at < 0 ? at + rank : at, 0, rank);
    }

    // 0 takes the size of the input at that place, unless allowzero says that it means 0; one −1 is what is left.
    private static OperatorBody Reshape(OperatorNode node)
    {
        bool allowZero = node.Opset >= 14 && node.Flag("allowzero");
        return call =>
        {
            OnnxTensor tensor = call.Tensor(0);
            long[] asked = call.Wholes(1);
            for (int i = 0; i < asked.Length; i++)
                if (asked[i] == 0 && !allowZero)
                    asked[i] = i < tensor.Rank ? tensor.Shape[i]
                        : throw call.Refusal($"size {i} is to be that of the input, which has shape {tensor.ShapeText}");
            int free = Array.IndexOf(asked, -1);
            if (free >= 0)
            {
                asked[free] = 1;
                long others = Shapes.Count(call.Sizes(asked));
                if (others == 0 || tensor.Count % others != 0) throw Misfit();
                asked[free] = tensor.Count / others;
            }
            int[] shape = call.Sizes(asked);
            call.Set(0, Shapes.Count(shape) == tensor.Count ? tensor.Reshaped(shape) : throw Misfit());

            Core.UserErrorException Misfit() => call.Refusal($"{tensor.Count} elements of shape {tensor.ShapeText} do not fit the shape "
                + $"[{string.Join(", ", call.Wholes(1))}]");
        };
    }

    private static OperatorBody Flatten(OperatorNode node)
    {
        long axis = node.Int("axis", 1);
        return call =>
        {
            OnnxTensor tensor = call.Tensor(0);
            int at = axis == tensor.Rank ? tensor.Rank : call.Axis(axis, tensor.Rank);
            call.Set(0, tensor.Reshaped([Shapes.Product(tensor.Shape[..at]), Shapes.Product(tensor.Shape[at..])]));
        };
    }

    private static OperatorBody Squeeze(OperatorNode node)
    {
        Func<OperatorCall, long[]?> axes = AxesOf(node, 13);
        return call =>
        {
            OnnxTensor tensor = call.Tensor(0);
            int[] shape = tensor.Shape.ToArray();
            int[] gone = axes(call) is { } given ? call.Axes(given, tensor.Rank) : [.. Enumerable.Range(0, tensor.Rank).Where(i => shape[i] == 1)];
            foreach (int axis in gone)
                if (shape[axis] != 1) throw call.Refusal($"axis {axis} of shape {tensor.ShapeText} is to be left out, but its size is not 1");
            call.Set(0, tensor.Reshaped([.. shape.Where((_, i) => !gone.Contains(i))]));
        };
    }

    private static OperatorBody Unsqueeze(OperatorNode node)
    {
        Func<OperatorCall, long[]?> axes = AxesOf(node, 13);
        return call =>
        {
            OnnxTensor tensor = call.Tensor(0);
            long[] given = axes(call) ?? throw call.Refusal("its axes are missing");
            if (tensor.Rank + given.Length > Shapes.MostSizes) throw call.Refusal($"the result would have more than {Shapes.MostSizes} sizes");
            int[] added = call.Axes(given, tensor.Rank + given.Length);
            Queue<int> sizes = new(tensor.Shape.ToArray());
            call.Set(0, tensor.Reshaped([.. Enumerable.Range(0, tensor.Rank + added.Length).Select(i => added.Contains(i) ? 1 : sizes.Dequeue())]));
        };
    }

    /// <summary>Axes, which are an attribute before an opset and an input from then on; null where they are not given.</summary>
    public static Func<OperatorCall, long[]?> AxesOf(OperatorNode node, int sinceInput)
    {
        if (node.Opset >= sinceInput) return call => call.Optional(1) is null ? null : call.Wholes(1);
        if (node.HasInput(1)) throw node.Refusal($"its axes are an input only from opset {sinceInput} on");
        long[]? axes = node.Ints("axes");
        return _ => axes;
    }

    // For use, not for training: everything passes.
    private static OperatorBody Dropout(OperatorNode node)
    {
        node.Float("ratio", 0.5f);
        node.Int("seed", 0);
        return call =>
        {
            OnnxTensor tensor = call.Tensor(0);
            if (call.Optional(2) is { Type: OnnxType.Bool } training && training.Values<bool>().Contains(true))
                throw call.Refusal("training_mode is set: numbers would be dropped by chance; export the model for use, not for training");
            call.Set(0, tensor);
            if (!call.HasOutput(1)) return;
            OnnxTensor mask = call.New(tensor.Shape, out Span<bool> kept);
            kept.Fill(true);
            call.Set(1, mask);
        };
    }
}
