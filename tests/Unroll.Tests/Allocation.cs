namespace Unroll.Tests;

/// <summary>What work takes from the heap.</summary>
internal static class Allocation
{
    private const int Tries = 8;

    /// <summary>
    /// The bytes that this thread allocates in <paramref name="work"/>, the fewest of some tries: a collection that another test sets off on its own
    /// thread counts the rest of this thread's allocation buffer as taken, once; what the work itself takes, it takes every time.
    /// </summary>
    internal static long Of(Action work)
    {
        long least = long.MaxValue;
        for (int i = 0; i < Tries && least != 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
