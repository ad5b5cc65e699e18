using System.Diagnostics;

namespace Unroll.Cli.Bench;

/// <summary>How times are taken: warm-up of at least 2 calls and 0.15 s; then samples of at least 20 ms each.</summary>
/// <param name="Repeats">Minimum number of samples.</param>
/// <param name="Seconds">More samples, up to 41, while fewer than so many seconds have passed; 0: single calls without warm-up.</param>
internal sealed record Timing(int Repeats = 7, double Seconds = 0.7)
{
    private const int MaxSamples = 41;

    /// <summary>Times of a call.</summary>
    /// <param name="work">The call.</param>
    internal Times Measure(Action work)
    {
        long inner = Seconds > 0 ? WarmUp(work) : 1;
        List<double> samples = new(MaxSamples);
        for (long start = Stopwatch.GetTimestamp(); samples.Count < Repeats || (samples.Count < MaxSamples && Elapsed(start) < Seconds);)
        {
            long begin = Stopwatch.GetTimestamp();
            for (long i = 0; i < inner; i++) work();
            samples.Add(Elapsed(begin) / inner);
        }
        samples.Sort();
        return new Times(samples[samples.Count / 2], samples[0], samples[^1], samples.Count, Allocated(work));
    }

    // Returns the number of calls per sample.
    private static long WarmUp(Action work)
    {
        Repeat(work, atLeast: 2, seconds: 0.15);
        (long calls, double took) = Repeat(work, atLeast: 1, seconds: 0.05);
        return Math.Max(1, (long)(0.02 * calls / took));
    }

    /// <summary>Calls until both limits are reached.</summary>
    internal static (long Calls, double Seconds) Repeat(Action work, int atLeast, double seconds)
    {
        long start = Stopwatch.GetTimestamp(), calls = 0;
        for (; calls < atLeast || Elapsed(start) < seconds; calls++) work();
        return (calls, Elapsed(start));
    }

    // Of all threads, the minimum of three calls: what the runtime allocates for itself in between is not the call's.
    private static long Allocated(Action work)
    {
        long minimum = long.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            work();
            minimum = Math.Min(minimum, GC.GetTotalAllocatedBytes(precise: true) - before);
        }
        return minimum;
    }

    private static double Elapsed(long start) => Stopwatch.GetElapsedTime(start).TotalSeconds;
}

/// <summary>What a measurement found, in seconds per call.</summary>
/// <param name="Median">Of the samples.</param>
/// <param name="Min">The quickest sample.</param>
/// <param name="Max">The slowest sample.</param>
/// <param name="Samples">How many.</param>
/// <param name="AllocatedBytes">Managed memory that a warmed-up call takes.</param>
internal readonly record struct Times(double Median, double Min, double Max, int Samples, long AllocatedBytes);
