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

    /// <summary>Of each work the median of its rounds, the mean over all ranks: one round of each in turn, because machines do not run at one
    /// speed.</summary>
    internal static double[] Medians(ICollective ranks, int rounds, params Action[] works)
    {
        double[][] seconds = [.. works.Select(_ => new double[rounds])];
        for (int round = 0; round < rounds; round++)
            for (int i = 0; i < works.Length; i++) seconds[i][round] = Of(ranks, 1, () => { }, works[i], () => { })[0];
        return [.. seconds.Select(own =>
        {
            Array.Sort(own);
            return ranks.FromEach(BitConverter.GetBytes(own[rounds / 2])).Average(bytes => BitConverter.ToDouble(bytes));
        })];
    }
}
