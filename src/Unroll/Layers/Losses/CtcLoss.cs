using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Losses;

/// <summary>What to do with a sequence that has fewer steps than any alignment of its labels needs.</summary>
public enum ImpossibleTargets
{
    /// <summary>An error that names the sequence.</summary>
    Refuse,

    /// <summary>Leave it out: it adds nothing to the sum or the count, and its gradient is zero.</summary>
    LeaveOut,
}

/// <summary>
/// Connectionist temporal classification: −ln p(labels | x), the sum over all alignments of the labels to the steps. A path gives each step a
/// label or the blank; it stands for its labels with repetitions merged and then blanks removed.
/// </summary>
/// <remarks>
/// The forward–backward recursion in numbers with a wide exponent: nothing underflows, whatever the logits; O(steps · labels) time and memory a
/// sequence. A sequence without labels is all blanks; one without steps and labels has the probability 1. Source: Graves, Fernández, Gomez,
/// Schmidhuber 2006, "Connectionist temporal classification", sections 3 and 4. Derivation: docs/gradients/ctc.md.
/// </remarks>
public sealed record CtcLoss
{
    /// <summary>The class for "no label".</summary>
    public const int Blank = 0;

    private readonly ImpossibleTargets _impossible;

    /// <summary>As in files and options.</summary>
    public string Name => "ctc";

    /// <summary>What to do with a sequence that is too short for its labels.</summary>
    /// <exception cref="UserErrorException">There is no such choice.</exception>
    public ImpossibleTargets Impossible
    {
        get => _impossible;
        init => _impossible = Enum.IsDefined(value)
            ? value
            : throw new UserErrorException(
                $"ctc impossible targets: expected {string.Join(" or ", Enum.GetNames<ImpossibleTargets>())}, got {value}.");
    }

    /// <summary>How many steps labels need at least: one each, and a blank between equal neighbors.</summary>
    public static int StepsNeeded(ReadOnlySpan<int> labels)
    {
        int needed = labels.Length;
        for (int i = 1; i < labels.Length; i++)
            if (labels[i] == labels[i - 1]) needed++;
        return needed;
    }

    /// <summary>The loss summed over the sequences, and its gradient.</summary>
    /// <param name="logits">[rows, classes]; scores before the softmax; class 0 is the blank.</param>
    /// <param name="labels">The labels of each sequence, in the caller's order, each 1 … classes − 1; may be empty.</param>
    /// <param name="dLogits">The shape of <paramref name="logits"/>; receives ∂(sum)/∂logits. Overwritten.</param>
    /// <param name="pass">Workspace and threads.</param>
    /// <returns>
    /// Nats, and the number of sequences. Infinite, with the gradient zero, where a logit of −∞ makes the labels impossible; NaN where a logit is.
    /// </returns>
    /// <exception cref="ShapeException">
    /// There are not as many label sequences as sequences, or the gradient has another shape than the logits.
    /// </exception>
    /// <exception cref="UserErrorException">A label is outside, or a sequence too short for its labels: the message names the sequence.</exception>
    public LossSum Compute(in SequenceBatch logits, IReadOnlyList<int[]> labels, in SequenceBatch dLogits, in Pass pass)
    {
        if (labels.Count != logits.Layout.Sequences)
            ShapeException.Throw(labels.Count, logits.Layout.Sequences, "ctc label sequences", "the batch has that many sequences");
        RowLosses.CheckGradient(logits, dLogits);
        for (int s = 0; s < labels.Count; s++)
        {
            CheckLabels(labels[s], s, logits.Features);
            if (Impossible == ImpossibleTargets.Refuse) CheckLength(labels[s], s, logits.Layout.Lengths[s]);
        }
        return pass.Workspace.Cache<CtcWork>().Run(logits, labels, dLogits, pass);
    }

