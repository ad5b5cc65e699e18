using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Layers.LinearChain;

/// <summary>
/// −ln of the probability that a <see cref="Crf"/> gives to the labels of each sequence as a whole, in nats. Beside the gradient of the scores it
/// adds that of the layer's transitions, start and end to the parameters.
/// </summary>
/// <remarks>
/// The sum is over sequences, the count over their steps, so that a mean is one per label as that of <see cref="SoftmaxCrossEntropy"/>. The forward
/// and backward recursions are in numbers with a wide exponent: nothing underflows, whatever the scores; O(steps · classes²) a sequence. A sequence
/// without steps adds nothing, nor does one whose labels are all <see cref="Targets.Ignored"/>. Source: Lafferty, McCallum, Pereira 2001,
/// "Conditional random fields". Derivation: docs/gradients/crf.md.
/// </remarks>
/// <param name="layer">The layer whose output the scores are.</param>
public sealed class CrfLoss(Crf layer) : ILoss
{
    /// <inheritdoc/>
    public string Name => "crf";

    /// <summary>One score a class.</summary>
    public int OutputsFor(int targets) => targets;

    /// <inheritdoc/>
    /// <remarks>Adds to the gradients of the layer's parameters. Labels only, and no weights of rows.</remarks>
    public LossSum Compute(in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, in Pass pass)
    {
        SequenceLayout layout = outputs.Layout;
        if (outputs.Features != layer.InputSize)
            ShapeException.Throw(outputs.Features, layer.InputSize, "loss 'crf' outputs", $"layer '{layer.Name}' has as many labels");
        if (targets.Labels.Length != layout.Rows)
            ShapeException.Throw(targets.Labels.Length, layout.Rows, "labels", "the outputs have that many rows and each needs one");
        if (!targets.RowWeights.IsEmpty)
            throw new UserErrorException("loss 'crf': it scores whole sequences, so that rows cannot have weights; leave them out.");
        RowLosses.CheckGradient(outputs, dOutputs);
        CheckLabels(layout, targets.Labels.Span, outputs.Features);
        return pass.Workspace.Cache<CrfWork>().Run(layer, outputs, targets.Labels, dOutputs, pass);
    }

    private static void CheckLabels(SequenceLayout layout, ReadOnlySpan<int> labels, int classes)
    {
        for (int s = 0; s < layout.Sequences; s++)
            for (int t = 0; t < layout.Lengths[s]; t++)
            {
                int label = labels[layout.Row(t, s)];
                if (label == Targets.Ignored ? labels[layout.Row(0, s)] != Targets.Ignored : (uint)label >= (uint)classes
                    || labels[layout.Row(0, s)] == Targets.Ignored)
                    throw new UserErrorException($"label of {RowName.Of(layout, layout.Row(t, s))}: expected 0 … {classes - 1} because the outputs "
                        + $"have {classes} classes, or {Targets.Ignored} at every step of the sequence, got {label}.");
            }
    }
}

/// <summary>
/// Distributes the sequences of a batch to threads; each one's loss and gradients are stored separately and added in the caller's order.
/// </summary>
internal sealed class CrfWork : IWork
{
    private const int Cost = 16, AtOnce = 64;                            // multiply-adds of a pair of labels; sequences whose gradients are kept
    private Crf _layer = null!;
    private SequenceBatch _scores, _dScores;
    private ReadOnlyMemory<int> _labels;
    private CrfLattice[] _lattices = [];
    private int[][] _paths = [];
    private double[] _losses = [], _gradients = [];
    private LossSum[] _sums = [];
    private int _workers, _from, _to;

