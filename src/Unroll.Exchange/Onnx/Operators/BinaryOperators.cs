using System.Numerics;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Operators;

/// <summary>Arithmetic and comparison of two tensors or more. Integers wrap around; their division goes towards zero.</summary>
internal static class BinaryOperators
{
    /// <summary>The operators of this family.</summary>
    public static IEnumerable<Operator> All =>
    [
        Arithmetic("Add", (a, b) => a + b, (a, b) => a + b, (a, b) => a + b, (a, b) => a + b),
        Arithmetic("Sub", (a, b) => a - b, (a, b) => a - b, (a, b) => a - b, (a, b) => a - b),
        Arithmetic("Mul", (a, b) => a * b, (a, b) => a * b, (a, b) => a * b, (a, b) => a * b),
        new("Div", 2..2, _ => Divide),
        new("Mod", 2..2, Mod) { Since = 10 },
        new("Pow", 2..2, _ => Power),
        Comparison("Less", 0, (a, b) => a < b, (a, b) => a < b, (a, b) => a < b),
        Comparison("LessOrEqual", 12, (a, b) => a <= b, (a, b) => a <= b, (a, b) => a <= b),
        Comparison("Greater", 0, (a, b) => a > b, (a, b) => a > b, (a, b) => a > b),
        Comparison("GreaterOrEqual", 12, (a, b) => a >= b, (a, b) => a >= b, (a, b) => a >= b),
        Comparison("Equal", 0, (a, b) => a == b, (a, b) => a == b, (a, b) => a == b),
        Logic("And", (a, b) => a && b),
        Logic("Or", (a, b) => a || b),
        Logic("Xor", (a, b) => a != b),
        Several("Min", (a, b) => MathF.Min(a, b), Math.Min, Math.Min, Math.Min),
        Several("Max", (a, b) => MathF.Max(a, b), Math.Max, Math.Max, Math.Max),
        Several("Sum", (a, b) => a + b, (a, b) => a + b, null, null),
        new("Mean", 1..Operator.Any, _ => Mean),
    ];

    /// <summary>Refuses tensors of different types: ONNX never converts by itself.</summary>
    public static void RequireSame(OperatorCall call, OnnxTensor a, OnnxTensor b)
    {
        if (a.Type != b.Type) throw call.Refusal($"its inputs are {a.Text} and {b.Text}, expected the same type");
    }

    /// <summary>The function of the tensors' type; one that is null is not there.</summary>
    public static OnnxTensor Apply(OperatorCall call, OnnxTensor a, OnnxTensor b, Func<float, float, float> single, Func<double, double, double> wide,
        Func<long, long, long>? long64, Func<int, int, int>? int32)
    {
        RequireSame(call, a, b);
        return a.Type switch
        {
            OnnxType.Float => Broadcast.Map(call, a, b, single),
            OnnxType.Double => Broadcast.Map(call, a, b, wide),
            OnnxType.Int64 when long64 is not null => Broadcast.Map(call, a, b, long64),
            OnnxType.Int32 when int32 is not null => Broadcast.Map(call, a, b, int32),
            _ => throw call.Refusal($"its inputs are {a.Type.Name()}, which this operator does not take"),
        };
    }

    private static Operator Arithmetic(string name, Func<float, float, float> single, Func<double, double, double> wide, Func<long, long,
        long> long64,
        Func<int, int, int> int32) =>
        new(name, 2..2, _ => call => call.Set(0, Apply(call, call.Tensor(0), call.Tensor(1), single, wide, long64, int32)));

    private static Operator Several(string name, Func<float, float, float> single, Func<double, double, double> wide, Func<long, long, long>? long64,
        Func<int, int, int>? int32) =>
        new(name, 1..Operator.Any, _ => call =>
        {
            OnnxTensor all = call.Tensor(0);
            for (int i = 1; i < call.InputCount; i++) all = Apply(call, all, call.Tensor(i), single, wide, long64, int32);
            call.Set(0, all);
        });

    private static void Mean(OperatorCall call)
    {
        OnnxTensor sum = call.Tensor(0);
        for (int i = 1; i < call.InputCount; i++) sum = Apply(call, sum, call.Tensor(i), (a, b) => a + b, (a, b) => a + b, null, null);
        float n = call.InputCount;
        call.Set(0, sum.Type == OnnxType.Double ? UnaryOperators.Map<double, double>(call, sum, x => x / n)
            : UnaryOperators.Map<float, float>(call, sum, x => x / n));
    }

