using Unroll.Numerics;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Forecast;

/// <summary>The choices that <c>auto</c> stands for, made from the training part alone by rules that can be said in a sentence each.</summary>
internal static class ForecastChoices
{
    private const double LogPreference = 0.75, DriftsFrom = 0.5, LongerFrom = 0.2;

    /// <summary>
    /// A logarithm where all values are above 0 and the swings grow with the level, a square root where they grow with its root and no value is below
    /// 0; differences where the level drifts (the means of the four quarters of the part explain more than half of the variance), so that levels to
    /// come may lie outside those trained on.
    /// </summary>
    internal static Transform Transform(IReadOnlyList<ReadOnlyMemory<double>> training, int season)
    {
        TransformKind swings = Power(training, season > 1 ? season : 8);
        double share = training.Average(part => DriftShare(part.Span, swings == TransformKind.Log));
        return new Transform((swings, share > DriftsFrom) switch
        {
            (TransformKind.Log, true) => TransformKind.LogDifference,
            (TransformKind.None, true) => TransformKind.Difference,
            _ => swings,
        });
    }

    /// <summary>The steps of the shorter season within a season; the season itself where there is none.</summary>
    /// <param name="ofStep">The season that the step of the times suggests.</param>
    /// <param name="season">m.</param>
    internal static int Shorter(int ofStep, int season) => ofStep > 1 && ofStep < season ? ofStep : season;

    /// <summary>The season that a longer one may hold: 168 hours, 365 days; null: none.</summary>
    internal static int? Longer(TimeStep step) => step switch
    {
        { Unit: TimeUnit.Second, Count: 86_400 } => 365,
        { Unit: TimeUnit.Second, Count: < 86_400 } when step.Season is > 1 and <= 96 => 7 * step.Season,
        _ => null,
    };

    //  d_t = L_t − L_{t−m}, m the shorter season, M the longer one:   ρ = Σ d_t d_{t−M} / √(Σ d_t² Σ d_{t−M}²), the mean over the series
    /// <summary>
    /// The longer season where two of it and a horizon fit into half of the series, and changes over the shorter one are like those a longer one ago:
    /// their mean correlation is above a fifth. Else the shorter one.
    /// </summary>
    /// <param name="levels">Of each series.</param>
    /// <param name="shorter">m of the step of the times.</param>
    /// <param name="longer">m of a longer season.</param>
    /// <param name="horizon">Steps ahead.</param>
    internal static int Season(IReadOnlyList<double[]> levels, int shorter, int longer, int horizon)
    {
        double[][] enough = [.. levels.Where(part => part.Length >= 2 * longer + horizon)];
        if (2 * enough.Length < levels.Count || enough.Length == 0) return shorter;
        return enough.Average(part => Likeness(part, shorter, longer)) > LongerFrom ? longer : shorter;
    }

    private static double Likeness(double[] levels, int shorter, int longer)
    {
        double product = 0, now = 0, before = 0;
        for (int t = shorter + longer; t < levels.Length; t++)
        {
            double change = levels[t] - levels[t - shorter], other = levels[t - longer] - levels[t - longer - shorter];
            (product, now, before) = (product + change * other, now + change * change, before + other * other);
        }
        return now > 0 && before > 0 ? product / Math.Sqrt(now * before) : 0;
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
        foreach (AnchorKind kind in Enum.GetValues<AnchorKind>().Where(kind => kind != AnchorKind.Ar))
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

    /// <summary>
    /// Two seasons (24 steps where there is none), at most 64 and a sixth of the training part, in whole seasons where one fits; of a season with a
    /// shorter one in it the whole season, in whole shorter ones.
    /// </summary>
    internal static int Window(int season, int trainingRows, int shorter)
    {
        if (shorter < season && 2 * season <= trainingRows) return season / shorter * shorter;
        int window = Math.Max(1, Math.Min(Math.Min(season > 1 ? 2 * season : 24, 64), trainingRows / 6));
        return season > 1 && window > season ? window / season * season : window;
    }

    private static bool All(IReadOnlyList<ReadOnlyMemory<double>> training, Func<double, bool> holds)
    {
        foreach (ReadOnlyMemory<double> part in training)
            foreach (double value in part.Span)
                if (!holds(value)) return false;
        return true;
    }

    //  blocks b of a season: mean m_b, deviation s_b.  λ = 1: s_b varies little;  λ = ½: s_b / √m_b varies little;  λ = 0: s_b / m_b varies little
    //  Guerrero 1993, "Time-series analysis supported by power transformations", for these three powers
    private static TransformKind Power(IReadOnlyList<ReadOnlyMemory<double>> training, int block)
    {
        if (!All(training, value => value >= 0)) return TransformKind.None;
        List<double> plain = [], roots = [], relative = [];
        foreach (ReadOnlyMemory<double> part in training)
            for (int from = 0; from + block <= part.Length; from += block)
            {
                (double mean, double deviation) = Moments(part.Span.Slice(from, block));
                if (!(mean > 0)) continue;
                plain.Add(deviation);
                roots.Add(deviation / Math.Sqrt(mean));
                relative.Add(deviation / mean);
            }
        if (plain.Count < 4) return TransformKind.None;
        double log = All(training, value => value > 0) ? Variation(relative) : double.PositiveInfinity, root = Variation(roots);
        if (log < LogPreference * Variation(plain)) return TransformKind.Log;
        return root < LogPreference * Variation(plain) && root < log ? TransformKind.Sqrt : TransformKind.None;
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