    public LossSum Run(Crf layer, in SequenceBatch scores, ReadOnlyMemory<int> labels, in SequenceBatch dScores, in Pass pass)
    {
        (_layer, _scores, _labels, _dScores) = (layer, scores, labels, dScores);
        SequenceLayout layout = scores.Layout;
        _workers = layout.Sequences < 2 ? 1 : pass.Threads.WorkersFor((long)Cost * layout.Rows * layer.InputSize * layer.InputSize);
        Reserve(layout);
        for (int w = 0; w < _workers; w++) _lattices[w].Refresh(layer);
        LossSums losses = new(pass, layout, ref _sums);
        RowSums sums = pass.SumsOf(layout);
        for (_from = 0; _from < layout.Sequences; _from = _to)
        {
            _to = Math.Min(layout.Sequences, _from + AtOnce);
            if (_workers == 1) Run(0);
            else pass.Threads.Run(this, _workers);
            for (int s = _from; s < _to; s++)
            {
                if (!Counts(s)) continue;
                losses.AddSequence(s, _losses[s - _from], layout.Lengths[s]);
                AddGradients(GradientsOf(s), sums, s);
            }
        }
        return losses.Total();
    }

    // Packed, the longest come first; a group is of the caller's order, so that what is kept of it has a fixed size.
    public void Run(int worker)
    {
        for (int s = _from + worker; s < _to; s += _workers)
        {
            int steps = _scores.Layout.Lengths[s];
            if (!Counts(s))
            {
                for (int t = 0; t < steps; t++) _dScores.Row(t, s).Clear();
                continue;
            }
            if (_paths[worker].Length < steps) _paths[worker] = new int[steps];
            Span<int> path = _paths[worker].AsSpan(0, steps);
            for (int t = 0; t < steps; t++) path[t] = _labels.Span[_scores.Layout.Row(t, s)];
            double all = _lattices[worker].Forward(_scores, s);
            _losses[s - _from] = all - Score(s, path);
            if (double.IsNaN(all))
            {
                GradientsOf(s).Fill(double.NaN);
                for (int t = 0; t < steps; t++) _dScores.Row(t, s).Fill(float.NaN);
            }
            else _lattices[worker].Backward(_dScores, s, path, GradientsOf(s));
        }
    }

    private bool Counts(int sequence) =>
        _scores.Layout.Lengths[sequence] > 0 && _labels.Span[_scores.Layout.Row(0, sequence)] != Targets.Ignored;

    private double Score(int sequence, ReadOnlySpan<int> path)
    {
        ReadOnlySpan<float> transitions = _layer.Transitions.Values;
        double score = (double)_layer.Start.Values[path[0]] + _layer.End.Values[path[^1]];
        for (int t = 0; t < path.Length; t++)
        {
            score += _scores.Row(t, sequence)[path[t]];
            if (t > 0) score += transitions[path[t - 1] * _layer.InputSize + path[t]];
        }
        return score;
    }

    private Span<double> GradientsOf(int sequence) => _gradients.AsSpan((sequence - _from) * Size, Size);

    private int Size => _layer.InputSize * _layer.InputSize + 2 * _layer.InputSize;

    private void AddGradients(ReadOnlySpan<double> gradients, in RowSums sums, int sequence)
    {
        int classes = _layer.InputSize, pairs = classes * classes;
        Add(gradients[..pairs], sums.GradientsOfSequence(_layer.Transitions, sequence));
        Add(gradients.Slice(pairs, classes), sums.GradientsOfSequence(_layer.Start, sequence));
        Add(gradients[(pairs + classes)..], sums.GradientsOfSequence(_layer.End, sequence));

        static void Add(ReadOnlySpan<double> from, Span<float> to)
        {
            for (int i = 0; i < to.Length; i++) to[i] += (float)from[i];
        }
    }

    private void Reserve(SequenceLayout layout)
    {
        int kept = Math.Min(AtOnce, layout.Sequences), cells = ArraySize.Of(kept, Size);
        if (_losses.Length < kept) _losses = new double[kept];
        if (_gradients.Length < cells) _gradients = new double[cells];
        if (_lattices.Length >= _workers) return;
        _lattices = [.. Enumerable.Range(0, _workers).Select(_ => new CrfLattice())];
        _paths = [.. Enumerable.Range(0, _workers).Select(_ => Array.Empty<int>())];
    }
}
