using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Numerics;

//  sums[i, j] = Σ_k x[i, k] · q[k, j]      x of 16 bits, q of 8, the sum of 32: exact, see QuantizedPanels for why it cannot overflow
//  sixteens of columns lie side by side: [pair of k][sixteen][column][2], `step` bytes from pair to pair; x as [row][k]
/// <summary>The innermost part of products with 8-bit weights: a row × up to 4 sixteens of columns, or 4 rows × 1 or 2.</summary>
internal static unsafe class QuantizedTiles
{
    /// <summary>Rows that share a weight's way from memory and its widening.</summary>
    public const int Rows = 4;

    /// <summary>Bytes of a pair of terms of 16 columns.</summary>
    public const int PairBytes = 32;

    private const int Ahead = 2048;                                      // bytes: what is fetched early, from the second-level cache or beyond

    /// <summary>How many of some sixteens <see cref="MultiplyRows"/> takes at once.</summary>
    public static int SixteensOfRows(int left) => Hardware.Wide && Avx2.IsSupported && left > 1 ? 2 : 1;

    /// <summary>One row; overwrites.</summary>
    /// <param name="sixteens">1 … 4.</param>
    /// <param name="x">The row.</param>
    /// <param name="q">The weights.</param>
    /// <param name="step">Bytes from a pair of terms to the next.</param>
    /// <param name="pairs">Half the terms of a sum.</param>
    /// <param name="sums">[16 · sixteens].</param>
    public static void MultiplyRow(int sixteens, short* x, sbyte* q, nint step, nint pairs, int* sums)
    {
        if (Hardware.Wide && Avx2.IsSupported)                           // a sixteen is one vector of 512 bits …
            switch (sixteens)
            {
                case 1: Tile1x2<Words8>(x, q, step, pairs, sums); break;
                case 2: Tile1x2<Words16>(x, q, step, pairs, sums); break;
                case 3: Tile1x3<Words16>(x, q, step, pairs, sums); break;
                default: Tile1x4<Words16>(x, q, step, pairs, sums); break;
            }
        else if (Hardware.Half)                                          // … two of 256 …
            switch (sixteens)
            {
                case 1: Tile1x2<Words8>(x, q, step, pairs, sums); break;
                case 2: Tile1x4<Words8>(x, q, step, pairs, sums); break;
                case 3: Tile1x6<Words8>(x, q, step, pairs, sums); break;
                default: Tile1x8<Words8>(x, q, step, pairs, sums); break;
            }
        else if (Hardware.Quarter)                                       // … or four of 128
        {
            int j = 0;
            for (; j < sixteens - 1; j += 2) Tile1x8<Words4>(x, q + j * PairBytes, step, pairs, sums + j * 16);
            if (j < sixteens) Tile1x4<Words4>(x, q + j * PairBytes, step, pairs, sums + j * 16);
        }
        else
            for (int j = 0; j < sixteens; j++) Portable(1, x, 0, q + j * PairBytes, step, pairs, sums + j * 16, 16);
    }

    /// <summary><see cref="Rows"/> rows; overwrites.</summary>
    /// <param name="sixteens">What <see cref="SixteensOfRows"/> says.</param>
    /// <param name="x">Row i begins at x + i·xRow.</param>
    /// <param name="xRow">See <paramref name="x"/>.</param>
    /// <param name="q">The weights.</param>
    /// <param name="step">Bytes from a pair of terms to the next.</param>
    /// <param name="pairs">Half the terms of a sum.</param>
    /// <param name="sums">[rows, 16 · sixteens], without gaps.</param>
    public static void MultiplyRows(int sixteens, short* x, nint xRow, sbyte* q, nint step, nint pairs, int* sums)
    {
        if (sixteens == 2) Tile4x2<Words16>(x, xRow, q, step, pairs, sums, 32);
        else if (Hardware.Half) Tile4x2<Words8>(x, xRow, q, step, pairs, sums, 16);
        else if (Hardware.Quarter)
        {
            Tile4x2<Words4>(x, xRow, q, step, pairs, sums, 16);
            Tile4x2<Words4>(x, xRow, q + PairBytes / 2, step, pairs, sums + 8, 16);
        }
        else Portable(Rows, x, xRow, q, step, pairs, sums, 16);
    }

