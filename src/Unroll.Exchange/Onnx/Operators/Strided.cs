using System.Runtime.InteropServices;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Operators;

/// <summary>Copies elements of any type: what Transpose, Slice, Expand and their like do.</summary>
internal static class Strided
{
    /// <summary>A tensor whose elements are those of another, read with strides from an offset on.</summary>
    /// <param name="call">The node's call.</param>
    /// <param name="source">The elements.</param>
    /// <param name="shape">The shape of the result.</param>
    /// <param name="offset">The first element.</param>
    /// <param name="strides">The elements of the source from one index to the next, for each size; may be negative or 0.</param>
    public static OnnxTensor Read(OperatorCall call, OnnxTensor source, int[] shape, int offset, int[] strides)
    {
        OnnxTensor result = call.New(source.Type, shape, out Span<byte> target);
        if (result.Count == 0) return result;
        switch (source.Type.Size())
        {
            case 1: Copy(source.Bytes, offset, strides, target, shape); break;
            case 4: Copy(MemoryMarshal.Cast<byte, int>(source.Bytes), offset, strides, MemoryMarshal.Cast<byte, int>(target), shape); break;
            default: Copy(MemoryMarshal.Cast<byte, long>(source.Bytes), offset, strides, MemoryMarshal.Cast<byte, long>(target), shape); break;
        }
        return result;
    }

    private static void Copy<T>(ReadOnlySpan<T> source, int offset, int[] strides, Span<T> target, int[] shape) where T : unmanaged
    {
        Rows rows = new(shape, strides);
        int step = rows.Step(0);
        for (int start = 0; start < target.Length; start += rows.Length, rows.Next())
        {
            Span<T> row = target.Slice(start, rows.Length);
            int at = offset + rows.Offset(0);
            if (step == 1) source.Slice(at, row.Length).CopyTo(row);
            else if (step == 0) row.Fill(source[at]);
            else
                foreach (ref T one in row)
                {
                    one = source[at];
                    at += step;
                }
        }
    }

    /// <summary>Copies element <paramref name="from"/> of a tensor's bytes to element <paramref name="to"/> of others.</summary>
    public static void One(ReadOnlySpan<byte> source, int from, Span<byte> target, int to, int size) =>
        source.Slice(from * size, size).CopyTo(target.Slice(to * size, size));
}
