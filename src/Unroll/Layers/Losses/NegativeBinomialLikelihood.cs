using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Losses;

/// <summary>
/// −ln of a negative binomial distribution whose mean and dispersion the network gives: counts whose variance μ + α μ² exceeds their mean, as those
/// of sales do (DeepAR, arXiv:1704.04110). In nats, summed over targets and rows.
/// </summary>
/// <remarks>Outputs [targets × 2]: for each target η = ln(μ / scale), then a = ln α. Targets are counts divided by <see cref="Scale"/>.</remarks>
public sealed record NegativeBinomialLikelihood : IRowLoss
{
    /// <summary>What targets are multiplied by to be counts.</summary>
    /// <exception cref="UserErrorException">It is not above 0.</exception>
    public double Scale
    {
        get;
        init => field = value > 0 && double.IsFinite(value) ? value : throw new UserErrorException($"scale: expected a number above 0, got {value}.");
    } = 1;

    /// <inheritdoc/>
    public string Name => "negative-binomial";

    /// <summary>ln μ and ln α for each target.</summary>
    public int OutputsFor(int targets) => 2 * targets;

    /// <inheritdoc/>
    public LossSum Compute(in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, in Pass pass) =>
        RowLosses.Sum(this, outputs, targets, dOutputs, pass);

    int IRowLoss.Items(int targets) => targets;

    bool IRowLoss.TargetsAreCounts => true;

    //  r = e^{−a} = 1/α,  q = r / (r + μ)
    //  L = ln Γ(r) + ln Γ(t + 1) − ln Γ(t + r) − r ln q − t ln(1 − q)
    //  ∂L/∂η = (μ − t) q            ∂L/∂a = −r ( ψ(r) − ψ(t + r) − ln q − (1 − q) + t / (r + μ) )
    double IRowLoss.Row(ReadOnlySpan<float> y, ReadOnlySpan<float> target, Span<float> dy)
    {
        double sum = 0;
        for (int k = 0; k < target.Length; k++)
        {
            double t = Scale * target[k], mean = Scale * Activations.Exp(Math.Clamp(y[2 * k], -30, 30));
            double r = Activations.Exp(Math.Clamp(-y[2 * k + 1], -15, 15)), q = r / (r + mean), lnQ = Logarithm.Ln(q);
            sum += GammaFunction.Ln(r) + GammaFunction.Ln(t + 1) - GammaFunction.Ln(t + r) - r * lnQ;
            if (t > 0) sum -= t * Logarithm.Ln(mean / (r + mean));
            dy[2 * k] = (float)((mean - t) * q);
            dy[2 * k + 1] = (float)(-r * (GammaFunction.Digamma(r) - GammaFunction.Digamma(t + r) - lnQ - (1 - q) + t / (r + mean)));
        }
        return sum;
    }
}
