using Unroll.Core;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Tests.Onnx;

/// <summary>The table that proves the interpreter: models of one node, which ONNX Runtime runs too.</summary>
internal static class OperatorCases
{
    public static IEnumerable<OneNode> All => [.. Unary(), .. Binary(), .. ShapesAndMoves(), .. Gathering(), .. Reductions(), .. Others()];

    public static OnnxTensor F(params ReadOnlySpan<int> shape) => OnnxTensor.Of<float>(shape, Array.ConvertAll(Draw(shape), x => (float)x));
    public static OnnxTensor D(params ReadOnlySpan<int> shape) => OnnxTensor.Of<double>(shape, Draw(shape));
    public static OnnxTensor L(params ReadOnlySpan<int> shape) => OnnxTensor.Of<long>(shape, Array.ConvertAll(Draw(shape), x => (long)(3 * x)));
    public static OnnxTensor I(params ReadOnlySpan<int> shape) => OnnxTensor.Of<int>(shape, Array.ConvertAll(Draw(shape), x => (int)(3 * x)));
    public static OnnxTensor B(params ReadOnlySpan<int> shape) => OnnxTensor.Of<bool>(shape, Array.ConvertAll(Draw(shape), x => x > 0));
    public static OnnxTensor Positive(params ReadOnlySpan<int> shape) =>
        OnnxTensor.Of<float>(shape, Array.ConvertAll(Draw(shape), x => (float)Math.Abs(x) + 0.1f));
    public static OnnxTensor Ls(params long[] values) => OnnxTensor.Of<long>([values.Length], values);
    public static OnnxTensor Is(params int[] values) => OnnxTensor.Of<int>([values.Length], values);
    public static OnnxTensor Fs(params float[] values) => OnnxTensor.Of<float>([values.Length], values);
    public static OnnxTensor One<T>(T value) where T : unmanaged => OnnxTensor.Scalar(value);

    // Small numbers of both signs, other ones for every shape.
    private static double[] Draw(ReadOnlySpan<int> shape)
    {
        int count = 1, seed = 7;
        foreach (int size in shape) (count, seed) = (count * size, seed * 31 + size);
        Rng rng = new((ulong)seed);
        double[] values = new double[count];
        for (int i = 0; i < count; i++) values[i] = 2 * rng.Normal((ulong)(4 * i));
        return values;
    }

    private static IEnumerable<OneNode> Unary()
    {
        foreach (string name in (string[])["Exp", "Tanh", "Sigmoid", "Neg", "Abs", "Relu", "Floor", "Ceil", "Reciprocal", "Softplus", "Softsign", "Erf",
            "LeakyRelu", "Elu", "Selu", "HardSigmoid", "Sign", "Identity", "Sin", "Cos"])
        {
            yield return new(name, 13, F(2, 3));
            yield return new(name, 13, F(0, 3));
            yield return new(name, 13, F());
        }
        foreach (string name in (string[])["Exp", "Tanh", "Sigmoid", "Neg", "Abs", "Floor", "Sqrt", "Sign"]) yield return new(name, 13, D(4));
        foreach (string name in (string[])["Log", "Sqrt"]) yield return new(name, 13, Positive(5));
        foreach (string name in (string[])["Neg", "Abs", "Sign"])
        {
            yield return new(name, 13, L(5));
            yield return new(name, 13, I(5));
        }
        yield return new("Round", 11, Fs(-2.5f, -1.5f, -0.5f, 0.5f, 1.5f, 2.5f, 0.4f));
        yield return new("Not", 13, B(2, 3));
        yield return new("IsNaN", 13, Fs(1, float.NaN));
        yield return new("LeakyRelu", 13, F(5)) { Attributes = [("alpha", 0.3f)] };
        yield return new("Elu", 13, F(5)) { Attributes = [("alpha", 0.7f)] };
        yield return new("Selu", 13, F(5)) { Attributes = [("alpha", 2f), ("gamma", 3f)] };
        yield return new("HardSigmoid", 13, F(9)) { Attributes = [("alpha", 0.16666667f), ("beta", 0.5f)] };
        yield return new("HardSwish", 14, F(9));
        yield return new("ThresholdedRelu", 13, F(9)) { Attributes = [("alpha", 0.5f)] };
        yield return new("Celu", 13, F(9)) { Attributes = [("alpha", 0.5f)] };
        yield return new("Gelu", 20, F(9));
        yield return new("Gelu", 20, F(9)) { Attributes = [("approximate", "tanh")] };
        yield return new("Mish", 18, F(9));
        yield return new("PRelu", 16, F(2, 3), F(3));
        foreach ((OnnxTensor from, int to) in ((OnnxTensor, int)[])[(F(9), 7), (F(9), 6), (F(9), 11), (F(9), 9), (D(9), 1), (L(9), 1), (L(9), 6), (L(9), 9),
            (I(9), 7), (I(9), 11), (B(9), 1), (B(9), 7), (F(9), 3), (L(9), 2), (Ls(-1, 300, 1L << 40), 6), (Ls(-1, 300), 2), (B(0), 6)])
            yield return new("Cast", 13, from) { Attributes = [("to", to)] };
        yield return new("CastLike", 15, F(4), L(1));
    }

