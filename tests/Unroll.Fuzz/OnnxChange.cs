using Google.Protobuf;
using Unroll.Exchange.Onnx.Wire;

namespace Unroll.Fuzz;

/// <summary>A model with some things in its graph changed: operators, names, attributes, sizes, numbers, the order and number of nodes.</summary>
internal static class OnnxChange
{
    private static readonly string[] s_operators = ["Add", "Mul", "MatMul", "Reshape", "Transpose", "Slice", "Concat", "Gather", "Expand", "Tile",
        "Squeeze", "Unsqueeze",
        "Split", "LSTM", "GRU", "RNN", "ReduceSum", "TopK", "ScatterElements", "Range", "ConstantOfShape", "Shape", "Pad", "CumSum", "Where",
            "NonZero", "OneHot",
        "ReverseSequence", "SequenceAt", "Cast", "Identity", "GatherND", "ScatterND", "LayerNormalization", "Clip", "Pow", "Div", "Mod", "Softmax",
            "ArgMax"];

    private static readonly long[] s_numbers = [0, 1, -1, 2, 3, -2, 7, 100, 1 << 20, int.MaxValue, 1L << 40, long.MaxValue, long.MinValue];

    /// <summary>One of the models, changed in up to four places that the bytes choose.</summary>
    public static byte[] Of(IReadOnlyList<byte[]> models, ReadOnlySpan<byte> bytes)
    {
        ulong hash = 14695981039346656037;                   // FNV-1a
        foreach (byte one in bytes) hash = (hash ^ one) * 1099511628211;
        FuzzRandom random = new(hash);
        ModelProto model = ModelProto.Parser.ParseFrom(random.Of(models));
        for (int i = random.Below(4); i >= 0; i--) Change(model, Within(model.Graph, random), random);
        return model.ToByteArray();
    }

    // The graph itself, or the body of one of its nodes.
    private static GraphProto Within(GraphProto graph, FuzzRandom random)
    {
        GraphProto[] bodies = [.. graph.Node.SelectMany(node => node.Attribute).Select(attribute => attribute.G).OfType<GraphProto>()];
        return bodies.Length > 0 && random.Below(2) == 0 ? Within(random.Of(bodies), random) : graph;
    }

    private static void Change(ModelProto model, GraphProto graph, FuzzRandom random)
    {
        if (graph.Node.Count == 0) return;
        NodeProto node = random.Of(graph.Node);
        switch (random.Below(10))
        {
            case 0: node.OpType = random.Of(s_operators); break;
            case 1 when node.Input.Count > 0: node.Input[random.Below(node.Input.Count)] = Name(graph, random); break;
            case 2: node.Input.Add(Name(graph, random)); break;
            case 3 when node.Output.Count > 0: node.Output[random.Below(node.Output.Count)] = Name(graph, random); break;
            case 4 when node.Attribute.Count > 0: Change(random.Of(node.Attribute), random); break;
            case 5: graph.Node.Add(node.Clone()); break;
            case 6: graph.Node.RemoveAt(random.Below(graph.Node.Count)); break;
            case 7 when graph.Initializer.Count > 0: Change(random.Of(graph.Initializer), random); break;
            case 8: model.OpsetImport[0].Version = 7 + random.Below(18); break;
            default: foreach (AttributeProto attribute in node.Attribute) if (attribute.T is { } tensor) Change(tensor, random); break;
        }
    }

    private static string Name(GraphProto graph, FuzzRandom random) => random.Below(4) switch
    {
        0 when graph.Initializer.Count > 0 => random.Of(graph.Initializer).Name,
        1 => "",
        2 when graph.Input.Count > 0 => random.Of(graph.Input).Name,
        _ => random.Of(graph.Node).Output.FirstOrDefault() ?? "",
    };

    private static void Change(AttributeProto attribute, FuzzRandom random)
    {
        if (attribute.Ints.Count > 0) attribute.Ints[random.Below(attribute.Ints.Count)] = random.Of(s_numbers);
        else if (attribute.HasI) attribute.I = random.Of(s_numbers);
        else if (attribute.HasF) attribute.F = random.Of((float[])[0, -1, float.NaN, float.MaxValue]);
        else if (attribute.T is { } tensor) Change(tensor, random);
        else attribute.Name += "x";
    }

    private static void Change(TensorProto tensor, FuzzRandom random)
    {
        int kind = random.Below(3);
        if (kind == 0 && tensor.Dims.Count > 0) tensor.Dims[random.Below(tensor.Dims.Count)] = random.Of(s_numbers);
        else if (kind == 1) tensor.DataType = random.Below(14);
        else if (tensor.DataType == 7 && tensor.RawData.Length >= 8)
        {
            byte[] raw = tensor.RawData.ToByteArray();
            BitConverter.TryWriteBytes(raw.AsSpan(8 * random.Below(raw.Length / 8)), random.Of(s_numbers));
            tensor.RawData = ByteString.CopyFrom(raw);
        }
        else if (tensor.Dims.Count > 1) (tensor.Dims[0], tensor.Dims[1]) = (tensor.Dims[1], tensor.Dims[0]);
    }
}
