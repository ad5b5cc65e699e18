using System.Runtime.CompilerServices;

namespace Unroll.Numerics;

/// <summary>
/// exp, σ and tanh of our own: the same operations for every width, so that a result depends on nothing but its argument. Each is right to
/// 2.5 units in the last place; NaN gives NaN. Cells of one's own should use these, for the same bits on every machine.
/// </summary>
public static class Activations
{
    private const float Log2E = 1.44269504f;
    private const float Ln2High = 0.693359375f, Ln2Low = -2.12194440e-4f;   // ln 2 in two parts (Cody and Waite): n · Ln2High is exact
    private const float Shift = 12582912f;                                  // 1.5 · 2²³: adding it rounds to an integer, left in the low bits
    private const float Highest = 88.8f, Lowest = -104f;                    // beyond these exp is infinite, or rounds to 0

    //  eˣ = 2ⁿ eʳ    n = round(x / ln 2)    |r| ≤ ½ ln 2    eʳ ≈ 1 + r + r² p(r)
    //  2ⁿ = 2^⌊n/2⌋ · 2^(n − ⌊n/2⌋): each exists as a float also where 2ⁿ overflows or is subnormal
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Exp<V>(V x) where V : struct, ILane<V>
    {
        x = V.WhereLess(V.Of(Highest), x, V.Of(Highest), x);
        x = V.WhereLess(x, V.Of(Lowest), V.Of(Lowest), x);
        V n = V.Fma(x, V.Of(Log2E), V.Of(Shift)) - V.Of(Shift);
        V r = V.Fma(n, V.Of(-Ln2Low), V.Fma(n, V.Of(-Ln2High), x));

        V p = V.Of(1.9875691500e-4f);                                       // Cephes expf (Moshier), minimax on ±½ ln 2
        p = V.Fma(p, r, V.Of(1.3981999507e-3f));
        p = V.Fma(p, r, V.Of(8.3334519073e-3f));
        p = V.Fma(p, r, V.Of(4.1665795894e-2f));
        p = V.Fma(p, r, V.Of(1.6666665459e-1f));
        p = V.Fma(p, r, V.Of(5.0000001201e-1f));
        V e = V.Fma(p, r * r, r) + V.Of(1f);

        V half = V.Fma(n, V.Of(0.5f), V.Of(Shift)), n1 = half - V.Of(Shift);
        V rest = (n - n1) + V.Of(Shift);
        return e * PowerOfTwo(half) * PowerOfTwo(rest);
    }

    //  σ(x) = 1 / (1 + e⁻ˣ)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Sigmoid<V>(V x) where V : struct, ILane<V> => V.Of(1f) / (V.Of(1f) + Exp(V.Of(0f) - x));

    //  |x| ≥ 0.625:  tanh |x| = 1 − 2 / (e^{2|x|} + 1)          below:  x + x³ q(x²)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Tanh<V>(V x) where V : struct, ILane<V>
    {
        V size = V.Abs(x);
        V large = V.Of(1f) - V.Of(2f) / (Exp(size + size) + V.Of(1f));

        V square = x * x, q = V.Of(-5.70498872745e-3f);                     // Cephes tanhf (Moshier), minimax on ±0.625
        q = V.Fma(q, square, V.Of(2.06390887954e-2f));
        q = V.Fma(q, square, V.Of(-5.37397155531e-2f));
        q = V.Fma(q, square, V.Of(1.33314422036e-1f));
        q = V.Fma(q, square, V.Of(-3.33332819422e-1f));
        V small = V.Fma(q * square, x, x);
        return V.WithSign(V.WhereLess(size, V.Of(0.625f), small, large), x);            // so that tanh(−0) = −0
    }

    /// <summary>eˣ: infinite above about 88.72, 0 below about −104.</summary>
    public static float Exp(float x) => Scalar(Exp(Lanes1.Of(x)));

    /// <summary>1 / (1 + e⁻ˣ), in [0, 1].</summary>
    public static float Sigmoid(float x) => Scalar(Sigmoid(Lanes1.Of(x)));

    /// <summary>tanh x, in [−1, 1]; the sign of zero is kept.</summary>
    public static float Tanh(float x) => Scalar(Tanh(Lanes1.Of(x)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V PowerOfTwo<V>(V shifted) where V : struct, ILane<V> => V.TwoToTheLowBits(shifted);

    private static unsafe float Scalar(Lanes1 lane)
    {
        float value;
        lane.Store(&value);
        return value;
    }
}
