using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Values;
using Unroll.Exchange.Onnx.Wire;

namespace Unroll.Exchange.Onnx.Files;

/// <summary>Makes a checked graph of what a file holds.</summary>
internal sealed class GraphReader(ReadingContext context, FunctionCalls functions)
{
    private const int Deepest = 12;

    /// <summary>The model's graph.</summary>
    /// <exception cref="Core.UserErrorException">Something in it is wrong or not supported.</exception>
    public OnnxGraph Read(GraphProto graph, IReadOnlyDictionary<string, int> opsets)
    {
        OnnxGraph read = Read(graph, opsets, 0);
        return read.OuterNames().FirstOrDefault() is { } name
            ? throw context.Refusal($"nothing makes '{name}', which a node or an output reads: it is neither an input nor a weight; export it again")
            : read;
    }

    private OnnxGraph Read(GraphProto graph, IReadOnlyDictionary<string, int> opsets, int depth)
    {
        if (depth > Deepest) throw context.Refusal($"its bodies of loops and branches lie in each other more than {Deepest} deep");
        if (graph.SparseInitializer.Count > 0) throw context.Refusal("it holds sparse tensors, which are not supported; export it with dense ones");
        OnnxPort[] inputs = [.. graph.Input.Select(input => Port(input, "input"))];
        OnnxPort[] outputs = [.. graph.Output.Select(output => Port(output, "output"))];
        Dictionary<string, OnnxTensor> initializers = [];
        foreach (TensorProto tensor in graph.Initializer)
        {
            if (tensor.Name.Length == 0) throw context.Refusal("a weight has no name; export it again");
            if (!initializers.TryAdd(tensor.Name, TensorReader.Read(tensor, tensor.Name, context)))
                throw context.Refusal($"there are two weights named '{tensor.Name}'; export it again");
        }
        List<OnnxNode> nodes = [.. functions.Expand(graph.Node, opsets).Select(one => Node(one.Node, one.Opsets, depth))];
        RefuseDoubled(inputs, initializers, nodes);
        return new() { Name = graph.Name, Inputs = inputs, Outputs = outputs, Initializers = initializers, Nodes = NodeOrder.Sorted(nodes, context) };
    }

    private OnnxNode Node(NodeProto node, IReadOnlyDictionary<string, int> opsets, int depth)
    {
        string domain = OnnxFile.Domain(node.Domain), title = $"node '{node.Name}' ({node.OpType})";
        if (!opsets.TryGetValue(domain, out int opset))
            throw context.Refusal($"{title}: the file does not say by which version of the domain '{(domain.Length == 0 ? "ai.onnx" : domain)}' it "
                + "is "
                + "meant; export it again");
        Dictionary<string, object> attributes = [];
        foreach (AttributeProto attribute in node.Attribute)
            if (Value(attribute, title, opsets, depth) is { } value && !attributes.TryAdd(attribute.Name, value))
                throw context.Refusal($"{title}: the attribute '{attribute.Name}' is given twice; export it again");
        return new()
        {
            Name = node.Name, Operator = node.OpType, Domain = domain, Opset = opset, Inputs = Trimmed(node.Input), Outputs = Trimmed(node.Output),
            Attributes = attributes,
        };
    }

    // Missing ones at the end are as good as none.
    private static string[] Trimmed(IEnumerable<string> names)
    {
        string[] all = [.. names];
        int count = all.Length;
        while (count > 0 && all[count - 1].Length == 0) count--;
        return all[..count];
    }

    private object Value(AttributeProto attribute, string title, IReadOnlyDictionary<string, int> opsets, int depth)
    {
        if (attribute.RefAttrName.Length > 0)
            throw context.Refusal($"{title}: the attribute '{attribute.Name}' refers to a function's, outside a function; export it again");
        return AttributeReader.TypeOf(attribute) switch
        {
            AttributeProto.Types.AttributeType.Graph when attribute.G is { } body => Read(body, opsets, depth + 1),
            _ => AttributeReader.Read(attribute, title, context),
        };
    }

    private OnnxPort Port(ValueInfoProto port, string what)
    {
        if (port.Name.Length == 0) throw context.Refusal($"an {what} has no name; export it again");
        return TypeReader.Read(port, what, context);
    }

    private void RefuseDoubled(OnnxPort[] inputs, Dictionary<string, OnnxTensor> initializers, List<OnnxNode> nodes)
    {
        HashSet<string> names = [];
        foreach (OnnxPort input in inputs)
            if (!names.Add(input.Name)) throw context.Refusal($"there are two inputs named '{input.Name}'; export it again");
        names.UnionWith(initializers.Keys);
        foreach (OnnxNode node in nodes)
            foreach (string output in node.Outputs)
                if (output.Length > 0 && !names.Add(output))
                    throw context.Refusal($"{node.Title} makes '{output}', which is there already; export it again");
    }
}