    private static Operator Comparison(string name, int since, Func<float, float, bool> single, Func<double, double, bool> wide, Func<long, long,
        bool> whole) =>
        new(name, 2..2, _ => call =>
        {
            OnnxTensor a = call.Tensor(0), b = call.Tensor(1);
            RequireSame(call, a, b);
            call.Set(0, a.Type switch
            {
                OnnxType.Float => Broadcast.Map(call, a, b, single),
                OnnxType.Double => Broadcast.Map(call, a, b, wide),
                OnnxType.Int64 => Broadcast.Map(call, a, b, whole),
                OnnxType.Int32 => Broadcast.Map<int, bool>(call, a, b, (x, y) => whole(x, y)),
                OnnxType.UInt8 => Broadcast.Map<byte, bool>(call, a, b, (x, y) => whole(x, y)),
                OnnxType.Int8 => Broadcast.Map<sbyte, bool>(call, a, b, (x, y) => whole(x, y)),
                _ when name == "Equal" => Broadcast.Map<bool, bool>(call, a, b, (x, y) => x == y),
                _ => throw call.Refusal("truth values have no order"),
            });
        }) { Since = since };

    private static Operator Logic(string name, Func<bool, bool, bool> f) => new(name, 2..2, _ => call =>
    {
        OnnxTensor a = call.Tensor(0), b = call.Tensor(1);
        if (a.Type != OnnxType.Bool || b.Type != OnnxType.Bool) throw call.Refusal($"its inputs are {a.Text} and {b.Text}, expected bool");
        call.Set(0, Broadcast.Map(call, a, b, f));
    });

    private static void Divide(OperatorCall call) => call.Set(0, Apply(call, call.Tensor(0), call.Tensor(1), (a, b) => a / b, (a, b) => a / b,
        (a, b) => b == 0 ? throw ByZero(call) : b == -1 ? -a : a / b, (a, b) => b == 0 ? throw ByZero(call) : b == -1 ? -a : a / b));

    // fmod = 0 takes the sign of the divisor and is for integers; fmod = 1 that of the dividend.
    private static OperatorBody Mod(OperatorNode node)
    {
        bool fmod = node.Flag("fmod");
        return call => call.Set(0, Apply(call, call.Tensor(0), call.Tensor(1),
            (a, b) => fmod ? a % b : throw call.Refusal("floats need fmod = 1"), (a, b) => fmod ? a % b : throw call.Refusal("floats need fmod = 1"),
            (a, b) => Of(call, a, b), (a, b) => Of(call, a, b)));

        T Of<T>(OperatorCall call, T a, T b) where T : IBinaryInteger<T>
        {
            if (T.IsZero(b)) throw ByZero(call);
            if (b == -T.One) return T.Zero;                  // the smallest number by −1 would overflow
            T rest = a % b;
            return fmod || T.IsZero(rest) || T.IsNegative(rest) == T.IsNegative(b) ? rest : rest + b;
        }
    }

    private static Core.UserErrorException ByZero(OperatorCall call) => call.Refusal("an integer is divided by zero");

    // The result is of the first input's type; the exponent may be of another.
    private static void Power(OperatorCall call)
    {
        OnnxTensor a = call.Tensor(0), b = call.Tensor(1);
        if (a.Type is OnnxType.Int64 or OnnxType.Int32 && b.Type is OnnxType.Int64 or OnnxType.Int32)
        {
            OnnxTensor wide = Broadcast.Map<long, long>(call, CastOperators.To(call, a, OnnxType.Int64), CastOperators.To(call, b, OnnxType.Int64),
                Whole);
            call.Set(0, CastOperators.To(call, wide, a.Type));
            return;
        }
        OnnxTensor x = CastOperators.To(call, a, OnnxType.Double), y = CastOperators.To(call, b, OnnxType.Double);
        call.Set(0, CastOperators.To(call, Broadcast.Map<double, double>(call, x, y, Math.Pow), a.Type));
    }

    private static long Whole(long x, long n)
    {
        if (n < 0) return x switch { 1 => 1, -1 => (n & 1) == 0 ? 1 : -1, _ => 0 };
        long power = 1;
        for (; n > 0; n >>= 1, x *= x)
            if ((n & 1) == 1) power *= x;
        return power;
    }
}
