using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Losses;

/// <summary>
/// −ln of Student's t density whose center and scale the network gives: as <see cref="GaussianLikelihood"/>, with heavy tails, so that single
/// outliers neither draw the center nor widen the scale. In nats, summed over targets and rows.
/// </summary>
/// <remarks>
/// Outputs [targets × 2]: for each target μ, then ρ = ln σ. Lange, Little, Taylor 1989, "Robust statistical modeling using the t distribution".
/// </remarks>
public sealed record StudentTLikelihood : IRowLoss
{
    /// <summary>ν, the degrees of freedom: small for heavy tails, large for nearly normal ones.</summary>
    /// <exception cref="UserErrorException">It is not above 0, or above 1e6.</exception>
    public float Freedom
    {
        get;
        init => field = value is > 0 and <= 1e6f ? value
            : throw new UserErrorException($"degrees of freedom: expected a number above 0, at most 1e6, got {value}.");
    } = 5;

    /// <inheritdoc/>
    public string Name => "student-t";

    /// <summary>μ and ln σ for each target.</summary>
    public int OutputsFor(int targets) => 2 * targets;

    /// <inheritdoc/>
    public LossSum Compute(in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, in Pass pass) =>
        RowLosses.Sum(this, outputs, targets, dOutputs, pass);

    int IRowLoss.Items(int targets) => targets;

    //  u = (t − μ) e^{−ρ}      L = ρ + ½ (ν + 1) ln(1 + u²/ν) + ln Γ(ν/2) − ln Γ((ν + 1)/2) + ½ ln(ν π)
    //  w = (ν + 1) / (ν + u²)  ∂L/∂μ = −w u e^{−ρ}      ∂L/∂ρ = 1 − w u²
    double IRowLoss.Row(ReadOnlySpan<float> y, ReadOnlySpan<float> target, Span<float> dy)
    {
        double sum = 0, constant = GammaFunction.Ln(Freedom / 2) - GammaFunction.Ln((Freedom + 1) / 2) + 0.5 * Logarithm.Ln(Freedom * Math.PI);
        for (int k = 0; k < target.Length; k++)
        {
            float rho = y[2 * k + 1], perSigma = Activations.Exp(-rho), u = (target[k] - y[2 * k]) * perSigma;
            float w = (Freedom + 1) / (Freedom + u * u);
            sum += rho + 0.5 * (Freedom + 1) * Logarithm.Ln(1 + (double)u * u / Freedom) + constant;
            dy[2 * k] = -w * u * perSigma;
            dy[2 * k + 1] = 1 - w * u * u;
        }
        return sum;
    }
}
