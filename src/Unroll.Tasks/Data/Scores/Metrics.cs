namespace Unroll.Tasks.Data.Scores;

/// <summary>Measures of forecasts. Sums are in double and in the order of the arguments, so that they are the same bits everywhere.</summary>
/// <remarks>
/// All take as many forecasts as actual values, at least one, and throw <see cref="ArgumentException"/> otherwise. R. J. Hyndman and
/// A. B. Koehler 2006, "Another look at measures of forecast accuracy", is the source of MASE and of what is said against sMAPE.
/// </remarks>
public static class Metrics
{
    //  √( Σ (y − ŷ)² / n )
    /// <summary>Root mean squared error, in the unit of the data.</summary>
    /// <param name="actual">What came.</param>
    /// <param name="forecast">What was forecast.</param>
    public static double Rmse(ReadOnlySpan<double> actual, ReadOnlySpan<double> forecast)
    {
        Check(actual, forecast);
        return Math.Sqrt(SumOfSquares(actual, forecast) / actual.Length);
    }

    //  Σ |y − ŷ| / n
    /// <summary>Mean absolute error, in the unit of the data.</summary>
    /// <param name="actual">What came.</param>
    /// <param name="forecast">What was forecast.</param>
    public static double Mae(ReadOnlySpan<double> actual, ReadOnlySpan<double> forecast)
    {
        Check(actual, forecast);
        double sum = 0;
        for (int i = 0; i < actual.Length; i++) sum += Math.Abs(actual[i] - forecast[i]);
        return sum / actual.Length;
    }

    //  100 · Σ 2 |y − ŷ| / (|y| + |ŷ|) / n, a term with both 0 counting as 0
    /// <summary>Symmetric mean absolute percentage error, 0 … 200 %. Of little use where values come near 0.</summary>
    /// <param name="actual">What came.</param>
    /// <param name="forecast">What was forecast.</param>
    public static double Smape(ReadOnlySpan<double> actual, ReadOnlySpan<double> forecast)
    {
        Check(actual, forecast);
        double sum = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            double size = Math.Abs(actual[i]) + Math.Abs(forecast[i]);
            if (size > 0) sum += 2 * Math.Abs(actual[i] - forecast[i]) / size;
        }
        return 100 * sum / actual.Length;
    }

    //  MAE / scale
    /// <summary>Mean absolute scaled error: below 1 is better than seasonal-naive forecasts one season ahead did on the training part.</summary>
    /// <param name="actual">What came.</param>
    /// <param name="forecast">What was forecast.</param>
    /// <param name="scale">From <see cref="SeasonalScale"/>; null when the scale is not defined.</param>
    /// <returns>Null when the scale is null.</returns>
    public static double? Mase(ReadOnlySpan<double> actual, ReadOnlySpan<double> forecast, double? scale) => Mae(actual, forecast) / scale;

    //  Σ_{t ≥ m} |y_t − y_{t−m}| / (n − m)
    /// <summary>The scale of MASE: the mean absolute error of seasonal-naive forecasts within the training part.</summary>
    /// <param name="training">The training part of one series.</param>
    /// <param name="season">m, at least 1; 1 is persistence.</param>
    /// <returns>Null when the part is no longer than a season, or repeats itself exactly, so that there is no scale.</returns>
    public static double? SeasonalScale(ReadOnlySpan<double> training, int season) => MeasuredScale(training, season, _ => true);

    /// <param name="training">The training part of one series.</param>
    /// <param name="season">m, at least 1.</param>
    /// <param name="measured">Whether a value counts: one that was filled in does not.</param>
    internal static double? MeasuredScale(ReadOnlySpan<double> training, int season, Func<int, bool> measured)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(season, 1);
        double sum = 0;
        long count = 0;
        for (int t = season; t < training.Length; t++)
            if (measured(t) && measured(t - season)) (sum, count) = (sum + Math.Abs(training[t] - training[t - season]), count + 1);
        return sum > 0 ? sum / count : null;
    }

    //  1 − Σ (y − ŷ)² / Σ (y − ȳ)²
    /// <summary>Share of the variance explained: 1 is perfect, 0 is as good as the mean of the actual values, below 0 is worse.</summary>
    /// <param name="actual">What came.</param>
    /// <param name="forecast">What was forecast.</param>
    /// <returns>Null when the actual values are constant.</returns>
    public static double? R2(ReadOnlySpan<double> actual, ReadOnlySpan<double> forecast)
    {
        Check(actual, forecast);
        double mean = 0, total = 0;
        foreach (double y in actual) mean += y;
        mean /= actual.Length;
        foreach (double y in actual) total += (y - mean) * (y - mean);
        return total > 0 ? 1 - SumOfSquares(actual, forecast) / total : null;
    }

    //  Σ max(τ (y − q), (τ − 1)(y − q)) / n
    /// <summary>Pinball (quantile) loss, in the unit of the data; at ½ it is half the mean absolute error.</summary>
    /// <param name="actual">What came.</param>
    /// <param name="quantile">The forecasts of the quantile.</param>
    /// <param name="probability">τ, between 0 and 1.</param>
    public static double Pinball(ReadOnlySpan<double> actual, ReadOnlySpan<double> quantile, double probability)
    {
        Check(actual, quantile);
        double sum = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            double error = actual[i] - quantile[i];
            sum += Math.Max(probability * error, (probability - 1) * error);
        }
        return sum / actual.Length;
    }

    /// <summary>The share of the actual values that lie within their interval, ends included, and the mean width of the intervals.</summary>
    /// <param name="actual">What came.</param>
    /// <param name="lower">The lower ends.</param>
    /// <param name="upper">The upper ends.</param>
    /// <returns>The coverage, 0 … 1, and the width in the unit of the data.</returns>
    public static (double Coverage, double MeanWidth) Interval(ReadOnlySpan<double> actual, ReadOnlySpan<double> lower, ReadOnlySpan<double> upper)
    {
        Check(actual, lower);
        Check(actual, upper);
        long inside = 0;
        double width = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            if (actual[i] >= lower[i] && actual[i] <= upper[i]) inside++;
            width += upper[i] - lower[i];
        }
        return ((double)inside / actual.Length, width / actual.Length);
    }

    //  Σ ( u − l + 2/α (l − y)⁺ + 2/α (y − u)⁺ ) / n / scale,   α = 1 − level
    /// <summary>
    /// Mean scaled interval score of the M4 competition: the width, and a penalty for what lies outside, in units of <see cref="SeasonalScale"/>.
    /// Less is better.
    /// </summary>
    /// <param name="actual">What came.</param>
    /// <param name="lower">The lower ends.</param>
    /// <param name="upper">The upper ends.</param>
    /// <param name="level">The share of values that the intervals should hold, between 0 and 1.</param>
    /// <param name="scale">From <see cref="SeasonalScale"/>; null when it is not defined.</param>
    /// <returns>Null when the scale is null.</returns>
    public static double? Msis(
        ReadOnlySpan<double> actual, ReadOnlySpan<double> lower, ReadOnlySpan<double> upper, double level, double? scale)
    {
        Check(actual, lower);
        Check(actual, upper);
        double sum = 0, penalty = 2 / (1 - level);
        for (int i = 0; i < actual.Length; i++)
            sum += upper[i] - lower[i] + penalty * (Math.Max(0, lower[i] - actual[i]) + Math.Max(0, actual[i] - upper[i]));
        return sum / actual.Length / scale;
    }

    //  2 Σ_τ max(τ (y − q_τ), (τ − 1)(y − q_τ)) / number of τ        → ∫ (F(x) − [x ≥ y])² dx as the τ grow dense
    /// <summary>
    /// Continuous ranked probability score of one value, from quantiles of evenly spaced probabilities; of a forecast without spread the absolute
    /// error. Gneiting and Raftery 2007, "Strictly proper scoring rules, prediction, and estimation".
    /// </summary>
    /// <param name="actual">What came.</param>
    /// <param name="quantiles">The quantiles.</param>
    /// <param name="probabilities">Their probabilities, as many.</param>
    public static double Crps(double actual, ReadOnlySpan<double> quantiles, ReadOnlySpan<double> probabilities)
    {
        double sum = 0;
        for (int k = 0; k < quantiles.Length; k++)
            sum += Math.Max(probabilities[k] * (actual - quantiles[k]), (probabilities[k] - 1) * (actual - quantiles[k]));
        return 2 * sum / quantiles.Length;
    }

    private static double SumOfSquares(ReadOnlySpan<double> actual, ReadOnlySpan<double> forecast)
    {
        double sum = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            double error = actual[i] - forecast[i];
            sum += error * error;
        }
        return sum;
    }

    private static void Check(ReadOnlySpan<double> actual, ReadOnlySpan<double> other)
    {
        if (actual.Length == 0 || actual.Length != other.Length)
            throw new ArgumentException($"Expected as many forecasts as actual values and at least one, got {other.Length} and {actual.Length}.");
    }
}

