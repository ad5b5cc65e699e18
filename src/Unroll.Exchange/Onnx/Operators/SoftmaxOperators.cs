using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Operators;

//  softmax x_i = e^(x_i − max) / Σ e^(x_j − max)
//  LayerNormalization = (x − mean) / √(var + ε) · scale + bias, over the sizes from axis on
/// <summary>Operators that make numbers comparable with each other. Sums are taken in double precision.</summary>
internal static class SoftmaxOperators
{
    /// <summary>The operators of this family.</summary>
    public static IEnumerable<Operator> All =>
    [
        new("Softmax", 1..1, node => Make(node, Softmax)),
        new("LogSoftmax", 1..1, node => Make(node, LogSoftmax)),
        new("Hardmax", 1..1, node => Make(node, Hardmax)),
        new("LayerNormalization", 2..3, LayerNormalization) { Since = 17, Outputs = 3 },
    ];

    // Before opset 13 the axis cuts the shape in two, and everything after it is one row; since then it is the one size that is summed over.
    private static OperatorBody Make(OperatorNode node, Action<double[]> function)
    {
        bool flattened = node.Opset < 13;
        long axis = node.Int("axis", flattened ? 1 : -1);
        return call =>
        {
            OnnxTensor tensor = call.Tensor(0);
            int at = flattened && axis == tensor.Rank ? tensor.Rank : call.Axis(axis, tensor.Rank);
            int n = flattened ? Shapes.Product(tensor.Shape[at..]) : tensor.Shape[at];
            int inner = flattened ? 1 : Shapes.Product(tensor.Shape[(at + 1)..]);
            call.Set(0, tensor.Type switch
            {
                OnnxType.Float => Applied<float>(call, tensor, n, inner, function),
                OnnxType.Double => Applied<double>(call, tensor, n, inner, function),
                _ => throw call.Refusal($"its input is {tensor.Text}, expected float or double"),
            });
        };
    }

    private static OnnxTensor Applied<T>(OperatorCall call, OnnxTensor tensor, int n, int inner, Action<double[]> function)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        OnnxTensor result = call.New(tensor.Shape, out Span<T> y);
        ReadOnlySpan<T> x = tensor.Values<T>();
        if (y.Length == 0) return result;
        double[] row = new double[n];
        for (int o = 0; o < y.Length / n; o++)
        {
            int start = o / inner * inner * n + o % inner;
            for (int i = 0; i < n; i++) row[i] = double.CreateTruncating(x[start + i * inner]);
            function(row);
            for (int i = 0; i < n; i++) y[start + i * inner] = T.CreateTruncating(row[i]);
        }
        return result;
    }

    private static void Softmax(double[] row)
    {
        double max = row.Max(), sum = 0;
        for (int i = 0; i < row.Length; i++) sum += row[i] = Math.Exp(row[i] - max);
        for (int i = 0; i < row.Length; i++) row[i] /= sum;
    }

    private static void LogSoftmax(double[] row)
    {
        double max = row.Max(), sum = 0;
        foreach (double x in row) sum += Math.Exp(x - max);
        double log = max + Math.Log(sum);
        for (int i = 0; i < row.Length; i++) row[i] -= log;
    }

    private static void Hardmax(double[] row)
    {
        int best = Array.IndexOf(row, row.Max());
        Array.Clear(row);
        row[best] = 1;
    }

    private static OperatorBody LayerNormalization(OperatorNode node)
    {
        long axis = node.Int("axis", -1);
        float epsilon = node.Float("epsilon", 1e-5f);
        if (node.Int("stash_type", 1) != 1) throw node.Refusal("attribute 'stash_type' must be 1");
        return call =>
        {
            OnnxTensor x = call.Tensor(0), scale = call.Tensor(1);
            int at = call.Axis(axis, x.Rank);
            int n = Shapes.Product(x.Shape[at..]);
            foreach (OnnxTensor? part in new[] { scale, call.Optional(2) })
                if (part is not null && (part.Type != x.Type || !Broadcast.Shape(call, x, part).AsSpan().SequenceEqual(x.Shape)))
                    throw call.Refusal($"its scale or bias is {part.Text}, which does not fit {x.Text}");
            if (x.Type == OnnxType.Float) Normalize<float>(call, x, scale, n, at, epsilon);
            else if (x.Type == OnnxType.Double) Normalize<double>(call, x, scale, n, at, epsilon);
            else throw call.Refusal($"its input is {x.Text}, expected float or double");
        };
    }

    private static void Normalize<T>(OperatorCall call, OnnxTensor x, OnnxTensor scale, int n, int at, double epsilon)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        OnnxTensor normal = call.New(x.Shape, out Span<T> y);
        ReadOnlySpan<T> p = x.Values<T>();
        int[] rows = [.. x.Shape[..at], .. Enumerable.Repeat(1, x.Rank - at)];
        OnnxTensor means = call.New(rows, out Span<T> mean), inverses = call.New(rows, out Span<T> inverse);
        for (int i = 0; i < mean.Length && n > 0; i++)
        {
            double sum = 0, squares = 0;
            foreach (T one in p.Slice(i * n, n)) sum += double.CreateTruncating(one);
            double m = sum / n;
            foreach (T one in p.Slice(i * n, n)) squares += Math.Pow(double.CreateTruncating(one) - m, 2);
            double d = 1 / Math.Sqrt(squares / n + epsilon);
            for (int j = i * n; j < (i + 1) * n; j++) y[j] = T.CreateTruncating((double.CreateTruncating(p[j]) - m) * d);
            (mean[i], inverse[i]) = (T.CreateTruncating(m), T.CreateTruncating(d));
        }
        OnnxTensor scaled = Broadcast.Map<T, T>(call, normal, scale, (a, b) => a * b);
        call.Set(0, call.Optional(2) is { } bias ? Broadcast.Map<T, T>(call, scaled, bias, (a, b) => a + b) : scaled);
        call.Set(1, means);
        call.Set(2, inverses);
    }
}
