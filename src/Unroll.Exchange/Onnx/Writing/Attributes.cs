using Google.Protobuf;
using Unroll.Exchange.Onnx.Wire;
using static Unroll.Exchange.Onnx.Wire.AttributeProto.Types;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>The attributes of nodes.</summary>
internal static class Attributes
{
    public static AttributeProto Of(string name, long value) => new() { Name = name, Type = AttributeType.Int, I = value };

    public static AttributeProto Of(string name, float value) => new() { Name = name, Type = AttributeType.Float, F = value };

    public static AttributeProto Of(string name, string value) =>
        new() { Name = name, Type = AttributeType.String, S = ByteString.CopyFromUtf8(value) };

    public static AttributeProto Of(string name, params IEnumerable<long> values)
    {
        AttributeProto attribute = new() { Name = name, Type = AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }

    public static AttributeProto Of(string name, IEnumerable<string> values)
    {
        AttributeProto attribute = new() { Name = name, Type = AttributeType.Strings };
        attribute.Strings.AddRange(values.Select(ByteString.CopyFromUtf8));
        return attribute;
    }

    public static AttributeProto Of(string name, GraphProto value) => new() { Name = name, Type = AttributeType.Graph, G = value };
}
