using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Operators;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Execution;

/// <summary>A node with the places of its values.</summary>
/// <param name="Node">The node as its operator sees it.</param>
/// <param name="Body">What computes it.</param>
/// <param name="Inputs">Where its inputs are.</param>
/// <param name="Outputs">The places of its outputs in its own graph; negative for those not wanted.</param>
internal sealed record PlannedNode(OperatorNode Node, OperatorBody Body, SlotReference[] Inputs, int[] Outputs)
{
    /// <summary>The places of values that nothing reads after this node.</summary>
    public int[] Last { get; set; } = [];
}

/// <summary>
/// A graph ready to run: names have become places, and values are given up after their last use. Places: the inputs, the initializers, then what
/// the nodes make.
/// </summary>
internal sealed class GraphPlan
{
    /// <summary>The graph.</summary>
    public required OnnxGraph Graph { get; init; }

    /// <summary>The nodes in order.</summary>
    public required PlannedNode[] Nodes { get; init; }

    /// <summary>The initializers' values, from the place after the last input on; null where an input of that name takes the place.</summary>
    public required OnnxTensor[] Initializers { get; init; }

    /// <summary>Where the outputs are.</summary>
    public required SlotReference[] Outputs { get; init; }

    /// <summary>The number of places.</summary>
    public required int Slots { get; init; }

    /// <summary>Runs the graph.</summary>
    /// <param name="run">The run.</param>
    /// <param name="outer">The scope around a body; null for the model's graph.</param>
    /// <param name="inputs">A value for each input of the graph, in order.</param>
    /// <returns>The outputs, in order; null for a missing optional one.</returns>
    public OnnxValue?[] Execute(Run run, Scope? outer, ReadOnlySpan<OnnxValue?> inputs)
    {
        if (inputs.Length != Graph.Inputs.Count)
            throw new ArgumentException($"The graph takes {Graph.Inputs.Count} inputs, got {inputs.Length}.", nameof(inputs));
        Scope scope = new(run, outer, inputs.Length + Initializers.Length, Slots);
        for (int i = 0; i < inputs.Length; i++) scope[i] = inputs[i];
        for (int i = 0; i < Initializers.Length; i++) scope[inputs.Length + i] = Initializers[i];
        run.Enter(scope);
        foreach (PlannedNode node in Nodes) Execute(node, scope);
        run.Leave();
        return Array.ConvertAll(Outputs, scope.Read);
    }

    private static void Execute(PlannedNode node, Scope scope)
    {
        OperatorCall call = new(node.Node, Array.ConvertAll(node.Inputs, scope.Read), scope);
        node.Body(call);
        for (int i = 0; i < node.Outputs.Length; i++)
            if (node.Outputs[i] is >= 0 and int slot)
                scope[slot] = call.Outputs[i] ?? throw call.Refusal($"output {i} ('{node.Node.Node.Outputs[i]}') is not made by this operator");
        foreach (int slot in node.Last) scope[slot] = null;
    }
}
