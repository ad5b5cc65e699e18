using System.Runtime.CompilerServices;

namespace Unroll.Numerics;

/// <summary>What the gates of several cells share.</summary>
internal static class GateMath
{
    /// <summary>A gate's argument, kept within ±limit; a NaN stays a NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Clip<V>(V a, float limit) where V : struct, ILane<V>
    {
        a = V.WhereLess(V.Of(limit), a, V.Of(limit), a);
        return V.WhereLess(a, V.Of(-limit), V.Of(-limit), a);
    }

    //  δa = δσ ⊙ σ ⊙ (1 − σ)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V SigmoidBack<V>(V d, V s) where V : struct, ILane<V> => d * s * (V.Of(1f) - s);

    //  δa = δt ⊙ (1 − t²)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V TanhBack<V>(V d, V t) where V : struct, ILane<V> => d * V.Fma(V.Of(0f) - t, t, V.Of(1f));

    /// <summary>
    /// The gradient of <see cref="Clip"/>: d inside, zero outside. Whether the argument was clipped is read from the activation, which rises with
    /// it: clipped arguments have exactly the activation of the limit. The gradient at a NaN is NaN, as that of the activation itself.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ClipBack<V>(V d, V activation, V lowest, V highest) where V : struct, ILane<V> =>
        V.WhereLess(lowest, activation, V.WhereLess(activation, highest, d, activation - activation), activation - activation);
}
