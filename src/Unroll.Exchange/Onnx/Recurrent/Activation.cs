namespace Unroll.Exchange.Onnx.Recurrent;

/// <summary>The eleven activations that ONNX's recurrent operators can name.</summary>
internal enum ActivationKind
{
    /// <summary>max(0, x).</summary>
    Relu,
    /// <summary>tanh x.</summary>
    Tanh,
    /// <summary>1 ÷ (1 + e⁻ˣ).</summary>
    Sigmoid,
    /// <summary>αx + β.</summary>
    Affine,
    /// <summary>x where x ≥ 0, else αx.</summary>
    LeakyRelu,
    /// <summary>x where x ≥ α, else 0.</summary>
    ThresholdedRelu,
    /// <summary>α tanh βx.</summary>
    ScaledTanh,
    /// <summary>αx + β, kept within 0 and 1.</summary>
    HardSigmoid,
    /// <summary>x where x ≥ 0, else α(eˣ − 1).</summary>
    Elu,
    /// <summary>x ÷ (1 + |x|).</summary>
    Softsign,
    /// <summary>ln(1 + eˣ).</summary>
    Softplus,
}

/// <summary>An activation with its parameters.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Alpha">α; 0 where there is none.</param>
/// <param name="Beta">β; 0 where there is none.</param>
internal readonly record struct Activation(ActivationKind Kind, float Alpha = 0, float Beta = 0)
{
    /// <summary>Every name, for messages.</summary>
    public const string Names = "Relu, Tanh, Sigmoid, Affine, LeakyRelu, ThresholdedRelu, ScaledTanh, HardSigmoid, Elu, Softsign or Softplus";

    /// <summary>The kind of that name in any case, as the specification's files write them; null where there is none.</summary>
    public static ActivationKind? KindOf(string name)
    {
        for (ActivationKind kind = ActivationKind.Relu; kind <= ActivationKind.Softplus; kind++)
            if (string.Equals(name, kind.ToString(), StringComparison.OrdinalIgnoreCase)) return kind;
        return null;
    }

    /// <summary>Whether an activation has an α.</summary>
    public static bool HasAlpha(ActivationKind kind) => HasBeta(kind)
        || kind is ActivationKind.LeakyRelu or ActivationKind.ThresholdedRelu or ActivationKind.Elu;

    /// <summary>Whether an activation has a β.</summary>
    public static bool HasBeta(ActivationKind kind) => kind is ActivationKind.Affine or ActivationKind.ScaledTanh or ActivationKind.HardSigmoid;

    /// <summary>
    /// α where a node gives none: that of the operator of the same name. ScaledTanh never had a default and has none here.
    /// </summary>
    public static float? DefaultAlpha(ActivationKind kind) => kind switch
    {
        ActivationKind.Affine or ActivationKind.ThresholdedRelu or ActivationKind.Elu => 1f,
        ActivationKind.LeakyRelu => 0.01f,
        ActivationKind.HardSigmoid => 0.2f,
        _ => null,
    };

    /// <summary>β where a node gives none.</summary>
    public static float? DefaultBeta(ActivationKind kind) => kind switch
    {
        ActivationKind.Affine => 0f,
        ActivationKind.HardSigmoid => 0.5f,
        _ => null,
    };

    /// <summary>Its value.</summary>
    public double Of(double x) => Kind switch
    {
        ActivationKind.Relu => x <= 0 ? 0 : x,                               // a NaN stays one, here and below
        ActivationKind.Tanh => Math.Tanh(x),
        ActivationKind.Sigmoid => x >= 0 ? 1 / (1 + Math.Exp(-x)) : Math.Exp(x) / (1 + Math.Exp(x)),
        ActivationKind.Affine => Alpha * x + Beta,
        ActivationKind.LeakyRelu => x < 0 ? Alpha * x : x,
        ActivationKind.ThresholdedRelu => x < Alpha ? 0 : x,
        ActivationKind.ScaledTanh => Alpha * Math.Tanh(Beta * x),
        ActivationKind.HardSigmoid => Math.Clamp(Alpha * x + Beta, 0, 1),
        ActivationKind.Elu => x < 0 ? Alpha * MinusOne(x) : x,
        ActivationKind.Softsign => double.IsInfinity(x) ? Math.Sign(x) : x / (1 + Math.Abs(x)),
        _ => Math.Max(x, 0) + OnePlus(Math.Exp(-Math.Abs(x))),               // ln(1 + eˣ), without overflow
    };

    /// <summary>In words: <c>HardSigmoid(0.2, 0.5)</c>.</summary>
    public override string ToString() => !HasAlpha(Kind) ? Kind.ToString()
        : HasBeta(Kind) ? FormattableString.Invariant($"{Kind}({Alpha}, {Beta})") : FormattableString.Invariant($"{Kind}({Alpha})");

    //  eˣ − 1 = tanh(x/2) (eˣ + 1): no digits are lost near 0
    private static double MinusOne(double x) => x < -1 ? Math.Exp(x) - 1 : Math.Tanh(x / 2) * (Math.Exp(x) + 1);

    //  ln(1 + y) = y ln(u) ÷ (u − 1) with u = 1 + y as rounded (Kahan): no digits are lost near 0
    private static double OnePlus(double y)
    {
        double u = 1 + y;
        return u == 1 ? y : Math.Log(u) * y / (u - 1);
    }
}
