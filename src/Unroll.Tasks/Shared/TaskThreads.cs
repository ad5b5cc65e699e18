using Unroll.Numerics;

namespace Unroll.Tasks.Shared;

/// <summary>The threads of a call that named none.</summary>
public static class TaskThreads
{
    /// <summary>The threads that were given, else the team that all callers share, of which small work uses one thread alone.</summary>
    public static ThreadTeam Or(ThreadTeam? given) => given ?? ThreadTeam.Default;
}
