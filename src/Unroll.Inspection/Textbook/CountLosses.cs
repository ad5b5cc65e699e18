using Unroll.Numerics;

namespace Unroll.Inspection.Textbook;

/// <summary>−ln of Student's t density; y holds μ and ρ = ln σ of each target in turn.</summary>
/// <param name="freedom">ν.</param>
internal sealed class StudentTEquations(double freedom) : ILossEquations
{
    public string Name => "student-t";

    public int Items(Vector target) => target.Count;

    //  u = (t − μ) ÷ σ      L = Σ_k ρ_k + ½ (ν + 1) ln(1 + u_k² ÷ ν) + ln Γ(ν ÷ 2) − ln Γ((ν + 1) ÷ 2) + ½ ln(ν π)
    public double Value(Vector y, Vector target) => target.Select((t, k) => y[2 * k + 1]
        + 0.5 * (freedom + 1) * Math.Log(1 + Math.Pow(Standardized(y, t, k), 2) / freedom)
        + GammaFunction.Ln(freedom / 2) - GammaFunction.Ln((freedom + 1) / 2) + 0.5 * Math.Log(freedom * Math.PI)).Sum();

    public Vector Gradient(Vector y, Vector target)
    {
        Vector dy = Vector.Zeros(y.Count);
        for (int k = 0; k < target.Count; k++)
        {
            double u = Standardized(y, target[k], k);

            //  ∂L/∂μ = −(ν + 1) u ÷ (ν + u²) ÷ σ
            dy[2 * k] = -(freedom + 1) * u / (freedom + u * u) * Math.Exp(-y[2 * k + 1]);

            //  ∂L/∂ρ = 1 − (ν + 1) u² ÷ (ν + u²)
            dy[2 * k + 1] = 1 - (freedom + 1) * u * u / (freedom + u * u);
        }
        return dy;
    }

    private static double Standardized(Vector y, double target, int k) => (target - y[2 * k]) * Math.Exp(-y[2 * k + 1]);
}

/// <summary>−ln of a Poisson distribution without ln t!; y holds η = ln μ of each target.</summary>
internal sealed class PoissonEquations : ILossEquations
{
    public string Name => "poisson";

    public int Items(Vector target) => target.Count;

    //  L = Σ_k e^η_k − t_k η_k
    public double Value(Vector y, Vector target) => target.Select((t, k) => Math.Exp(y[k]) - t * y[k]).Sum();

    //  ∂L/∂η = e^η − t
    public Vector Gradient(Vector y, Vector target) => y.Map(Math.Exp) - target;
}

/// <summary>−ln of a negative binomial distribution; y holds η = ln(μ ÷ scale) and a = ln α of each target in turn.</summary>
/// <param name="scale">What targets are multiplied by to be counts.</param>
internal sealed class NegativeBinomialEquations(double scale) : ILossEquations
{
    public string Name => "negative-binomial";

    public int Items(Vector target) => target.Count;

    //  r = 1 ÷ α      L = Σ_k ln Γ(r) + ln Γ(t + 1) − ln Γ(t + r) − r ln(r ÷ (r + μ)) − t ln(μ ÷ (r + μ))
    public double Value(Vector y, Vector target)
    {
        double sum = 0;
        for (int k = 0; k < target.Count; k++)
        {
            (double t, double mean, double r) = Of(y, target, k);
            sum += GammaFunction.Ln(r) + GammaFunction.Ln(t + 1) - GammaFunction.Ln(t + r) - r * Math.Log(r / (r + mean));
            if (t > 0) sum -= t * Math.Log(mean / (r + mean));
        }
        return sum;
    }

    public Vector Gradient(Vector y, Vector target)
    {
        Vector dy = Vector.Zeros(y.Count);
        for (int k = 0; k < target.Count; k++)
        {
            (double t, double mean, double r) = Of(y, target, k);

            //  ∂L/∂η = (μ − t) r ÷ (r + μ)
            dy[2 * k] = (mean - t) * r / (r + mean);

            //  ∂L/∂a = −r (ψ(r) − ψ(t + r) − ln(r ÷ (r + μ)) − 1 + (r + t) ÷ (r + μ))
            dy[2 * k + 1] = -r * (GammaFunction.Digamma(r) - GammaFunction.Digamma(t + r) - Math.Log(r / (r + mean)) - 1 + (r + t) / (r + mean));
        }
        return dy;
    }

    private (double T, double Mean, double R) Of(Vector y, Vector target, int k) =>
        (scale * target[k], scale * Math.Exp(y[2 * k]), Math.Exp(-y[2 * k + 1]));
}
