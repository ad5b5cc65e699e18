namespace Unroll.Tasks.Data.Baselines;

/// <summary>
/// The choice of a seasonal ARIMA model for one series: D by the strength of the season, d by a test of stationarity, the rest by the corrected
/// information criterion among a few orders, as Hyndman and Khandakar 2008, "Automatic time series forecasting", in small.
/// </summary>
internal static class ArimaChoice
{
    private const double StrongSeason = 0.64, Stationary = 0.463;           // of the R package forecast; KPSS at 5 %
    private static readonly (int P, int Q, int SP, int SQ)[] s_orders =
    [
        (0, 1, 0, 1), (1, 0, 1, 0), (1, 1, 0, 1), (2, 1, 0, 1), (1, 2, 0, 1), (2, 0, 0, 1), (0, 2, 0, 1), (1, 1, 1, 1), (2, 2, 1, 1),
    ];

    /// <summary>Chooses and fits.</summary>
    /// <param name="training">The training part of a series.</param>
    /// <param name="season">Steps of a season; 1: none.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="evaluations">How long to search for the coefficients of each order.</param>
    /// <param name="many">Whether it is one of many series, for which fewer orders are tried.</param>
    /// <returns>Null where the part is too short.</returns>
    internal static Arima? Fit(ReadOnlySpan<double> training, int season, RuleScale scale, int evaluations, bool many)
    {
        double[] z = scale.To(training);
        if (training.Length < 3 * season) season = 1;
        int seasonal = season > 1 && SeasonalIndices.Strength(z, season) > StrongSeason ? 1 : 0;
        double[] w = seasonal == 0 ? z : Lags.Differences(new ArimaOrder(0, 0, 0, 0, 1, 0, season, false)).Apply(z);
        int differences = Kpss(w) > Stationary ? 1 : 0;
        Arima? best = null;
        foreach ((int p, int q, int sp, int sq) in many ? s_orders[..4] : s_orders)
        {
            if (season == 1 && s_orders.First(o => (o.P, o.Q) == (p, q)) != (p, q, sp, sq)) continue;     // once without a season
            ArimaOrder order = new(p, differences, q, season > 1 ? sp : 0, seasonal, season > 1 ? sq : 0, season, differences == 0);
            if (Arima.Fit(training, scale, order, evaluations) is { } fit && fit.Criterion < (best?.Criterion ?? double.PositiveInfinity)) best = fit;
        }
        return best;
    }

    //  η = Σ_t S_t² / (n² s²),   S_t = Σ_{i ≤ t} (w_i − w̄),   s² = γ₀ + 2 Σ_{k ≤ l} (1 − k / (l + 1)) γ_k,   l = ⌊3 √n / 13⌋
    //  Kwiatkowski, Phillips, Schmidt, Shin 1992, "Testing the null hypothesis of stationarity against the alternative of a unit root"
    internal static double Kpss(double[] w)
    {
        int n = w.Length, lags = (int)(3 * Math.Sqrt(n) / 13);
        if (n < 4) return 0;
        double mean = w.Average(), sum = 0, squares = 0, variance = 0;
        foreach (double value in w) squares += Math.Pow(sum += value - mean, 2);
        for (int k = 0; k <= lags; k++)
        {
            double covariance = 0;
            for (int t = k; t < n; t++) covariance += (w[t] - mean) * (w[t - k] - mean) / n;
            variance += covariance * (k == 0 ? 1 : 2 * (1 - k / (lags + 1.0)));
        }
        return variance > 0 ? squares / ((double)n * n * variance) : 0;
    }
}
