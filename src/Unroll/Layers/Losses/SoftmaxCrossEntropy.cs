using Unroll.Core;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Layers.Losses;

/// <summary>
/// −ln of the probability that a softmax over the outputs gives the right class, in nats, summed over the rows that have a label
/// (study notes, S06, S32, S40). Logits of any size are safe: the row's maximum is subtracted first.
/// </summary>
/// <remarks>
/// Outputs [classes], the scores before the softmax; labels 0 … classes − 1, or <see cref="Targets.Ignored"/>. With <see cref="Smoothing"/> ε the
/// label is not certain: it has 1 − ε + ε/classes of the target's probability, and every other class ε/classes.
/// </remarks>
public sealed record SoftmaxCrossEntropy : ILoss
{
    private const int WorthSharing = 1 << 14;                                // exponentials; below this one thread is as fast
    private const int Cost = 64;                                             // of an exponential, in multiply-adds

    /// <inheritdoc/>
    public string Name => Smoothing > 0 ? "smoothed-cross-entropy" : "cross-entropy";

    /// <summary>ε of label smoothing, in [0, 1); 0: none (Szegedy, Vanhoucke, Ioffe, Shlens, Wojna 2016, arXiv:1512.00567).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside.</exception>
    public float Smoothing
    {
        get;
        init => field = value is >= 0 and < 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "expected 0 ≤ smoothing < 1");
    }

    /// <summary>One logit per class.</summary>
    public int OutputsFor(int targets) => targets;

    /// <inheritdoc/>
    public LossSum Compute(in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, in Pass pass)
    {
        Check(outputs, targets, dOutputs);
        CrossEntropyRows rows = pass.Workspace.Cache<CrossEntropyRows>();
        int workers = outputs.All.Length < WorthSharing ? 1 : pass.Threads.WorkersFor((long)Cost * outputs.All.Length);
        rows.Begin(outputs, targets, dOutputs, Smoothing, workers);
        if (workers == 1) rows.Run(0);
        else pass.Threads.Run(rows, workers);
        return rows.Total(pass);
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
    private LossSum[] _sums = [];
    private int _workers;
    private float _smoothing;

    public void Begin(in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, float smoothing, int workers)
    {
        (_outputs, _targets, _dOutputs, _smoothing, _workers) = (outputs, targets, dOutputs, smoothing, workers);
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
            if (_smoothing > 0)
            {
                Smooth(z, dz, label, weight);
                _losses[row] = weight * (max - Expected(z, label) + Logarithm.Ln(sum));
                continue;
            }
            dz[label] -= weight;
            _losses[row] = weight * (below + Logarithm.Ln(sum));
        }
    }

    //  q = (1 − ε) onehot(label) + ε/K      L = −w Σ_k q_k ln p_k = w (max − Σ_k q_k z_k + ln Σ exp(z − max))      ∂L/∂z = w p − w q
    private void Smooth(ReadOnlySpan<float> z, Span<float> dz, int label, float weight)
    {
        float each = weight * _smoothing / z.Length;
        for (int k = 0; k < dz.Length; k++) dz[k] -= each;
        dz[label] -= weight * (1 - _smoothing);
    }

    private double Expected(ReadOnlySpan<float> z, int label)
    {
        double sum = 0;
        foreach (float one in z) sum += one;
        return (1 - _smoothing) * z[label] + _smoothing * (sum / z.Length);
    }

    public LossSum Total(in Pass pass)
    {
        ReadOnlySpan<int> labels = _targets.Labels.Span;
        ReadOnlySpan<float> weights = _targets.RowWeights.Span;
        LossSums sums = new(pass, _outputs.Layout, ref _sums);
        for (int row = 0; row < labels.Length; row++)
            if (labels[row] != Targets.Ignored && (weights.IsEmpty || weights[row] != 0)) sums.AddRow(row, _losses[row], 1);
        return sums.Total();
    }
}