    private static IEnumerable<OneNode> Binary()
    {
        (int[] A, int[] B)[] shapes = [([2, 3], [2, 3]), ([2, 3], [3]), ([3], [2, 3]), ([2, 1], [1, 3]), ([], [2, 3]), ([2, 3], []), ([], []), ([0, 3], [3]),
            ([4, 1, 3], [2, 1]), ([1], [0]), ([2, 3, 4], [3, 1])];
        foreach ((int[] a, int[] b) in shapes)
        {
            foreach (string name in (string[])["Add", "Sub", "Mul", "Div", "Less", "Greater", "Equal", "LessOrEqual", "GreaterOrEqual"])
                yield return new(name, 13, F(a), F(b));
            yield return new("Add", 13, L(a), L(b));
            yield return new("Mul", 13, I(a), I(b));
            yield return new("Equal", 13, L(a), L(b));
            yield return new("Pow", 13, Positive(a), F(b));
            yield return new("And", 13, B(a), B(b));
            yield return new("Xor", 13, B(a), B(b));
            yield return new("Max", 13, F(a), F(b));
            yield return new("Where", 13, B(a), F(b), One(1f));
        }
        yield return new("Or", 13, B(4), B(4));
        yield return new("Add", 13, D(4), D(4));
        yield return new("Add", 7, F(2, 3), F(3));
        yield return new("Div", 13, Ls(7, -7, 7, -7), Ls(2, 2, -2, -2));
        yield return new("Div", 13, Is(7, -7, 7, -7), Is(2, 2, -2, -2));
        yield return new("Mod", 13, Ls(7, -7, 7, -7, 6), Ls(3, 3, -3, -3, 3));
        yield return new("Mod", 13, Ls(7, -7, 7, -7, 6), Ls(3, 3, -3, -3, 3)) { Attributes = [("fmod", 1)] };
        yield return new("Mod", 13, Is(7, -7, 7, -7), Is(3, 3, -3, -3));
        yield return new("Mod", 13, Fs(7.5f, -7.5f, 7.5f), Fs(2, 2, -2)) { Attributes = [("fmod", 1)] };
        yield return new("Add", 13, Ls(long.MaxValue), Ls(1));
        yield return new("Mul", 13, Is(int.MaxValue), Is(3));
        yield return new("Pow", 13, Fs(2, 3, 4), Ls(2, 3, 0));
        yield return new("Pow", 13, Ls(2, 3, -3), Ls(2, 3, 3));
        yield return new("Pow", 13, Is(2, 3), Fs(2, 0.5f));
        yield return new("Equal", 13, B(4), B(4));
        yield return new("Less", 13, Is(1, 2), Is(2, 1));
        foreach (string name in (string[])["Min", "Max", "Sum", "Mean"])
        {
            yield return new(name, 13, F(2, 3), F(3), F(2, 1));
            yield return new(name, 13, F(4));
        }
        yield return new("Min", 13, L(4), L(4));
        yield return new("Max", 13, I(4), I(1));
        yield return new("Max", 13, Fs(1, float.NaN, 2), Fs(float.NaN, 1, 3));
        yield return new("Clip", 7, F(9)) { Attributes = [("min", -1f), ("max", 1f)] };
        yield return new("Clip", 7, F(9)) { Attributes = [("max", 0.5f)] };
        yield return new("Clip", 13, F(9), One(-1f), One(1f));
        yield return new("Clip", 13, F(9), null, One(1f));
        yield return new("Clip", 13, F(9), One(1f), One(-1f));
        yield return new("Clip", 13, L(9), One(-2L), One(2L));
        yield return new("Where", 13, B(2, 1), L(1, 3), L(2, 3));
        yield return new("Where", 13, B(3), B(3), B(3));
        foreach ((int[] a, int[] b) in ((int[], int[])[])[([2, 3], [3, 4]), ([3], [3, 4]), ([2, 3], [3]), ([3], [3]), ([5, 2, 3], [3, 4]), ([5, 1, 2, 3], [4, 3, 2]),
            ([2, 3], [5, 3, 4]), ([0, 3], [3, 4]), ([2, 0], [0, 4]), ([3], [2, 3, 4])])
        {
            yield return new("MatMul", 13, F(a), F(b));
            yield return new("MatMul", 13, D(a), D(b));
            yield return new("MatMul", 13, L(a), L(b));
        }
        yield return new("Gemm", 13, F(2, 3), F(3, 4), F(4));
        yield return new("Gemm", 13, F(2, 3), F(3, 4));
        yield return new("Gemm", 9, F(2, 3), F(3, 4), F(2, 4));
        yield return new("Gemm", 13, F(3, 2), F(4, 3), F(2, 1)) { Attributes = [("transA", 1), ("transB", 1), ("alpha", 0.5f), ("beta", 2f)] };
        yield return new("Gemm", 13, F(2, 3), F(3, 4), F()) { Attributes = [("beta", 0.25f)] };
        yield return new("Gemm", 13, D(2, 3), D(3, 4), D(1, 4));
    }

