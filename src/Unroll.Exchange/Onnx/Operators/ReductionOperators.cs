using System.Numerics;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Operators;

/// <summary>
/// Reductions over axes. Sums are taken in double precision or in 64-bit integers. Axes are an attribute before opset 18 (ReduceSum: 13), and an
/// input from then on; without axes everything is reduced, or nothing where <c>noop_with_empty_axes</c> says so.
/// </summary>
internal static class ReductionOperators
{
    /// <summary>The operators of this family.</summary>
    public static IEnumerable<Operator> All =>
    [
        Reduction("ReduceSum", new(0, (sum, x) => sum + x, (sum, _) => sum), new(0, (sum, x) => sum + x), since: 13),
        Reduction("ReduceMean", new(0, (sum, x) => sum + x, (sum, n) => sum / n), new(0, (sum, x) => sum + x, (sum, n) => sum / n)),
        Reduction("ReduceProd", new(1, (product, x) => product * x, (product, _) => product), new(1, (product, x) => product * x)),
        Reduction("ReduceMax", new(double.NegativeInfinity, Math.Max, (max, _) => max), new(long.MinValue, Math.Max)),
        Reduction("ReduceMin", new(double.PositiveInfinity, Math.Min, (min, _) => min), new(long.MaxValue, Math.Min)),
        Reduction("ReduceL1", new(0, (sum, x) => sum + Math.Abs(x), (sum, _) => sum), new(0, (sum, x) => sum + Math.Abs(x))),
        Reduction("ReduceL2", new(0, (sum, x) => sum + x * x, (sum, _) => Math.Sqrt(sum)),
            new(0, (sum, x) => sum + x * x, (sum, _) => (long)Math.Sqrt(sum))),
        Reduction("ReduceSumSquare", new(0, (sum, x) => sum + x * x, (sum, _) => sum), new(0, (sum, x) => sum + x * x)),
        Reduction("ReduceLogSum", new(0, (sum, x) => sum + x, (sum, _) => Math.Log(sum)), null),
        Reduction("ReduceLogSumExp", new(double.NegativeInfinity, LogAddExp, (sum, _) => sum), null),
    ];

    /// <summary>How numbers become one: where to begin, how one is added, and what is made of the sum of n of them.</summary>
    private sealed record Fold(double Start, Func<double, double, double> Add, Func<double, int, double> End);

    private sealed record WholeFold(long Start, Func<long, long, long> Add, Func<long, int, long>? End = null);

    private static double LogAddExp(double a, double b)
    {
        double max = Math.Max(a, b);
        return double.IsInfinity(max) ? max : max + double.LogP1(Math.Exp(Math.Min(a, b) - max));
    }

    private static Operator Reduction(string name, Fold fold, WholeFold? whole, int since = 18) => new(name, 1..2, node =>
    {
        bool keep = node.Flag("keepdims", true), noop = node.Opset >= since && node.Flag("noop_with_empty_axes");
        Func<OperatorCall, long[]?> axes = ShapeOperators.AxesOf(node, since);
        return call =>
        {
            OnnxTensor tensor = call.Tensor(0);
            long[] given = axes(call) ?? [];
            if (given.Length == 0 && noop && name is not ("ReduceL1" or "ReduceL2" or "ReduceSumSquare" or "ReduceLogSum" or "ReduceLogSumExp"))
            {
                call.Set(0, tensor);
                return;
            }
            int[] along = given.Length == 0 && !noop ? [.. Enumerable.Range(0, tensor.Rank)] : call.Axes(given, tensor.Rank);
            call.Set(0, Reduced(call, tensor, along, keep, fold, whole, name));
        };
    });

    private static OnnxTensor Reduced(OperatorCall call, OnnxTensor tensor, int[] along, bool keep, Fold fold, WholeFold? whole, string name)
    {
        int[] shape = tensor.Shape.ToArray();
        int[] kept = [.. Enumerable.Range(0, tensor.Rank).Where(d => !along.Contains(d))];
        int[] result = keep ? [.. shape.Select((size, d) => along.Contains(d) ? 1 : size)] : [.. kept.Select(d => shape[d])];
        // The axes that go come last, so that what becomes one number lies in a row.
        int[] order = [.. kept, .. along], strides = Shapes.Strides(shape);
        bool inPlace = order.Index().All(one => one.Index == one.Item);
        OnnxTensor rows = inPlace ? tensor : Strided.Read(call, tensor, [.. order.Select(d => shape[d])], 0, [.. order.Select(d => strides[d])]);
        int n = Shapes.Product([.. along.Select(d => shape[d])]);
        if (name is "ReduceMax" or "ReduceMin" && n == 0 && Shapes.Count(result) > 0)
            throw call.Refusal($"the largest or smallest of no numbers is asked for: shape {tensor.ShapeText}");
        return tensor.Type switch
        {
            OnnxType.Float => Folded<float>(call, rows, result, n, fold),
            OnnxType.Double => Folded<double>(call, rows, result, n, fold),
            OnnxType.Int64 or OnnxType.Int32 when whole is not null => Folded(call, rows, result, n, whole),
            _ => throw call.Refusal($"its input is {tensor.Text}, which this operator does not take"),
        };
    }

    private static OnnxTensor Folded<T>(OperatorCall call, OnnxTensor rows, int[] shape, int n, Fold fold) where T : unmanaged, INumber<T>
    {
        OnnxTensor result = call.New(shape, out Span<T> y);
        ReadOnlySpan<T> x = rows.Values<T>();
        for (int i = 0; i < y.Length; i++)
        {
            double sum = fold.Start;
            foreach (T one in x.Slice(i * n, n)) sum = fold.Add(sum, double.CreateTruncating(one));
            y[i] = T.CreateTruncating(fold.End(sum, n));
        }
        return result;
    }

    private static OnnxTensor Folded(OperatorCall call, OnnxTensor rows, int[] shape, int n, WholeFold fold)
    {
        OnnxTensor result = call.New(shape, out Span<long> y);
        ReadOnlySpan<long> x = CastOperators.To(call, rows, OnnxType.Int64).Values<long>();
        for (int i = 0; i < y.Length; i++)
        {
            long sum = fold.Start;
            foreach (long one in x.Slice(i * n, n)) sum = fold.Add(sum, one);
            y[i] = fold.End is null ? sum : n == 0 ? throw call.Refusal("an integer is divided by zero") : fold.End(sum, n);
        }
        return CastOperators.To(call, result, rows.Type);
    }
}
