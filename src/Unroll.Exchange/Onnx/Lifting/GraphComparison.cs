using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>Whether two graphs are the same: nodes, names, attributes, and every bit of every tensor.</summary>
internal static class GraphComparison
{
    /// <summary>Where two graphs differ first, in a few words; null: nowhere.</summary>
    public static string? Difference(OnnxGraph a, OnnxGraph b)
    {
        if (!a.Inputs.Select(port => port.ToString()).SequenceEqual(b.Inputs.Select(port => port.ToString()))) return "its inputs";
        if (!a.Outputs.Select(port => port.ToString()).SequenceEqual(b.Outputs.Select(port => port.ToString()))) return "its outputs";
        if (a.Nodes.Count != b.Nodes.Count) return $"{a.Nodes.Count} nodes instead of {b.Nodes.Count}";
        foreach ((OnnxNode x, OnnxNode y) in a.Nodes.Zip(b.Nodes))
            if (!Same(x, y)) return x.Title;
        if (a.Initializers.Count != b.Initializers.Count) return $"{a.Initializers.Count} tensors instead of {b.Initializers.Count}";
        foreach ((string name, OnnxTensor tensor) in a.Initializers)
            if (!b.Initializers.TryGetValue(name, out OnnxTensor? other) || !Same(tensor, other)) return $"the tensor '{name}'";
        return null;
    }

    private static bool Same(OnnxNode a, OnnxNode b) => a.Name == b.Name && a.Operator == b.Operator && a.Domain == b.Domain && a.Opset == b.Opset
        && a.Inputs.SequenceEqual(b.Inputs) && a.Outputs.SequenceEqual(b.Outputs) && a.Attributes.Count == b.Attributes.Count
        && a.Attributes.All(one => b.Attributes.TryGetValue(one.Key, out object? other) && Same(one.Value, other));

    private static bool Same(object a, object b) => (a, b) switch
    {
        (OnnxTensor x, OnnxTensor y) => Same(x, y),
        (OnnxGraph x, OnnxGraph y) => Difference(x, y) is null,
        (long[] x, long[] y) => x.AsSpan().SequenceEqual(y),
        (float[] x, float[] y) => x.AsSpan().SequenceEqual(y),
        (string[] x, string[] y) => x.AsSpan().SequenceEqual(y),
        _ => a.Equals(b),
    };

    private static bool Same(OnnxTensor a, OnnxTensor b) => a.Type == b.Type && a.Shape.SequenceEqual(b.Shape) && a.Bytes.SequenceEqual(b.Bytes);
}
