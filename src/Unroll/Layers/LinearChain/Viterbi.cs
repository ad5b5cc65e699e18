using Unroll.Core;

namespace Unroll.Layers.LinearChain;

//  δ₁(j) = start(j) + z₁(j)        δₜ(j) = zₜ(j) + maxᵢ (δₜ₋₁(i) + transitions(i, j))        best = maxⱼ (δ_T(j) + end(j)), then back

/// <summary>The path of labels with the largest sum of scores, in double.</summary>
public static class Viterbi
{
    /// <summary>Finds it; of equal paths the one whose labels come first, from the last step back.</summary>
    /// <param name="scores">[steps, classes]: −∞ forbids a label at a step.</param>
    /// <param name="transitions">[classes, classes], from row to column; empty: all 0.</param>
    /// <param name="start">[classes]; empty: all 0.</param>
    /// <param name="end">[classes]; empty: all 0.</param>
    /// <param name="classes">Labels, at least 1.</param>
    /// <param name="rules">Which paths are allowed; null: all. Where no path of that length is, all are.</param>
    /// <param name="path">[steps], overwritten.</param>
    /// <exception cref="ShapeException">The sizes do not fit each other.</exception>
    public static void Find(ReadOnlySpan<double> scores, ReadOnlySpan<float> transitions, ReadOnlySpan<float> start, ReadOnlySpan<float> end,
        int classes, PathRules? rules, Span<int> path)
    {
        if (scores.Length != path.Length * classes)
            ShapeException.Throw(scores.Length, path.Length * classes, "scores of a path", $"it has {path.Length} steps of {classes} labels");
        if (rules is not null && rules.Classes != classes)
            ShapeException.Throw(rules.Classes, classes, "labels of the rules", "a step has as many scores");
        if (path.Length == 0) return;
        int[] from = new int[scores.Length];
        double[] now = new double[classes], before = new double[classes];
        for (int j = 0; j < classes; j++)
            now[j] = rules?.Starts(j) == false ? double.NegativeInfinity : scores[j] + At(start, j);
        for (int t = 1; t < path.Length; t++)
        {
            (now, before) = (before, now);
            for (int j = 0; j < classes; j++)
            {
                (double best, int place) = (double.NegativeInfinity, 0);
                for (int i = 0; i < classes; i++)
                {
                    if (rules?.Follows(i, j) == false) continue;
                    double score = before[i] + At(transitions, i * classes + j);
                    if (score > best) (best, place) = (score, i);
                }
                now[j] = best + scores[t * classes + j];
                from[t * classes + j] = place;
            }
        }
        int last = Last(now, end, rules);
        if (last < 0)
        {
            if (rules is not null) Find(scores, transitions, start, end, classes, null, path);
            else path.Clear();
            return;
        }
        for (int t = path.Length - 1; t >= 0; t--)
        {
            path[t] = last;
            last = from[t * classes + last];
        }
    }

    // −1: no path has a score above −∞.
    private static int Last(double[] scores, ReadOnlySpan<float> end, PathRules? rules)
    {
        (double best, int place) = (double.NegativeInfinity, -1);
        for (int j = 0; j < scores.Length; j++)
            if (rules?.Ends(j) != false && scores[j] + At(end, j) > best) (best, place) = (scores[j] + At(end, j), j);
        return place;
    }

    private static double At(ReadOnlySpan<float> values, int place) => values.IsEmpty ? 0 : values[place];
}
