namespace Unroll.Inspection.Textbook;

/// <summary>Squared error; its mean is the MSE.</summary>
internal sealed class SquaredErrorEquations : ILossEquations
{
    public string Name => "squared-error";

    public int Items(Vector target) => target.Count;

    //  e = y − t      L = Σ_k e_k²
    public double Value(Vector y, Vector target) => (y - target).Sum(e => e * e);

    //  ∂L/∂y = 2 e
    public Vector Gradient(Vector y, Vector target) => 2 * (y - target);
}

/// <summary>Absolute error; its mean is the MAE.</summary>
internal sealed class AbsoluteErrorEquations : ILossEquations
{
    public string Name => "absolute-error";

    public int Items(Vector target) => target.Count;

    //  e = y − t      L = Σ_k |e_k|
    public double Value(Vector y, Vector target) => (y - target).Sum(Math.Abs);

    //  ∂L/∂y = sign(e), 0 at the kink
    public Vector Gradient(Vector y, Vector target) => (y - target).Map(e => Math.Sign(e));

    public double KinkDistance(Vector y, Vector target) => (y - target).Min(Math.Abs);
}

/// <summary>Huber's loss (1964): quadratic to δ, linear beyond.</summary>
/// <param name="delta">δ, above 0.</param>
internal sealed class HuberEquations(double delta) : ILossEquations
{
    public string Name => "huber";

    public int Items(Vector target) => target.Count;

    //  e = y − t      L = Σ_k ½ e_k² where |e_k| ≤ δ, else δ (|e_k| − ½ δ)
    public double Value(Vector y, Vector target) => (y - target).Sum(e => Math.Abs(e) <= delta ? 0.5 * e * e : delta * (Math.Abs(e) - 0.5 * delta));

    //  ∂L/∂y = e where |e| ≤ δ, else δ sign(e)
    public Vector Gradient(Vector y, Vector target) => (y - target).Map(e => Math.Abs(e) <= delta ? e : delta * Math.Sign(e));

    public double KinkDistance(Vector y, Vector target) => (y - target).Min(e => Math.Abs(Math.Abs(e) - delta));
}

/// <summary>Gaussian negative log-likelihood, in nats: y holds μ and ρ = ln σ for each target in turn.</summary>
internal sealed class GaussianEquations : ILossEquations
{
    public string Name => "gaussian";

    public int Items(Vector target) => target.Count;

    //  u = (t − μ) ÷ σ,  σ = e^ρ      L = Σ_k ρ_k + ½ u_k² + ½ ln 2π
    public double Value(Vector y, Vector target) =>
        target.Select((t, k) => (Rho: y[2 * k + 1], U: Standardized(y, t, k))).Sum(s => s.Rho + 0.5 * s.U * s.U + 0.5 * Math.Log(2 * Math.PI));

    public Vector Gradient(Vector y, Vector target)
    {
        Vector dy = Vector.Zeros(y.Count);
        for (int k = 0; k < target.Count; k++)
        {
            double u = Standardized(y, target[k], k);

            //  ∂L/∂μ = −u ÷ σ
            dy[2 * k] = -u * Math.Exp(-y[2 * k + 1]);

            //  ∂L/∂ρ = 1 − u²
            dy[2 * k + 1] = 1 - u * u;
        }
        return dy;
    }

    private static double Standardized(Vector y, double target, int k) => (target - y[2 * k]) * Math.Exp(-y[2 * k + 1]);
}

/// <summary>The quantile or pinball loss (Koenker and Bassett 1978): y holds every quantile of each target in turn.</summary>
/// <param name="quantiles">Probabilities q, each between 0 and 1.</param>
internal sealed class QuantileEquations(IReadOnlyList<double> quantiles) : ILossEquations
{
    public string Name => "quantile";

    public int Items(Vector target) => target.Count * quantiles.Count;

    //  e = t − y      L = Σ q e where e ≥ 0, else (q − 1) e
    public double Value(Vector y, Vector target) => y.Select((_, k) => (Error(y, target, k) >= 0 ? Q(k) : Q(k) - 1) * Error(y, target, k)).Sum();

    //  ∂L/∂y = −q where e > 0, 1 − q where e < 0, 0 at the kink
    public Vector Gradient(Vector y, Vector target) =>
        new([.. y.Select((_, k) => Error(y, target, k) switch { > 0 => -Q(k), < 0 => 1 - Q(k), _ => 0 })]);

    public double KinkDistance(Vector y, Vector target) => y.Select((_, k) => Math.Abs(Error(y, target, k))).Min();

    private double Q(int k) => quantiles[k % quantiles.Count];

    private double Error(Vector y, Vector target, int k) => target[k / quantiles.Count] - y[k];
}
