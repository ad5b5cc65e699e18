using System.Numerics;
using Unroll.Exchange.Onnx.Values;
using Unroll.Numerics;

namespace Unroll.Exchange.Onnx.Operators;

/// <summary>Products of matrices.</summary>
internal static class MatrixOperators
{
    /// <summary>The operators of this family.</summary>
    public static IEnumerable<Operator> All => [new("MatMul", 2..2, _ => MatMul), new("Gemm", 2..3, Gemm)];

    // The last two sizes are matrices, those before them are broadcast; a vector on the left is a row, one on the right a column.
    private static void MatMul(OperatorCall call)
    {
        OnnxTensor a = call.Tensor(0), b = call.Tensor(1);
        BinaryOperators.RequireSame(call, a, b);
        if (a.Rank == 0 || b.Rank == 0) throw call.Refusal($"its inputs are {a.Text} and {b.Text}, expected vectors or matrices");
        OnnxTensor left = a.Rank == 1 ? a.Reshaped([1, a.Count]) : a, right = b.Rank == 1 ? b.Reshaped([b.Count, 1]) : b;
        int m = left.Shape[^2], k = left.Shape[^1], n = right.Shape[^1];
        if (right.Shape[^2] != k) throw call.Refusal($"the shapes {a.ShapeText} and {b.ShapeText} do not fit each other");
        int[] stackA = left.Shape[..^2].ToArray(), stackB = right.Shape[..^2].ToArray();
        int[] batch = BatchShape(call, stackA, stackB, a, b), shape = [.. batch, .. a.Rank == 1 ? (int[])[] : [m], .. b.Rank == 1 ? (int[])[] : [n]];
        call.Set(0, a.Type switch
        {
            OnnxType.Float => Batched<float>(call, left, right, batch, shape, (m, k, n), Product),
            OnnxType.Double => Batched<double>(call, left, right, batch, shape, (m, k, n), Product),
            OnnxType.Int64 => Batched<long>(call, left, right, batch, shape, (m, k, n), Product),
            OnnxType.Int32 => Batched<int>(call, left, right, batch, shape, (m, k, n), Product),
            _ => throw call.Refusal($"its inputs are {a.Type.Name()}, which this operator does not take"),
        });
    }

    private static int[] BatchShape(OperatorCall call, int[] stackA, int[] stackB, OnnxTensor a, OnnxTensor b)
    {
        int rank = Math.Max(stackA.Length, stackB.Length);
        int[] batch = new int[rank];
        for (int i = 0; i < rank; i++)
        {
            int p = i < rank - stackA.Length ? 1 : stackA[i - rank + stackA.Length], q = i < rank - stackB.Length ? 1
                : stackB[i - rank + stackB.Length];
            batch[i] = p == 1 ? q : q == 1 || p == q ? p : throw call.Refusal($"the shapes {a.ShapeText} and {b.ShapeText} do not fit each other");
        }
        return batch;
    }