    private static IEnumerable<OneNode> ShapesAndMoves() => [.. MoveCases.All];

    private static IEnumerable<OneNode> Gathering() => [.. MoveCases.Gathering];

    private static IEnumerable<OneNode> Reductions()
    {
        string[] all = ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp"];
        foreach (string name in all)
        {
            yield return new(name, 11, F(2, 3, 4)) { Attributes = [("axes", new long[] { 1 })] };
            yield return new(name, 11, F(2, 3, 4)) { Attributes = [("axes", new long[] { -1, 0 }), ("keepdims", 0)] };
            yield return new(name, 11, F(2, 3));
            yield return new(name, 11, F(2, 3)) { Attributes = [("keepdims", 0)] };
            yield return new(name, 18, F(2, 3, 4), Ls(1));
            yield return new(name, 18, F(2, 3, 4), Ls(-1, 0)) { Attributes = [("keepdims", 0)] };
            yield return new(name, 18, F(2, 3));
            yield return new(name, 18, F(2, 3), Ls());
            yield return new(name, 18, F(2, 3)) { Attributes = [("noop_with_empty_axes", 1)] };
            yield return new(name, 11, D(2, 3)) { Attributes = [("axes", new long[] { 1 })] };
            yield return new(name, 18, F(0, 3), Ls(1));
            yield return new(name, 11, F());
            if (name != "ReduceLogSumExp") yield return new(name, 11, I(2, 3)) { Attributes = [("axes", new long[] { 1 })] };
        }
        foreach (string name in (string[])["ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd"])
            yield return new(name, 13, L(2, 3)) { Attributes = name == "ReduceSum" ? [] : [("axes", new long[] { 0 })] };
        yield return new("ReduceSum", 13, F(2, 3), Ls(1)) { Attributes = [("keepdims", 0)] };
        yield return new("ReduceSum", 13, F(2, 3)) { Attributes = [("noop_with_empty_axes", 1)] };
        yield return new("ReduceSum", 18, F(2, 0), Ls(1));
        yield return new("ReduceProd", 18, F(2, 0), Ls(1));
        yield return new("ReduceLogSum", 18, Positive(2, 3), Ls(1));
        foreach (string name in (string[])["ArgMax", "ArgMin"])
        {
            yield return new(name, 13, F(2, 3, 4)) { Attributes = [("axis", 1)] };
            yield return new(name, 13, F(2, 3)) { Attributes = [("axis", -1), ("keepdims", 0)] };
            yield return new(name, 13, Fs(1, 3, 3, 1)) { Attributes = [("axis", 0)] };
            yield return new(name, 13, Fs(1, 3, 3, 1)) { Attributes = [("axis", 0), ("select_last_index", 1)] };
            yield return new(name, 13, D(2, 3));
            yield return new(name, 13, I(2, 3));
        }
        foreach (string name in (string[])["Softmax", "LogSoftmax", "Hardmax"])
            foreach (int opset in (int[])[11, 13])
            {
                yield return new(name, opset, F(2, 3, 4));
                foreach (int axis in (int[])[0, 1, 2, -1, -2]) yield return new(name, opset, F(2, 3, 4)) { Attributes = [("axis", axis)] };
                yield return new(name, opset, F(2, 0, 4));
                yield return new(name, opset, Fs(1000, 1001, -1000)) { Attributes = [("axis", 0)] };
                yield return new(name, opset, D(2, 3)) { Attributes = [("axis", -1)] };
            }
        yield return new("LayerNormalization", 17, F(2, 3, 4), F(4), F(4));
        yield return new("LayerNormalization", 17, F(2, 3, 4), F(3, 4), F(3, 4)) { Attributes = [("axis", 1), ("epsilon", 0.1f)], Outputs = 3 };
        yield return new("LayerNormalization", 17, F(2, 3), F(3));
    }

