using Unroll.Numerics;

namespace Unroll.Tasks.Shared;

/// <summary>The threads of a call that named none.</summary>
internal static class TaskThreads
{
    private static readonly ThreadTeam s_one = new(1);

    /// <summary>The threads that were given, else one: it may be used by any number of callers at once.</summary>
    internal static ThreadTeam Or(ThreadTeam? given) => given ?? s_one;
}
