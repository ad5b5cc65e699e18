using System.Numerics;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Operators;

/// <summary>Operators that choose: by conditions, by size, by place.</summary>
internal static class SelectionOperators
{
    /// <summary>The operators of this family.</summary>
    public static IEnumerable<Operator> All =>
    [
        new("Where", 3..3, _ => Where) { Since = 9 },
        new("Clip", 1..3, Clip),
        new("NonZero", 1..1, _ => NonZero) { Since = 9 },
        new("ArgMax", 1..1, node => Best(node, largest: true)),
        new("ArgMin", 1..1, node => Best(node, largest: false)),
        new("TopK", 1..2, TopK) { Outputs = 2 },
    ];

    private static void Where(OperatorCall call)
    {
        OnnxTensor condition = call.Tensor(0), x = call.Tensor(1), y = call.Tensor(2);
        BinaryOperators.RequireSame(call, x, y);
        if (condition.Type != OnnxType.Bool) throw call.Refusal($"its condition is {condition.Text}, expected bool");
        int[] shape = Broadcast.Shape(call, condition, x, y);
        OnnxTensor result = call.New(x.Type, shape, out Span<byte> target);
        Rows rows = new(shape, Broadcast.Strides(condition.Shape, shape), Broadcast.Strides(x.Shape, shape), Broadcast.Strides(y.Shape, shape));
        ReadOnlySpan<bool> chosen = condition.Values<bool>();
        for (int start = 0; start < result.Count; start += rows.Length, rows.Next())
            for (int i = 0; i < rows.Length; i++)
                if (chosen[rows.Offset(0) + i * rows.Step(0)]) Strided.One(x.Bytes, rows.Offset(1) + i * rows.Step(1), target, start + i,
                    x.Type.Size());
                else Strided.One(y.Bytes, rows.Offset(2) + i * rows.Step(2), target, start + i, x.Type.Size());
        call.Set(0, result);
    }

    // The limits are attributes before opset 11, and inputs from then on. Where the lowest is above the highest, the highest wins.
    private static OperatorBody Clip(OperatorNode node)
    {
        if (node.Opset >= 11)
            return call =>
            {
                OnnxTensor tensor = call.Tensor(0);
                call.Set(0, tensor.Type switch
                {
                    OnnxType.Float => Clipped<float>(call, tensor, float.NegativeInfinity, float.PositiveInfinity),
                    OnnxType.Double => Clipped<double>(call, tensor, double.NegativeInfinity, double.PositiveInfinity),
                    OnnxType.Int64 => Clipped<long>(call, tensor, long.MinValue, long.MaxValue),
                    OnnxType.Int32 => Clipped<int>(call, tensor, int.MinValue, int.MaxValue),
                    _ => throw call.Refusal($"its input is {tensor.Text}, which this operator does not take"),
                });
            };
        float lowest = node.Float("min", float.MinValue), highest = node.Float("max", float.MaxValue);
        if (node.InputCount > 1) throw node.Refusal("its limits are inputs only from opset 11 on");
        return call => call.Set(0, UnaryOperators.Floating(call, x => Math.Min(Math.Max(x, lowest), highest), x =>
            Math.Min(Math.Max(x, lowest), highest)));
    }

    private static OnnxTensor Clipped<T>(OperatorCall call, OnnxTensor tensor, T lowest, T highest) where T : unmanaged, INumber<T>
    {
        T low = Limit(1, lowest), high = Limit(2, highest);
        return UnaryOperators.Map<T, T>(call, tensor, x => T.Min(T.Max(x, low), high));

        T Limit(int index, T otherwise) => call.Optional(index) switch
        {
            null => otherwise,
            { Count: 1 } one when one.Type == tensor.Type => one.Values<T>()[0],
            var other => throw call.Refusal($"a limit is {other.Text}, expected one {tensor.Type.Name()} number"),
        };
    }

    // [rank, count]: the places of what is not zero, in order
    private static void NonZero(OperatorCall call)
    {
        OnnxTensor tensor = call.Tensor(0), truth = CastOperators.To(call, tensor, OnnxType.Bool);
        ReadOnlySpan<bool> values = truth.Values<bool>();
        int count = values.Count(true), rank = tensor.Rank;
        OnnxTensor result = call.New([rank, count], out Span<long> places);
        int[] strides = Shapes.Strides(tensor.Shape);
        for (int i = 0, at = 0; i < values.Length; i++)
        {
            if (!values[i]) continue;
            for (int d = 0; d < rank; d++) places[d * count + at] = i / strides[d] % tensor.Shape[d];
            at++;
        }
        call.Set(0, result);
    }

