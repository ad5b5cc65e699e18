using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Values;
using Unroll.Exchange.Onnx.Wire;

namespace Unroll.Exchange.Onnx.Files;

/// <summary>The types of inputs and outputs.</summary>
internal static class TypeReader
{
    /// <summary>An input or output as declared.</summary>
    /// <exception cref="Core.UserErrorException">Its type is not supported.</exception>
    public static OnnxPort Read(ValueInfoProto port, string what, ReadingContext context)
    {
        TypeProto? type = port.Type;
        bool sequence = type?.ValueCase == TypeProto.ValueOneofCase.SequenceType;
        if (sequence) type = type!.SequenceType.ElemType;
        if (type is null || type.ValueCase == TypeProto.ValueOneofCase.None) return new(port.Name, null, null, sequence);
        if (type.ValueCase != TypeProto.ValueOneofCase.TensorType)
            throw context.Refusal($"the {what} '{port.Name}' is a {type.ValueCase}, which is not supported; supported are tensors and sequences "
                + "of them");
        int number = type.TensorType.ElemType;
        if (number != 0 && OnnxTypes.Of(number) is null)
            throw context.Refusal($"the {what} '{port.Name}' holds {OnnxTypes.NameOf(number)}, which is not supported; supported are "
                + $"{OnnxTypes.Known}");
        if (OnnxTypes.IsHalf(number)) context.Note("floats of 16 bits are widened, and computed with in 32 bits");
        return new(port.Name, OnnxTypes.Of(number), Shape(type.TensorType.Shape), sequence);
    }

    // A negative size is written by some exporters for one that is not known.
    private static OnnxDimension[]? Shape(TensorShapeProto? shape) => shape is null ? null :
        [.. shape.Dim.Select(one => one.ValueCase switch
        {
            TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue when one.DimValue is >= 0 and <= int.MaxValue =>
                new OnnxDimension((int)one.DimValue, null),
            TensorShapeProto.Types.Dimension.ValueOneofCase.DimParam when one.DimParam.Length > 0 => new OnnxDimension(null, one.DimParam),
            _ => default,
        })];
}
