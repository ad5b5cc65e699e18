namespace Unroll.Exchange.Onnx.Values;

/// <summary>Conversions of types without a graph; the caller looks whether the numbers are the same.</summary>
internal static class ExactCast
{
    /// <summary>The numbers in another type; those that it does not have become its nearest.</summary>
    public static OnnxTensor To(OnnxTensor tensor, OnnxType type) => tensor.Type switch
    {
        OnnxType.Int64 when type is OnnxType.Int32 => OnnxTensor.Of<int>(tensor.Shape, Array.ConvertAll(tensor.Values<long>().ToArray(), x => unchecked((int)x))),
        OnnxType.Int32 when type is OnnxType.Int64 => OnnxTensor.Of<long>(tensor.Shape, Array.ConvertAll(tensor.Values<int>().ToArray(), x => (long)x)),
        _ => FromDoubles(tensor.Shape, Doubles(tensor), type),
    };

    private static double[] Doubles(OnnxTensor tensor) => tensor.Type switch
    {
        OnnxType.Float => Array.ConvertAll(tensor.Values<float>().ToArray(), x => (double)x),
        OnnxType.Double => tensor.Values<double>().ToArray(),
        OnnxType.Int64 => Array.ConvertAll(tensor.Values<long>().ToArray(), x => (double)x),
        OnnxType.Int32 => Array.ConvertAll(tensor.Values<int>().ToArray(), x => (double)x),
        OnnxType.Int8 => Array.ConvertAll(tensor.Values<sbyte>().ToArray(), x => (double)x),
        _ => Array.ConvertAll(tensor.Bytes.ToArray(), x => (double)x),
    };

    private static OnnxTensor FromDoubles(ReadOnlySpan<int> shape, double[] values, OnnxType type) => type switch
    {
        OnnxType.Float => OnnxTensor.Of<float>(shape, Array.ConvertAll(values, x => (float)x)),
        OnnxType.Double => OnnxTensor.Of<double>(shape, values),
        OnnxType.Int64 => OnnxTensor.Of<long>(shape, Array.ConvertAll(values, x => (long)x)),
        OnnxType.Int32 => OnnxTensor.Of<int>(shape, Array.ConvertAll(values, x => (int)x)),
        OnnxType.Bool => OnnxTensor.Of<bool>(shape, Array.ConvertAll(values, x => x != 0)),
        OnnxType.UInt8 => OnnxTensor.Of<byte>(shape, Array.ConvertAll(values, x => (byte)Math.Clamp(x, 0, 255))),
        _ => OnnxTensor.Of<sbyte>(shape, Array.ConvertAll(values, x => (sbyte)Math.Clamp(x, -128, 127))),
    };
}
