using Unroll.Core;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Operators;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Execution;

/// <summary>
/// Computes, once, what depends on constants only, so that what looks at a graph's weights sees weights: exporters leave the reordering of gates,
/// transpositions and casts in the graph.
/// </summary>
internal static class ConstantFolding
{
    // Memory for what is computed beside the weights, and short loops only.
    private const long Beside = 64L << 20, Steps = 10_000;

    /// <summary>The most bytes of a constant that is larger than all that it was made of: a table of zeros stays a node.</summary>
    private const long Growth = 1 << 20;

    /// <summary>The graph with constants instead of the nodes that make them. Nodes that refuse what they are given stay, and refuse it in a
    /// run.</summary>
    /// <param name="graph">A checked graph; the names of its outputs stay.</param>
    /// <param name="table">The operators there are.</param>
    /// <param name="file">The name of the file in errors.</param>
    /// <remarks>Bodies stay as they are: what they read from outside may have become a constant.</remarks>
    public static OnnxGraph Fold(OnnxGraph graph, OperatorTable table, string file)
    {
        HashSet<string> inputs = [.. graph.Inputs.Select(input => input.Name)];
        Dictionary<string, OnnxTensor> known = graph.Initializers.Where(one => !inputs.Contains(one.Key)).ToDictionary();
        List<OnnxNode> left = [];
        long room = Beside + 2 * known.Values.Sum(weight => (long)weight.Bytes.Length);
        foreach (OnnxNode node in graph.Nodes)
            if (!TryFold(node, known, table, file, ref room)) left.Add(node);
        HashSet<string> read = [.. left.SelectMany(node => node.Inputs.Concat(node.Subgraphs.SelectMany(body => body.OuterNames()))),
            .. graph.Outputs.Select(output => output.Name), .. graph.Initializers.Keys];
        foreach ((string name, OnnxTensor value) in graph.Initializers) known.TryAdd(name, value);
        return graph with { Nodes = left, Initializers = known.Where(one => read.Contains(one.Key)).ToDictionary() };
    }

    private static bool TryFold(OnnxNode node, Dictionary<string, OnnxTensor> known, OperatorTable table, string file, ref long room)
    {
        if (node.Operator.StartsWith("Random", StringComparison.Ordinal) || node.Subgraphs.Any()) return false;
        if (!node.Inputs.All(name => name.Length == 0 || known.ContainsKey(name))) return false;
        try
        {
            GraphPlan plan = Planner.Plan(new OnnxGraph { Inputs = [.. node.Inputs.Where(name => name.Length > 0).Distinct().Select(Port)],
                Outputs = [.. node.Outputs.Where(name => name.Length > 0).Select(Port)], Nodes = [node] }, table, file);
            OnnxValue?[] given = [.. plan.Graph.Inputs.Select(input => known[input.Name])];
            long before = given.Sum(value => (long)((OnnxTensor)value!).Bytes.Length);
            OnnxRunOptions limits = new() { MemoryLimit = Math.Min(room, 4 * (before + Growth)), LoopLimit = Steps };
            OnnxValue?[] made = plan.Execute(new(limits), null, given);
            if (!made.All(value => value is OnnxTensor)) return false;           // sequences have no place among weights
            long after = made.Sum(value => (long)((OnnxTensor)value!).Bytes.Length);
            if (after > Math.Max(before, Growth)) return false;
            room -= after;
            for (int i = 0; i < made.Length; i++) known.Add(plan.Graph.Outputs[i].Name, (OnnxTensor)made[i]!);
            return true;
        }
        catch (UserErrorException)
        {
            return false;
        }

        static OnnxPort Port(string name) => new(name, null, null);
    }
}
