using Google.Protobuf;
using Unroll.Exchange.Onnx.Wire;
using Kind = Unroll.Exchange.Onnx.Wire.AttributeProto.Types.AttributeType;

namespace Unroll.Exchange.Onnx.Files;

/// <summary>Attributes of nodes, graphs excepted.</summary>
internal static class AttributeReader
{
    /// <summary>The type; files older than 2018 do not say it, and have the one field that is filled.</summary>
    public static Kind TypeOf(AttributeProto attribute) =>
        attribute.Type != Kind.Undefined ? attribute.Type
        : attribute.HasF ? Kind.Float
        : attribute.HasI ? Kind.Int
        : attribute.HasS ? Kind.String
        : attribute.T is not null ? Kind.Tensor
        : attribute.G is not null ? Kind.Graph
        : attribute.Floats.Count > 0 ? Kind.Floats
        : attribute.Strings.Count > 0 ? Kind.Strings
        : attribute.Tensors.Count > 0 ? Kind.Tensors
        : attribute.Graphs.Count > 0 ? Kind.Graphs
        : Kind.Ints;

    /// <summary>The value: a float, long, string, tensor, or an array of them.</summary>
    /// <exception cref="Core.UserErrorException">It is of another kind.</exception>
    public static object Read(AttributeProto attribute, string title, ReadingContext context) => TypeOf(attribute) switch
    {
        Kind.Float => attribute.F,
        Kind.Int => attribute.I,
        Kind.String => attribute.S.ToStringUtf8(),
        Kind.Tensor when attribute.T is { } tensor => TensorReader.Read(tensor, $"{title}.{attribute.Name}", context),
        Kind.Floats => attribute.Floats.ToArray(),
        Kind.Ints => attribute.Ints.ToArray(),
        Kind.Strings => attribute.Strings.Select(text => text.ToStringUtf8()).ToArray(),
        var kind => throw context.Refusal($"{title}: the attribute '{attribute.Name}' is of the kind {kind}, which is not supported"),
    };
}
