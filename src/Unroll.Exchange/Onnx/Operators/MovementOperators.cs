using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Operators;

/// <summary>Operators that move elements: nothing is computed, and any type will do.</summary>
internal static class MovementOperators
{
    /// <summary>The operators of this family.</summary>
    public static IEnumerable<Operator> All =>
    [
        new("Transpose", 1..1, Transpose),
        new("Expand", 2..2, _ => Expand) { Since = 8 },
        new("Tile", 2..2, _ => Tile),
        new("Slice", 1..5, Slice),
        new("Concat", 1..Operator.Any, Concat),
        new("Pad", 1..4, Padding.Make),
        new("Trilu", 1..2, Trilu) { Since = 14 },
        new("ReverseSequence", 2..2, ReverseSequence) { Since = 10 },
    ];

    private static OperatorBody Transpose(OperatorNode node)
    {
        long[]? order = node.Ints("perm");
        return call =>
        {
            OnnxTensor tensor = call.Tensor(0);
            int[] axes = order is null ? [.. Enumerable.Range(0, tensor.Rank).Reverse()] : call.Axes(order, tensor.Rank);
            if (axes.Length != tensor.Rank) throw call.Refusal($"attribute 'perm' has {axes.Length} axes for shape {tensor.ShapeText}");
            int[] strides = Shapes.Strides(tensor.Shape), shape = tensor.Shape.ToArray();
            call.Set(0, Strided.Read(call, tensor, [.. axes.Select(axis => shape[axis])], 0, [.. axes.Select(axis => strides[axis])]));
        };
    }

    // As in an addition: a size of 1 in the asked shape leaves the input's.
    private static void Expand(OperatorCall call)
    {
        OnnxTensor tensor = call.Tensor(0);
        int[] asked = call.Sizes(call.Wholes(1)), own = tensor.Shape.ToArray();
        int rank = Math.Max(asked.Length, own.Length);
        int[] shape = new int[rank];
        for (int i = 0; i < rank; i++)
        {
            int a = i < rank - asked.Length ? 1 : asked[i - rank + asked.Length], b = i < rank - own.Length ? 1 : own[i - rank + own.Length];
            shape[i] = a == 1 ? b : b == 1 || a == b ? a : throw call.Refusal($"shape {tensor.ShapeText} cannot be spread over {Shapes.Text(asked)}");
        }
        call.Set(0, Strided.Read(call, tensor, shape, 0, Broadcast.Strides(own, shape)));
    }

    // Every size becomes two, the repeats before the size itself, and then one again.
    private static void Tile(OperatorCall call)
    {
        OnnxTensor tensor = call.Tensor(0);
        int[] repeats = call.Sizes(call.Wholes(1)), own = Shapes.Strides(tensor.Shape);
        if (repeats.Length != tensor.Rank) throw call.Refusal($"{repeats.Length} repeats are given for shape {tensor.ShapeText}");
        int[] shape = new int[2 * tensor.Rank], strides = new int[2 * tensor.Rank];
        long[] sizes = new long[tensor.Rank];
        for (int i = 0; i < tensor.Rank; i++)
        {
            (shape[2 * i], shape[2 * i + 1], strides[2 * i + 1]) = (repeats[i], tensor.Shape[i], own[i]);
            sizes[i] = (long)repeats[i] * tensor.Shape[i];
        }
        int[] result = call.Sizes(sizes);
        call.Set(0, Strided.Read(call, tensor, shape, 0, strides).Reshaped(result));
    }

    private static OperatorBody Slice(OperatorNode node)
    {
        bool attributes = node.Opset < 10;
        long[]? starts = attributes ? node.Ints("starts") : null, ends = attributes ? node.Ints("ends") : null, axes = attributes ? node.Ints("axes")
            : null;
        if (attributes && (starts is null || ends is null)) throw node.Refusal("attribute 'starts' or 'ends' is missing");
        if (attributes != (node.InputCount == 1)) throw node.Refusal("starts and ends are attributes before opset 10, and inputs from then on");
        return call => call.Set(0, attributes
            ? Sliced(call, starts!, ends!, axes, null)
            : Sliced(call, call.Wholes(1), call.Wholes(2), call.Optional(3) is null ? null : call.Wholes(3), call.Optional(4) is null ? null
                : call.Wholes(4)));
    }

