using System.Runtime.CompilerServices;

namespace Unroll.Numerics;

/// <summary>What the gates of several cells share.</summary>
internal static class GateMath
{
    private const int UnitsAtOnce = 512;

    /// <summary>How many rows the first of two loops goes ahead of the second: what it wrote is then still in the first-level cache.</summary>
    public static int RowsAtOnce(int units) => Math.Max(1, UnitsAtOnce / Math.Max(1, units));

    /// <summary>A gate's argument, kept within ±limit; a NaN stays a NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Clip<V>(V a, float limit) where V : struct, ILane<V>
    {
        a = V.WhereLess(V.Of(limit), a, V.Of(limit), a);
        return V.WhereLess(a, V.Of(-limit), V.Of(-limit), a);
    }

    /// <summary>a kept within <paramref name="low"/> … <paramref name="high"/>; a NaN stays a NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Clip<V>(V a, V low, V high) where V : struct, ILane<V>
    {
        a = V.WhereLess(high, a, high, a);
        return V.WhereLess(a, low, low, a);
    }

    /// <summary>The larger; a where they are equal, NaN where either is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Max<V>(V a, V b) where V : struct, ILane<V> =>
        V.WhereLess(a, b, b, V.WhereLess(b, V.Of(float.PositiveInfinity), a, a + b));

    /// <summary>The smaller; a where they are equal, NaN where either is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Min<V>(V a, V b) where V : struct, ILane<V> =>
        V.WhereLess(b, a, b, V.WhereLess(V.Of(float.NegativeInfinity), b, a, a + b));

    /// <summary>σ(−limit) and σ(limit), for <see cref="ClipBack"/>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static (V Lowest, V Highest) SigmoidLimits<V>(float limit) where V : struct, ILane<V> =>
        (Activations.Sigmoid(V.Of(-limit)), Activations.Sigmoid(V.Of(limit)));

    /// <summary>tanh(−limit) and tanh(limit), for <see cref="ClipBack"/>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static (V Lowest, V Highest) TanhLimits<V>(float limit) where V : struct, ILane<V> =>
        (Activations.Tanh(V.Of(-limit)), Activations.Tanh(V.Of(limit)));

    //  δa = δσ ⊙ σ ⊙ (1 − σ)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V SigmoidBack<V>(V d, V s) where V : struct, ILane<V> => d * s * (V.Of(1f) - s);

    //  δa = δt ⊙ (1 − t²)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V TanhBack<V>(V d, V t) where V : struct, ILane<V> => d * V.Fma(V.Of(0f) - t, t, V.Of(1f));

    /// <summary>
    /// The gradient of <see cref="Clip{V}(V, float)"/>: d inside, zero outside. Whether the argument was clipped is read from the activation, which
    /// rises with it: clipped arguments have exactly the activation of the limit. The gradient at a NaN is NaN, as that of the activation itself.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ClipBack<V>(V d, V activation, V lowest, V highest) where V : struct, ILane<V> =>
        V.WhereLess(lowest, activation, V.WhereLess(activation, highest, d, activation - activation), activation - activation);

    /// <summary>1 where x is above y, 0 where it is not; NaN where either is, so that no gradient hides it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Above<V>(V x, V y) where V : struct, ILane<V> => V.WhereLess(y, x, V.Of(1f), V.WhereLess(x, y, V.Of(0f), x - y));

    /// <summary>0 where x is below y, 1 where it is not; NaN where either is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V NotBelow<V>(V x, V y) where V : struct, ILane<V> =>
        V.WhereLess(x, y, V.Of(0f), V.WhereLess(y, x, V.Of(1f), x - y + V.Of(1f)));
}