    /// <summary>ln p(labels | x) of one sequence, −∞ where it is impossible. Allocates; for training use <see cref="Compute"/>.</summary>
    /// <param name="logits">[rows, classes].</param>
    /// <param name="sequence">Which one, in the caller's order.</param>
    /// <param name="labels">1 … classes − 1; may be empty.</param>
    /// <exception cref="UserErrorException">A label is outside.</exception>
    public static double LogProbability(in SequenceBatch logits, int sequence, ReadOnlySpan<int> labels)
    {
        CheckLabels(labels, sequence, logits.Features);
        WideNumber p = new CtcLattice().Forward(logits, sequence, labels, new float[logits.Features], out bool isNaN);
        return isNaN ? double.NaN : p.Ln();
    }

    internal static void CheckLabels(ReadOnlySpan<int> labels, int sequence, int classes)
    {
        for (int i = 0; i < labels.Length; i++)
            if (labels[i] < 1 || labels[i] >= classes)
                throw new UserErrorException($"ctc label {i} of sequence {sequence}: expected 1 … {classes - 1} because the outputs have {classes} "
                    + $"classes and {Blank} is the blank, got {labels[i]}.");
    }

    internal static void CheckLength(ReadOnlySpan<int> labels, int sequence, int steps)
    {
        int needed = StepsNeeded(labels);
        if (steps < needed)
            throw new UserErrorException($"ctc labels of sequence {sequence}: expected at least {needed} steps because {labels.Length} labels with "
                + $"{needed - labels.Length} equal neighbors need as many, got {steps}; use longer input, fewer labels, "
                + "or leave such sequences out.");
    }
}

/// <summary>
/// Distributes the sequences of a batch to threads; each sequence's loss is stored separately, and the losses are added in the caller's order.
/// </summary>
internal sealed class CtcWork : IWork
{
    private const int Cost = 256;                                        // of a logit and its part of the lattice, in multiply-adds
    private SequenceBatch _logits, _dLogits;
    private IReadOnlyList<int[]> _labels = [];
    private CtcLattice[] _lattices = [];
    private double[] _losses = [];
    private LossSum[] _sums = [];
    private int _workers;

    public LossSum Run(in SequenceBatch logits, IReadOnlyList<int[]> labels, in SequenceBatch dLogits, in Pass pass)
    {
        (_logits, _labels, _dLogits) = (logits, labels, dLogits);
        if (_losses.Length < labels.Count) _losses = new double[labels.Count];
        _workers = logits.Layout.Sequences < 2 ? 1 : pass.Threads.WorkersFor((long)Cost * logits.All.Length);
        if (_lattices.Length < _workers) _lattices = [.. Enumerable.Range(0, _workers).Select(_ => new CtcLattice())];
        if (_workers == 1) Run(0);
        else pass.Threads.Run(this, _workers);

        LossSums sums = new(pass, logits.Layout, ref _sums);
        for (int s = 0; s < labels.Count; s++)
            if (CtcLoss.StepsNeeded(labels[s]) <= logits.Layout.Lengths[s]) sums.AddSequence(s, _losses[s], 1);
        return sums.Total();
    }

    // Long sequences are handed out one by one: packed, the longest come first.
    public void Run(int worker)
    {
        SequenceLayout layout = _logits.Layout;
        for (int position = worker; position < layout.Sequences; position += _workers)
        {
            int s = layout.Order[position];
            if (CtcLoss.StepsNeeded(_labels[s]) > layout.Lengths[s])
            {
                Clear(s);
                continue;
            }
            WideNumber p = _lattices[worker].Forward(_logits, s, _labels[s], _dLogits.All, out bool isNaN);
            _losses[s] = isNaN ? double.NaN : p.IsZero ? double.PositiveInfinity : 0 - p.Ln();
            if (isNaN) continue;
            if (p.IsZero) Clear(s);
            else _lattices[worker].Backward(_dLogits, s, _labels[s], p);
        }
    }

    private void Clear(int sequence)
    {
        for (int t = 0; t < _logits.Layout.Lengths[sequence]; t++) _dLogits.Row(t, sequence).Clear();
    }
}
