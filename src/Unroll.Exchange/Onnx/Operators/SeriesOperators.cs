using System.Numerics;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Operators;

/// <summary>Running sums and evenly spaced numbers.</summary>
internal static class SeriesOperators
{
    /// <summary>The operators of this family.</summary>
    public static IEnumerable<Operator> All => [new("Range", 3..3, _ => Range) { Since = 11 }, new("CumSum", 2..2, CumSum) { Since = 11 }];

    // start, start + delta, … below limit: max(⌈(limit − start) / delta⌉, 0) numbers
    private static void Range(OperatorCall call)
    {
        OnnxTensor start = call.Tensor(0);
        for (int i = 0; i < 3; i++)
            if (call.Tensor(i).Count != 1 || call.Tensor(i).Type != start.Type)
                throw call.Refusal($"input {i} is {call.Tensor(i).Text}, expected one number");
        call.Set(0, start.Type switch
        {
            OnnxType.Float => Floats<float>(call),
            OnnxType.Double => Floats<double>(call),
            OnnxType.Int64 => Wholes<long>(call),
            OnnxType.Int32 => Wholes<int>(call),
            _ => throw call.Refusal($"its inputs are {start.Type.Name()}, which this operator does not take"),
        });
    }

    private static OnnxTensor Floats<T>(OperatorCall call) where T : unmanaged, IFloatingPointIeee754<T>
    {
        T start = call.Tensor(0).Values<T>()[0], limit = call.Tensor(1).Values<T>()[0], delta = call.Tensor(2).Values<T>()[0];
        double count = Math.Ceiling(double.CreateTruncating((limit - start) / delta));
        if (!double.IsFinite(count)) throw call.Refusal("its step is 0, or a number is not finite");
        return Series(call, start, delta, (long)Math.Clamp(count, 0, long.MaxValue / 2));
    }

    private static OnnxTensor Wholes<T>(OperatorCall call) where T : unmanaged, IBinaryInteger<T>
    {
        T start = call.Tensor(0).Values<T>()[0], delta = call.Tensor(2).Values<T>()[0];
        Int128 from = Int128.CreateChecked(start), to = Int128.CreateChecked(call.Tensor(1).Values<T>()[0]), step = Int128.CreateChecked(delta);
        if (step == 0) throw call.Refusal("its step is 0");
        Int128 count = step > 0 ? (to - from + step - 1) / step : (from - to - step - 1) / -step;
        return Series(call, start, delta, (long)Int128.Clamp(count, 0, long.MaxValue / 2));
    }

    private static OnnxTensor Series<T>(OperatorCall call, T start, T delta, long count) where T : unmanaged, INumber<T>
    {
        OnnxTensor result = call.New(call.Sizes([count]), out Span<T> values);
        for (int i = 0; i < values.Length; i++) values[i] = start + T.CreateTruncating(i) * delta;
        return result;
    }

    private static OperatorBody CumSum(OperatorNode node)
    {
        bool exclusive = node.Flag("exclusive"), reverse = node.Flag("reverse");
        return call =>
        {
            OnnxTensor x = call.Tensor(0);
            int at = call.Axis(call.Whole(1), x.Rank);
            call.Set(0, x.Type switch
            {
                OnnxType.Float => Sums<float>(call, x, at),
                OnnxType.Double => Sums<double>(call, x, at),
                OnnxType.Int64 => Sums<long>(call, x, at),
                OnnxType.Int32 => Sums<int>(call, x, at),
                _ => throw call.Refusal($"its input is {x.Text}, which this operator does not take"),
            });
        };

        OnnxTensor Sums<T>(OperatorCall call, OnnxTensor x, int at) where T : unmanaged, INumber<T>
        {
            OnnxTensor result = call.New(x.Shape, out Span<T> y);
            ReadOnlySpan<T> values = x.Values<T>();
            int n = x.Shape[at], inner = Shapes.Product(x.Shape[(at + 1)..]);
            for (int o = 0; n > 0 && o < y.Length / n; o++)
            {
                int start = o / inner * inner * n + o % inner;
                T sum = T.Zero;
                for (int i = 0; i < n; i++)
                {
                    int place = start + (reverse ? n - 1 - i : i) * inner;
                    if (exclusive) y[place] = sum;
                    sum += values[place];
                    if (!exclusive) y[place] = sum;
                }
            }
            return result;
        }
    }
}
