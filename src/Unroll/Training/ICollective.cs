using Unroll.Core;

namespace Unroll.Training;

/// <summary>The processes that train together: each has the same weights and its own share of every batch.</summary>
public interface ICollective
{
    /// <summary>0 … <see cref="Size"/> − 1.</summary>
    int Rank { get; }

    /// <summary>How many train together.</summary>
    int Size { get; }

    /// <summary>Overwrites the values of every rank with the sum over all ranks; every rank gets the same bits.</summary>
    void Sum(Span<float> values);

    /// <summary>The sum over all ranks; every rank gets the same bits.</summary>
    LossSum Sum(LossSum loss);
}

/// <summary>One process alone: sums are what they were.</summary>
public sealed class SingleRank : ICollective
{
    /// <inheritdoc/>
    public int Rank => 0;

    /// <inheritdoc/>
    public int Size => 1;

    /// <inheritdoc/>
    public void Sum(Span<float> values) { }

    /// <inheritdoc/>
    public LossSum Sum(LossSum loss) => loss;
}
