using System.Runtime.CompilerServices;

namespace Unroll.Numerics;

/// <summary>
/// exp, σ, tanh, ln and softplus implemented here: the same operations for every width, so that a result depends on nothing but its argument. Each is
/// right to 2.5 units in the last place; NaN gives NaN. Custom cells should use these, for the same bits on every machine.
/// </summary>
/// <remarks>
/// All but ln are built on e^(−y). Its argument is kept within bounds beyond which the result does not change, so that 2ⁿ is one float.
/// </remarks>
public static class Activations
{
    private const float Log2E = 1.44269504f;
    private const float Ln2High = 0.693359375f, Ln2Low = -2.12194440e-4f;   // ln 2 in two parts (Cody and Waite): n · Ln2High is exact
    private const float Shift = 12582912f + 127f;                           // 1.5 · 2²³: adding it rounds to an integer, left in the low bits

    //  e⁻ʸ = 2ⁿ (1 − p)    n = round(−y / ln 2)    r = y + n ln 2,  |r| ≤ ½ ln 2    p = 1 − e⁻ʳ = r − r² q(r)

    /// <summary>n + Shift: n + 127 in the low bits, the exponent of 2ⁿ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Exponent<V>(V y) where V : struct, ILane<V> => V.Fma(y, V.Of(-Log2E), V.Of(Shift));

    /// <summary>p: relative to it, and not only to 1 − p, the error is a few roundings.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Rest<V>(V y, V exponent) where V : struct, ILane<V>
    {
        V n = exponent - V.Of(Shift), r = V.Fma(n, V.Of(Ln2Low), V.Fma(n, V.Of(Ln2High), y)), square = r * r;
        V low = V.Fma(V.Of(1.6666516662e-1f), r, V.Of(-4.9999994040e-1f));  // minimax on ±½ ln 2: off by 2⁻²⁸
        V high = V.Fma(V.Of(-1.3838781742e-3f), square, V.Fma(V.Of(8.3691924810e-3f), r, V.Of(-4.1668102145e-2f)));
        return V.Fma(V.Fma(high, square, low), square, r);
    }

    //  y < −88.37 leads to n = 128 and e⁻ʸ = ∞, σ = 0, where the truth is a subnormal number; y > 88 to n = −127 and e⁻ʸ = 0, σ = 1
    /// <summary>1 / (1 + e⁻ˣ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid<V>(V x) where V : struct, ILane<V>
    {
        V y = V.Max(V.Of(-89f), V.Min(V.Of(88f), x)), exponent = Exponent(y);
        return V.Of(1f) / V.Fma(V.Of(1f) - Rest(y, exponent), V.PowerOfTwo(exponent), V.Of(1f));
    }

    //  m = 1 − e^(−2|x|) = (1 − 2ⁿ) + 2ⁿ p        tanh |x| = m / (2 − m),  1 from |x| = 9.02 on
    /// <summary>tanh x; tanh(−x) = −tanh x in bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh<V>(V x) where V : struct, ILane<V>
    {
        V size = V.Abs(x), y = V.Min(V.Of(20f), size + size), exponent = Exponent(y), scale = V.PowerOfTwo(exponent);
        V m = V.Fma(scale, Rest(y, exponent), V.Of(1f) - scale);
        return V.WithSign(m / (V.Of(2f) - m), x);
    }

    /// <summary>e⁻ʸ for y ≥ 0, or NaN; where the truth is below the normal numbers, from y = 87.7 on, it is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V ExpOfMinus<V>(V y) where V : struct, ILane<V>
    {
        y = V.Min(V.Of(88f), y);
        V exponent = Exponent(y);
        return (V.Of(1f) - Rest(y, exponent)) * V.PowerOfTwo(exponent);
    }

    //  2ⁿ = 2^⌊n/2⌋ · 2^(n − ⌊n/2⌋): each exists as a float also where 2ⁿ overflows or is subnormal
    /// <summary>eˣ over the whole range of floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<V>(V x) where V : struct, ILane<V>
    {
        V y = V.Max(V.Of(-88.8f), V.Min(V.Of(104f), V.Of(0f) - x)), exponent = Exponent(y), n = exponent - V.Of(Shift);
        V half = V.Fma(n, V.Of(0.5f), V.Of(Shift)), other = (n - (half - V.Of(Shift))) + V.Of(Shift);
        return (V.Of(1f) - Rest(y, exponent)) * V.PowerOfTwo(half) * V.PowerOfTwo(other);
    }

