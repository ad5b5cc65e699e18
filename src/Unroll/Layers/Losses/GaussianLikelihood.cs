using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Losses;

/// <summary>
/// −ln of a normal density whose mean and deviation the network gives: a forecast that says how sure it is. In nats, summed over targets and rows.
/// </summary>
/// <remarks>Outputs [targets × 2]: for each target μ, then ρ = ln σ, so that every output means a positive σ.</remarks>
public sealed record GaussianLikelihood : IRowLoss
{
    private const double HalfLnTwoPi = 0.91893853320467274178;

    /// <inheritdoc/>
    public string Name => "gaussian";

    /// <summary>μ and ln σ for each target.</summary>
    public int OutputsFor(int targets) => 2 * targets;

    /// <inheritdoc/>
    public LossSum Compute(in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, in Pass pass) =>
        RowLosses.Sum(this, outputs, targets, dOutputs, pass);

    int IRowLoss.Items(int targets) => targets;

    //  u = (t − μ) e^{−ρ}        L = ρ + ½ u² + ½ ln 2π        ∂L/∂μ = −u e^{−ρ}        ∂L/∂ρ = 1 − u²
    double IRowLoss.Row(ReadOnlySpan<float> y, ReadOnlySpan<float> target, Span<float> dy)
    {
        double sum = 0;
        for (int k = 0; k < target.Length; k++)
        {
            float rho = y[2 * k + 1], perSigma = Activations.Exp(-rho), u = (target[k] - y[2 * k]) * perSigma;
            sum += rho + 0.5 * u * u + HalfLnTwoPi;
            dy[2 * k] = -u * perSigma;
            dy[2 * k + 1] = 1 - u * u;
        }
        return sum;
    }
}
