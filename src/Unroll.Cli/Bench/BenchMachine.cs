using Unroll.Numerics;

namespace Unroll.Cli.Bench;

/// <summary>The threads of a benchmark, warm before anything is timed, and the peak that they could reach.</summary>
internal sealed class BenchMachine : IDisposable
{
    // Two threads that wake together may share one core of a virtual machine for seconds before they are put on two.
    private const double SettleSeconds = 2.5, CodeSeconds = 0.4;
    private readonly bool _settle;
    private readonly HashSet<string> _warm = [];
    private bool _settled;

    /// <summary>Starts the threads.</summary>
    /// <param name="threads">How many.</param>
    /// <param name="settle">Whether to warm up; not for times that nobody reads.</param>
    internal BenchMachine(int threads, bool settle) => (Team, _settle) = (new ThreadTeam(threads), settle);

    internal ThreadTeam Team { get; }

    /// <summary>Before the first timing of something: until the threads have cores and the code that it runs has been compiled for good.</summary>
    /// <param name="what">Said once for each.</param>
    /// <param name="small">The same code on few numbers.</param>
    internal void WarmUp(string what, Action small)
    {
        if (!_settle) return;
        if (!_settled && Team.Threads > 1) Timing.Repeat(() => MachineLimits.MultiplyAdds(Team), 1, SettleSeconds);
        _settled = true;
        if (_warm.Add(what)) Timing.Repeat(small, 100, CodeSeconds);
    }

    /// <summary>Times of a call beside the peak of the same moments: these machines do not run at one speed.</summary>
    internal (Times Times, double Peak) Measure(Timing timing, Action work)
    {
        double before = MachineLimits.MultiplyAdds(Team);
        Times times = timing.Measure(work);
        return (times, Math.Max(before, MachineLimits.MultiplyAdds(Team)));
    }

    public void Dispose() => Team.Dispose();
}
