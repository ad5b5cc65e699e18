using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Operators;

/// <summary>Activations with parameters.</summary>
internal static class ActivationOperators
{
    /// <summary>The operators of this family.</summary>
    public static IEnumerable<Operator> All =>
    [
        new("LeakyRelu", 1..1, node => Alpha(node, 0.01f, (x, a) => x < 0 ? a * x : x)),
        new("Elu", 1..1, node => Alpha(node, 1, (x, a) => x < 0 ? a * ExpM1(x) : x)),
        new("ThresholdedRelu", 1..1, node => Alpha(node, 1, (x, a) => x > a ? x : 0)) { Since = 10 },
        new("Celu", 1..1, node => Alpha(node, 1, (x, a) => Math.Max(x, 0) + Math.Min(0, a * ExpM1(x / a)))) { Since = 12 },
        new("Selu", 1..1, Selu),
        new("HardSigmoid", 1..1, HardSigmoid),
        new("HardSwish", 1..1, _ => Function(x => x * Math.Clamp(x / 6 + 0.5, 0, 1))) { Since = 14 },
        new("Gelu", 1..1, Gelu) { Since = 20 },
        new("Mish", 1..1, _ => Function(x => x * Math.Tanh(Math.Max(x, 0) + double.LogP1(Math.Exp(-Math.Abs(x)))))) { Since = 18 },
        new("PRelu", 2..2, _ => PRelu),
    ];

    private static double ExpM1(double x) => double.ExpM1(x);

    private static OperatorBody Function(Func<double, double> f) =>
        call => call.Set(0, UnaryOperators.Floating(call, x => (float)f(x), f));

    private static OperatorBody Alpha(OperatorNode node, float otherwise, Func<double, double, double> f)
    {
        double alpha = node.Float("alpha", otherwise);
        return Function(x => f(x, alpha));
    }

    // The defaults are those of the specification, which are floats.
    private static OperatorBody Selu(OperatorNode node)
    {
        double alpha = node.Float("alpha", 1.67326319217681884765625f), gamma = node.Float("gamma", 1.05070102214813232421875f);
        return Function(x => x <= 0 ? gamma * alpha * ExpM1(x) : gamma * x);
    }

    private static OperatorBody HardSigmoid(OperatorNode node)
    {
        double alpha = node.Float("alpha", 0.2f), beta = node.Float("beta", 0.5f);
        return Function(x => Math.Max(0, Math.Min(1, alpha * x + beta)));
    }

    private static OperatorBody Gelu(OperatorNode node) => node.OneOf("approximate", "none", "none", "tanh") == "none"
        ? Function(x => 0.5 * x * (1 + ErrorFunction.Of(x / Math.Sqrt(2))))
        : Function(x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))));

    // The slope is spread over the input, never the input over the slope.
    private static void PRelu(OperatorCall call)
    {
        OnnxTensor x = call.Tensor(0), slope = call.Tensor(1);
        if (!Broadcast.Shape(call, x, slope).AsSpan().SequenceEqual(x.Shape))
            throw call.Refusal($"the slope {slope.ShapeText} does not fit the input {x.ShapeText}");
        BinaryOperators.RequireSame(call, x, slope);
        call.Set(0, x.Type switch
        {
            OnnxType.Float => Broadcast.Map<float, float>(call, x, slope, (p, s) => p < 0 ? s * p : p),
            OnnxType.Double => Broadcast.Map<double, double>(call, x, slope, (p, s) => p < 0 ? s * p : p),
            _ => throw call.Refusal($"its input is {x.Text}, expected float or double"),
        });
    }
}
