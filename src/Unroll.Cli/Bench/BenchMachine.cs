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
    /// <param name="settle">Whether to warm up; not needed where times do not matter.</param>
    internal BenchMachine(int threads, bool settle) => (Team, _settle) = (new ThreadTeam(threads), settle);

    internal ThreadTeam Team { get; }

    /// <summary>Before the first timing of something: until each thread has a core and the code that it runs has its final compilation.</summary>
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
    internal Measured Measure(Timing timing, Action work)
    {
        double before = MachineLimits.MultiplyAdds(Team);
        OtherLoad load = OtherLoad.Now();
        Times times = timing.Measure(work);
        (double? others, double? stolen) = OtherLoad.Now().Since(load);
        return new Measured(times, Math.Max(before, MachineLimits.MultiplyAdds(Team)), others, stolen);
    }

    public void Dispose() => Team.Dispose();
}

/// <summary>A time and the state of the machine that it was taken in.</summary>
/// <param name="Times">The times.</param>
/// <param name="Peak">The maximum GFLOP/s of the threads, measured before and after.</param>
/// <param name="OtherCores">Cores that other processes used meanwhile; null where not known.</param>
/// <param name="StolenCores">Cores that the host of a virtual machine took away; null where not known.</param>
internal readonly record struct Measured(Times Times, double Peak, double? OtherCores, double? StolenCores);
