using System.Globalization;
using Unroll.Training;

namespace Unroll.RankTimes;

//  T(N) = f + c ⌈S/N⌉                     compute: what every rank does for all weights (Adam, norm, clearing), and its shards
//       + 3 (a + (N − 1) m)               latency: three exchanges a step, N − 1 messages each
//       + 2 (N − 1)/N · P / w             bytes: P of the gradient, w of the wire a second
//
//  f is measured by steps without passes, c by steps of 8 shards of one rank, all ranks at work at once; a + m by exchanges of a few bytes, w by a
//  sum of 16 MB.

/// <summary>The model of what a step costs: its units measured, and held against steps of ranks.</summary>
internal static class CostModel
{
    private const int MegabytesOfUnit = 16, Sequences = 1024;

    /// <summary>Measures the units, and then the steps of each size.</summary>
    internal static void Print(ICollective ranks, string library, IEnumerable<int> sizes)
    {
        int n = ranks.Size;
        int[] few = [.. Enumerable.Repeat(100, n)];
        byte[] told = new byte[100 * n];
        double latency = Times.Medians(ranks, 400, () => ranks.AllGather(told, few))[0];
        int floats = MegabytesOfUnit * 250_000 / n * n;
        double[] sums = SumTimes.Of(ranks, floats, 8);
        double perByte = (sums[sums.Length / 2] - 2 * latency) / (2.0 * (n - 1) / n * sizeof(float) * floats);
        Say(ranks, string.Create(CultureInfo.InvariantCulture,
            $"{n} ranks, {library}: an exchange of a few bytes {1e6 * latency:F0} µs, wire {8e-9 / perByte:F2} Gbit/s in a sum of "
            + $"{MegabytesOfUnit} MB"));
        foreach (int hidden in sizes)
        {
            using StepWork whole = new(hidden, StepWork.Shards, ranks: null), none = new(hidden, 1, ranks: null, passes: false),
                together = new(hidden, StepWork.Shards, ranks);
            double[] medians = Times.Medians(ranks, RoundsOf(hidden), whole.Step, none.Step, together.Step);
            (double all, double always, double measured) = (medians[0], medians[1], medians[2]);
            double shard = (all - always) / StepWork.Shards;
            double bytes = sizeof(float) * (double)together.Weights;
            int shards = (StepWork.Shards + n - 1) / n;
            double compute = always + shards * shard, wire = 2.0 * (n - 1) / n * bytes * perByte, model = compute + 3 * latency + wire;
            Say(ranks, string.Create(CultureInfo.InvariantCulture,
                $"H = {hidden,4}: f {1e3 * always,6:F2} ms, c {1e3 * shard,6:F2} ms a shard, {bytes / 1e6,5:F2} MB; compute {1e3 * compute,7:F2} "
                + $"+ latency {3e3 * latency,5:F2} + bytes {1e3 * wire,7:F2} = {1e3 * model,7:F2} ms, measured {1e3 * measured,7:F2} ms: "
                + $"{100 * (model / measured - 1):+0;−0;0} %"));
        }
    }

    /// <summary>What the model says of many ranks, for a batch of 1,024 sequences: of each size the milliseconds of a step.</summary>
    /// <param name="latency">a, microseconds of an exchange.</param>
    /// <param name="message">m, microseconds of each message in it.</param>
    /// <param name="sizes"><c>H:f:c:MB</c>, milliseconds as <see cref="Print"/> says them.</param>
    internal static void Predict(double latency, double message, IEnumerable<string> sizes)
    {
        int[] counts = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
        Console.WriteLine($"| H, wire | {string.Join(" | ", counts)} | best |");
        Console.WriteLine($"|---|{string.Concat(counts.Select(_ => "--:|"))}--:|");
        foreach (string size in sizes)
        {
            string[] parts = size.Split(':');
            double always = Number(parts[1]), shard = Number(parts[2]), megabytes = Number(parts[3]);
            foreach (double gigabits in (double[])[1, 10, 100])
            {
                double At(int n)
                {
                    int shards = Math.Max(StepWork.Shards, n), own = shards / n;
                    double compute = always + own * shard * Sequences / shards / (StepWork.Sequences / StepWork.Shards);
                    return n == 1 ? compute : compute + 3e-3 * (latency + (n - 1) * message) + 2.0 * (n - 1) / n * megabytes * 8 / gigabits;
                }
                double[] all = [.. counts.Select(At)];
                int best = Array.IndexOf(all, all.Min());
                Console.WriteLine($"| {parts[0]}, {gigabits} Gbit/s | {string.Join(" | ", all.Select(Text))} | {counts[best]}: "
                    + $"{Text(all[0] / all[best])} × |");
            }
        }
    }

    private static int RoundsOf(int hidden) => hidden >= 512 ? 10 : hidden >= 256 ? 25 : 60;

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(double value) => value.ToString(value >= 100 ? "F0" : "G3", CultureInfo.InvariantCulture);

    private static void Say(ICollective ranks, string line)
    {
        if (ranks.Rank == 0) Console.WriteLine(line);
    }
}
