using Unroll.Core;
using Unroll.Tasks.Data.Baselines;

namespace Unroll.Tasks.Forecast;

//  r⟨t⟩ ≈ c + Σ_{k=1…p} φ_k r⟨t-k⟩, r relative levels in the unit of the origin t
//  p: the least AICc = n ln(Σ e² / n) + 2 k + 2 k (k + 1) / (n - k - 1), k = p + 2, all orders on the same rows t
//  Hurvich and Tsai 1989, "Regression and time series model selection in small samples"

/// <summary>An autoregression of the levels of all series together, each in its own unit; fitted to the training parts alone.</summary>
internal static class LevelAutoregression
{
    private const int MostRows = 20_000, LongestOrder = 200;

    /// <summary>The orders among which <see cref="Fit"/> chooses, from short to long.</summary>
    /// <param name="season">m.</param>
    /// <param name="shorter">The steps of a shorter season within it; the same where there is none.</param>
    /// <param name="longest">The longest that may be chosen.</param>
    internal static int[] Orders(int season, int shorter, int longest) =>
        [.. ((int[])[1, 2, 3, 5, 8, 10, 12, 16, 20, 24, 30, 36, shorter, shorter + 1, shorter + 2, 2 * shorter, 2 * shorter + 1, season, season + 1,
            season + 2, 2 * season, 2 * season + 1]).Where(order => order <= Math.Min(longest, LongestOrder)).Distinct().Order()];

    /// <summary>
    /// The constant and the coefficients: the mean of those of the order with the least AICc and of the longest up to two seasons and one, since two
    /// orders together forecast better than the one that a criterion takes; null where there are too few rows.
    /// </summary>
    /// <param name="series">The levels of each training part.</param>
    /// <param name="unit">The unit of a series at an origin.</param>
    /// <param name="orders">From short to long.</param>
    /// <param name="first">The first origin that has a unit.</param>
    /// <param name="twoSeasons">Steps of two seasons and one.</param>
    /// <param name="scored">Whether a series, an origin and a step ahead count.</param>
    internal static double[]? Fit(
        IReadOnlyList<double[]> series, Func<int, int, LevelUnit> unit, IReadOnlyList<int> orders, int first, int twoSeasons,
        Func<int, int, int, bool> scored)
    {
        // The longest order leaves rows enough for itself; all are compared on its rows.
        int most = orders.LastOrDefault(order => Rows(order) >= 2 * order + 10);
        if (most == 0) return null;
        (double[]? best, double least, double[] longest) = (null, double.PositiveInfinity, []);
        int from = Math.Max(first, most), stride = Math.Max(1, (int)(Rows(most) / MostRows) + 1);
        foreach (int order in orders.Where(order => order <= most))
        {
            (double[] coefficients, double criterion) = FitOne(order);
            if (criterion < least) (best, least) = (coefficients, criterion);
            if (order <= twoSeasons && coefficients.Length > 0) longest = coefficients;
        }
        return best is null || longest.Length == 0 ? best
            : [.. Enumerable.Range(0, Math.Max(best.Length, longest.Length)).Select(k => (At(best, k) + At(longest, k)) / 2)];

        static double At(double[] coefficients, int k) => k < coefficients.Length ? coefficients[k] : 0;

        long Rows(int order) => series.Sum(one => (long)Math.Max(0, one.Length - Math.Max(first, order)));

        (double[] Coefficients, double Criterion) FitOne(int order)
        {
            LeastSquares squares = new(order + 1);
            double[] x = new double[order + 1];
            long n = 0;
            for (int i = 0; i < series.Count; i++)
                for (int t = from; t < series[i].Length; t += stride)
                {
                    if (!scored(i, t, 1)) continue;
                    squares.Add(x, Row(i, t, x));
                    n++;
                }
            if (n <= order + 4) return ([], double.PositiveInfinity);
            double[] beta = squares.Solve();
            double sum = 0;
            for (int i = 0; i < series.Count; i++)
                for (int t = from; t < series[i].Length; t += stride)
                {
                    if (!scored(i, t, 1)) continue;
                    double error = Row(i, t, x);
                    for (int k = 0; k < x.Length; k++) error -= beta[k] * x[k];
                    sum += error * error;
                }
            int parameters = order + 2;
            double criterion = n * Math.Log(Math.Max(sum / n, 1e-300)) + 2.0 * parameters
                + 2.0 * parameters * (parameters + 1) / Math.Max(1, n - parameters - 1);
            return (beta, criterion);
        }

        double Row(int i, int t, double[] x)
        {
            LevelUnit own = unit(i, t);
            x[0] = 1;
            for (int k = 1; k < x.Length; k++) x[k] = own.Relative(series[i][t - k]);
            return own.Relative(series[i][t]);
        }
    }

    /// <summary>Its forecasts, as relative levels.</summary>
    /// <param name="coefficients">The constant, then those of r⟨t-1⟩, r⟨t-2⟩ ….</param>
    /// <param name="levels">Only those before <paramref name="origin"/> are looked at.</param>
    /// <param name="origin">The first step to forecast; at least the order.</param>
    /// <param name="unit">The unit at the origin.</param>
    /// <param name="forecast">[horizon]; overwritten.</param>
    internal static void Forecast(IReadOnlyList<double> coefficients, ReadOnlySpan<double> levels, int origin, LevelUnit unit, Span<double> forecast)
    {
        int order = coefficients.Count - 1;
        double[] recent = new double[order + forecast.Length];                   // from old to new
        for (int k = 0; k < order; k++) recent[k] = unit.Relative(levels[origin - order + k]);
        for (int h = 0; h < forecast.Length; h++)
        {
            double sum = coefficients[0];
            for (int k = 1; k <= order; k++) sum += coefficients[k] * recent[order + h - k];
            forecast[h] = recent[order + h] = sum;
        }
    }

    /// <summary>What a stored one needs to be: a constant and at least one coefficient, all finite.</summary>
    /// <exception cref="UserErrorException">It is not.</exception>
    internal static bool IsSound(IReadOnlyList<double> coefficients) => coefficients.Count >= 2 && coefficients.All(double.IsFinite);
}
