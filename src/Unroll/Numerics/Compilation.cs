using System.Runtime.CompilerServices;

namespace Unroll.Numerics;

/// <summary>How loops are compiled that a program spends its time in.</summary>
internal static class Compilation
{
    /// <summary>
    /// Once and at once to the best that the compiler can do, and never as a part of a caller, where its budget would leave calls in the loop. A
    /// program published for one platform brings them compiled; <see cref="MethodImplOptions.AggressiveOptimization"/> would have them compiled again
    /// at every start.
    /// </summary>
#if PRECOMPILED
    internal const MethodImplOptions Kernel = MethodImplOptions.NoInlining;
#else
    internal const MethodImplOptions Kernel = MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization;
#endif
}
