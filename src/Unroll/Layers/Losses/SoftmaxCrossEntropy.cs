using Unroll.Core;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Layers.Losses;

/// <summary>
/// −ln of the probability that a softmax over the outputs gives the right class, in nats, summed over the rows that have a label
/// (study notes, S06, S32, S40). Logits of any size are safe: the row's maximum is subtracted first.
/// </summary>
/// <remarks>Outputs [classes], the scores before the softmax; labels 0 … classes − 1, or <see cref="Targets.Ignored"/>.</remarks>
public sealed record SoftmaxCrossEntropy : ILoss
{
    private const int WorthSharing = 1 << 14;                                // exponentials; below this one thread is as fast
    private const int Cost = 64;                                             // of an exponential, in multiply-adds

    /// <inheritdoc/>
    public string Name => "cross-entropy";

    /// <summary>One logit per class.</summary>
    public int OutputsFor(int targets) => targets;

    /// <inheritdoc/>
    public LossSum Compute(in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, in Pass pass)
    {
        Check(outputs, targets, dOutputs);
        CrossEntropyRows rows = pass.Workspace.Cache<CrossEntropyRows>();
        int workers = outputs.All.Length < WorthSharing ? 1 : pass.Threads.WorkersFor((long)Cost * outputs.All.Length);
        rows.Begin(outputs, targets, dOutputs, workers);
        if (workers == 1) rows.Run(0);
        else pass.Threads.Run(rows, workers);
        return rows.Total();
    }

    private static void Check(in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs)
    {
        SequenceLayout layout = outputs.Layout;
        if (targets.Labels.Length != layout.Rows)
            ShapeException.Throw(targets.Labels.Length, layout.Rows, "labels", "the outputs have that many rows and each needs one");
        RowLosses.CheckGradient(outputs, dOutputs);
        targets.CheckWeights(layout);
        ReadOnlySpan<int> labels = targets.Labels.Span;
        ReadOnlySpan<float> weights = targets.RowWeights.Span;
        for (int row = 0; row < labels.Length; row++)
        {
            if (Targets.Weight(weights, row, layout) != 0 && labels[row] != Targets.Ignored && (uint)labels[row] >= (uint)outputs.Features)
                throw new UserErrorException(
                    $"label of {RowName.Of(layout, row)}: expected 0 … {outputs.Features - 1} because the outputs have {outputs.Features} classes "
                    + $"({Targets.Ignored}: not counted), got {labels[row]}.");
        }
    }
}

/// <summary>Shares the rows of a batch among threads; each row's loss is stored separately, and the losses are added in order.</summary>
internal sealed class CrossEntropyRows : IWork
{
    private SequenceBatch _outputs, _dOutputs;
    private Targets _targets;
    private double[] _losses = [];
    private int _workers;

    public void Begin(in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, int workers)
    {
        (_outputs, _targets, _dOutputs, _workers) = (outputs, targets, dOutputs, workers);
        if (_losses.Length < outputs.Layout.Rows) _losses = new double[outputs.Layout.Rows];
    }

    public void Run(int worker)
    {
        long rows = _outputs.Layout.Rows;
        Compute((int)(rows * worker / _workers), (int)(rows * (worker + 1) / _workers));
    }

    //  p = softmax(z)        L = −w ln p_label = w ((max − z_label) + ln Σ exp(z − max))        ∂L/∂z = w p − w onehot(label)
    private void Compute(int from, int to)
    {
        int classes = _outputs.Features;
        ReadOnlySpan<float> outputs = _outputs.All, weights = _targets.RowWeights.Span;
        ReadOnlySpan<int> labels = _targets.Labels.Span;
        Span<float> dOutputs = _dOutputs.All;
        for (int row = from; row < to; row++)
        {
            ReadOnlySpan<float> z = outputs.Slice(row * classes, classes);
            Span<float> dz = dOutputs.Slice(row * classes, classes);
            int label = labels[row];
            float weight = weights.IsEmpty ? 1 : weights[row];
            if (label == Targets.Ignored || weight == 0)
            {
                dz.Clear();
                continue;
            }
            double sum = Softmax.Exponentials(z, dz, out float max);
            float below = z[label] == max ? 0 : max - z[label];              // an infinite maximum less itself is 0 here
            Elementwise.Scale(dz, (float)(weight / sum));
            dz[label] -= weight;
            _losses[row] = weight * (below + Logarithm.Ln(sum));
        }
    }

    public LossSum Total()
    {
        ReadOnlySpan<int> labels = _targets.Labels.Span;
        ReadOnlySpan<float> weights = _targets.RowWeights.Span;
        double sum = 0;
        long count = 0;
        for (int row = 0; row < labels.Length; row++)
        {
            if (labels[row] == Targets.Ignored || (!weights.IsEmpty && weights[row] == 0)) continue;
            sum += _losses[row];
            count++;
        }
        return new LossSum(sum, count);
    }
}
