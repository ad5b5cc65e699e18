using Unroll.Core;

namespace Unroll.Exchange.Onnx.Values;

/// <summary>Sizes of tensors, slowest first.</summary>
internal static class Shapes
{
    /// <summary>The most sizes of a tensor.</summary>
    public const int MostSizes = 32;

    /// <summary>The number of elements; <see cref="long.MaxValue"/> where there are more than fit.</summary>
    public static long Count(ReadOnlySpan<int> shape)
    {
        if (shape.Contains(0)) return 0;
        Int128 count = 1;
        foreach (int size in shape) count = Int128.Min(count * size, long.MaxValue);
        return (long)count;
    }

    /// <summary>The bytes of a tensor.</summary>
    /// <exception cref="UserErrorException">They are more than an array holds.</exception>
    public static int Bytes(OnnxType type, ReadOnlySpan<int> shape)
    {
        Int128 bytes = (Int128)Count(shape) * type.Size();
        return bytes <= Array.MaxLength ? (int)bytes : throw new UserErrorException(
            $"a {type.Name()} tensor of shape {Text(shape)} has more than the 2 GiB that one may have here.");
    }

    /// <summary>The shape in readable form: <c>[2, 3]</c>.</summary>
    public static string Text(ReadOnlySpan<int> shape) => $"[{string.Join(", ", shape.ToArray())}]";

    /// <summary>The elements from one index to the next, for each size of a contiguous tensor.</summary>
    public static int[] Strides(ReadOnlySpan<int> shape)
    {
        int[] strides = new int[shape.Length];
        int stride = 1;
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            strides[d] = stride;
            stride *= Math.Max(1, shape[d]);
        }
        return strides;
    }

    /// <summary>The product of the sizes before <paramref name="axis"/>, that of the sizes after it; of a tensor that exists.</summary>
    public static (int Outer, int Inner) Around(ReadOnlySpan<int> shape, int axis) => (Product(shape[..axis]), Product(shape[(axis + 1)..]));

    /// <summary>The product of some sizes of a tensor that exists; 0 where one of all its sizes is 0 and it overflows.</summary>
    public static int Product(ReadOnlySpan<int> sizes) => Count(sizes) is var count && count <= int.MaxValue ? (int)count : 0;
}
