using Google.Protobuf;
using Unroll.Exchange.Onnx.Values;
using Unroll.Exchange.Onnx.Wire;
using Kind = Unroll.Exchange.Onnx.Wire.AttributeProto.Types.AttributeType;

namespace Unroll.Exchange.Tests.Onnx;

/// <summary>A model of one node, its inputs being the graph's.</summary>
internal sealed record OneNode(string Operator, int Opset, params OnnxTensor?[] Inputs)
{
    /// <summary>Attributes: float, int, long, string, arrays of them, tensors.</summary>
    public (string Name, object Value)[] Attributes { get; init; } = [];

    /// <summary>The number of outputs.</summary>
    public int Outputs { get; init; } = 1;

    /// <summary>The largest difference from the reference, relative to numbers above 1: rounding of float sums in another order.</summary>
    public double Tolerance { get; init; } = 1e-5;

    /// <summary>Input i under the name that the graph has for it.</summary>
    public IEnumerable<(string Name, OnnxTensor Value)> Given =>
        Inputs.Index().Where(one => one.Item is not null).Select(one => ($"x{one.Index}", one.Item!));

    public override string ToString() => $"{Operator}-{Opset}({string.Join(", ", Inputs.Select(input => input?.Text ?? "-"))}"
        + $"{string.Concat(Attributes.Select(one => $", {one.Name}={Text(one.Value)}"))})";

    /// <summary>The model as a file has it.</summary>
    public byte[] ToBytes() => ToModel().ToByteArray();

    /// <summary>The model with its inputs inside, as weights: it runs without being given anything.</summary>
    public byte[] ToClosedBytes()
    {
        ModelProto model = ToModel();
        model.Graph.Input.Clear();
        model.Graph.Initializer.AddRange(Given.Select(one => Proto(one.Value, one.Name)));
        return model.ToByteArray();
    }

    public ModelProto ToModel()
    {
        NodeProto node = new() { OpType = Operator, Name = "it" };
        node.Input.AddRange(Inputs.Select((input, i) => input is null ? "" : $"x{i}"));
        node.Output.AddRange(Enumerable.Range(0, Outputs).Select(i => $"y{i}"));
        node.Attribute.AddRange(Attributes.Select(one => Attribute(one.Name, one.Value)));
        GraphProto graph = new() { Name = "one", Node = { node } };
        graph.Input.AddRange(Given.Select(one => Port(one.Name, one.Value)));
        graph.Output.AddRange(Enumerable.Range(0, Outputs).Select(i => new ValueInfoProto { Name = $"y{i}" }));
        return new() { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = Opset } } };
    }

    public static ValueInfoProto Port(string name, OnnxTensor tensor)
    {
        TypeProto.Types.Tensor type = new() { ElemType = tensor.Type.Number(), Shape = new() };
        type.Shape.Dim.AddRange(Enumerable.Range(0, tensor.Rank).Select(_ => new TensorShapeProto.Types.Dimension()));
        return new() { Name = name, Type = new() { TensorType = type } };
    }

    public static TensorProto Proto(OnnxTensor tensor, string name = "")
    {
        TensorProto proto = new() { Name = name, DataType = tensor.Type.Number(), RawData = ByteString.CopyFrom(tensor.Bytes) };
        proto.Dims.AddRange(tensor.Shape.ToArray().Select(size => (long)size));
        return proto;
    }

    public static AttributeProto Attribute(string name, object value)
    {
        AttributeProto attribute = new() { Name = name };
        switch (value)
        {
            case float f: (attribute.Type, attribute.F) = (Kind.Float, f); break;
            case int i: (attribute.Type, attribute.I) = (Kind.Int, i); break;
            case long i: (attribute.Type, attribute.I) = (Kind.Int, i); break;
            case string s: (attribute.Type, attribute.S) = (Kind.String, ByteString.CopyFromUtf8(s)); break;
            case OnnxTensor t: (attribute.Type, attribute.T) = (Kind.Tensor, Proto(t)); break;
            case GraphProto g: (attribute.Type, attribute.G) = (Kind.Graph, g); break;
            case long[] all: attribute.Type = Kind.Ints; attribute.Ints.AddRange(all); break;
            case float[] all: attribute.Type = Kind.Floats; attribute.Floats.AddRange(all); break;
            case string[] all: attribute.Type = Kind.Strings; attribute.Strings.AddRange(all.Select(ByteString.CopyFromUtf8)); break;
            default: throw new ArgumentException(value.GetType().Name);
        }
        return attribute;
    }

    private static string Text(object value) => value switch
    {
        Array all => $"[{string.Join(" ", all.Cast<object>())}]",
        OnnxTensor tensor => tensor.Text,
        _ => FormattableString.Invariant($"{value}"),
    };
}
