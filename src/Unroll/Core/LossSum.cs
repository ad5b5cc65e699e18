namespace Unroll.Core;

/// <summary>A loss as a sum with its count: sums add up over batches and ranks, and the division happens once, at the end.</summary>
/// <param name="Sum">Σ of the losses of the counted items.</param>
/// <param name="Count">How many items were counted.</param>
public readonly record struct LossSum(double Sum, long Count)
{
    /// <summary>Sum ÷ count; NaN where nothing was counted.</summary>
    public double Mean => Sum / Count;

    /// <summary>Both sums together.</summary>
    public static LossSum operator +(LossSum a, LossSum b) => new(a.Sum + b.Sum, a.Count + b.Count);
}
