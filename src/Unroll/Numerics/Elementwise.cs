using System.Runtime.CompilerServices;

namespace Unroll.Numerics;

/// <summary>Loops over floats, each element alone; the spans of one call have one length, and may be the same span.</summary>
public static unsafe class Elementwise
{
    /// <summary>xᵢ ← xᵢ · <paramref name="factor"/>.</summary>
    public static void Scale(Span<float> x, float factor) => Each<Product>(x, x, factor);

    /// <summary><paramref name="into"/>ᵢ += xᵢ.</summary>
    public static void Add(ReadOnlySpan<float> x, Span<float> into) => Each<Total>(into, x, 1);

    /// <summary><paramref name="into"/>ᵢ += <paramref name="factor"/> · xᵢ, rounded once.</summary>
    public static void AddScaled(ReadOnlySpan<float> x, float factor, Span<float> into) => Each<ScaledTotal>(into, x, factor);

    /// <summary><paramref name="into"/>ᵢ ← <paramref name="into"/>ᵢ · xᵢ.</summary>
    public static void Multiply(ReadOnlySpan<float> x, Span<float> into) => Each<PairProduct>(into, x, 1);

    /// <summary>xᵢ ← xᵢ cut to ±<paramref name="limit"/>; a NaN stays one.</summary>
    public static void Clip(Span<float> x, float limit) => Each<Cut>(x, x, limit);

    /// <summary>
    /// <paramref name="into"/>ᵢ += <paramref name="share"/> · (xᵢ − <paramref name="into"/>ᵢ), the product and the sum rounded once.
    /// </summary>
    internal static void Approach(ReadOnlySpan<float> x, float share, Span<float> into) => Each<Approached>(into, x, share);

    /// <summary>xᵢ ← xᵢ + <paramref name="by"/>.</summary>
    internal static void Shift(Span<float> x, float by) => Each<Shifted>(x, x, by);

    /// <summary>xᵢ ← tanh xᵢ.</summary>
    internal static void Tanh(Span<float> x) => Each<Tanhs>(x, x, 1);

    /// <summary><paramref name="d"/>ᵢ ← <paramref name="d"/>ᵢ (1 − yᵢ²), where y was a tanh.</summary>
    internal static void TanhBackward(ReadOnlySpan<float> y, Span<float> d) => Each<TanhSlopes>(d, y, 1);

    /// <summary>y ← map(y, x, factor) on the widest lanes there are.</summary>
    internal static void Each<TMap>(Span<float> y, ReadOnlySpan<float> x, float factor) where TMap : struct, IMap
    {
        if (x.Length != y.Length) throw new ArgumentException($"element by element, {x.Length} floats do not fit {y.Length}", nameof(x));
        fixed (float* py = y, px = x) Kernel.Run(new Mapping<TMap>(py, px, factor), y.Length);
    }

    [MethodImpl(Compilation.Kernel)]
    internal static nint Each<V, TMap>(float* y, float* x, float factor, nint from, nint n) where V : struct, ILane<V> where TMap : struct, IMap
    {
        for (; from <= n - V.Count; from += V.Count) TMap.Map(V.Load(y + from), V.Load(x + from), V.Of(factor)).Store(y + from);
        return from;
    }

    private readonly struct Mapping<TMap>(float* y, float* x, float factor) : ILoop where TMap : struct, IMap
    {
        public nint Run<V>(nint k, nint n) where V : struct, ILane<V> => Each<V, TMap>(y, x, factor, k, n);
    }

    /// <summary>What y becomes.</summary>
    internal interface IMap
    {
        static abstract V Map<V>(V y, V x, V factor) where V : struct, ILane<V>;
    }

    internal readonly struct Product : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Map<V>(V y, V x, V factor) where V : struct, ILane<V> => y * factor;
    }

    internal readonly struct PairProduct : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Map<V>(V y, V x, V factor) where V : struct, ILane<V> => y * x;
    }

    internal readonly struct Total : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Map<V>(V y, V x, V factor) where V : struct, ILane<V> => y + x;
    }

    internal readonly struct ScaledTotal : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Map<V>(V y, V x, V factor) where V : struct, ILane<V> => V.Fma(factor, x, y);
    }

    internal readonly struct Approached : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Map<V>(V y, V x, V factor) where V : struct, ILane<V> => V.Fma(factor, x - y, y);
    }

    internal readonly struct Shifted : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Map<V>(V y, V x, V factor) where V : struct, ILane<V> => y + factor;
    }

    internal readonly struct Tanhs : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Map<V>(V y, V x, V factor) where V : struct, ILane<V> => Activations.Tanh(x);
    }

    internal readonly struct TanhSlopes : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Map<V>(V y, V x, V factor) where V : struct, ILane<V> => GateMath.TanhBack(y, x);
    }

    internal readonly struct Cut : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Map<V>(V y, V x, V factor) where V : struct, ILane<V> =>
            V.WhereLess(factor, V.Abs(y), V.WithSign(factor, y), y);
    }
}
