using Unroll.Core;

namespace Unroll.Layers.Losses;

/// <summary>|y − t|, summed over targets and rows; its mean is the mean absolute error. The best constant is the median.</summary>
public sealed record AbsoluteError : IRowLoss
{
    /// <inheritdoc/>
    public string Name => "absolute-error";

    /// <summary>One output per target.</summary>
    public int OutputsFor(int targets) => targets;

    /// <inheritdoc/>
    public LossSum Compute(in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, in Pass pass) =>
        RowLosses.Sum(this, outputs, targets, dOutputs, pass);

    int IRowLoss.Items(int targets) => targets;

    //  L = |y − t|        ∂L/∂y = sign(y − t), 0 at the kink
    double IRowLoss.Row(ReadOnlySpan<float> y, ReadOnlySpan<float> target, Span<float> dy)
    {
        double sum = 0;
        for (int k = 0; k < dy.Length; k++)
        {
            float e = y[k] - target[k];
            sum += Math.Abs(e);
            dy[k] = e > 0 ? 1 : e < 0 ? -1 : 0 * e;                          // 0, or NaN where e is
        }
        return sum;
    }
}
