using System.Numerics;
using Unroll.Exchange.Onnx.Values;
using Unroll.Numerics;

namespace Unroll.Exchange.Onnx.Operators;

/// <summary>Functions of one number, element by element.</summary>
internal static class UnaryOperators
{
    /// <summary>The operators of this family.</summary>
    public static IEnumerable<Operator> All =>
    [
        Floating("Exp", MathF.Exp, Math.Exp),
        Floating("Log", MathF.Log, Math.Log),
        Floating("Sqrt", MathF.Sqrt, Math.Sqrt),
        Floating("Sin", MathF.Sin, Math.Sin),
        Floating("Cos", MathF.Cos, Math.Cos),
        Floating("Floor", MathF.Floor, Math.Floor),
        Floating("Ceil", MathF.Ceiling, Math.Ceiling),
        Floating("Round", MathF.Round, Math.Round, since: 11),                   // halves to the even number, as in .NET
        Floating("Reciprocal", x => 1 / x, x => 1 / x),
        Floating("Tanh", MathF.Tanh, Math.Tanh),
        Floating("Sigmoid", Activations.Sigmoid, x => 1 / (1 + Math.Exp(-x))),
        Floating("Erf", x => (float)ErrorFunction.Of(x), ErrorFunction.Of, since: 9),
        Floating("Softplus", x => (float)SoftPlus(x), SoftPlus),
        Floating("Softsign", x => x / (1 + MathF.Abs(x)), x => x / (1 + Math.Abs(x))),
        new("Neg", 1..1, _ => call => Signed(call, x => -x, x => -x, x => unchecked(-x), x => unchecked(-x))),
        new("Abs", 1..1, _ => call => Signed(call, MathF.Abs, Math.Abs, x => x < 0 ? unchecked(-x) : x, x => x < 0 ? unchecked(-x) : x)),
        new("Sign", 1..1, _ => call => Signed(call, x => float.IsNaN(x) ? x : MathF.Sign(x), x => double.IsNaN(x) ? x : Math.Sign(x), x =>
            Math.Sign(x),
            Math.Sign)) { Since = 9 },
        new("Relu", 1..1, _ => call => Signed(call, x => x < 0 ? 0 : x, x => x < 0 ? 0 : x, x => Math.Max(x, 0), x => Math.Max(x, 0))),
        new("Not", 1..1, _ => call => call.Set(0, Map<bool, bool>(call, call.Tensor(0), x => !x))),
        new("IsNaN", 1..1, _ => call => call.Set(0, call.Tensor(0).Type == OnnxType.Double
            ? Map<double, bool>(call, call.Tensor(0), double.IsNaN) : Map<float, bool>(call, call.Tensor(0), float.IsNaN))) { Since = 9 },
    ];

    /// <summary>f of every element; refused where the tensor is of another type.</summary>
    public static OnnxTensor Map<T, TResult>(OperatorCall call, OnnxTensor tensor, Func<T, TResult> f) where T : unmanaged where TResult : unmanaged
    {
        if (tensor.Type != OnnxTypes.Of<T>()) throw call.Refusal($"its input is {tensor.Text}, expected {OnnxTypes.Of<T>().Name()}");
        ReadOnlySpan<T> x = tensor.Values<T>();
        OnnxTensor result = call.New(tensor.Shape, out Span<TResult> y);
        for (int i = 0; i < x.Length; i++) y[i] = f(x[i]);
        return result;
    }

    /// <summary>An operator over float and double without attributes.</summary>
    public static Operator Floating(string name, Func<float, float> single, Func<double, double> whole, int since = 1) =>
        new(name, 1..1, _ => call => call.Set(0, Floating(call, single, whole))) { Since = since };

    /// <summary>f of every element of a float or double tensor.</summary>
    public static OnnxTensor Floating(OperatorCall call, Func<float, float> single, Func<double, double> whole) => call.Tensor(0) switch
    {
        { Type: OnnxType.Float } x => Map(call, x, single),
        { Type: OnnxType.Double } x => Map(call, x, whole),
        var other => throw call.Refusal($"its input is {other.Text}, expected float or double"),
    };

    // ln(1 + eˣ) without overflow.
    private static double SoftPlus(double x) => Math.Max(x, 0) + double.LogP1(Math.Exp(-Math.Abs(x)));

    private static void Signed(OperatorCall call, Func<float, float> single, Func<double, double> wide, Func<long, long> long64, Func<int,
        int> int32) =>
        call.Set(0, call.Tensor(0) switch
        {
            { Type: OnnxType.Int64 } x => Map(call, x, long64),
            { Type: OnnxType.Int32 } x => Map(call, x, int32),
            _ => Floating(call, single, wide),
        });
}
