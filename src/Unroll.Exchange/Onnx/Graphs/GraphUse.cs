using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Graphs;

/// <summary>What of a graph has an effect on its outputs.</summary>
internal static class GraphUse
{
    /// <summary>The weights that no output depends on, those of bodies excepted.</summary>
    public static IReadOnlyList<string> UnusedWeights(OnnxGraph graph) => [.. graph.Initializers.Keys.Except(Used(graph)).Order(StringComparer.Ordinal)];

    /// <summary>The inputs that no output depends on.</summary>
    public static IReadOnlyList<string> UnusedInputs(OnnxGraph graph) => [.. graph.Inputs.Select(input => input.Name).Except(Used(graph))];

    /// <summary>All weights, those of bodies too.</summary>
    public static IEnumerable<OnnxTensor> Weights(OnnxGraph graph) =>
        graph.Initializers.Values.Concat(graph.Nodes.SelectMany(node => node.Subgraphs).SelectMany(Weights));

    // From the outputs back: each node stands after what it reads.
    private static HashSet<string> Used(OnnxGraph graph)
    {
        HashSet<string> used = [.. graph.Outputs.Select(output => output.Name)];
        foreach (OnnxNode node in graph.Nodes.Reverse())
            if (node.Outputs.Any(used.Contains))
                used.UnionWith(node.Inputs.Concat(node.Subgraphs.SelectMany(body => body.OuterNames())));
        return used;
    }
}
