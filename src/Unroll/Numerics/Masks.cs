using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Unroll.Numerics;

/// <summary>Dropout's loops.</summary>
internal static unsafe class Masks
{
    //  m = 0 where u < rate, else kept        y = m ⊙ x
    /// <summary>Makes a mask of uniform draws, in place, and applies it.</summary>
    /// <param name="mask">Arrives as draws in [0, 1), leaves as 0 and <paramref name="kept"/>.</param>
    /// <param name="x">Multiplied by the mask.</param>
    /// <param name="y">Overwritten.</param>
    /// <param name="rate">Probability of a zero.</param>
    /// <param name="kept">What an element that stays is multiplied by.</param>
    public static void Drop(Span<float> mask, ReadOnlySpan<float> x, Span<float> y, float rate, float kept)
    {
        Debug.Assert(mask.Length == x.Length && x.Length == y.Length);
        fixed (float* m = mask, px = x, py = y) Kernel.Run(new Dropping(m, px, py, rate, kept), y.Length);
    }

    /// <summary>y = a ⊙ b.</summary>
    public static void Multiply(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y)
    {
        Debug.Assert(a.Length == b.Length && b.Length == y.Length);
        fixed (float* pa = a, pb = b, py = y) Kernel.Run(new Product(pa, pb, py), y.Length);
    }

    private readonly struct Dropping(float* mask, float* x, float* y, float rate, float kept) : ILoop
    {
        [MethodImpl(Compilation.Kernel)]
        public nint Run<V>(nint k, nint n) where V : struct, ILane<V>
        {
            V limit = V.Of(rate), zero = V.Of(0), stays = V.Of(kept);
            for (; k <= n - V.Count; k += V.Count)
            {
                V m = V.WhereLess(V.Load(mask + k), limit, zero, stays);
                m.Store(mask + k);
                (m * V.Load(x + k)).Store(y + k);
            }
            return k;
        }
    }

    private readonly struct Product(float* a, float* b, float* y) : ILoop
    {
        [MethodImpl(Compilation.Kernel)]
        public nint Run<V>(nint k, nint n) where V : struct, ILane<V>
        {
            for (; k <= n - V.Count; k += V.Count) (V.Load(a + k) * V.Load(b + k)).Store(y + k);
            return k;
        }
    }
}