    //  x = 2ᵉ (1 + f),  √½ ≤ 1 + f < √2      s = f / (2 + f)      ln x = e ln 2 + f − ½f² + s (½f² + R(s²))
    /// <summary>ln x: −∞ at 0, NaN below it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log<V>(V x) where V : struct, ILane<V>
    {
        V tiny = V.Of(1.17549435e-38f), normal = V.WhereLess(x, tiny, x * V.Of(8388608f), x);          // 2²³ times a subnormal number is a normal one
        V e = V.ExponentOf(normal), f = V.SignificandOf(normal) - V.Of(1f), s = f / (V.Of(2f) + f), square = s * s, fourth = square * square;
        e = V.WhereLess(x, tiny, e - V.Of(23f), e);
        V even = fourth * V.Fma(fourth, V.Of(0.24279078841f), V.Of(0.40000972152f));                   // minimax, as in FreeBSD's logf
        V rest = V.Fma(square, V.Fma(fourth, V.Of(0.28498786688f), V.Of(0.66666662693f)), even), half = V.Of(0.5f) * f * f;
        V result = V.Fma(e, V.Of(6.9313812256e-1f), f - (half - V.Fma(s, half + rest, e * V.Of(9.0580006145e-6f))));
        result = V.WhereLess(V.Of(0f), x, V.WhereLess(x, V.Of(float.PositiveInfinity), result, x), V.Sqrt(x - V.Of(1f)));       // x ≤ 0, NaN: NaN …
        return V.WhereLess(V.Abs(x), V.Of(float.Epsilon), V.Of(float.NegativeInfinity), result);                                // … and −∞ at 0
    }

    //  ln(1 + eˣ) = max(x, 0) + ln(1 + u)      u = e^(−|x|)      s = 2u / (2 + u)      q = ¼ s² ≤ ⅑      ln(1 + u) = s (1 + q/3 + q²/5 + …)
    /// <summary>ln(1 + eˣ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Softplus<V>(V x) where V : struct, ILane<V>
    {
        V u = Exp(V.Of(0f) - V.Abs(x)), s = (u + u) / (V.Of(2f) + u), q = V.Of(0.25f) * s * s;
        V sum = V.Fma(q, V.Fma(q, V.Fma(q, V.Of(1f / 15), V.Of(1f / 13)), V.Of(1f / 11)), V.Of(1f / 9));
        sum = V.Fma(q, V.Fma(q, V.Fma(q, sum, V.Of(1f / 7)), V.Of(1f / 5)), V.Of(1f / 3));
        return V.WhereLess(x, V.Of(0f), V.Of(0f), x) + V.Fma(s * q, sum, s);
    }

    /// <summary>x/6 + ½ kept within 0 … 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V HardSigmoid<V>(V x) where V : struct, ILane<V> =>
        GateMath.Clip(V.Fma(x, V.Of(1f / 6), V.Of(0.5f)), V.Of(0f), V.Of(1f));

    /// <summary>max(x, 0); a NaN stays one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Relu<V>(V x) where V : struct, ILane<V> => V.WhereLess(x, V.Of(0f), V.Of(0f), x);

    /// <summary>ln x: −∞ at 0, NaN below it.</summary>
    public static float Log(float x) => Scalar(Log(Lanes1.Of(x)));

    /// <summary>ln(1 + eˣ), never negative.</summary>
    public static float Softplus(float x) => Scalar(Softplus(Lanes1.Of(x)));

    /// <summary>eˣ: infinite above about 88.72, 0 below about −104.</summary>
    public static float Exp(float x) => Scalar(Exp(Lanes1.Of(x)));

    /// <summary>1 / (1 + e⁻ˣ), in [0, 1].</summary>
    public static float Sigmoid(float x) => Scalar(Sigmoid(Lanes1.Of(x)));

    /// <summary>tanh x, in [−1, 1]; the sign of zero is kept.</summary>
    public static float Tanh(float x) => Scalar(Tanh(Lanes1.Of(x)));

    private static unsafe float Scalar(Lanes1 lane)
    {
        float value;
        lane.Store(&value);
        return value;
    }
}