    private static IEnumerable<OneNode> Others()
    {
        yield return new("Range", 13, One(0L), One(5L), One(2L));
        yield return new("Range", 13, One(5L), One(0L), One(-2L));
        yield return new("Range", 13, One(5L), One(0L), One(2L));
        yield return new("Range", 13, One(0f), One(1f), One(0.3f));
        yield return new("Range", 13, One(3), One(6), One(1));
        yield return new("Range", 13, One(0.5), One(3.0), One(1.0));
        foreach ((string, object)[] attributes in ((string, object)[][])[[], [("exclusive", 1)], [("reverse", 1)], [("exclusive", 1), ("reverse", 1)]])
        {
            yield return new("CumSum", 14, F(2, 3), One(1)) { Attributes = attributes };
            yield return new("CumSum", 14, L(2, 3, 2), One(-2L)) { Attributes = attributes };
        }
        yield return new("NonZero", 13, L(3, 4));
        yield return new("NonZero", 13, B(2, 2, 3));
        yield return new("NonZero", 13, Fs(0, 0));
        yield return new("NonZero", 13, F(0));
        yield return new("TopK", 11, F(3, 5), Ls(2)) { Outputs = 2 };
        yield return new("TopK", 11, F(3, 5, 2), Ls(3)) { Outputs = 2, Attributes = [("axis", 1), ("largest", 0)] };
        yield return new("TopK", 11, Fs(2, 1, 2, 1, 2), Ls(3)) { Outputs = 2 };
        yield return new("TopK", 11, L(2, 5), Ls(5)) { Outputs = 2, Attributes = [("axis", -1)] };
        yield return new("TopK", 10, F(2, 5), Ls(2)) { Outputs = 2 };
        yield return new("TopK", 7, F(2, 5)) { Outputs = 2, Attributes = [("k", 2)] };
        yield return new("TopK", 11, F(3, 5), Ls(0)) { Outputs = 2 };
        yield return new("OneHot", 11, Ls(0, 2, -1, 5), One(3L), Fs(0, 1));
        yield return new("OneHot", 11, L(2, 3), Ls(4), Fs(-1, 1)) { Attributes = [("axis", 0)] };
        yield return new("OneHot", 11, L(2, 3), Ls(4), Ls(5, 6)) { Attributes = [("axis", 1)] };
        foreach ((string, object) value in ((string, object)[])[("value", F(2, 3)), ("value_float", 1.5f), ("value_int", 3), ("value_floats", new float[] { 1, 2 }),
            ("value_ints", new long[] { 1, 2, 3 }), ("value", L()), ("value", B(2))])
            yield return new("Constant", 13) { Attributes = [value] };
        yield return new("ConstantOfShape", 9, Ls(2, 3));
        yield return new("ConstantOfShape", 9, Ls()) { Attributes = [("value", Ls(7))] };
        yield return new("ConstantOfShape", 9, Ls(2, 0)) { Attributes = [("value", Fs(-0.5f))] };
        yield return new("ConstantOfShape", 9, Ls(3)) { Attributes = [("value", OnnxTensor.Of<bool>([1], [true]))] };
        yield return new("Dropout", 13, F(2, 3)) { Outputs = 2 };
        yield return new("Dropout", 7, F(2, 3)) { Attributes = [("ratio", 0.3f)] };
    }
}
