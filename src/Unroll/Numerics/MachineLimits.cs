using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Numerics;

/// <summary>The maximum performance of the processor, with which measured times are compared.</summary>
/// <remarks>Measured with the widest vectors that the processor has, whatever path the kernels of this process take.</remarks>
public static unsafe class MachineLimits
{
    private const int Chains = 12, Streams = 8;

    /// <summary>
    /// Fused multiply-adds of all workers at the same time, twelve independent chains each, nothing from memory: the best of several runs of a few
    /// milliseconds.
    /// </summary>
    /// <param name="team">The threads that run it.</param>
    /// <param name="runs">How often to try, at least 1.</param>
    /// <returns>GFLOP/s of the whole team, two operations a multiply-add.</returns>
    public static double MultiplyAdds(ThreadTeam team, int runs = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        const int rounds = 1_000_000;
        int lanes = Vector512.IsHardwareAccelerated ? 16 : Fma.IsSupported ? 8 : 1;
        return 2.0 * Chains * lanes * rounds * team.Threads / BestSeconds(team, new MultiplyAddWork(rounds), runs) / 1e9;
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
        public void Run(int worker) => Keep(Vector512.IsHardwareAccelerated ? Wide(rounds) : Fma.IsSupported ? Half(rounds) : Scalar(rounds));
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
    private static float Wide(int rounds)
    {
        Vector512<float> x = Vector512.Create(0.999f), y = Vector512.Create(1e-3f);
        Vector512<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (int n = 0; n < rounds; n++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y); b = Vector512.FusedMultiplyAdd(b, x, y); c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y); e = Vector512.FusedMultiplyAdd(e, x, y); f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y); h = Vector512.FusedMultiplyAdd(h, x, y); i = Vector512.FusedMultiplyAdd(i, x, y);
            j = Vector512.FusedMultiplyAdd(j, x, y); k = Vector512.FusedMultiplyAdd(k, x, y); l = Vector512.FusedMultiplyAdd(l, x, y);
        }
        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Half(int rounds)
    {
        Vector256<float> x = Vector256.Create(0.999f), y = Vector256.Create(1e-3f);
        Vector256<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (int n = 0; n < rounds; n++)
        {
            a = Fma.MultiplyAdd(a, x, y); b = Fma.MultiplyAdd(b, x, y); c = Fma.MultiplyAdd(c, x, y);
            d = Fma.MultiplyAdd(d, x, y); e = Fma.MultiplyAdd(e, x, y); f = Fma.MultiplyAdd(f, x, y);
            g = Fma.MultiplyAdd(g, x, y); h = Fma.MultiplyAdd(h, x, y); i = Fma.MultiplyAdd(i, x, y);
            j = Fma.MultiplyAdd(j, x, y); k = Fma.MultiplyAdd(k, x, y); l = Fma.MultiplyAdd(l, x, y);
        }
        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    // Without fused multiply-add in hardware: what the portable path stands on.
    private static float Scalar(int rounds)
    {
        Span<float> chains = stackalloc float[Chains];
        chains.Fill(0.999f);
        for (int n = 0; n < rounds; n++)
            for (int c = 0; c < Chains; c++) chains[c] = MathF.FusedMultiplyAdd(chains[c], 0.999f, 1e-3f);
        float sum = 0;
        foreach (float chain in chains) sum += chain;
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
