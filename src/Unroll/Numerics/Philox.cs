using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Numerics;

/// <summary>
/// Many draws of the counter-based generator at once (Philox 4×32-10; Salmon, Moraes, Dror, Shaw 2011), eight or four counters side by side.
/// </summary>
internal static unsafe class Philox
{
    /// <summary>One block of four times 32 bits: a pure function of key and counter.</summary>
    public static (uint, uint, uint, uint) MatrixView(ulong key, ulong counter, ulong stream)
    {
        uint c0 = (uint)counter, c1 = (uint)(counter >> 32), c2 = (uint)stream, c3 = (uint)(stream >> 32);
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        for (int round = 0; round < 10; round++)
        {
            ulong p0 = 0xD2511F53UL * c0, p1 = 0xCD9E8D57UL * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += 0x9E3779B9U;
            k1 += 0xBB67AE85U;
        }
        return (c0, c1, c2, c3);
    }

    /// <summary>Uniform floats in [0, 1), multiples of 2⁻²⁴: four of each block, of stream 0, from a first counter on.</summary>
    /// <param name="key">The seed.</param>
    /// <param name="counter">The counter of the first block.</param>
    /// <param name="values">Overwritten; the last block may reach beyond them.</param>
    public static void Uniform(ulong key, ulong counter, Span<float> values)
    {
        const float scale = 1f / (1 << 24);
        int i = 0;
        fixed (float* to = values)
        {
            if (Hardware.Half)
                for (; i <= values.Length - 32; i += 32, counter += 8) Eight(key, counter, to + i);
            else if (Hardware.Quarter)
                for (; i <= values.Length - 16; i += 16, counter += 4) Four(key, counter, to + i);
        }
        for (; i < values.Length; i += 4, counter++)
        {
            (uint a, uint b, uint c, uint d) = MatrixView(key, counter, 0);
            values[i] = (a >> 8) * scale;
            if (i + 1 < values.Length) values[i + 1] = (b >> 8) * scale;
            if (i + 2 < values.Length) values[i + 2] = (c >> 8) * scale;
            if (i + 3 < values.Length) values[i + 3] = (d >> 8) * scale;
        }
    }

    // Words of 32 bits in the lower halves of 64: a product has room, and what is left in the upper halves is never multiplied.
    [MethodImpl(Compilation.Kernel)]
    private static void Eight(ulong key, ulong counter, float* to)
    {
        Vector256<ulong> a0 = Vector256.Create(counter, counter + 1, counter + 2, counter + 3), b0 = a0 + Vector256.Create(4UL);
        Vector256<ulong> a1 = a0 >>> 32, b1 = b0 >>> 32, a2 = default, b2 = default, a3 = default, b3 = default;
        Vector256<uint> m0 = Vector256.Create(0xD2511F53UL).AsUInt32(), m1 = Vector256.Create(0xCD9E8D57UL).AsUInt32();
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        for (int round = 0; round < 10; round++)
        {
            Vector256<ulong> key0 = Vector256.Create((ulong)k0), key1 = Vector256.Create((ulong)k1);
            Vector256<ulong> p = Avx2.Multiply(m0, a0.AsUInt32()), q = Avx2.Multiply(m1, a2.AsUInt32());
            Vector256<ulong> r = Avx2.Multiply(m0, b0.AsUInt32()), s = Avx2.Multiply(m1, b2.AsUInt32());
            (a0, a1, a2, a3) = ((q >>> 32) ^ a1 ^ key0, q, (p >>> 32) ^ a3 ^ key1, p);
            (b0, b1, b2, b3) = ((s >>> 32) ^ b1 ^ key0, s, (r >>> 32) ^ b3 ^ key1, r);
            k0 += 0x9E3779B9U;
            k1 += 0xBB67AE85U;
        }
        Store(a0, a1, a2, a3, to);
        Store(b0, b1, b2, b3, to + 16);
    }

    // Four words of each of four blocks → block by block, as floats.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<ulong> c0, Vector256<ulong> c1, Vector256<ulong> c2, Vector256<ulong> c3, float* to)
    {
        Vector256<ulong> low = Vector256.Create((ulong)uint.MaxValue), first = (c0 & low) | (c1 << 32), second = (c2 & low) | (c3 << 32);
        Vector256<ulong> even = Avx2.UnpackLow(first, second), odd = Avx2.UnpackHigh(first, second);        // blocks 0 and 2, 1 and 3
        Float(Avx2.Permute2x128(even, odd, 0x20)).Store(to);
        Float(Avx2.Permute2x128(even, odd, 0x31)).Store(to + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Float(Vector256<ulong> words) =>
        Vector256.ConvertToSingle((words.AsUInt32() >>> 8).AsInt32()) * Vector256.Create(1f / (1 << 24));

    // The same with two blocks a vector.
    [MethodImpl(Compilation.Kernel)]
    private static void Four(ulong key, ulong counter, float* to)
    {
        Vector128<ulong> a0 = Vector128.Create(counter, counter + 1), b0 = a0 + Vector128.Create(2UL);
        Vector128<ulong> a1 = a0 >>> 32, b1 = b0 >>> 32, a2 = default, b2 = default, a3 = default, b3 = default;
        Vector128<ulong> m0 = Vector128.Create(0xD2511F53UL), m1 = Vector128.Create(0xCD9E8D57UL);
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        for (int round = 0; round < 10; round++)
        {
            Vector128<ulong> key0 = Vector128.Create((ulong)k0), key1 = Vector128.Create((ulong)k1);
            Vector128<ulong> p = MultiplyLowHalves(m0, a0), q = MultiplyLowHalves(m1, a2);
            Vector128<ulong> r = MultiplyLowHalves(m0, b0), s = MultiplyLowHalves(m1, b2);
            (a0, a1, a2, a3) = ((q >>> 32) ^ a1 ^ key0, q, (p >>> 32) ^ a3 ^ key1, p);
            (b0, b1, b2, b3) = ((s >>> 32) ^ b1 ^ key0, s, (r >>> 32) ^ b3 ^ key1, r);
            k0 += 0x9E3779B9U;
            k1 += 0xBB67AE85U;
        }
        Store(a0, a1, a2, a3, to);
        Store(b0, b1, b2, b3, to + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<ulong> c0, Vector128<ulong> c1, Vector128<ulong> c2, Vector128<ulong> c3, float* to)
    {
        Vector128<ulong> low = Vector128.Create((ulong)uint.MaxValue), first = (c0 & low) | (c1 << 32), second = (c2 & low) | (c3 << 32);
        Float(Interleaving.Low(first, second)).Store(to);
        Float(Interleaving.High(first, second)).Store(to + 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Float(Vector128<ulong> words) =>
        Vector128.ConvertToSingle((words.AsUInt32() >>> 8).AsInt32()) * Vector128.Create(1f / (1 << 24));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> MultiplyLowHalves(Vector128<ulong> a, Vector128<ulong> b)
    {
        if (Sse2.IsSupported) return Sse2.Multiply(a.AsUInt32(), b.AsUInt32());
        return AdvSimd.MultiplyWideningLower(AdvSimd.ExtractNarrowingLower(a), AdvSimd.ExtractNarrowingLower(b));
    }
}
