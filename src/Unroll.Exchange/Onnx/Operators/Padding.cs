using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Operators;

//  constant   … v v v | a b c d | v v v …        edge      … a a a | a b c d | d d d …
//  reflect    … d c b | a b c d | c b a …        wrap      … b c d | a b c d | a b c …
/// <summary>Pad: sizes are made larger at their ends, or smaller where a number is negative.</summary>
internal static class Padding
{
    /// <summary>Prepares a node: pads and value are attributes before opset 11, and inputs from then on.</summary>
    public static OperatorBody Make(OperatorNode node)
    {
        string mode = node.OneOf("mode", "constant", "constant", "edge", "reflect", "wrap");
        bool attributes = node.Opset < 11;
        long[]? pads = attributes ? node.Ints("pads") ?? throw node.Refusal("attribute 'pads' is missing") : null;
        OnnxTensor? fill = attributes ? OnnxTensor.Scalar(node.Float("value", 0)) : null;
        if (attributes != (node.InputCount == 1)) throw node.Refusal("pads are an attribute before opset 11, and an input from then on");
        return call =>
        {
            OnnxTensor tensor = call.Tensor(0);
            OnnxTensor? value = fill ?? call.Optional(2);
            if (value is not null && fill is not null && tensor.Type != OnnxType.Float) value = CastOperators.To(call, value, tensor.Type);
            if (value is not null && (value.Count != 1 || value.Type != tensor.Type))
                throw call.Refusal($"the value is {value.Text} for {tensor.Text}");
            call.Set(0, Padded(call, tensor, pads ?? call.Wholes(1), call.Optional(3) is null ? null : call.Wholes(3), mode, value));
        };
    }

    private static OnnxTensor Padded(OperatorCall call, OnnxTensor tensor, long[] pads, long[]? axes, string mode, OnnxTensor? value)
    {
        int[] along = axes is null ? [.. Enumerable.Range(0, tensor.Rank)] : call.Axes(axes, tensor.Rank);
        if (pads.Length != 2 * along.Length) throw call.Refusal($"{pads.Length} pads are given for {along.Length} axes, expected two an axis");
        long[] before = new long[tensor.Rank], sizes = Array.ConvertAll(tensor.Shape.ToArray(), size => (long)size);
        for (int i = 0; i < along.Length; i++)
        {
            before[along[i]] = pads[i];
            sizes[along[i]] = (long)Int128.Clamp((Int128)sizes[along[i]] + pads[i] + pads[i + along.Length], long.MinValue, long.MaxValue);
        }
        int[] shape = call.Sizes(sizes), own = Shapes.Strides(tensor.Shape);
        int[][] from = [.. Enumerable.Range(0, tensor.Rank).Select(d => Sources(call, shape[d], tensor.Shape[d], before[d], mode))];
        OnnxTensor result = call.New(tensor.Type, shape, out Span<byte> target);
        int[] index = new int[shape.Length];
        int size = tensor.Type.Size();
        for (int at = 0; at < result.Count; at++)
        {
            int source = 0;
            for (int d = 0; d < index.Length && source >= 0; d++) source = from[d][index[d]] < 0 ? -1 : source + from[d][index[d]] * own[d];
            if (source >= 0) Strided.One(tensor.Bytes, source, target, at, size);
            else if (value is not null) Strided.One(value.Bytes, 0, target, at, size);
            for (int d = index.Length - 1; d >= 0 && ++index[d] == shape[d]; d--) index[d] = 0;
        }
        return result;
    }

    // Where each place along a size comes from; negative for the value.
    private static int[] Sources(OperatorCall call, int size, int own, long before, string mode)
    {
        call.Run.Take(call.Node, OnnxType.Int32, [size]);
        int[] from = new int[size];
        for (int i = 0; i < size; i++)
        {
            long at = i - before;
            if (at >= 0 && at < own) from[i] = (int)at;
            else if (mode == "constant") from[i] = -1;
            else if (own == 0) throw call.Refusal($"a size of 0 cannot be padded in the mode '{mode}'");
            else from[i] = (int)(mode == "edge" ? Math.Clamp(at, 0, own - 1) : mode == "wrap" ? Positive(at, own) : Reflected(at, own));
        }
        return from;
    }

    private static long Reflected(long at, int own)
    {
        if (own == 1) return 0;
        long period = 2L * (own - 1), place = Positive(at, period);
        return place < own ? place : period - place;
    }

    private static long Positive(long at, long period) => (at % period + period) % period;
}
