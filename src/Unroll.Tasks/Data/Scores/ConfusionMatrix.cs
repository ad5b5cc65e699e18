namespace Unroll.Tasks.Data.Scores;

/// <summary>Precision, recall and F1 of one class, or a mean of several.</summary>
/// <param name="Precision">Of what was predicted to be of the class, the share that is; 0 where nothing was.</param>
/// <param name="Recall">Of what is of the class, the share that was predicted to be; 0 where nothing is.</param>
/// <param name="F1">Their harmonic mean, 2 tp / (2 tp + fp + fn); 0 where that is not defined.</param>
/// <param name="Support">How many are of the class.</param>
public readonly record struct ClassScore(double Precision, double Recall, double F1, long Support);

/// <summary>
/// How often each class was taken for each, and the measures that follow from it, all by the definitions of scikit-learn's defaults.
/// </summary>
/// <param name="classes">How many classes there are, at least 1.</param>
public sealed class ConfusionMatrix(int classes)
{
    private readonly long[] _counts = new long[checked(classes * classes)];

    /// <summary>Counts predictions.</summary>
    /// <param name="actual">What each is, 0 … classes − 1.</param>
    /// <param name="predicted">What each was predicted to be.</param>
    /// <param name="classes">How many classes there are, at least 1.</param>
    /// <exception cref="ArgumentException">There are not as many of the one as of the other.</exception>
    public static ConfusionMatrix Of(ReadOnlySpan<int> actual, ReadOnlySpan<int> predicted, int classes)
    {
        if (actual.Length != predicted.Length)
            throw new ArgumentException($"Expected as many predictions as actual classes, got {predicted.Length} and {actual.Length}.",
                nameof(predicted));
        ConfusionMatrix matrix = new(classes);
        for (int i = 0; i < actual.Length; i++) matrix.Add(actual[i], predicted[i]);
        return matrix;
    }

    /// <summary>How many classes there are.</summary>
    public int Classes => classes;

    /// <summary>How often what is <paramref name="actual"/> was predicted to be <paramref name="predicted"/>.</summary>
    public long this[int actual, int predicted] => _counts[actual * classes + predicted];

    /// <summary>How many were counted.</summary>
    public long Count => _counts.Sum();

    /// <summary>Counts one prediction.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A class is outside 0 … classes − 1.</exception>
    public void Add(int actual, int predicted)
    {
        if ((uint)actual >= (uint)classes) throw new ArgumentOutOfRangeException(nameof(actual), actual, $"expected 0 … {classes - 1}");
        if ((uint)predicted >= (uint)classes) throw new ArgumentOutOfRangeException(nameof(predicted), predicted, $"expected 0 … {classes - 1}");
        _counts[actual * classes + predicted]++;
    }

    /// <summary>The share that was predicted right; null where nothing was counted.</summary>
    public double? Accuracy => Count == 0 ? null : (double)Right / Count;

    /// <summary>The scores of one class.</summary>
    public ClassScore Of(int k) => Score(this[k, k], Predicted(k), Actual(k));

    /// <summary>The plain mean of the scores of all classes that occur, as what is or as what was predicted.</summary>
    public ClassScore Macro() => Mean(k => 1);

    /// <summary>The mean of the scores weighted by how many are of each class.</summary>
    public ClassScore Weighted() => Mean(Actual);

    /// <summary>All classes counted together: with one class for each thing all three are the accuracy.</summary>
    public ClassScore Micro() => Score(Right, Count, Count);

    //  (c s − Σ p_k t_k) / √((s² − Σ p_k²) (s² − Σ t_k²)):  s counted, c right, p_k predicted and t_k actual of class k
    /// <summary>
    /// Matthews' correlation, −1 … 1, for two classes or more (Gorodkin 2004); 0 where it is not defined, because all is of one class or was
    /// predicted to be.
    /// </summary>
    public double Mcc
    {
        get
        {
            double s = Count, covariance = Right * s, predicted = s * s, actual = s * s;
            for (int k = 0; k < classes; k++)
            {
                (double p, double t) = (Predicted(k), Actual(k));
                (covariance, predicted, actual) = (covariance - p * t, predicted - p * p, actual - t * t);
            }
            return predicted * actual == 0 ? 0 : covariance / Math.Sqrt(predicted * actual);
        }
    }

    private long Right => Sum(k => this[k, k]);

    private long Actual(int k) => Sum(other => this[k, other]);

    private long Predicted(int k) => Sum(other => this[other, k]);

    private long Sum(Func<int, long> term)
    {
        long sum = 0;
        for (int k = 0; k < classes; k++) sum += term(k);
        return sum;
    }

    private static ClassScore Score(long right, long predicted, long actual) =>
        new(Ratio(right, predicted), Ratio(right, actual), Ratio(2 * right, predicted + actual), actual);

    private static double Ratio(double part, double whole) => whole == 0 ? 0 : part / whole;

    private ClassScore Mean(Func<int, long> weight)
    {
        (double precision, double recall, double f1, double sum) = (0, 0, 0, 0);
        for (int k = 0; k < classes; k++)
        {
            if (Actual(k) + Predicted(k) == 0) continue;
            (ClassScore one, double w) = (Of(k), weight(k));
            (precision, recall, f1, sum) = (precision + w * one.Precision, recall + w * one.Recall, f1 + w * one.F1, sum + w);
        }
        return new ClassScore(Ratio(precision, sum), Ratio(recall, sum), Ratio(f1, sum), Count);
    }
}
