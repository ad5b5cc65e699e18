using System.Globalization;
using System.Runtime.InteropServices;
using Unroll.Training;

namespace Unroll.RankTimes;

/// <summary>
/// The time of a gradient's sum over N ranks, exchanged as training does: slices go to the ranks that add them up, then all slices to all, so that
/// each rank sends 2 (N − 1)/N of the gradient.
/// </summary>
internal static class SumTimes
{
    /// <summary>Prints the time of each size beside that of the wire.</summary>
    internal static void Print(ICollective ranks, string library, double bitsPerSecond, IEnumerable<double> megabytes)
    {
        foreach (double size in megabytes)
        {
            const int rounds = 20;
            int n = ranks.Size, floats = (int)(size * 1e6 / sizeof(float)) / n * n;
            double[] warm = Of(ranks, floats, rounds);
            if (ranks.Rank != 0) continue;
            double median = warm[warm.Length / 2], bytes = (double)floats * sizeof(float), wire = 2.0 * (n - 1) / n * bytes * 8 / bitsPerSecond;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{n} ranks, {library}: {bytes / 1e6,5:F1} MB in {1e3 * median,7:F2} ms (from {1e3 * warm[0]:F2} to {1e3 * warm[^1]:F2}), wire "
                + $"{1e3 * wire,7:F2} ms: {median / wire:F2} times"));
        }
    }

    /// <summary>Seconds of each of some sums, in order of size; the sum is checked.</summary>
    /// <param name="ranks">Those that add up.</param>
    /// <param name="length">Floats, a multiple of the ranks.</param>
    /// <param name="rounds">How many, beside a first one.</param>
    internal static double[] Of(ICollective ranks, int length, int rounds)
    {
        int n = ranks.Size, floats = length / n;                         // of a slice
        float[] gradient = new float[length], received = new float[length];
        int[] counts = [.. Enumerable.Repeat(floats * sizeof(float), n)];
        return Times.Of(ranks, rounds, () => Array.Fill(gradient, ranks.Rank + 1), () =>
        {
            ranks.AllToAll(MemoryMarshal.AsBytes(gradient.AsSpan()), counts, MemoryMarshal.AsBytes(received.AsSpan()), counts);
            Span<float> own = gradient.AsSpan(ranks.Rank * floats, floats);
            received.AsSpan(0, floats).CopyTo(own);
            for (int rank = 1; rank < n; rank++)
                for (int i = 0; i < floats; i++) own[i] += received[rank * floats + i];
            ranks.AllGather(MemoryMarshal.AsBytes(gradient.AsSpan()), counts);
        }, () =>
        {
            if (gradient.Any(sum => sum != n * (n + 1) / 2)) throw new InvalidOperationException("the sum is wrong");
        });
    }
}
