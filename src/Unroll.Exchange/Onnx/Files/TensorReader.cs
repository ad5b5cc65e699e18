using System.Runtime.InteropServices;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Unroll.Exchange.Onnx.Values;
using Unroll.Exchange.Onnx.Wire;

namespace Unroll.Exchange.Onnx.Files;

//  raw_data       little-endian, fixed width, row-major
//  float_data     float                      double_data   double
//  int32_data     int32, int8, uint8, bool, one a number; float16 and bfloat16 by their bits
//  int64_data     int64
//  external data  a part of another file, as raw_data
/// <summary>Tensors of a file. The bytes of <c>raw_data</c> are used as they are, without a copy.</summary>
internal static class TensorReader
{
    /// <summary>Reads a tensor.</summary>
    /// <param name="tensor">As the file has it.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="context">The file.</param>
    /// <exception cref="Core.UserErrorException">Its type is not supported, or its data are not as many as its shape says.</exception>
    public static OnnxTensor Read(TensorProto tensor, string name, ReadingContext context)
    {
        int number = tensor.DataType;
        if (OnnxTypes.Of(number) is not { } type)
            throw context.Refusal($"tensor '{name}' holds {OnnxTypes.NameOf(number)}, which is not supported; supported are {OnnxTypes.Known}");
        int[] shape = Shape(tensor.Dims, name, context);
        bool half = OnnxTypes.IsHalf(number);
        if (half) context.Note("floats of 16 bits are widened, and computed with in 32 bits");
        long count = Shapes.Count(shape), size = half ? 2 : type.Size();
        if (count > Array.MaxLength / (half ? 4 : size))
            throw context.Refusal($"tensor '{name}' of shape {Shapes.Text(shape)} has more than the 2 GiB that one may have here");
        ReadOnlyMemory<byte> bytes = tensor.DataLocation == TensorProto.Types.DataLocation.External
            ? ExternalData.Read(tensor.ExternalData, count * size, name, context)
            : Stored(tensor, number, name, context);
        if (bytes.Length != count * size)
            throw context.Refusal($"tensor '{name}' of shape {Shapes.Text(shape)} needs {count * size} bytes of {OnnxTypes.NameOf(number)}, and "
                + $"{bytes.Length} are there; export the model again");
        if (type == OnnxType.Bool && bytes.Span.ContainsAnyExceptInRange((byte)0, (byte)1))
            throw context.Refusal($"tensor '{name}' holds truth values other than 0 and 1; export the model again");
        return new(type, shape, half ? Widened(bytes.Span, number) : bytes);
    }

    private static int[] Shape(RepeatedField<long> dims, string name, ReadingContext context)
    {
        if (dims.Count > Shapes.MostSizes) throw context.Refusal($"tensor '{name}' has {dims.Count} sizes, expected at most {Shapes.MostSizes}");
        int[] shape = new int[dims.Count];
        for (int i = 0; i < shape.Length; i++)
            shape[i] = dims[i] is >= 0 and <= int.MaxValue ? (int)dims[i]
                : throw context.Refusal($"tensor '{name}' has a size of {dims[i]}, expected 0 to {int.MaxValue}");
        return shape;
    }

    // Several fields filled at once would be ambiguous: then the lengths disagree, or one was left out.
    private static ReadOnlyMemory<byte> Stored(TensorProto tensor, int number, string name, ReadingContext context)
    {
        int filled = (tensor.RawData.Length > 0 ? 1 : 0) + (tensor.FloatData.Count > 0 ? 1 : 0) + (tensor.Int32Data.Count > 0 ? 1 : 0)
            + (tensor.Int64Data.Count > 0 ? 1 : 0) + (tensor.DoubleData.Count > 0 ? 1 : 0) + (tensor.Uint64Data.Count > 0 ? 1 : 0);
        if (filled > 1) throw context.Refusal($"tensor '{name}' has its data in {filled} fields, expected one; export the model again");
        if (tensor.RawData.Length > 0) return tensor.RawData.Memory;
        return number switch
        {
            1 => Bytes<float>(tensor.FloatData),
            11 => Bytes<double>(tensor.DoubleData),
            7 => Bytes<long>(tensor.Int64Data),
            6 => Bytes<int>(tensor.Int32Data),
            10 or 16 => Narrow(tensor.Int32Data, ushort.MinValue, ushort.MaxValue, sizeof(ushort), name, context),
            3 => Narrow(tensor.Int32Data, sbyte.MinValue, sbyte.MaxValue, 1, name, context),
            _ => Narrow(tensor.Int32Data, 0, number == 9 ? 1 : byte.MaxValue, 1, name, context),
        };
    }

    private static byte[] Bytes<T>(RepeatedField<T> values) where T : unmanaged
    {
        byte[] bytes = new byte[values.Count * OnnxTypes.Of<T>().Size()];
        Span<T> target = MemoryMarshal.Cast<byte, T>(bytes.AsSpan());
        for (int i = 0; i < target.Length; i++) target[i] = values[i];
        return bytes;
    }

    private static byte[] Narrow(RepeatedField<int> values, int lowest, int highest, int size, string name, ReadingContext context)
    {
        byte[] bytes = new byte[values.Count * size];
        for (int i = 0; i < values.Count; i++)
        {
            if (values[i] < lowest || values[i] > highest)
                throw context.Refusal($"tensor '{name}' holds {values[i]}, expected {lowest} to {highest}; export the model again");
            bytes[i * size] = (byte)values[i];
            if (size == 2) bytes[i * size + 1] = (byte)(values[i] >> 8);
        }
        return bytes;
    }

    private static byte[] Widened(ReadOnlySpan<byte> stored, int number)
    {
        ReadOnlySpan<ushort> bits = MemoryMarshal.Cast<byte, ushort>(stored);
        byte[] bytes = new byte[bits.Length * sizeof(float)];
        Span<float> wide = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        for (int i = 0; i < bits.Length; i++)
            wide[i] = number == 10 ? (float)BitConverter.UInt16BitsToHalf(bits[i]) : BitConverter.UInt32BitsToSingle((uint)bits[i] << 16);
        return bytes;
    }
}
