using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Operators;

/// <summary>
/// NumPy's rule (https://github.com/onnx/onnx/blob/main/docs/Broadcasting.md): shapes are aligned at their last sizes, and a size of 1 stands for
/// any.
/// </summary>
internal static class Broadcast
{
    /// <summary>The shape that several shapes have together.</summary>
    /// <exception cref="Core.UserErrorException">Two sizes differ and none is 1.</exception>
    public static int[] Shape(OperatorCall call, params ReadOnlySpan<OnnxTensor> tensors)
    {
        int rank = 0;
        foreach (OnnxTensor tensor in tensors) rank = Math.Max(rank, tensor.Rank);
        int[] shape = new int[rank];
        Array.Fill(shape, 1);
        foreach (OnnxTensor tensor in tensors)
            for (int i = 0, at = rank - tensor.Rank; i < tensor.Rank; i++, at++)
            {
                int size = tensor.Shape[i];
                if (shape[at] == 1) shape[at] = size;
                else if (size != 1 && size != shape[at])
                    throw call.Refusal($"the shapes {string.Join(" and ", tensors.ToArray().Select(one => one.ShapeText))} do not fit each other");
            }
        return shape;
    }

    /// <summary>The elements from one index to the next in a tensor that is spread over <paramref name="shape"/>: 0 along a size of 1.</summary>
    public static int[] Strides(ReadOnlySpan<int> own, ReadOnlySpan<int> shape)
    {
        int[] strides = new int[shape.Length], packed = Shapes.Strides(own);
        for (int i = 0, at = shape.Length - own.Length; i < own.Length; i++, at++) strides[at] = own[i] == 1 ? 0 : packed[i];
        return strides;
    }

    /// <summary>f(a, b), element by element.</summary>
    public static OnnxTensor Map<T, TResult>(OperatorCall call, OnnxTensor a, OnnxTensor b, Func<T, T, TResult> f)
        where T : unmanaged where TResult : unmanaged
    {
        int[] shape = Shape(call, a, b);
        OnnxTensor result = call.New(shape, out Span<TResult> y);
        ReadOnlySpan<T> p = a.Values<T>(), q = b.Values<T>();
        Rows rows = new(shape, Strides(a.Shape, shape), Strides(b.Shape, shape));
        (int stepA, int stepB) = (rows.Step(0), rows.Step(1));
        for (int start = 0; start < y.Length; start += rows.Length, rows.Next())
        {
            int i = rows.Offset(0), j = rows.Offset(1);
            foreach (ref TResult one in y.Slice(start, rows.Length))
            {
                one = f(p[i], q[j]);
                i += stepA;
                j += stepB;
            }
        }
        return result;
    }
}
