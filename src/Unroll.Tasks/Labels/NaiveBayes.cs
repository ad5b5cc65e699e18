using Unroll.Tasks.Data.Labeled;

namespace Unroll.Tasks.Labels;

/// <summary>
/// The simple rule beside a network: naive Bayes over the steps and pairs of neighboring steps, each counted once a sequence, with one added to
/// every count (Wang and Manning 2012 show how hard it is to beat on short texts). It knows nothing of order beyond the pairs.
/// </summary>
internal sealed class NaiveBayes
{
    private readonly Dictionary<string, double[]> _logs = [];
    private readonly double[] _prior, _unseen;

    private NaiveBayes(double[] prior, double[] unseen) => (_prior, _unseen) = (prior, unseen);

    /// <summary>Counts.</summary>
    /// <param name="training">Sequences with a label each.</param>
    /// <param name="encoding">Steps and classes.</param>
    public static NaiveBayes Fit(IReadOnlyList<LabeledSequence> training, LabelEncoding encoding)
    {
        int classes = encoding.Classes.Count;
        double[] prior = new double[classes], totals = new double[classes];
        Dictionary<string, double[]> counts = [];
        foreach (LabeledSequence one in training)
        {
            int label = encoding.ClassOf(one.Label!, one);
            prior[label]++;
            foreach (string feature in Features(encoding.Steps(one)))
            {
                if (!counts.TryGetValue(feature, out double[]? own)) counts[feature] = own = new double[classes];
                own[label]++;
                totals[label]++;
            }
        }
        NaiveBayes bayes = new([.. prior.Select(p => Math.Log(p / training.Count))], [.. totals.Select(total => -Math.Log(total + counts.Count))]);
        foreach ((string feature, double[] own) in counts)
            bayes._logs[feature] = [.. own.Select((count, k) => Math.Log(count + 1) + bayes._unseen[k])];
        return bayes;
    }

    /// <summary>The most probable class.</summary>
    public int Classify(IReadOnlyList<string> steps)
    {
        double[] scores = [.. _prior];
        foreach (string feature in Features(steps))
            if (_logs.TryGetValue(feature, out double[]? logs))
                for (int k = 0; k < scores.Length; k++) scores[k] += logs[k];
        return Array.IndexOf(scores, scores.Max());
    }

    private static HashSet<string> Features(IReadOnlyList<string> steps) => [.. steps, .. steps.Zip(steps.Skip(1), (a, b) => $"{a}\u001f{b}")];
}