    // The reference of the others, and the path without vectors.
    private static void Portable(int rows, short* x, nint xRow, sbyte* q, nint step, nint pairs, int* sums, nint sumsRow)
    {
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < 16; j++)
            {
                int sum = 0;
                for (nint k = 0; k < pairs; k++)
                {
                    short* pair = x + i * xRow + 2 * k;
                    sbyte* weights = q + k * step + 2 * j;
                    sum += pair[0] * weights[0] + pair[1] * weights[1];
                }
                sums[i * sumsRow + j] = sum;
            }
    }

    [MethodImpl(Compilation.Kernel)]
    private static void Tile1x2<V>(short* x, sbyte* q, nint step, nint pairs, int* sums) where V : struct, IWords<V>
    {
        V s0 = V.Zero, s1 = V.Zero;
        for (nint k = 0; k < pairs; k++, x += 2, q += step)
        {
            V pair = V.Spread(x);
            s0 += V.MultiplyPairs(V.Widen(q), pair);
            s1 += V.MultiplyPairs(V.Widen(q + 2 * V.Count), pair);
        }
        s0.Store(sums); s1.Store(sums + V.Count);
    }

    [MethodImpl(Compilation.Kernel)]
    private static void Tile1x3<V>(short* x, sbyte* q, nint step, nint pairs, int* sums) where V : struct, IWords<V>
    {
        V s0 = V.Zero, s1 = V.Zero, s2 = V.Zero;
        for (nint k = 0; k < pairs; k++, x += 2, q += step)
        {
            V pair = V.Spread(x);
            Fetch(q + Ahead);
            Fetch(q + Ahead + 64);
            s0 += V.MultiplyPairs(V.Widen(q), pair);
            s1 += V.MultiplyPairs(V.Widen(q + 2 * V.Count), pair);
            s2 += V.MultiplyPairs(V.Widen(q + 4 * V.Count), pair);
        }
        s0.Store(sums); s1.Store(sums + V.Count); s2.Store(sums + 2 * V.Count);
    }

    [MethodImpl(Compilation.Kernel)]
    private static void Tile1x4<V>(short* x, sbyte* q, nint step, nint pairs, int* sums) where V : struct, IWords<V>
    {
        V s0 = V.Zero, s1 = V.Zero, s2 = V.Zero, s3 = V.Zero;
        for (nint k = 0; k < pairs; k++, x += 2, q += step)
        {
            V pair = V.Spread(x);
            Fetch(q + Ahead);
            if (V.Count == 16) Fetch(q + Ahead + 64);
            s0 += V.MultiplyPairs(V.Widen(q), pair);
            s1 += V.MultiplyPairs(V.Widen(q + 2 * V.Count), pair);
            s2 += V.MultiplyPairs(V.Widen(q + 4 * V.Count), pair);
            s3 += V.MultiplyPairs(V.Widen(q + 6 * V.Count), pair);
        }
        s0.Store(sums); s1.Store(sums + V.Count); s2.Store(sums + 2 * V.Count); s3.Store(sums + 3 * V.Count);
    }

    [MethodImpl(Compilation.Kernel)]
    private static void Tile1x6<V>(short* x, sbyte* q, nint step, nint pairs, int* sums) where V : struct, IWords<V>
    {
        V s0 = V.Zero, s1 = V.Zero, s2 = V.Zero, s3 = V.Zero, s4 = V.Zero, s5 = V.Zero;
        for (nint k = 0; k < pairs; k++, x += 2, q += step)
        {
            V pair = V.Spread(x);
            Fetch(q + Ahead);
            Fetch(q + Ahead + 64);
            s0 += V.MultiplyPairs(V.Widen(q), pair);
            s1 += V.MultiplyPairs(V.Widen(q + 2 * V.Count), pair);
            s2 += V.MultiplyPairs(V.Widen(q + 4 * V.Count), pair);
            s3 += V.MultiplyPairs(V.Widen(q + 6 * V.Count), pair);
            s4 += V.MultiplyPairs(V.Widen(q + 8 * V.Count), pair);
            s5 += V.MultiplyPairs(V.Widen(q + 10 * V.Count), pair);
        }
        s0.Store(sums); s1.Store(sums + V.Count); s2.Store(sums + 2 * V.Count);
        s3.Store(sums + 3 * V.Count); s4.Store(sums + 4 * V.Count); s5.Store(sums + 5 * V.Count);
    }

    [MethodImpl(Compilation.Kernel)]
    private static void Tile1x8<V>(short* x, sbyte* q, nint step, nint pairs, int* sums) where V : struct, IWords<V>
    {
        V s0 = V.Zero, s1 = V.Zero, s2 = V.Zero, s3 = V.Zero, s4 = V.Zero, s5 = V.Zero, s6 = V.Zero, s7 = V.Zero;
        for (nint k = 0; k < pairs; k++, x += 2, q += step)
        {
            V pair = V.Spread(x);
            Fetch(q + Ahead);
            Fetch(q + Ahead + 64);
            s0 += V.MultiplyPairs(V.Widen(q), pair);
            s1 += V.MultiplyPairs(V.Widen(q + 2 * V.Count), pair);
            s2 += V.MultiplyPairs(V.Widen(q + 4 * V.Count), pair);
            s3 += V.MultiplyPairs(V.Widen(q + 6 * V.Count), pair);
            s4 += V.MultiplyPairs(V.Widen(q + 8 * V.Count), pair);
            s5 += V.MultiplyPairs(V.Widen(q + 10 * V.Count), pair);
            s6 += V.MultiplyPairs(V.Widen(q + 12 * V.Count), pair);
            s7 += V.MultiplyPairs(V.Widen(q + 14 * V.Count), pair);
        }
        s0.Store(sums); s1.Store(sums + V.Count); s2.Store(sums + 2 * V.Count); s3.Store(sums + 3 * V.Count);
        s4.Store(sums + 4 * V.Count); s5.Store(sums + 5 * V.Count); s6.Store(sums + 6 * V.Count); s7.Store(sums + 7 * V.Count);
    }

    [MethodImpl(Compilation.Kernel)]
    private static void Tile4x2<V>(short* x, nint xRow, sbyte* q, nint step, nint pairs, int* sums, nint sumsRow)
        where V : struct, IWords<V>
    {
        V s00 = V.Zero, s01 = V.Zero, s10 = V.Zero, s11 = V.Zero, s20 = V.Zero, s21 = V.Zero, s30 = V.Zero, s31 = V.Zero;
        short* x1 = x + xRow, x2 = x1 + xRow, x3 = x2 + xRow;
        for (nint k = 0; k < pairs; k++, q += step)
        {
            V w0 = V.Widen(q), w1 = V.Widen(q + 2 * V.Count), pair = V.Spread(x + 2 * k);
            s00 += V.MultiplyPairs(w0, pair); s01 += V.MultiplyPairs(w1, pair);
            pair = V.Spread(x1 + 2 * k); s10 += V.MultiplyPairs(w0, pair); s11 += V.MultiplyPairs(w1, pair);
            pair = V.Spread(x2 + 2 * k); s20 += V.MultiplyPairs(w0, pair); s21 += V.MultiplyPairs(w1, pair);
            pair = V.Spread(x3 + 2 * k); s30 += V.MultiplyPairs(w0, pair); s31 += V.MultiplyPairs(w1, pair);
        }
        s00.Store(sums); s01.Store(sums + V.Count); sums += sumsRow;
        s10.Store(sums); s11.Store(sums + V.Count); sums += sumsRow;
        s20.Store(sums); s21.Store(sums + V.Count); sums += sumsRow;
        s30.Store(sums); s31.Store(sums + V.Count);
    }

    // .NET has no prefetch for ARM.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch(sbyte* from)
    {
        if (Sse.IsSupported) Sse.Prefetch0(from);
    }
}