/// <summary>The usual measures of one set of forecasts.</summary>
/// <param name="Rmse">See <see cref="Metrics.Rmse"/>.</param>
/// <param name="Mae">See <see cref="Metrics.Mae"/>.</param>
/// <param name="Smape">See <see cref="Metrics.Smape"/>; 0 … 200.</param>
/// <param name="Mase">See <see cref="Metrics.Mase"/>; null when not defined.</param>
/// <param name="R2">See <see cref="Metrics.R2"/>; null when not defined.</param>
/// <param name="Count">How many values were forecast.</param>
public sealed record ForecastScores(double Rmse, double Mae, double Smape, double? Mase, double? R2, long Count)
{
    /// <summary>Measures forecasts.</summary>
    /// <param name="actual">What came; at least one value.</param>
    /// <param name="forecast">As many forecasts.</param>
    /// <param name="scale">From <see cref="Metrics.SeasonalScale"/>.</param>
    public static ForecastScores Of(ReadOnlySpan<double> actual, ReadOnlySpan<double> forecast, double? scale) => new(
        Metrics.Rmse(actual, forecast), Metrics.Mae(actual, forecast), Metrics.Smape(actual, forecast),
        Metrics.Mase(actual, forecast, scale), Metrics.R2(actual, forecast), actual.Length);

    /// <summary>The scores of several series together, as if measured at once; MASE is the mean over all values, each in its own scale.</summary>
    /// <param name="parts">The scores of each series; at least one.</param>
    /// <remarks>R² is left out: it has no meaning over series of different levels.</remarks>
    public static ForecastScores Together(IReadOnlyList<ForecastScores> parts)
    {
        if (parts.Count == 1) return parts[0];
        double count = parts.Sum(p => p.Count), squares = 0, mae = 0, smape = 0;
        double? mase = 0;
        foreach (ForecastScores p in parts)
        {
            double share = p.Count / count;
            (squares, mae, smape, mase) = (squares + share * p.Rmse * p.Rmse, mae + share * p.Mae, smape + share * p.Smape, mase + share * p.Mase);
        }
        return new ForecastScores(Math.Sqrt(squares), mae, smape, mase, null, (long)count);
    }
}