    // start : end : step along each axis, as in Python; what lies outside is cut off.
    private static OnnxTensor Sliced(OperatorCall call, long[] starts, long[] ends, long[]? axes, long[]? steps)
    {
        OnnxTensor tensor = call.Tensor(0);
        axes ??= [.. Enumerable.Range(0, starts.Length)];
        steps ??= [.. Enumerable.Repeat(1L, starts.Length)];
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length)
            throw call.Refusal($"{starts.Length} starts, {ends.Length} ends, {axes.Length} axes and {steps.Length} steps do not fit each other");
        int[] along = call.Axes(axes, tensor.Rank), shape = tensor.Shape.ToArray(), strides = Shapes.Strides(tensor.Shape);
        int offset = 0;
        for (int i = 0; i < along.Length; i++)
        {
            int size = shape[along[i]];
            long step = steps[i];
            if (step == 0) throw call.Refusal("a step is 0");
            long start = Bound(starts[i], step > 0 ? 0 : -1, step > 0 ? size : size - 1),
                end = Bound(ends[i], step > 0 ? 0 : -1, step > 0 ? size : size - 1);
            Int128 count = step > 0 ? ((Int128)end - start + step - 1) / step : ((Int128)start - end - step - 1) / -(Int128)step;
            shape[along[i]] = (int)Int128.Clamp(count, 0, size);
            if (shape[along[i]] == 0) continue;
            offset += (int)start * strides[along[i]];
            strides[along[i]] = shape[along[i]] == 1 ? 1 : (int)(strides[along[i]] * step);

            long Bound(long at, long lowest, long highest) => Math.Clamp(at < 0 ? at + size : at, lowest, Math.Max(lowest, highest));
        }
        return Strided.Read(call, tensor, shape, offset, strides);
    }

    private static OperatorBody Concat(OperatorNode node)
    {
        long axis = node.Int("axis");
        return call => call.Set(0, Joined(call, [.. Enumerable.Range(0, call.InputCount).Select(call.Tensor)], axis));
    }

    /// <summary>Tensors one after the other along an axis.</summary>
    public static OnnxTensor Joined(OperatorCall call, IReadOnlyList<OnnxTensor> tensors, long axis)
    {
        OnnxTensor first = tensors[0];
        int at = call.Axis(axis, first.Rank);
        long along = 0;
        foreach (OnnxTensor tensor in tensors)
        {
            if (tensor.Type != first.Type || tensor.Rank != first.Rank
                || !tensor.Shape[..at].SequenceEqual(first.Shape[..at]) || !tensor.Shape[(at + 1)..].SequenceEqual(first.Shape[(at + 1)..]))
                throw call.Refusal($"{first.Text} and {tensor.Text} cannot be joined along axis {at}");
            along += tensor.Shape[at];
        }
        long[] sizes = Array.ConvertAll(first.Shape.ToArray(), size => (long)size);
        sizes[at] = along;
        OnnxTensor result = call.New(first.Type, call.Sizes(sizes), out Span<byte> target);
        if (result.Count == 0) return result;
        int outer = Shapes.Product(first.Shape[..at]), whole = target.Length / outer, place = 0;
        foreach (OnnxTensor tensor in tensors)
        {
            int part = tensor.Bytes.Length / outer;
            for (int i = 0; i < outer; i++) tensor.Bytes.Slice(i * part, part).CopyTo(target[(i * whole + place)..]);
            place += part;
        }
        return result;
    }

    private static OperatorBody Trilu(OperatorNode node)
    {
        bool upper = node.Flag("upper", true);
        return call =>
        {
            OnnxTensor tensor = call.Tensor(0);
            long k = call.Optional(1) is null ? 0 : call.Whole(1);
            if (tensor.Rank < 2) throw call.Refusal($"its input is {tensor.Text}, expected at least two sizes");
            OnnxTensor result = call.New(tensor.Type, tensor.Shape, out Span<byte> target);
            int rows = tensor.Shape[^2], columns = tensor.Shape[^1], size = tensor.Type.Size();
            for (int i = 0; i < tensor.Count; i++)
            {
                Int128 diagonal = (Int128)(i % columns) - i / columns % rows;
                if (upper ? diagonal >= k : diagonal <= k) Strided.One(tensor.Bytes, i, target, i, size);
            }
            call.Set(0, result);
        };
    }

    // Along the time axis, the first sequence_lens[b] steps of sequence b in reverse; the others stay.
    private static OperatorBody ReverseSequence(OperatorNode node)
    {
        long batchAxis = node.Int("batch_axis", 1), timeAxis = node.Int("time_axis", 0);
        if ((batchAxis, timeAxis) is not ((0, 1) or (1, 0))) throw node.Refusal("batch_axis and time_axis must be 0 and 1, or 1 and 0");
        return call =>
        {
            OnnxTensor tensor = call.Tensor(0);
            long[] lengths = call.Wholes(1);
            if (tensor.Rank < 2 || lengths.Length != tensor.Shape[(int)batchAxis])
                throw call.Refusal($"{lengths.Length} lengths do not fit {tensor.Text}");
            OnnxTensor result = call.New(tensor.Type, tensor.Shape, out Span<byte> target);
            int steps = tensor.Shape[(int)timeAxis], block = Shapes.Product(tensor.Shape[2..]) * tensor.Type.Size();
            int perStep = timeAxis == 0 ? lengths.Length : 1, perSequence = timeAxis == 0 ? 1 : steps;
            for (int b = 0; b < lengths.Length && result.Count > 0; b++)
            {
                if (lengths[b] < 0 || lengths[b] > steps) throw call.Refusal($"length {lengths[b]} is out of range, expected 0 to {steps}");
                for (int t = 0; t < steps; t++)
                {
                    int from = t < lengths[b] ? (int)lengths[b] - 1 - t : t;
                    Strided.One(tensor.Bytes, from * perStep + b * perSequence, target, t * perStep + b * perSequence, block);
                }
            }
            call.Set(0, result);
        };
    }
}
