using Unroll.Exchange.Onnx.Execution;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Operators;

/// <summary>
/// Scan: a body goes over slices of some inputs and carries states on. From opset 9 on each input and output has its axis and direction; in opset 8
/// the first input is the sequences' lengths, the first size of everything the batch, and the second the steps.
/// </summary>
internal static class ScanOperator
{
    private sealed record Directions(long[] InputAxes, bool[] InputsReversed, long[] OutputAxes, bool[] OutputsReversed);

    /// <summary>Prepares a node.</summary>
    public static OperatorBody Make(OperatorNode node)
    {
        GraphPlan body = node.Body("body");
        int first = node.Opset == 8 ? 1 : 0;
        long scanned = node.Int("num_scan_inputs");
        if (scanned < 1 || scanned > node.InputCount - first)
            throw node.Refusal($"attribute 'num_scan_inputs' is {scanned}, and it has {node.InputCount} inputs");
        int states = node.InputCount - first - (int)scanned, outputs = body.Outputs.Length - states;
        if (body.Graph.Inputs.Count != node.InputCount - first || outputs < 0 || node.OutputCount > body.Outputs.Length)
            throw node.Refusal($"its body has {body.Graph.Inputs.Count} inputs and {body.Outputs.Length} outputs, which do not fit "
                + $"{node.InputCount} inputs "
                + $"and {node.OutputCount} outputs");
        bool[] reversed = Reversed(node, node.Opset == 8 ? "directions" : "scan_input_directions", (int)scanned);
        Directions directions = node.Opset == 8
            ? new(new long[scanned], reversed, new long[outputs], new bool[outputs])
            : new(Axes(node, "scan_input_axes", (int)scanned), reversed, Axes(node, "scan_output_axes", outputs),
                Reversed(node, "scan_output_directions", outputs));
        return node.Opset == 8 ? call => OfBatch(call, body, states, directions) : call =>
        {
            OnnxValue?[] made = Scanned(call, body, [.. Enumerable.Range(0, call.InputCount).Select(call.Value)], states, directions, null);
            for (int i = 0; i < made.Length; i++) call.Set(i, made[i]!);
        };
    }

    private static long[] Axes(OperatorNode node, string name, int count) => node.Ints(name) switch
    {
        null => new long[count],
        var axes when axes.Length == count => axes,
        var axes => throw node.Refusal($"attribute '{name}' has {axes.Length} axes, expected {count}"),
    };

    private static bool[] Reversed(OperatorNode node, string name, int count) => node.Ints(name) switch
    {
        null => new bool[count],
        var all when all.Length == count && all.All(one => one is 0 or 1) => Array.ConvertAll(all, one => one == 1),
        var all => throw node.Refusal($"attribute '{name}' is [{string.Join(", ", all)}], expected {count} times 0 or 1"),
    };

    private static OnnxValue?[] Scanned(OperatorCall call, GraphPlan body, OnnxValue?[] inputs, int states, Directions directions, int? length)
    {
        OnnxTensor[] sliced = [.. inputs.Skip(states).Select(value => value as OnnxTensor
            ?? throw call.Refusal($"a scanned input is {value?.Text ?? "missing"}, expected a tensor"))];
        int[] axes = [.. sliced.Index().Select(one => call.Axis(directions.InputAxes[one.Index], one.Item.Rank))];
        int[] lengths = [.. sliced.Index().Select(one => one.Item.Shape[axes[one.Index]])];
        if (lengths.Any(one => one != lengths[0]))
            throw call.Refusal($"its scanned inputs have {string.Join(" and ", lengths)} steps, expected the same number");
        int steps = length ?? lengths[0], outputs = body.Outputs.Length - states;
        OnnxValue?[] values = [.. inputs];
        using Collected rows = new(call, outputs);
        for (int step = 0; step < steps; step++)
        {
            call.Run.Step(call.Node);
            for (int i = 0; i < sliced.Length; i++)
                values[states + i] = SliceOf(call, sliced[i], axes[i], directions.InputsReversed[i] ? steps - 1 - step : step);
            OnnxValue?[] made = body.Execute(call.Run, call.Scope, values);
            Array.Copy(made, values, states);
            for (int i = 0; i < outputs; i++) rows.Add(i, made[states + i]);
        }
        return [.. values.Take(states), .. Enumerable.Range(0, outputs).Select(i =>
            rows.Stacked(i, body.Graph.Outputs[states + i], directions.OutputAxes[i], directions.OutputsReversed[i]))];
    }

    private static OnnxTensor SliceOf(OperatorCall call, OnnxTensor tensor, int axis, int index)
    {
        int[] strides = Shapes.Strides(tensor.Shape), shape = [.. tensor.Shape[..axis], .. tensor.Shape[(axis + 1)..]];
        return Strided.Read(call, tensor, shape, index * strides[axis], [.. strides[..axis], .. strides[(axis + 1)..]]);
    }

    // Every sequence of the batch is scanned on its own; what comes after a shorter one's end is zero.
    private static void OfBatch(OperatorCall call, GraphPlan body, int states, Directions directions)
    {
        OnnxTensor[] inputs = [.. Enumerable.Range(1, call.InputCount - 1).Select(call.Tensor)];
        if (inputs.Any(input => input.Rank == 0 || input.Shape[0] != inputs[0].Shape[0]))
            throw call.Refusal("its inputs differ in the size of the batch");
        if (inputs.Skip(states).Any(input => input.Rank < 2)) throw call.Refusal("a scanned input has no size of steps");
        int batch = inputs[0].Shape[0], steps = inputs[states].Shape[1];
        if (batch == 0) throw call.Refusal("its batch is empty");
        long[] lengths = call.Optional(0) is null ? [.. Enumerable.Repeat((long)steps, batch)] : call.Wholes(0);
        if (lengths.Length != batch || lengths.Any(one => one < 1 || one > steps))
            throw call.Refusal($"its lengths do not fit a batch of {batch} and {steps} steps");
        List<OnnxTensor>[] all = [.. body.Outputs.Select(_ => new List<OnnxTensor>())];
        for (int b = 0; b < batch; b++)
        {
            OnnxValue?[] made = Scanned(call, body, [.. inputs.Select(input => SliceOf(call, input, 0, b))], states, directions, (int)lengths[b]);
            for (int i = 0; i < made.Length; i++)
                all[i].Add(i < states ? (OnnxTensor)made[i]! : Lengthened(call, (OnnxTensor)made[i]!, steps));
        }
        for (int i = 0; i < all.Length; i++)
            call.Set(i, MovementOperators.Joined(call, [.. all[i].Select(one => one.Reshaped([1, .. one.Shape]))], 0));
    }

    private static OnnxTensor Lengthened(OperatorCall call, OnnxTensor tensor, int steps)
    {
        if (tensor.Shape[0] == steps) return tensor;
        OnnxTensor longer = call.New(tensor.Type, [steps, .. tensor.Shape[1..]], out Span<byte> target);
        tensor.Bytes.CopyTo(target);
        return longer;
    }
}
