namespace Unroll.Cli.Lab.Compare;

/// <summary>How many units give a cell as many parameters as another has.</summary>
internal static class EqualParameters
{
    /// <summary>The number of units whose parameters come nearest to a number of them; of two as near, the smaller.</summary>
    /// <param name="parameters">Parameters with so many units; grows with them.</param>
    /// <param name="wanted">The number aimed at.</param>
    /// <returns>At least 1.</returns>
    internal static int Units(Func<int, long> parameters, long wanted)
    {
        int low = 1, high = 2;
        while (parameters(high) < wanted) (low, high) = (high, 2 * high);
        while (high - low > 1)                                               // parameters(low) ≤ wanted ≤ parameters(high), but for low = 1
        {
            int middle = low + (high - low) / 2;
            if (parameters(middle) < wanted) low = middle;
            else high = middle;
        }
        return Math.Abs(parameters(high) - wanted) < Math.Abs(parameters(low) - wanted) ? high : low;
    }
}
