using Unroll.Core;
using Unroll.Inspection.Textbook;
using Unroll.Layers.Losses;
using Unroll.Numerics;

namespace Unroll.Inspection;

/// <summary>The gradient check of the CTC loss, whose targets are sequences and not rows.</summary>
internal static class GradientCheckOfCtc
{
    private static readonly int[][] Labels = [[1, 2], [], [2, 2], [1], [3, 1, 3], []];
    private static readonly int[] Lengths = [4, 0, 5, 1, 3, 2];

    public static IEnumerable<GradientCheckResult> Run()
    {
        SequenceLayout layout = SequenceLayout.FromLengths(Lengths);
        SequenceBatch logits = SequenceBatch.Zeros(layout, 4), dLogits = SequenceBatch.Zeros(layout, 4);
        for (int i = 0; i < logits.All.Length; i++) logits.All[i] = (float)new Rng(1).Normal((ulong)i);
        using ThreadTeam threads = new(1);
        LossSum loss = new CtcLoss().Compute(logits, Labels, dLogits, new Pass(new Workspace(), threads, default, Training: true));

        double sum = 0, error = 0, share = 0, largest = 0;
        for (int s = 0; s < layout.Sequences; s++)
        {
            int[] labels = Labels[s];
            Vector[] z = [.. Enumerable.Range(0, Lengths[s]).Select(t => new Vector([.. logits.Row(t, s).ToArray().Select(x => (double)x)]))];
            CtcEquations truth = new(z, labels);
            sum += truth.Loss;
            IReadOnlyList<Vector> gradient = truth.Gradient();
            for (int t = 0; t < z.Length; t++)
                for (int k = 0; k < 4; k++)
                {
                    error = GradientCheck.Largest(error, GradientCheck.Error(gradient[t][k],
                        GradientCheck.Difference(z[t], k, () => new CtcEquations(z, labels).Loss)));
                    share = GradientCheck.Largest(share, Math.Abs(dLogits.Row(t, s)[k] - gradient[t][k]));
                    largest = Math.Max(largest, Math.Abs(gradient[t][k]));
                }
        }
        yield return new GradientCheckResult("loss", "ctc", "value", null, Math.Abs(loss.Sum - sum) / sum);
        yield return new GradientCheckResult("loss", "ctc", "outputs, sum", error, share / largest);
    }
}
