using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace Unroll.Numerics;

/// <summary>The maximum performance of the processor, with which measured times are compared.</summary>
/// <remarks>
/// Multiply-adds are those of the path that the kernels of this process take, so that a share of the peak says how well they are written. A path of
/// 512-bit vectors that the processor does not have is measured by the widest that it has, and so is reading on every path.
/// </remarks>
public static unsafe class MachineLimits
{
    private const int Streams = 8;

    /// <summary>
    /// Fused multiply-adds of all workers at the same time, in independent chains, nothing from memory: the best of several runs of a few
    /// milliseconds.
    /// </summary>
    /// <param name="team">The threads that run it.</param>
    /// <param name="runs">How often to try, at least 1.</param>
    /// <returns>GFLOP/s of the whole team, two operations a multiply-add.</returns>
    public static double MultiplyAdds(ThreadTeam team, int runs = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        const int rounds = 1_000_000;
        return 2.0 * Chains * Lanes * rounds * team.Threads / BestSeconds(team, new MultiplyAddWork(rounds), runs) / 1e9;
    }

    /// <summary>Reading an array of each worker's own again and again: the best of several runs.</summary>
    /// <param name="team">The threads that read.</param>
    /// <param name="bytes">Size of each worker's array, at least 4096; what fits a cache is read from it.</param>
    /// <param name="runs">How often to try, at least 1.</param>
    /// <returns>GB/s of the whole team.</returns>
    public static double ReadBandwidth(ThreadTeam team, int bytes, int runs = 7)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 4096);
        int floats = bytes / 512 * 128, rounds = Math.Max(1, (1 << 26) / bytes);
        ReadWork work = new(team.Threads, floats, rounds);
        team.Run(work);                                                  // into the cache, where it fits
        return 4.0 * floats * rounds * team.Threads / BestSeconds(team, work, runs) / 1e9;
    }

    private static int Chains => AdvSimd.Arm64.IsSupported ? 24 : 12;

    private static int Lanes => Vector512.IsHardwareAccelerated && Hardware.Wide ? 16 : Hardware.Half ? 8 : Hardware.Quarter ? 4 : 1;

    private static double BestSeconds(ThreadTeam team, IWork work, int runs)
    {
        double best = double.PositiveInfinity;
        for (int i = 0; i < runs; i++)
        {
            long start = Stopwatch.GetTimestamp();
            team.Run(work);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }

    private sealed class MultiplyAddWork(int rounds) : IWork
    {
        public void Run(int worker) => Keep(Lanes switch
        {
            16 => Twelve<Lanes16>(rounds),
            8 => Twelve<Lanes8>(rounds),
            4 => AdvSimd.Arm64.IsSupported ? TwentyFour<Lanes4>(rounds) : Twelve<Lanes4>(rounds),
            _ => AdvSimd.Arm64.IsSupported ? TwentyFour<Lanes1>(rounds) : Twelve<Lanes1>(rounds),
        });
    }

    private sealed class ReadWork(int threads, int floats, int rounds) : IWork
    {
        private readonly PinnedBuffer[] _buffers = [.. Enumerable.Range(0, threads).Select(_ => new PinnedBuffer(floats))];

        public void Run(int worker)
        {
            float* p = _buffers[worker].MatrixView(0, 1, floats, floats).Start;
            Keep(Vector512.IsHardwareAccelerated ? ReadWide(p, floats, rounds) : ReadHalf(p, floats, rounds));
            GC.KeepAlive(_buffers);
        }
    }

    // So that no compiler may leave the work out.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Keep(float result)
    {
        if (float.IsNegative(result)) throw new InvalidOperationException("a sum of positive numbers came out negative");
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Twelve<V>(int rounds) where V : struct, ILane<V>
    {
        V x = V.Of(0.999f), y = V.Of(1e-3f), a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, j = x, k = x, l = x, m = x;
        for (int i = 0; i < rounds; i++)
        {
            a = V.Fma(a, x, y); b = V.Fma(b, x, y); c = V.Fma(c, x, y); d = V.Fma(d, x, y);
            e = V.Fma(e, x, y); f = V.Fma(f, x, y); g = V.Fma(g, x, y); h = V.Fma(h, x, y);
            j = V.Fma(j, x, y); k = V.Fma(k, x, y); l = V.Fma(l, x, y); m = V.Fma(m, x, y);
        }
        return Sum(a + b + c + d + e + f + g + h + j + k + l + m);
    }

    // A processor with thirty-two registers may have four multipliers, each with four sums under way.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float TwentyFour<V>(int rounds) where V : struct, ILane<V>
    {
        V x = V.Of(0.999f), y = V.Of(1e-3f), a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, j = x, k = x, l = x, m = x,
            n = x, o = x, p = x, q = x, r = x, s = x, t = x, u = x, v = x, w = x, z = x, a2 = x;
        for (int i = 0; i < rounds; i++)
        {
            a = V.Fma(a, x, y); b = V.Fma(b, x, y); c = V.Fma(c, x, y); d = V.Fma(d, x, y);
            e = V.Fma(e, x, y); f = V.Fma(f, x, y); g = V.Fma(g, x, y); h = V.Fma(h, x, y);
            j = V.Fma(j, x, y); k = V.Fma(k, x, y); l = V.Fma(l, x, y); m = V.Fma(m, x, y);
            n = V.Fma(n, x, y); o = V.Fma(o, x, y); p = V.Fma(p, x, y); q = V.Fma(q, x, y);
            r = V.Fma(r, x, y); s = V.Fma(s, x, y); t = V.Fma(t, x, y); u = V.Fma(u, x, y);
            v = V.Fma(v, x, y); w = V.Fma(w, x, y); z = V.Fma(z, x, y); a2 = V.Fma(a2, x, y);
        }
        return Sum(a + b + c + d + e + f + g + h + j + k + l + m + n + o + p + q + r + s + t + u + v + w + z + a2);
    }

    private static float Sum<V>(V sums) where V : struct, ILane<V>
    {
        float* lanes = stackalloc float[16];
        sums.Store(lanes);
        float sum = 0;
        for (int i = 0; i < V.Count; i++) sum += lanes[i];
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float ReadWide(float* p, nint n, int rounds)
    {
        Vector512<float> a = default, b = a, c = a, d = a, e = a, f = a, g = a, h = a;
        for (int round = 0; round < rounds; round++)
            for (nint i = 0; i < n; i += Streams * 16)
            {
                a += Vector512.Load(p + i); b += Vector512.Load(p + i + 16); c += Vector512.Load(p + i + 32); d += Vector512.Load(p + i + 48);
                e += Vector512.Load(p + i + 64); f += Vector512.Load(p + i + 80); g += Vector512.Load(p + i + 96); h += Vector512.Load(p + i + 112);
            }
        return Vector512.Sum(a + b + c + d + e + f + g + h);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float ReadHalf(float* p, nint n, int rounds)
    {
        Vector256<float> a = default, b = a, c = a, d = a, e = a, f = a, g = a, h = a;
        for (int round = 0; round < rounds; round++)
            for (nint i = 0; i < n; i += Streams * 8)
            {
                a += Vector256.Load(p + i); b += Vector256.Load(p + i + 8); c += Vector256.Load(p + i + 16); d += Vector256.Load(p + i + 24);
                e += Vector256.Load(p + i + 32); f += Vector256.Load(p + i + 40); g += Vector256.Load(p + i + 48); h += Vector256.Load(p + i + 56);
            }
        return Vector256.Sum(a + b + c + d + e + f + g + h);
    }
}
