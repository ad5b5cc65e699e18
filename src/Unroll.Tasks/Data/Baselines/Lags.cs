namespace Unroll.Tasks.Data.Baselines;

/// <summary>A sum over lags, Σ_k c_k x_{t−k}: a polynomial in the backshift operator without its constant, its zeros left out.</summary>
/// <param name="steps">The lags k, ascending, at least 1 each.</param>
/// <param name="weights">The c_k.</param>
internal sealed class Lags(int[] steps, double[] weights)
{
    /// <summary>The largest lag; 0: there is none.</summary>
    internal int Longest => steps.Length == 0 ? 0 : steps[^1];

    /// <summary>The sum before a row, of values from <paramref name="first"/> on.</summary>
    internal double At(double[] x, int t, int first)
    {
        double sum = 0;
        for (int i = 0; i < steps.Length && t - steps[i] >= first; i++) sum += weights[i] * x[t - steps[i]];
        return sum;
    }

    /// <summary>The same of a list; values beyond its end, errors to come, are 0.</summary>
    internal double At(List<double> x, int t, int first)
    {
        double sum = 0;
        for (int i = 0; i < steps.Length && t - steps[i] >= first; i++)
            if (t - steps[i] < x.Count) sum += weights[i] * x[t - steps[i]];
        return sum;
    }

    /// <summary>x_t less the sum, from the first row that has all lags.</summary>
    internal double[] Apply(double[] x)
    {
        double[] left = new double[Math.Max(0, x.Length - Longest)];
        for (int t = Longest; t < x.Length; t++) left[t - Longest] = x[t] - At(x, t, 0);
        return left;
    }

    //  (1 − B)ᵈ (1 − Bᵐ)ᴰ z_t = z_t − Σ
    /// <summary>The sum that differences take away.</summary>
    internal static Lags Differences(ArimaOrder order)
    {
        double[] polynomial = [1];
        for (int i = 0; i < order.D; i++) polynomial = Multiply(polynomial, [1, -1], 1);
        for (int i = 0; i < order.SeasonalD; i++) polynomial = Multiply(polynomial, [1, -1], order.Season);
        return Negative(polynomial);
    }

    //  w_t = Σ of φ(B) Φ(Bᵐ) over w  +  Σ of θ(B) Θ(Bᵐ) over e  +  e_t,     θ(B) = 1 + θ₁ B + …
    /// <summary>The sums of the autoregression and of the moving average.</summary>
    /// <param name="order">The order.</param>
    /// <param name="x">[p + q + P + Q]: any numbers, made stationary and invertible coefficients.</param>
    internal static (Lags Autoregression, Lags Average) Of(ArimaOrder order, double[] x)
    {
        double[] ar = Stationary(x.AsSpan(0, order.P)), ma = Stationary(x.AsSpan(order.P, order.Q));
        double[] seasonalAr = Stationary(x.AsSpan(order.P + order.Q, order.SeasonalP));
        double[] seasonalMa = Stationary(x.AsSpan(order.P + order.Q + order.SeasonalP, order.SeasonalQ));
        double[] left = Multiply([1, .. ar.Select(c => -c)], [1, .. seasonalAr.Select(c => -c)], order.Season);
        double[] right = Multiply([1, .. ma.Select(c => -c)], [1, .. seasonalMa.Select(c => -c)], order.Season);
        return (Negative(left), Positive(right));
    }

    //  Durbin and Levinson: from partial autocorrelations r_1 … r_p, each within ±1, to the coefficients of a stationary autoregression
    private static double[] Stationary(ReadOnlySpan<double> x)
    {
        double[] c = new double[x.Length], before = new double[x.Length];
        for (int k = 0; k < x.Length; k++)
        {
            double r = 0.999 * Math.Tanh(x[k]);
            c.AsSpan(0, k).CopyTo(before);
            for (int i = 0; i < k; i++) c[i] = before[i] - r * before[k - 1 - i];
            c[k] = r;
        }
        return c;
    }

    private static double[] Multiply(double[] a, double[] b, int stretch)
    {
        double[] product = new double[a.Length + (b.Length - 1) * stretch];
        for (int i = 0; i < a.Length; i++)
            for (int j = 0; j < b.Length; j++) product[i + j * stretch] += a[i] * b[j];
        return product;
    }

    private static Lags Negative(double[] polynomial) => Positive([.. polynomial.Select(c => -c)]);

    private static Lags Positive(double[] polynomial)
    {
        int[] steps = [.. Enumerable.Range(1, polynomial.Length - 1).Where(k => polynomial[k] != 0)];
        return new Lags(steps, [.. steps.Select(k => polynomial[k])]);
    }
}
