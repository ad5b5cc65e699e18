using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Numerics;

//  sums[i, j] = Σ_k x[i, k] · q[k, j]      x of 16 bits, q of 8, the sum of 32: exact, see QuantisedPanels for why it cannot overflow
//  16 columns of q lie as [pair of k][column][2], 32 bytes a pair; x as [row][k]
/// <summary>The innermost part of products with 8-bit weights: 1 or 4 rows × some sixteens of columns.</summary>
internal static unsafe class QuantisedTiles
{
    /// <summary>Rows that share a weight's way from memory and its widening.</summary>
    public const int Rows = 4;

    /// <summary>Bytes of a pair of terms of 16 columns.</summary>
    public const int PairBytes = 32;

    /// <summary>Multiplies; overwrites.</summary>
    /// <param name="rows">1, or <see cref="Rows"/>.</param>
    /// <param name="sixteens">Blocks of 16 columns.</param>
    /// <param name="x">Row i begins at x + i·xRow.</param>
    /// <param name="xRow">See <paramref name="x"/>.</param>
    /// <param name="q">Sixteen j begins at q + j·qBlock.</param>
    /// <param name="pairs">Half the terms of a sum.</param>
    /// <param name="sums">[rows, 16 · sixteens], without gaps.</param>
    public static void Multiply(int rows, int sixteens, short* x, nint xRow, sbyte* q, nint pairs, int* sums)
    {
        nint qBlock = pairs * PairBytes, width = 16 * sixteens;
        int j = 0;
        if (!Avx2.IsSupported)
        {
            for (; j < sixteens; j++) Portable(rows, x, xRow, q + j * qBlock, pairs, sums + j * 16, width);
            return;
        }
        if (rows == Rows)
        {
            if (Hardware.Wide) for (; j <= sixteens - 2; j += 2) Tile4x2<Words16>(x, xRow, q + j * qBlock, qBlock, pairs, sums + j * 16, width);
            for (; j < sixteens; j++) Tile4x2<Words8>(x, xRow, q + j * qBlock, 16, pairs, sums + j * 16, width);
            return;
        }
        if (Hardware.Wide)
            for (; j <= sixteens - 4; j += 4) Tile1x4<Words16>(x, q + j * qBlock, qBlock, 2 * qBlock, 3 * qBlock, pairs, sums + j * 16);
        for (; j <= sixteens - 2; j += 2) Tile1x4<Words8>(x, q + j * qBlock, 16, qBlock, qBlock + 16, pairs, sums + j * 16);
        if (j < sixteens) Tile1x2<Words8>(x, q + j * qBlock, 16, pairs, sums + j * 16);
    }

    // The reference of the others, and the path without 256-bit vectors.
    internal static void Portable(int rows, short* x, nint xRow, sbyte* q, nint pairs, int* sums, nint sumsRow)
    {
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < 16; j++)
            {
                int sum = 0;
                for (nint k = 0; k < pairs; k++)
                {
                    short* pair = x + i * xRow + 2 * k;
                    sbyte* weights = q + k * PairBytes + 2 * j;
                    sum += pair[0] * weights[0] + pair[1] * weights[1];
                }
                sums[i * sumsRow + j] = sum;
            }
    }

    // Vector v of a tile reads its weights at q + its offset; all advance by a pair together.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile1x4<V>(short* x, sbyte* q, nint at1, nint at2, nint at3, nint pairs, int* sums) where V : struct, IWords<V>
    {
        V s0 = V.Zero, s1 = V.Zero, s2 = V.Zero, s3 = V.Zero;
        for (nint k = 0; k < pairs; k++, x += 2, q += PairBytes)
        {
            V pair = V.Spread(x);
            s0 += V.MultiplyPairs(V.Widen(q), pair);
            s1 += V.MultiplyPairs(V.Widen(q + at1), pair);
            s2 += V.MultiplyPairs(V.Widen(q + at2), pair);
            s3 += V.MultiplyPairs(V.Widen(q + at3), pair);
        }
        s0.Store(sums); s1.Store(sums + V.Count); s2.Store(sums + 2 * V.Count); s3.Store(sums + 3 * V.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile1x2<V>(short* x, sbyte* q, nint at1, nint pairs, int* sums) where V : struct, IWords<V>
    {
        V s0 = V.Zero, s1 = V.Zero;
        for (nint k = 0; k < pairs; k++, x += 2, q += PairBytes)
        {
            V pair = V.Spread(x);
            s0 += V.MultiplyPairs(V.Widen(q), pair);
            s1 += V.MultiplyPairs(V.Widen(q + at1), pair);
        }
        s0.Store(sums); s1.Store(sums + V.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile4x2<V>(short* x, nint xRow, sbyte* q, nint at1, nint pairs, int* sums, nint sumsRow) where V : struct, IWords<V>
    {
        V s00 = V.Zero, s01 = V.Zero, s10 = V.Zero, s11 = V.Zero, s20 = V.Zero, s21 = V.Zero, s30 = V.Zero, s31 = V.Zero;
        short* x1 = x + xRow, x2 = x1 + xRow, x3 = x2 + xRow;
        for (nint k = 0; k < pairs; k++, q += PairBytes)
        {
            V w0 = V.Widen(q), w1 = V.Widen(q + at1), pair = V.Spread(x + 2 * k);
            s00 += V.MultiplyPairs(w0, pair); s01 += V.MultiplyPairs(w1, pair);
            pair = V.Spread(x1 + 2 * k); s10 += V.MultiplyPairs(w0, pair); s11 += V.MultiplyPairs(w1, pair);
            pair = V.Spread(x2 + 2 * k); s20 += V.MultiplyPairs(w0, pair); s21 += V.MultiplyPairs(w1, pair);
            pair = V.Spread(x3 + 2 * k); s30 += V.MultiplyPairs(w0, pair); s31 += V.MultiplyPairs(w1, pair);
        }
        s00.Store(sums); s01.Store(sums + V.Count);
        s10.Store(sums += sumsRow); s11.Store(sums + V.Count);
        s20.Store(sums += sumsRow); s21.Store(sums + V.Count);
        s30.Store(sums += sumsRow); s31.Store(sums + V.Count);
    }
}
