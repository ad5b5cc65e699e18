using System.Runtime.InteropServices;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Operators;

/// <summary>Operators that make tensors out of attributes and sizes.</summary>
internal static class ConstantOperators
{
    /// <summary>The operators of this family.</summary>
    public static IEnumerable<Operator> All =>
    [
        new("Constant", 0..0, Constant),
        new("ConstantOfShape", 1..1, ConstantOfShape) { Since = 9 },
    ];

    // Exactly one of the attributes gives the value.
    private static OperatorBody Constant(OperatorNode node)
    {
        OnnxTensor?[] all =
        [
            node.Tensor("value"),
            node.Has("value_float") ? OnnxTensor.Scalar(node.Float("value_float", 0)) : null,
            node.Has("value_int") ? OnnxTensor.Scalar(node.Int("value_int")) : null,
            node.Floats("value_floats") is { } floats ? OnnxTensor.Of<float>([floats.Length], floats) : null,
            node.Ints("value_ints") is { } ints ? OnnxTensor.Of<long>([ints.Length], ints) : null,
        ];
        if (node.Has("value_string") || node.Has("value_strings")) throw node.Refusal("texts are not supported");
        if (node.Has("sparse_value")) throw node.Refusal("a sparse tensor is not supported");
        OnnxTensor[] given = [.. all.OfType<OnnxTensor>()];
        if (given.Length != 1) throw node.Refusal($"{given.Length} attributes give a value, expected exactly one");
        return call => call.Set(0, given[0]);
    }

    private static OperatorBody ConstantOfShape(OperatorNode node)
    {
        OnnxTensor value = node.Tensor("value") ?? OnnxTensor.Scalar(0f);
        if (value.Count != 1) throw node.Refusal($"attribute 'value' has {value.Count} elements, expected one");
        return call => call.Set(0, Filled(call, value, call.Sizes(call.Wholes(0))));
    }

    private static OnnxTensor Filled(OperatorCall call, OnnxTensor value, int[] shape)
    {
        OnnxTensor filled = call.New(value.Type, shape, out Span<byte> bytes);
        if (!value.Bytes.ContainsAnyExcept((byte)0)) return filled;
        switch (value.Type.Size())
        {
            case 1: bytes.Fill(value.Bytes[0]); break;
            case 4: MemoryMarshal.Cast<byte, int>(bytes).Fill(MemoryMarshal.Read<int>(value.Bytes)); break;
            default: MemoryMarshal.Cast<byte, long>(bytes).Fill(MemoryMarshal.Read<long>(value.Bytes)); break;
        }
        return filled;
    }
}
