using Unroll.Core;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Operators;

namespace Unroll.Exchange.Onnx.Execution;

/// <summary>Makes a plan of a graph: finds the operators, lets them read their attributes, and gives every name a place.</summary>
internal sealed class Planner
{
    private readonly Dictionary<string, int> _slots = [];
    private readonly Dictionary<int, int> _lastUse = [];
    private readonly OnnxGraph _graph;
    private readonly OperatorTable _table;
    private readonly string _file;
    private readonly Planner? _outer;
    private int _node;

    private Planner(OnnxGraph graph, OperatorTable table, string file, Planner? outer) =>
        (_graph, _table, _file, _outer) = (graph, table, file, outer);

    /// <summary>The plan of a graph.</summary>
    /// <param name="graph">A checked graph.</param>
    /// <param name="table">The operators there are.</param>
    /// <param name="file">The name of the file in errors.</param>
    /// <exception cref="UserErrorException">A node's operator, or something in it, is not supported.</exception>
    public static GraphPlan Plan(OnnxGraph graph, OperatorTable table, string file) => new Planner(graph, table, file, null).Plan();

    private GraphPlan Plan()
    {
        foreach (OnnxPort input in _graph.Inputs) _slots.Add(input.Name, _slots.Count);
        KeyValuePair<string, Values.OnnxTensor>[] initializers = [.. _graph.Initializers.Where(one => !_slots.ContainsKey(one.Key))];
        foreach ((string name, _) in initializers) _slots.Add(name, _slots.Count);
        PlannedNode[] nodes = new PlannedNode[_graph.Nodes.Count];
        for (_node = 0; _node < nodes.Length; _node++) nodes[_node] = Planned(_graph.Nodes[_node]);
        SlotReference[] outputs = [.. _graph.Outputs.Select(output => Find(output.Name))];
        foreach (IGrouping<int, int> last in _lastUse.Where(use => use.Value < nodes.Length).GroupBy(use => use.Value, use => use.Key))
            nodes[last.Key].Last = [.. last];
        return new() { Graph = _graph, Nodes = nodes, Initializers = [.. initializers.Select(one => one.Value)], Outputs = outputs,
            Slots = _slots.Count };
    }

    private PlannedNode Planned(OnnxNode node)
    {
        OperatorNode view = new(node, _file, body => new Planner(body, _table, _file, this).Plan());
        Operator found = _table.Find(node.Domain, node.Operator)
            ?? throw view.Refusal("this operator is not supported; docs/onnx.md lists those that are");
        if (node.Opset < found.Since && node.Domain.Length == 0) throw view.Refusal($"this operator is there from opset {found.Since} on");
        int fewest = found.Inputs.Start.Value, most = found.Inputs.End.Value;
        if (node.Inputs.Count < fewest || node.Inputs.Count > most)
            throw view.Refusal($"it has {node.Inputs.Count} inputs, expected "
                + $"{(fewest == most ? $"{fewest}" : most == Operator.Any ? $"at least {fewest}"
                : $"{fewest} to {most}")}");
        if (node.Outputs.Count > found.Outputs) throw view.Refusal($"it has {node.Outputs.Count} outputs, expected at most {found.Outputs}");
        SlotReference[] inputs = [.. node.Inputs.Select(Find)];
        OperatorBody body = found.Make(view);
        view.RefuseOthers();
        int[] outputs = [.. node.Outputs.Select(Make)];
        return new(view, body, inputs, outputs);
    }

    private int Make(string name)
    {
        if (name.Length == 0) return -1;
        int slot = _slots[name] = _slots.Count;
        _lastUse[slot] = _node;                              // what nothing reads is given up at once
        return slot;
    }

    // A value that a body reads is used by the node that has the body.
    private SlotReference Find(string name)
    {
        if (name.Length == 0) return SlotReference.Missing;
        int depth = 0;
        for (Planner? planner = this; planner is not null; planner = planner._outer, depth++)
        {
            if (!planner._slots.TryGetValue(name, out int slot)) continue;
            if (planner._lastUse.ContainsKey(slot)) planner._lastUse[slot] = planner._node;
            return new(depth, slot);
        }
        throw new UserErrorException($"'{_file}': nothing makes '{name}', which a node or an output reads; export the model again.");
    }
}
