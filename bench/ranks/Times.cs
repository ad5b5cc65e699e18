using System.Diagnostics;
using Unroll.Training;

namespace Unroll.RankTimes;

/// <summary>Times of what ranks do together or at the same time.</summary>
internal static class Times
{
    /// <summary>Seconds of each round on this rank, in order of size; the ranks begin each together.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="rounds">How many, beside a first one that is not counted.</param>
    /// <param name="before">Prepares a round.</param>
    /// <param name="work">What is timed.</param>
    /// <param name="after">Checks it.</param>
    internal static double[] Of(ICollective ranks, int rounds, Action before, Action work, Action after)
    {
        double[] seconds = new double[rounds + 1];
        for (int round = 0; round <= rounds; round++)
        {
            before();
            ranks.AllGather(new byte[ranks.Size], [.. Enumerable.Repeat(1, ranks.Size)]);
            long began = Stopwatch.GetTimestamp();
            work();
            seconds[round] = Stopwatch.GetElapsedTime(began).TotalSeconds;
            after();
        }
        return [.. seconds[1..].Order()];
    }

    /// <summary>The median of rounds, the mean over all ranks.</summary>
    internal static double Median(ICollective ranks, int rounds, Action work)
    {
        double[] own = Of(ranks, rounds, () => { }, work, () => { });
        return ranks.FromEach(BitConverter.GetBytes(own[own.Length / 2])).Average(bytes => BitConverter.ToDouble(bytes));
    }
}
