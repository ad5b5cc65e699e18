using Unroll.Core;

namespace Unroll.Layers.Losses;

/// <summary>(y − t)², summed over targets and rows; its mean is the mean squared error.</summary>
public sealed record SquaredError : IRowLoss
{
    /// <inheritdoc/>
    public string Name => "squared-error";

    /// <summary>One output per target.</summary>
    public int OutputsFor(int targets) => targets;

    /// <inheritdoc/>
    public LossSum Compute(in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, in Pass pass) =>
        RowLosses.Sum(this, outputs, targets, dOutputs, pass);

    int IRowLoss.Items(int targets) => targets;

    //  L = (y − t)²        ∂L/∂y = 2 (y − t)
    double IRowLoss.Row(ReadOnlySpan<float> y, ReadOnlySpan<float> target, Span<float> dy)
    {
        double sum = 0;
        for (int k = 0; k < dy.Length; k++)
        {
            float e = y[k] - target[k];
            sum += (double)e * e;
            dy[k] = 2 * e;
        }
        return sum;
    }
}
