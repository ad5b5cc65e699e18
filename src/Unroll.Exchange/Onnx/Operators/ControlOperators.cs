using Unroll.Exchange.Onnx.Execution;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Operators;

/// <summary>If and Loop, whose bodies are graphs. A body reads what it does not have itself from the graph around it.</summary>
internal static class ControlOperators
{
    /// <summary>The operators of this family.</summary>
    public static IEnumerable<Operator> All =>
    [
        new("If", 1..1, If) { Outputs = Operator.Any },
        new("Loop", 2..Operator.Any, Loop) { Outputs = Operator.Any },
        new("Scan", 1..Operator.Any, ScanOperator.Make) { Outputs = Operator.Any, Since = 8 },
    ];

    // The branches' results may differ in shape.
    private static OperatorBody If(OperatorNode node)
    {
        GraphPlan then = node.Body("then_branch"), otherwise = node.Body("else_branch");
        foreach (GraphPlan branch in new[] { then, otherwise })
            if (branch.Graph.Inputs.Count != 0 || branch.Outputs.Length < node.OutputCount)
                throw node.Refusal($"a branch has {branch.Graph.Inputs.Count} inputs and {branch.Outputs.Length} outputs, expected none and "
                    + $"{node.OutputCount}");
        return call =>
        {
            if (call.Tensor(0) is not { Type: OnnxType.Bool, Count: 1 } condition)
                throw call.Refusal($"its condition is {call.Tensor(0).Text}, expected one bool");
            OnnxValue?[] made = (condition.Values<bool>()[0] ? then : otherwise).Execute(call.Run, call.Scope, []);
            for (int i = 0; i < node.OutputCount; i++) SetFrom(call, i, made[i]);
        };
    }

    private static void SetFrom(OperatorCall call, int index, OnnxValue? value)
    {
        if (value is not null) call.Set(index, value);
    }

    // Inputs: trip count, condition, what is carried on. Body: (step, condition, carried …) → (condition, carried …, one row of each scan output …).
    private static OperatorBody Loop(OperatorNode node)
    {
        GraphPlan body = node.Body("body");
        int carried = node.InputCount - 2, scanned = body.Outputs.Length - 1 - carried;
        if (body.Graph.Inputs.Count != carried + 2 || scanned < 0 || node.OutputCount > carried + scanned)
            throw node.Refusal($"its body has {body.Graph.Inputs.Count} inputs and {body.Outputs.Length} outputs, which do not fit "
                + $"{node.InputCount} inputs "
                + $"and {node.OutputCount} outputs");
        return call => Loop(call, body, carried, scanned);
    }

    private static void Loop(OperatorCall call, GraphPlan body, int carried, int scanned)
    {
        long trips = call.Value(0) is null ? long.MaxValue : call.Whole(0);
        bool going = call.Value(1) is null || Truth(call, call.Value(1));
        OnnxValue?[] values = [OnnxTensor.Scalar(0L), OnnxTensor.Scalar(true), .. Enumerable.Range(2, carried).Select(call.Value)];
        using Collected rows = new(call, scanned);
        for (long step = 0; step < trips && going; step++)
        {
            call.Run.Step(call.Node);
            (values[0], values[1]) = (OnnxTensor.Scalar(step), OnnxTensor.Scalar(going));
            OnnxValue?[] made = body.Execute(call.Run, call.Scope, values);
            going = Truth(call, made[0]);
            Array.Copy(made, 1, values, 2, carried);
            for (int i = 0; i < scanned; i++) rows.Add(i, made[1 + carried + i]);
        }
        for (int i = 0; i < carried; i++) SetFrom(call, i, values[2 + i]);
        for (int i = 0; i < scanned; i++)
            if (call.HasOutput(carried + i)) call.Set(carried + i, rows.Stacked(i, body.Graph.Outputs[1 + carried + i], 0, false));
    }

    private static bool Truth(OperatorCall call, OnnxValue? value) => value is OnnxTensor { Type: OnnxType.Bool, Count: 1 } truth
        ? truth.Values<bool>()[0]
        : throw call.Refusal($"its condition is {value?.Text ?? "missing"}, expected one bool");
}
