namespace Unroll.Tasks.Data.Baselines;

//  trend_t = centered mean over a season (half weights at the ends of an even one)
//  index of a phase = mean over its rows of y_t / trend_t (or y_t − trend_t), scaled to a mean of 1 (or 0)
//  Hyndman and Athanasopoulos 2021, "Forecasting: principles and practice", section 3.4; R's decompose

/// <summary>Classical decomposition: what each phase of a season does to a value.</summary>
internal static class SeasonalIndices
{
    /// <summary>The indices of the phases, by row number modulo the season.</summary>
    /// <param name="values">At least two seasons.</param>
    /// <param name="season">m, at least 2.</param>
    /// <param name="multiplicative">Factors, for values above 0; else amounts to add.</param>
    internal static double[] Of(ReadOnlySpan<double> values, int season, bool multiplicative)
    {
        double[] trend = Trend(values, season), sums = new double[season], counts = new double[season];
        for (int t = 0; t < values.Length; t++)
        {
            if (double.IsNaN(trend[t])) continue;
            sums[t % season] += multiplicative ? values[t] / trend[t] : values[t] - trend[t];
            counts[t % season]++;
        }
        for (int k = 0; k < season; k++) sums[k] = counts[k] > 0 ? sums[k] / counts[k] : multiplicative ? 1 : 0;
        double mean = sums.Average();
        for (int k = 0; k < season; k++) sums[k] = multiplicative ? sums[k] / mean : sums[k] - mean;
        return sums;
    }

    //  |r_m| > 1.645 √((1 + 2 Σ_{k < m} r_k²) / n)
    /// <summary>Whether the autocorrelation at a season is more than chance, as the M4 competition's Naive2 and Theta ask.</summary>
    internal static bool Shown(ReadOnlySpan<double> values, int season)
    {
        int n = values.Length;
        if (season < 2 || n < 3 * season) return false;
        double mean = 0, variance = 0, sum = 0, last = 0;
        foreach (double value in values) mean += value / n;
        foreach (double value in values) variance += (value - mean) * (value - mean);
        if (!(variance > 0)) return false;
        for (int k = 1; k <= season; k++)
        {
            double covariance = 0;
            for (int t = k; t < n; t++) covariance += (values[t] - mean) * (values[t - k] - mean);
            last = covariance / variance;
            if (k < season) sum += last * last;
        }
        return Math.Abs(last) > 1.645 * Math.Sqrt((1 + 2 * sum) / n);
    }

    //  1 − Var(rest) / Var(season + rest), at least 0
    /// <summary>How strong the season is beside the rest, 0 … 1 (Wang, Smith, Hyndman 2006).</summary>
    internal static double Strength(ReadOnlySpan<double> values, int season)
    {
        if (values.Length < 2 * season) return 0;
        double[] trend = Trend(values, season), indices = Of(values, season, multiplicative: false);
        double all = 0, rest = 0, mean = 0, middle = 0, count = 0;
        for (int t = 0; t < values.Length; t++)
            if (!double.IsNaN(trend[t]))
                (mean, middle, count) = (mean + values[t] - trend[t], middle + values[t] - trend[t] - indices[t % season], count + 1);
        for (int t = 0; t < values.Length; t++)
        {
            if (double.IsNaN(trend[t])) continue;
            double own = values[t] - trend[t];
            (all, rest) = (all + Math.Pow(own - mean / count, 2), rest + Math.Pow(own - indices[t % season] - middle / count, 2));
        }
        return all > 0 ? Math.Max(0, 1 - rest / all) : 0;
    }

    private static double[] Trend(ReadOnlySpan<double> values, int season)
    {
        double[] trend = new double[values.Length];
        Array.Fill(trend, double.NaN);
        int half = season / 2;
        for (int t = half; t + half < values.Length; t++)
        {
            double sum = 0;
            for (int k = -half; k <= half; k++) sum += values[t + k] * (season % 2 == 0 && Math.Abs(k) == half ? 0.5 : 1);
            trend[t] = sum / season;
        }
        return trend;
    }
}
