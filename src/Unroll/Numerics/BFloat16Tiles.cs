using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Numerics;

//  c[j] = start[j] + Σ_k a[k] · w[k, j]      one chain of fused multiply-adds per element, k ascending, as in MatrixTiles
/// <summary>One row × weights in bfloat16, up to 4 sixteens of columns; and the widening of weights for the tiles of floats.</summary>
internal static unsafe class BFloat16Tiles
{
    /// <summary>Words of a term of 16 columns: word i holds column i in its lower half and column i + 8 in its upper.</summary>
    public const int Words = 8;

    private const int Groups = 4;                                        // vectors of words at once: eight chains
    private const int Ahead = 512;                                       // words: what is fetched early, from the second-level cache or beyond

    /// <summary>One row; overwrites.</summary>
    /// <param name="sixteens">1 … <see cref="PanelOrder.MostSixteens"/>.</param>
    /// <param name="a">The row.</param>
    /// <param name="words">The weights: sixteens side by side.</param>
    /// <param name="step">Words from a term to the next.</param>
    /// <param name="depth">Terms of a sum.</param>
    /// <param name="start">What the chains begin with, laid out as <paramref name="c"/>; null for zero.</param>
    /// <param name="c">Sixteen j lies at c + j · apart.</param>
    /// <param name="apart">See <paramref name="c"/>.</param>
    public static void MultiplyRow(int sixteens, float* a, uint* words, nint step, nint depth, float* start, float* c, nint apart)
    {
        if (Hardware.Half) Row<Lanes8>(sixteens, a, words, step, depth, start, c, apart);
        else if (Hardware.Quarter) Row<Lanes4>(sixteens, a, words, step, depth, start, c, apart);
        else Row<Lanes1>(sixteens, a, words, step, depth, start, c, apart);
    }

    /// <summary>Some terms of one sixteen as a panel of floats, [depth][16]; overwrites.</summary>
    /// <param name="words">The sixteen's first word.</param>
    /// <param name="step">Words from a term to the next.</param>
    /// <param name="depth">How many terms.</param>
    /// <param name="to">16 · depth floats.</param>
    public static void Widen(uint* words, nint step, nint depth, float* to)
    {
        if (Hardware.Half) Widen<Lanes8>(words, step, depth, to);
        else if (Hardware.Quarter) Widen<Lanes4>(words, step, depth, to);
        else Widen<Lanes1>(words, step, depth, to);
    }

    [MethodImpl(Compilation.Kernel)]
    private static void Widen<V>(uint* words, nint step, nint depth, float* to) where V : struct, ILane<V>
    {
        for (nint k = 0; k < depth; k++, words += step, to += 16)
            for (nint i = 0; i < Words; i += V.Count)
            {
                V.LowerHalves(words + i).Store(to + i);
                V.UpperHalves(words + i).Store(to + i + Words);
            }
    }

    // Words of all sixteens, some vectors of them at a time.
    private static void Row<V>(int sixteens, float* a, uint* words, nint step, nint depth, float* start, float* c, nint apart)
        where V : struct, ILane<V>
    {
        int all = sixteens * Words, atOnce = Groups * V.Count, i = 0;
        for (; i <= all - atOnce; i += atOnce) Four<V>(a, words + i, step, depth, start, c, i, apart);
        for (; i < all; i += V.Count) One<V>(a, words + i, step, depth, start, c, i, apart);
    }

    [MethodImpl(Compilation.Kernel)]
    private static void Four<V>(float* a, uint* words, nint step, nint depth, float* start, float* c, int first, nint apart)
        where V : struct, ILane<V>
    {
        nint at0 = Place(first, apart), at1 = Place(first + V.Count, apart), at2 = Place(first + 2 * V.Count, apart),
            at3 = Place(first + 3 * V.Count, apart);
        V s0, s1, s2, s3, s4, s5, s6, s7;
        if (start == null) s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = V.Of(0);
        else
        {
            s0 = V.Load(start + at0); s1 = V.Load(start + at0 + Words); s2 = V.Load(start + at1); s3 = V.Load(start + at1 + Words);
            s4 = V.Load(start + at2); s5 = V.Load(start + at2 + Words); s6 = V.Load(start + at3); s7 = V.Load(start + at3 + Words);
        }
        for (nint k = 0; k < depth; k++, words += step)
        {
            V x = V.Of(a[k]);
            Fetch(words + Ahead);
            if (V.Count == 8) Fetch(words + Ahead + 16);
            s0 = V.Fma(x, V.LowerHalves(words), s0); s1 = V.Fma(x, V.UpperHalves(words), s1);
            s2 = V.Fma(x, V.LowerHalves(words + V.Count), s2); s3 = V.Fma(x, V.UpperHalves(words + V.Count), s3);
            s4 = V.Fma(x, V.LowerHalves(words + 2 * V.Count), s4); s5 = V.Fma(x, V.UpperHalves(words + 2 * V.Count), s5);
            s6 = V.Fma(x, V.LowerHalves(words + 3 * V.Count), s6); s7 = V.Fma(x, V.UpperHalves(words + 3 * V.Count), s7);
        }
        s0.Store(c + at0); s1.Store(c + at0 + Words); s2.Store(c + at1); s3.Store(c + at1 + Words);
        s4.Store(c + at2); s5.Store(c + at2 + Words); s6.Store(c + at3); s7.Store(c + at3 + Words);
    }

    [MethodImpl(Compilation.Kernel)]
    private static void One<V>(float* a, uint* words, nint step, nint depth, float* start, float* c, int first, nint apart)
        where V : struct, ILane<V>
    {
        nint at = Place(first, apart);
        V s0 = start == null ? V.Of(0) : V.Load(start + at), s1 = start == null ? V.Of(0) : V.Load(start + at + Words);
        for (nint k = 0; k < depth; k++, words += step)
        {
            V x = V.Of(a[k]);
            s0 = V.Fma(x, V.LowerHalves(words), s0);
            s1 = V.Fma(x, V.UpperHalves(words), s1);
        }
        s0.Store(c + at);
        s1.Store(c + at + Words);
    }

    // Of the column in a word's lower half.
    private static nint Place(int word, nint apart) => word / Words * apart + word % Words;

    // .NET has no prefetch for ARM.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch(uint* from)
    {
        if (Sse.IsSupported) Sse.Prefetch0(from);
    }
}
