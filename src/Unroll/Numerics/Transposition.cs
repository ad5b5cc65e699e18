using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Numerics;

/// <summary>Rows become columns: how weights become panels. Moves only: no arithmetic, so that every path gives the same.</summary>
internal static unsafe class Transposition
{
    /// <summary>Packs rows side by side; missing rows are left as they are.</summary>
    /// <param name="from">[rows, columns].</param>
    /// <param name="stride">Floats from row to row.</param>
    /// <param name="rows">1 … 16.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="to">[columns][16].</param>
    public static void Pack(float* from, nint stride, int rows, int columns, float* to) => Rows(from, stride, rows, columns, to, 16);

    /// <summary>[rows, columns] → [columns][pitch], of which the first rows count.</summary>
    public static void Copy(in MatrixView from, float* to, nint pitch) => Rows(from.Start, from.Stride, from.Rows, from.Columns, to, pitch);

    private static void Rows(float* from, nint stride, int rows, int columns, float* to, nint pitch)
    {
        int row = 0;
        if (Hardware.Half)
            for (; row <= rows - 8; row += 8) Eight(from + row * stride, stride, columns, to + row, pitch);
        if (Interleaving.IsSupported)
            for (; row <= rows - 4; row += 4) Four(from + row * stride, stride, columns, to + row, pitch);
        for (; row < rows; row++)
            for (int k = 0; k < columns; k++) to[k * pitch + row] = from[row * stride + k];
    }

    [MethodImpl(Compilation.Kernel)]
    private static void Four(float* from, nint stride, int columns, float* to, nint pitch)
    {
        int k = 0;
        for (; k <= columns - 4; k += 4, from += 4, to += 4 * pitch)
        {
            Vector128<float> a = Vector128.Load(from), b = Vector128.Load(from + stride), c = Vector128.Load(from + 2 * stride),
                d = Vector128.Load(from + 3 * stride);
            Vector128<ulong> ab0 = Interleaving.Low(a, b).AsUInt64(), ab1 = Interleaving.High(a, b).AsUInt64(),
                cd0 = Interleaving.Low(c, d).AsUInt64(), cd1 = Interleaving.High(c, d).AsUInt64();
            Interleaving.Low(ab0, cd0).AsSingle().Store(to);
            Interleaving.High(ab0, cd0).AsSingle().Store(to + pitch);
            Interleaving.Low(ab1, cd1).AsSingle().Store(to + 2 * pitch);
            Interleaving.High(ab1, cd1).AsSingle().Store(to + 3 * pitch);
        }
        for (; k < columns; k++, from++, to += pitch)
            for (int row = 0; row < 4; row++) to[row] = from[row * stride];
    }

    [MethodImpl(Compilation.Kernel)]
    private static void Eight(float* from, nint stride, int columns, float* to, nint pitch)
    {
        int k = 0;
        for (; k <= columns - 8; k += 8, from += 8, to += 8 * pitch)
        {
            Vector256<float> a = Avx.LoadVector256(from), b = Avx.LoadVector256(from + stride), c = Avx.LoadVector256(from + 2 * stride),
                d = Avx.LoadVector256(from + 3 * stride), e = Avx.LoadVector256(from + 4 * stride), f = Avx.LoadVector256(from + 5 * stride),
                g = Avx.LoadVector256(from + 6 * stride), h = Avx.LoadVector256(from + 7 * stride);
            Vector256<float> ab0 = Avx.UnpackLow(a, b), ab1 = Avx.UnpackHigh(a, b), cd0 = Avx.UnpackLow(c, d), cd1 = Avx.UnpackHigh(c, d),
                ef0 = Avx.UnpackLow(e, f), ef1 = Avx.UnpackHigh(e, f), gh0 = Avx.UnpackLow(g, h), gh1 = Avx.UnpackHigh(g, h);
            Vector256<float> low0 = Avx.Shuffle(ab0, cd0, 0x44), low1 = Avx.Shuffle(ab0, cd0, 0xEE), low2 = Avx.Shuffle(ab1, cd1, 0x44),
                low3 = Avx.Shuffle(ab1, cd1, 0xEE), high0 = Avx.Shuffle(ef0, gh0, 0x44), high1 = Avx.Shuffle(ef0, gh0, 0xEE),
                high2 = Avx.Shuffle(ef1, gh1, 0x44), high3 = Avx.Shuffle(ef1, gh1, 0xEE);
            Avx.Permute2x128(low0, high0, 0x20).Store(to);
            Avx.Permute2x128(low1, high1, 0x20).Store(to + pitch);
            Avx.Permute2x128(low2, high2, 0x20).Store(to + 2 * pitch);
            Avx.Permute2x128(low3, high3, 0x20).Store(to + 3 * pitch);
            Avx.Permute2x128(low0, high0, 0x31).Store(to + 4 * pitch);
            Avx.Permute2x128(low1, high1, 0x31).Store(to + 5 * pitch);
            Avx.Permute2x128(low2, high2, 0x31).Store(to + 6 * pitch);
            Avx.Permute2x128(low3, high3, 0x31).Store(to + 7 * pitch);
        }
        for (; k < columns; k++, from++, to += pitch)
            for (int row = 0; row < 8; row++) to[row] = from[row * stride];
    }
}
