using Unroll.Layers.Losses;
using Unroll.Numerics;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Scores;

namespace Unroll.Tasks.Labels;

/// <summary>How a model's labels compare with the true ones: of each sequence, or of each step of all of them.</summary>
/// <param name="Actual">The true labels' places.</param>
/// <param name="Predicted">The most probable ones; of equal ones the first.</param>
/// <param name="Probabilities">[rows][classes].</param>
/// <param name="Loss">The mean of −ln of the true label's probability, in nats.</param>
public sealed record LabelScores(IReadOnlyList<int> Actual, IReadOnlyList<int> Predicted, IReadOnlyList<float[]> Probabilities, double Loss)
{
    private const int Bins = 15;

    /// <summary>The share of right labels; NaN where there are none.</summary>
    public double Accuracy => Actual.Count == 0 ? double.NaN : Actual.Zip(Predicted, (a, p) => a == p ? 1 : 0).Sum() / (double)Actual.Count;

    /// <summary>
    /// Expected calibration error: how far the probability of the label that was said is from the share of right ones, on average over fifteen bins
    /// of equal width (Guo et al. 2017, arXiv:1706.04599); NaN where there are none.
    /// </summary>
    public double CalibrationError
    {
        get
        {
            double[] sure = new double[Bins], right = new double[Bins];
            for (int i = 0; i < Actual.Count; i++)
            {
                float share = Probabilities[i][Predicted[i]];
                int bin = Math.Clamp((int)Math.Ceiling(share * Bins) - 1, 0, Bins - 1);
                sure[bin] += share;
                if (Predicted[i] == Actual[i]) right[bin]++;
            }
            return sure.Zip(right, (s, r) => Math.Abs(s - r)).Sum() / Actual.Count;
        }
    }

    /// <summary>The stretches that labels of steps mark, compared as wholes; null: the labels mark none.</summary>
    public EntityScores? Entities { get; init; }

    internal static LabelScores Of(
        LabelModel model, IReadOnlyList<LabeledSequence> sequences, ThreadTeam threads, CancellationToken stop = default) =>
        Of(model, sequences, model.Decode(sequences, threads, stop));

    internal static LabelScores Of(
        LabelModel model, IReadOnlyList<LabeledSequence> sequences, IReadOnlyList<(float[] Shares, int[] Path)> all)
    {
        int classes = model.Encoding.Classes.Count;
        List<int> actual = [], predicted = [];
        List<float[]> probabilities = [];
        double loss = 0;
        EntityScores? entities = model.Options.PerStep && TagLabel.AreStretches(model.Classes) ? new EntityScores() : null;
        for (int i = 0; i < sequences.Count; i++)
        {
            int[] labels = model.Labels(sequences[i], all[i].Path.Length);
            if (labels.Length > 0 && labels[0] != Targets.Ignored)
                entities?.Add(sequences[i].StepLabels, [.. all[i].Path.Select(label => model.Classes[label])]);
            for (int row = 0; row < labels.Length; row++)
            {
                if (labels[row] == Targets.Ignored) continue;
                float[] shares = all[i].Shares[(row * classes)..((row + 1) * classes)];
                actual.Add(labels[row]);
                predicted.Add(all[i].Path[row]);
                probabilities.Add(shares);
                loss -= Math.Log(Math.Max(shares[labels[row]], 1e-30f));
            }
        }
        return new LabelScores(actual, predicted, probabilities, loss / Math.Max(1, actual.Count)) { Entities = entities };
    }

    /// <summary>The place of the largest; of equal ones the first.</summary>
    internal static int Largest(ReadOnlySpan<float> shares)
    {
        int best = 0;
        for (int k = 1; k < shares.Length; k++)
            if (shares[k] > shares[best]) best = k;
        return best;
    }
}