    private static OperatorBody Best(OperatorNode node, bool largest)
    {
        long axis = node.Int("axis", 0);
        bool keep = node.Flag("keepdims", true), last = node.Opset >= 12 && node.Flag("select_last_index");
        return call =>
        {
            OnnxTensor tensor = call.Tensor(0);
            int at = call.Axis(axis, tensor.Rank);
            if (tensor.Shape[at] == 0) throw call.Refusal($"the best of no numbers is asked for: shape {tensor.ShapeText}, axis {at}");
            call.Set(0, tensor.Type switch
            {
                OnnxType.Float => Of<float>(call, tensor, at),
                OnnxType.Double => Of<double>(call, tensor, at),
                OnnxType.Int64 => Of<long>(call, tensor, at),
                OnnxType.Int32 => Of<int>(call, tensor, at),
                _ => throw call.Refusal($"its input is {tensor.Text}, which this operator does not take"),
            });
        };

        OnnxTensor Of<T>(OperatorCall call, OnnxTensor tensor, int at) where T : unmanaged, INumber<T>
        {
            ReadOnlySpan<T> x = tensor.Values<T>();
            int n = tensor.Shape[at], inner = Shapes.Product(tensor.Shape[(at + 1)..]);
            OnnxTensor result = call.New([.. tensor.Shape[..at], .. keep ? (int[])[1] : [], .. tensor.Shape[(at + 1)..]], out Span<long> best);
            for (int o = 0; o < best.Length; o++)
            {
                int start = o / inner * inner * n + o % inner;
                for (int i = 1; i < n; i++)
                {
                    T one = x[start + i * inner], other = x[start + (int)best[o] * inner];
                    if ((largest ? one > other : one < other) || (last && one == other)) best[o] = i;
                }
            }
            return result;
        }
    }

    // k is an attribute before opset 10, and an input from then on. Of equal numbers the one with the lower place comes first.
    private static OperatorBody TopK(OperatorNode node)
    {
        long axis = node.Int("axis", -1);
        bool largest = node.Opset < 11 || node.Flag("largest", true);
        if (node.Opset >= 11) node.Flag("sorted", true);         // an order that is not asked for may be the sorted one
        long? fixedCount = node.Opset < 10 ? node.Int("k") : null;
        if (fixedCount is null && !node.HasInput(1)) throw node.Refusal("its number of elements is missing");
        return call =>
        {
            OnnxTensor tensor = call.Tensor(0);
            int at = call.Axis(axis, tensor.Rank);
            long k = fixedCount ?? call.Whole(1);
            if (k < 0 || k > tensor.Shape[at]) throw call.Refusal($"the {k} largest of {tensor.Shape[at]} are asked for");
            switch (tensor.Type)
            {
                case OnnxType.Float: Top<float>(call, tensor, at, (int)k, largest); break;
                case OnnxType.Double: Top<double>(call, tensor, at, (int)k, largest); break;
                case OnnxType.Int64: Top<long>(call, tensor, at, (int)k, largest); break;
                case OnnxType.Int32: Top<int>(call, tensor, at, (int)k, largest); break;
                default: throw call.Refusal($"its input is {tensor.Text}, which this operator does not take");
            }
        };
    }

    private static void Top<T>(OperatorCall call, OnnxTensor tensor, int at, int k, bool largest) where T : unmanaged, INumber<T>
    {
        T[] x = tensor.Values<T>().ToArray();
        int n = tensor.Shape[at];
        (int outer, int inner) = Shapes.Around(tensor.Shape, at);
        int[] shape = [.. tensor.Shape[..at], k, .. tensor.Shape[(at + 1)..]];
        OnnxTensor values = call.New(shape, out Span<T> best), places = call.New(shape, out Span<long> from);
        for (int o = 0; o < outer * inner && k > 0; o++)
        {
            int start = o / inner * inner * n + o % inner, target = o / inner * inner * k + o % inner;
            int[] order = [.. Enumerable.Range(0, n)];
            Array.Sort(order, (i, j) => (largest ? x[start + j * inner].CompareTo(x[start + i * inner])
                : x[start + i * inner].CompareTo(x[start + j * inner])) is var by and not 0 ? by : i.CompareTo(j));
            for (int i = 0; i < k; i++) (best[target + i * inner], from[target + i * inner]) = (x[start + order[i] * inner], order[i]);
        }
        call.Set(0, values);
        call.Set(1, places);
    }
}
