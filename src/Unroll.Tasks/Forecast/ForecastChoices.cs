using Unroll.Numerics;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Forecast;

/// <summary>The choices that <c>auto</c> stands for, made from the training part alone by rules that can be said in a sentence each.</summary>
internal static class ForecastChoices
{
    private const double LogPreference = 0.75, DriftsFrom = 0.5;

    /// <summary>
    /// A logarithm where all values are above 0 and the swings grow with the level; differences where the level drifts (the means
    /// of the four quarters of the part explain more than half of the variance), so that levels to come may lie outside those trained on.
    /// </summary>
    internal static Transform Transform(IReadOnlyList<ReadOnlyMemory<double>> training, int season)
    {
        bool log = training.All(part => AllPositive(part.Span)) && SwingsGrowWithLevel(training, season > 1 ? season : 8);
        double share = training.Average(part => DriftShare(part.Span, log));
        return new Transform((log, share > DriftsFrom) switch
        {
            (true, true) => TransformKind.LogDifference,
            (true, false) => TransformKind.Log,
            (false, true) => TransformKind.Difference,
            _ => TransformKind.None,
        });
    }

    /// <summary>The anchor with the smallest mean squared error over all steps of the training part; seasonal ones need two seasons of it.</summary>
    /// <param name="levels">Of each series.</param>
    /// <param name="season">m.</param>
    /// <param name="horizon">Steps ahead.</param>
    /// <param name="scored">Whether a series, an origin and a step ahead count: what was filled in does not.</param>
    internal static AnchorKind Anchor(IReadOnlyList<double[]> levels, int season, int horizon, Func<int, int, int, bool> scored)
    {
        AnchorKind best = AnchorKind.Last;
        double least = double.PositiveInfinity, mean = levels.SelectMany(part => part).Average();
        int from = season > 1 && levels.Any(part => part.Length >= 2 * season + horizon) ? season + 1 : 1;
        foreach (AnchorKind kind in Enum.GetValues<AnchorKind>())
        {
            if (Anchors.History(kind, season) > from || (season == 1 && kind is AnchorKind.Season or AnchorKind.Growth)) continue;
            double error = Scales(kind, levels, season, horizon, mean, from, scored).Sum(scale => scale * scale);
            if (error < least) (least, best) = (error, kind);
        }
        return best;
    }

    /// <summary>The root mean square of an anchor's error for each step ahead; 1 where it is 0.</summary>
    internal static double[] Scales(
        AnchorKind kind, IReadOnlyList<double[]> levels, int season, int horizon, double mean, int from, Func<int, int, int, bool> scored)
    {
        double[] squares = new double[horizon];
        long[] counts = new long[horizon];
        for (int i = 0; i < levels.Count; i++)
            for (int origin = from; origin + horizon <= levels[i].Length; origin++)
                for (int step = 1; step <= horizon; step++)
                {
                    if (!scored(i, origin, step)) continue;
                    double error = levels[i][origin + step - 1] - Anchors.Value(kind, levels[i], origin, step, season, mean);
                    squares[step - 1] += error * error;
                    counts[step - 1]++;
                }
        return [.. squares.Zip(counts, (sum, count) => sum > 0 ? Math.Sqrt(sum / count) : 1)];
    }

    /// <summary>Two seasons (24 steps where there is none), at most 64 and a sixth of the training part, in whole seasons where one fits.</summary>
    internal static int Window(int season, int trainingRows)
    {
        int window = Math.Max(1, Math.Min(Math.Min(season > 1 ? 2 * season : 24, 64), trainingRows / 6));
        return season > 1 && window > season ? window / season * season : window;
    }

    private static bool AllPositive(ReadOnlySpan<double> values)
    {
        foreach (double value in values)
            if (!(value > 0)) return false;
        return true;
    }

    //  blocks b of a season: mean m_b, deviation s_b.  λ = 1: s_b varies little;  λ = 0: s_b / m_b varies little
    //  Guerrero 1993, "Time-series analysis supported by power transformations", for these two powers
    private static bool SwingsGrowWithLevel(IReadOnlyList<ReadOnlyMemory<double>> training, int block)
    {
        List<double> plain = [], relative = [];
        foreach (ReadOnlyMemory<double> part in training)
            for (int from = 0; from + block <= part.Length; from += block)
            {
                (double mean, double deviation) = Moments(part.Span.Slice(from, block));
                plain.Add(deviation);
                relative.Add(deviation / mean);
            }
        return plain.Count >= 4 && Variation(relative) < LogPreference * Variation(plain);
    }

    private static double Variation(List<double> values)
    {
        double mean = values.Average();
        return mean > 0 ? Math.Sqrt(values.Average(v => (v - mean) * (v - mean))) / mean : 0;
    }

    private static (double Mean, double Deviation) Moments(ReadOnlySpan<double> values)
    {
        double sum = 0, squares = 0;
        foreach (double value in values) sum += value;
        double mean = sum / values.Length;
        foreach (double value in values) squares += (value - mean) * (value - mean);
        return (mean, Math.Sqrt(squares / values.Length));
    }

    //  share of the variance that the means of the four quarters of the part explain = Σ_q n_q (L̄_q - L̄)² / Σ (L - L̄)²
    private static double DriftShare(ReadOnlySpan<double> values, bool log)
    {
        double[] levels = new double[values.Length];
        for (int t = 0; t < levels.Length; t++) levels[t] = log ? Logarithm.Ln(values[t]) : values[t];
        double mean = levels.Average(), between = 0, all = levels.Sum(level => (level - mean) * (level - mean));
        for (int quarter = 0; quarter < 4; quarter++)
        {
            ArraySegment<double> part = new ArraySegment<double>(levels)[(levels.Length * quarter / 4)..(levels.Length * (quarter + 1) / 4)];
            if (part.Count > 0) between += part.Count * Math.Pow(part.Average() - mean, 2);
        }
        return all > 0 ? between / all : 0;
    }
}
