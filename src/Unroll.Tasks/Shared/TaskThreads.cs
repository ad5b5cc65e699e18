using Unroll.Numerics;

namespace Unroll.Tasks.Shared;

/// <summary>The threads of a call that named none.</summary>
internal static class TaskThreads
{
    private const long WorthSharing = 4_000_000;             // multiply-adds of a step of the recurrence; below, threads wait longer than they work

    private static readonly ThreadTeam s_one = new(1);
    private static readonly Lazy<ThreadTeam> s_all = new(() => new ThreadTeam(Environment.ProcessorCount));

    /// <summary>The threads that were given, else one: it may be used by any number of callers at once.</summary>
    internal static ThreadTeam Or(ThreadTeam? given) => given ?? s_one;

    /// <summary>The threads that were given, else those that a training run deserves: all cores for a large network, else one. They are shared by all runs.</summary>
    /// <param name="given">Those of <see cref="RunSettings.Threads"/>.</param>
    /// <param name="weights">Weights that each row of a step is multiplied by: all but tables.</param>
    /// <param name="rows">Sequences of a batch.</param>
    internal static ThreadTeam ForRun(ThreadTeam? given, long weights, int rows) => given ?? (weights * rows < WorthSharing ? s_one : s_all.Value);
}
