using Unroll.Exchange.Onnx.Wire;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>What a report says of a graph.</summary>
internal static class GraphSummary
{
    public static OnnxExportFile Of(string path, GraphProto graph, ProbeResult result)
    {
        SortedDictionary<string, int> operators = new(StringComparer.Ordinal);
        foreach (NodeProto node in All(graph)) operators[node.OpType] = operators.GetValueOrDefault(node.OpType) + 1;
        return new OnnxExportFile(path, [.. graph.Input.Select(Text)], [.. graph.Output.Select(Text)], operators, result);
    }

    private static IEnumerable<NodeProto> All(GraphProto graph) => graph.Node.SelectMany(node =>
        node.Attribute.Where(attribute => attribute.G is not null).SelectMany(attribute => All(attribute.G)).Prepend(node));

    private static string Text(ValueInfoProto value)
    {
        TypeProto.Types.Tensor tensor = value.Type.TensorType;
        string type = ((TensorProto.Types.DataType)tensor.ElemType).ToString().ToLowerInvariant();
        return $"{value.Name} {type} [{string.Join(", ", tensor.Shape.Dim.Select(dim => dim.HasDimValue ? $"{dim.DimValue}" : dim.DimParam))}]";
    }
}
