using System.Diagnostics;

namespace Unroll.Cli.Lab.Statistics;

/// <summary>Times of several works, each once in every round, so that all are affected equally by what else the machine does.</summary>
internal static class InTurn
{
    private const int MinRounds = 3;

    /// <summary>The median seconds of each; the first round warms up.</summary>
    /// <param name="works">Each does a piece of its work and says whether there is more of it.</param>
    /// <param name="maxRounds">Rounds that are timed, at most.</param>
    /// <param name="seconds">After how long no further round begins.</param>
    /// <returns>NaN where no round was timed.</returns>
    internal static IReadOnlyList<double> Median(IReadOnlyList<Func<bool>> works, int maxRounds, double seconds)
    {
        List<double>[] times = [.. works.Select(_ => new List<double>())];
        long start = Stopwatch.GetTimestamp();
        bool more = true;
        for (int round = 0; more && round <= maxRounds && (round < MinRounds || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds); round++)
            for (int w = 0; w < works.Count; w++)
            {
                long begin = Stopwatch.GetTimestamp();
                if (!works[w]()) more = false;
                else if (round > 0) times[w].Add(Stopwatch.GetElapsedTime(begin).TotalSeconds);
            }
        return [.. times.Select(all => all.Count == 0 ? double.NaN : all.Order().ElementAt(all.Count / 2))];
    }
}
