namespace Unroll.Exchange.Onnx.Values;

/// <summary>Conversions of types without a graph.</summary>
internal static class ExactCast
{
    // 2⁵³: what a double holds one by one.
    private const long MostWhole = 1L << 53;

    /// <summary>The same numbers in another type; null where not every number is the same in it.</summary>
    /// <remarks>Through double, which holds every float and int, and then back again: where the same bytes come back, nothing was lost.</remarks>
    public static OnnxTensor? OrNull(OnnxTensor array, OnnxType wanted)
    {
        if (wanted == OnnxType.Bool && array.Type is OnnxType.UInt8)
            return array.Bytes.ContainsAnyExceptInRange((byte)0, (byte)1) ? null : new OnnxTensor(OnnxType.Bool, array.Shape.ToArray(), array.Memory);
        if (wanted == OnnxType.Bool || array.Type == OnnxType.Bool) return null;
        if (array.Type == OnnxType.Int64 && wanted is not OnnxType.Int32
            && array.Values<long>().ContainsAnyExceptInRange(-MostWhole, MostWhole)) return null;
        OnnxTensor there = To(array, wanted);
        return To(there, array.Type).Bytes.SequenceEqual(array.Bytes) ? there : null;
    }

    // The numbers in another type; those that it does not have become its nearest.
    private static OnnxTensor To(OnnxTensor tensor, OnnxType type) => tensor.Type switch
    {
        OnnxType.Int64 when type is OnnxType.Int32 =>
            OnnxTensor.Of<int>(tensor.Shape, Array.ConvertAll(tensor.Values<long>().ToArray(), x => unchecked((int)x))),
        OnnxType.Int32 when type is OnnxType.Int64 =>
            OnnxTensor.Of<long>(tensor.Shape, Array.ConvertAll(tensor.Values<int>().ToArray(), x => (long)x)),
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
