using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Operators;

/// <summary>Splitting, and sequences of tensors.</summary>
internal static class SequenceOperators
{
    /// <summary>The operators of this family.</summary>
    public static IEnumerable<Operator> All =>
    [
        new("Split", 1..2, Split) { Outputs = Operator.Any },
        new("SplitToSequence", 1..2, SplitToSequence) { Since = 11 },
        new("SequenceConstruct", 1..Operator.Any, _ => Construct) { Since = 11 },
        new("SequenceEmpty", 0..0, Empty) { Since = 11 },
        new("SequenceAt", 2..2, _ => call => call.Set(0, call.Sequence(0).Items[Place(call, 1, call.Sequence(0).Items.Count)])) { Since = 11 },
        new("SequenceInsert", 2..3, _ => Insert) { Since = 11 },
        new("SequenceErase", 1..2, _ => Erase) { Since = 11 },
        new("SequenceLength", 1..1, _ => call => call.Set(0, OnnxTensor.Scalar((long)call.Sequence(0).Items.Count))) { Since = 11 },
        new("ConcatFromSequence", 1..1, ConcatFromSequence) { Since = 11 },
    ];

    // The parts' sizes are an attribute before opset 13 and an input from then on; else the parts are equal. From opset 18 on, num_outputs says how
    // many, and the last one may be smaller.
    private static OperatorBody Split(OperatorNode node)
    {
        long axis = node.Int("axis", 0);
        long[]? given = node.Opset < 13 ? node.Ints("split") : null;
        if (node.Opset < 13 && node.HasInput(1)) throw node.Refusal("the sizes of its parts are an input only from opset 13 on");
        bool uneven = node.Opset >= 18 && node.Has("num_outputs");
        if (uneven && (node.Int("num_outputs") != node.OutputCount || node.HasInput(1)))
            throw node.Refusal($"attribute 'num_outputs' is {node.Int("num_outputs")}, and there are {node.OutputCount} outputs, or sizes too");
        int parts = node.OutputCount;
        return call =>
        {
            OnnxTensor tensor = call.Tensor(0);
            int at = call.Axis(axis, tensor.Rank), size = tensor.Shape[at];
            long[] sizes = given ?? (call.Optional(1) is null ? Equal() : call.Wholes(1));
            if (sizes.Length != parts) throw call.Refusal($"{sizes.Length} parts are given for {parts} outputs");
            OnnxTensor[] split = Parts(call, tensor, at, sizes);
            for (int i = 0; i < parts; i++) call.Set(i, split[i]);

            long[] Equal()
            {
                if (!uneven && size % parts != 0) throw call.Refusal($"a size of {size} cannot be split into {parts} equal parts");
                long part = (size + parts - 1) / parts;
                return [.. Enumerable.Range(0, parts).Select(i => Math.Clamp(size - i * part, 0, part))];
            }
        };
    }

    private static OnnxTensor[] Parts(OperatorCall call, OnnxTensor tensor, int axis, long[] sizes)
    {
        Int128 sum = 0;
        foreach (long size in sizes) sum += size;
        if (sum != tensor.Shape[axis] || sizes.Any(size => size < 0))
            throw call.Refusal($"parts of sizes [{string.Join(", ", sizes)}] are asked for, and axis {axis} has {tensor.Shape[axis]}");
        int[] strides = Shapes.Strides(tensor.Shape), shape = tensor.Shape.ToArray();
        OnnxTensor[] parts = new OnnxTensor[sizes.Length];
        int start = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            int[] part = [.. shape];
            part[axis] = (int)sizes[i];
            parts[i] = Strided.Read(call, tensor, part, start * strides[axis], strides);
            start += part[axis];
        }
        return parts;
    }

    // Without sizes, parts of 1; with one number, parts of that size and a rest; with several, those.
    private static OperatorBody SplitToSequence(OperatorNode node)
    {
        long axis = node.Int("axis", 0);
        bool keep = node.Flag("keepdims", true);
        return call =>
        {
            OnnxTensor tensor = call.Tensor(0);
            int at = call.Axis(axis, tensor.Rank), size = tensor.Shape[at];
            OnnxTensor? split = call.Optional(1);
            long[] sizes = split is null ? Equal(1) : split.Rank == 0 ? Equal(call.Whole(1)) : call.Wholes(1);
            OnnxTensor[] parts = Parts(call, tensor, at, sizes);
            if (split is null && !keep)
                for (int i = 0; i < parts.Length; i++) parts[i] = parts[i].Reshaped([.. parts[i].Shape[..at], .. parts[i].Shape[(at + 1)..]]);
            call.Set(0, new OnnxSequence(tensor.Type, parts));

            long[] Equal(long part) => part < 1 ? throw call.Refusal($"parts of size {part} are asked for")
                : [.. Enumerable.Range(0, (int)((size + Math.Min(part, int.MaxValue) - 1) / part)).Select(i => Math.Min(part, size - i * part))];
        };
    }

    private static void Construct(OperatorCall call)
    {
        OnnxTensor[] items = [.. Enumerable.Range(0, call.InputCount).Select(call.Tensor)];
        foreach (OnnxTensor item in items) BinaryOperators.RequireSame(call, items[0], item);
        call.Set(0, new OnnxSequence(items[0].Type, items));
    }

    private static OperatorBody Empty(OperatorNode node)
    {
        OnnxSequence none = new(node.ElementType("dtype", 1, out _), []);
        return call => call.Set(0, none);
    }

    private static int Place(OperatorCall call, int input, int count)
    {
        long at = call.Whole(input);
        return at >= -count && at < count ? (int)(at < 0 ? at + count : at) : throw call.Refusal($"place {at} is out of range for {count} tensors");
    }

    private static void Insert(OperatorCall call)
    {
        OnnxSequence sequence = call.Sequence(0);
        OnnxTensor item = call.Tensor(1);
        int count = sequence.Items.Count;
        long at = call.Optional(2) is null ? count : call.Whole(2);
        if (at < -count || at > count) throw call.Refusal($"place {at} is out of range for {count} tensors");
        if (count == 0 && sequence.Type != item.Type) sequence = new(item.Type, []);         // exporters leave the type of an empty one at float
        if (sequence.Type != item.Type) throw call.Refusal($"a {item.Type.Name()} tensor is put into a {sequence.Text}");
        List<OnnxTensor> items = [.. sequence.Items];
        items.Insert((int)(at < 0 ? at + count : at), item);
        call.Set(0, new OnnxSequence(item.Type, items));
    }

    private static void Erase(OperatorCall call)
    {
        OnnxSequence sequence = call.Sequence(0);
        if (sequence.Items.Count == 0) throw call.Refusal("its sequence is empty");
        List<OnnxTensor> items = [.. sequence.Items];
        items.RemoveAt(call.Optional(1) is null ? items.Count - 1 : Place(call, 1, items.Count));
        call.Set(0, new OnnxSequence(sequence.Type, items));
    }

    private static OperatorBody ConcatFromSequence(OperatorNode node)
    {
        long axis = node.Int("axis");
        bool stacked = node.Flag("new_axis");
        return call =>
        {
            IReadOnlyList<OnnxTensor> items = call.Sequence(0).Items;
            if (items.Count == 0) throw call.Refusal("its sequence is empty");
            if (stacked)
            {
                int at = call.Axis(axis, items[0].Rank + 1);
                items = [.. items.Select(item => at > item.Rank ? item : item.Reshaped([.. item.Shape[..at], 1, .. item.Shape[at..]]))];
            }
            call.Set(0, MovementOperators.Joined(call, items, axis));
        };
    }
}
