using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Losses;

/// <summary>
/// −ln of a Poisson distribution whose mean the network gives by its logarithm: counts whose variance is their mean. In nats, without ln t!, which
/// depends on no weight; of targets that are scaled counts it is the quasi-likelihood, with the same minimum. Summed over targets and rows.
/// </summary>
/// <remarks>
/// Outputs [targets]: η = ln μ, so that every output means a mean above 0. McCullagh and Nelder 1989, "Generalized linear models".
/// </remarks>
public sealed record PoissonLikelihood : IRowLoss
{
    /// <inheritdoc/>
    public string Name => "poisson";

    /// <summary>One for each target.</summary>
    public int OutputsFor(int targets) => targets;

    /// <inheritdoc/>
    public LossSum Compute(in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, in Pass pass) =>
        RowLosses.Sum(this, outputs, targets, dOutputs, pass);

    int IRowLoss.Items(int targets) => targets;

    bool IRowLoss.TargetsAreCounts => true;

    //  L = e^η − t η        ∂L/∂η = e^η − t
    double IRowLoss.Row(ReadOnlySpan<float> y, ReadOnlySpan<float> target, Span<float> dy)
    {
        double sum = 0;
        for (int k = 0; k < target.Length; k++)
        {
            float mean = Activations.Exp(y[k]);
            sum += mean - (double)target[k] * y[k];
            dy[k] = mean - target[k];
        }
        return sum;
    }
}
