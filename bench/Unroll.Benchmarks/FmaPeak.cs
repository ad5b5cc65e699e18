using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Benchmarks;

/// <summary>The most that one core can multiply and add: twelve independent chains, nothing from memory.</summary>
internal static class FmaPeak
{
    /// <summary>GFLOP/s of one core, the best of twenty runs.</summary>
    public static double Measure()
    {
        const long rounds = 2_000_000;
        double best = 0;
        for (int i = 0; i < 20; i++)
        {
            long start = Stopwatch.GetTimestamp();
            float keep = Avx512F.IsSupported ? Wide(rounds) : Half(rounds);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            GC.KeepAlive(keep);
            best = Math.Max(best, rounds * 12 * 2 * (Avx512F.IsSupported ? 16 : 8) / seconds / 1e9);
        }
        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Wide(long rounds)
    {
        Vector512<float> x = Vector512.Create(0.999f), y = Vector512.Create(1e-3f);
        Vector512<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (long n = 0; n < rounds; n++)
        {
            a = Avx512F.FusedMultiplyAdd(a, x, y); b = Avx512F.FusedMultiplyAdd(b, x, y); c = Avx512F.FusedMultiplyAdd(c, x, y);
            d = Avx512F.FusedMultiplyAdd(d, x, y); e = Avx512F.FusedMultiplyAdd(e, x, y); f = Avx512F.FusedMultiplyAdd(f, x, y);
            g = Avx512F.FusedMultiplyAdd(g, x, y); h = Avx512F.FusedMultiplyAdd(h, x, y); i = Avx512F.FusedMultiplyAdd(i, x, y);
            j = Avx512F.FusedMultiplyAdd(j, x, y); k = Avx512F.FusedMultiplyAdd(k, x, y); l = Avx512F.FusedMultiplyAdd(l, x, y);
        }
        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Half(long rounds)
    {
        Vector256<float> x = Vector256.Create(0.999f), y = Vector256.Create(1e-3f);
        Vector256<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (long n = 0; n < rounds; n++)
        {
            a = Fma.MultiplyAdd(a, x, y); b = Fma.MultiplyAdd(b, x, y); c = Fma.MultiplyAdd(c, x, y);
            d = Fma.MultiplyAdd(d, x, y); e = Fma.MultiplyAdd(e, x, y); f = Fma.MultiplyAdd(f, x, y);
            g = Fma.MultiplyAdd(g, x, y); h = Fma.MultiplyAdd(h, x, y); i = Fma.MultiplyAdd(i, x, y);
            j = Fma.MultiplyAdd(j, x, y); k = Fma.MultiplyAdd(k, x, y); l = Fma.MultiplyAdd(l, x, y);
        }
        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}
