namespace Unroll.Tasks.Data.Scores;

/// <summary>What is found when everything with a score of at least <paramref name="Threshold"/> is called positive.</summary>
/// <param name="Threshold">A score.</param>
/// <param name="TruePositives">How many of them are.</param>
/// <param name="FalsePositives">How many are not.</param>
public readonly record struct RankingPoint(float Threshold, long TruePositives, long FalsePositives);

/// <summary>Measures of scores that should be higher where something is so, by the definitions of scikit-learn.</summary>
public static class Ranking
{
    /// <summary>What each threshold finds, from the highest score to the lowest; equal scores are one threshold.</summary>
    /// <param name="positive">Whether it is so.</param>
    /// <param name="scores">As many scores; none is NaN.</param>
    /// <exception cref="ArgumentException">There are not as many of the one as of the other, or a score is NaN.</exception>
    public static IReadOnlyList<RankingPoint> Curve(ReadOnlySpan<bool> positive, ReadOnlySpan<float> scores)
    {
        if (positive.Length != scores.Length)
            throw new ArgumentException($"Expected as many scores as labels, got {scores.Length} and {positive.Length}.", nameof(scores));
        float[] keys = scores.ToArray();
        bool[] labels = positive.ToArray();
        if (Array.Exists(keys, float.IsNaN))
            throw new ArgumentException($"Expected scores that can be compared, got NaN at {Array.FindIndex(keys, float.IsNaN)}.", nameof(scores));
        Array.Sort(keys, labels);

        List<RankingPoint> points = [];
        (long right, long wrong) = (0, 0);
        for (int i = keys.Length - 1; i >= 0; i--)
        {
            if (labels[i]) right++;
            else wrong++;
            if (i == 0 || keys[i - 1] != keys[i]) points.Add(new RankingPoint(keys[i], right, wrong));
        }
        return points;
    }

    //  Σ over thresholds of (fp − fp before) · (tp + tp before) / 2,  divided by positives · negatives
    /// <summary>
    /// The area under the curve of true over false positive rates: the probability that something positive scores higher than something that is not,
    /// equal scores counting half.
    /// </summary>
    /// <returns>0 … 1; null where nothing is positive or nothing is negative.</returns>
    /// <inheritdoc cref="Curve"/>
    public static double? Auroc(ReadOnlySpan<bool> positive, ReadOnlySpan<float> scores)
    {
        double twice = 0;
        RankingPoint before = default;
        foreach (RankingPoint point in Curve(positive, scores))
        {
            twice += (double)(point.FalsePositives - before.FalsePositives) * (point.TruePositives + before.TruePositives);
            before = point;
        }
        return before.TruePositives == 0 || before.FalsePositives == 0 ? null : twice / 2 / ((double)before.TruePositives * before.FalsePositives);
    }

    //  Σ over thresholds of (recall − recall before) · precision:  without interpolation
    /// <summary>Average precision, the area under the curve of precision over recall.</summary>
    /// <returns>0 … 1; null where nothing is positive.</returns>
    /// <inheritdoc cref="Curve"/>
    public static double? AveragePrecision(ReadOnlySpan<bool> positive, ReadOnlySpan<float> scores)
    {
        double sum = 0;
        RankingPoint before = default;
        foreach (RankingPoint point in Curve(positive, scores))
        {
            sum += (point.TruePositives - before.TruePositives) * ((double)point.TruePositives / (point.TruePositives + point.FalsePositives));
            before = point;
        }
        return before.TruePositives == 0 ? null : sum / before.TruePositives;
    }
}