    private delegate void ProductOf<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> c, int k, int n);

    private static OnnxTensor Batched<T>(OperatorCall call, OnnxTensor a, OnnxTensor b, int[] batch, int[] shape, (int M, int K, int N) sizes,
        ProductOf<T> product) where T : unmanaged
    {
        (int m, int k, int n) = sizes;
        OnnxTensor result = call.New(shape, out Span<T> c);
        if (c.Length == 0) return result;
        ReadOnlySpan<T> p = a.Values<T>(), q = b.Values<T>();
        // A matrix is the element of the stack here: strides count whole matrices, and a row of the stack is one of them.
        Rows stack = new([.. batch, 1], [.. Broadcast.Strides(a.Shape[..^2], batch), 0], [.. Broadcast.Strides(b.Shape[..^2], batch), 0]);
        for (int at = 0; at < c.Length; at += m * n, stack.Next())
            product(p.Slice(stack.Offset(0) * m * k, m * k), q.Slice(stack.Offset(1) * k * n, k * n), c.Slice(at, m * n), k, n);
        return result;
    }

    // C[i, :] = Σ_l A[i, l] B[l, :]
    private static void Product(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c, int k, int n)
    {
        for (int i = 0; i * n < c.Length; i++)
            for (int l = 0; l < k; l++) Elementwise.AddScaled(b.Slice(l * n, n), a[i * k + l], c.Slice(i * n, n));
    }

    private static void Product<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> c, int k, int n) where T : INumber<T>
    {
        for (int i = 0; i * n < c.Length; i++)
        {
            Span<T> row = c.Slice(i * n, n);
            for (int l = 0; l < k; l++)
            {
                T factor = a[i * k + l];
                ReadOnlySpan<T> other = b.Slice(l * n, n);
                for (int j = 0; j < row.Length; j++) row[j] += factor * other[j];
            }
        }
    }

    // α A′ B′ + β C, with A′ and B′ transposed where the attributes say so
    private static OperatorBody Gemm(OperatorNode node)
    {
        float alpha = node.Float("alpha", 1), beta = node.Float("beta", 1);
        bool transposedA = node.Flag("transA"), transposedB = node.Flag("transB");
        if (node.Opset < 11 && !node.HasInput(2)) throw node.Refusal("its third input is optional only from opset 11 on");
        return call =>
        {
            OnnxTensor a = Matrix(call, 0, transposedA), b = Matrix(call, 1, transposedB);
            BinaryOperators.RequireSame(call, a, b);
            if (a.Shape[1] != b.Shape[0])
                throw call.Refusal($"the matrices {call.Tensor(0).ShapeText} and {call.Tensor(1).ShapeText} do not fit each other");
            call.Set(0, a.Type switch
            {
                OnnxType.Float => Sum<float>(call, a, b, alpha, beta, Product),
                OnnxType.Double => Sum<double>(call, a, b, alpha, beta, Product),
                OnnxType.Int64 when alpha == 1 && beta == 1 => Sum<long>(call, a, b, 1, 1, Product),
                OnnxType.Int32 when alpha == 1 && beta == 1 => Sum<int>(call, a, b, 1, 1, Product),
                _ => throw call.Refusal($"its inputs are {a.Type.Name()}, which this operator does not take"),
            });
        };
    }

    private static OnnxTensor Matrix(OperatorCall call, int index, bool transposed)
    {
        OnnxTensor matrix = call.Tensor(index);
        if (matrix.Rank != 2) throw call.Refusal($"input {index} is {matrix.Text}, expected a matrix");
        return !transposed ? matrix : Strided.Read(call, matrix, [matrix.Shape[1], matrix.Shape[0]], 0, [1, matrix.Shape[1]]);
    }

    private static OnnxTensor Sum<T>(OperatorCall call, OnnxTensor a, OnnxTensor b, T alpha, T beta, ProductOf<T> product) where T : unmanaged,
        INumber<T>
    {
        int m = a.Shape[0], k = a.Shape[1], n = b.Shape[1];
        OnnxTensor result = call.New([m, n], out Span<T> c);
        if (c.Length > 0) product(a.Values<T>(), b.Values<T>(), c, k, n);
        if (alpha != T.One)
            foreach (ref T one in c) one *= alpha;
        if (call.Optional(2) is not { } bias) return result;
        BinaryOperators.RequireSame(call, a, bias);
        int[] shape = [m, n];
        if (bias.Rank > 2 || !Broadcast.Shape(call, result, bias).AsSpan().SequenceEqual(shape))
            throw call.Refusal($"its third input {bias.ShapeText} does not fit the product {Shapes.Text(shape)}");
        ReadOnlySpan<T> added = bias.Values<T>();
        int[] strides = Broadcast.Strides(bias.Shape, shape);
        for (int i = 0; i < c.Length; i++) c[i] += beta * added[i / n * strides[0] + i % n * strides[1]];
        return result;
    }
}
