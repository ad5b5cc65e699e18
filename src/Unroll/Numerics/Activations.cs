using System.Runtime.CompilerServices;

namespace Unroll.Numerics;

/// <summary>
/// exp, σ and tanh implemented here: the same operations for every width, so that a result depends on nothing but its argument. Each is right to
/// 2.5 units in the last place; NaN gives NaN. Custom cells should use these, for the same bits on every machine.
/// </summary>
/// <remarks>
/// All of them are built on e^(−y). Its argument is kept within bounds beyond which the result does not change, so that 2ⁿ is one float.
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
    internal static V Sigmoid<V>(V x) where V : struct, ILane<V>
    {
        V y = V.Max(V.Of(-89f), V.Min(V.Of(88f), x)), exponent = Exponent(y);
        return V.Of(1f) / V.Fma(V.Of(1f) - Rest(y, exponent), V.PowerOfTwo(exponent), V.Of(1f));
    }

    //  m = 1 − e^(−2|x|) = (1 − 2ⁿ) + 2ⁿ p        tanh |x| = m / (2 − m),  1 from |x| = 9.02 on
    /// <summary>tanh x; tanh(−x) = −tanh x in bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Tanh<V>(V x) where V : struct, ILane<V>
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
    internal static V Exp<V>(V x) where V : struct, ILane<V>
    {
        V y = V.Max(V.Of(-88.8f), V.Min(V.Of(104f), V.Of(0f) - x)), exponent = Exponent(y), n = exponent - V.Of(Shift);
        V half = V.Fma(n, V.Of(0.5f), V.Of(Shift)), other = (n - (half - V.Of(Shift))) + V.Of(Shift);
        return (V.Of(1f) - Rest(y, exponent)) * V.PowerOfTwo(half) * V.PowerOfTwo(other);
    }

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
