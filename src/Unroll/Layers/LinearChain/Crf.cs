using Unroll.Core;

namespace Unroll.Layers.LinearChain;

//  score(y) = start[y₁] + Σₜ zₜ[yₜ] + Σₜ transitions[yₜ₋₁, yₜ] + end[y_T]        p(y | x) = e^score(y) / Σ over all paths y′ of e^score(y′)

/// <summary>
/// A linear-chain conditional random field on top of a network: its outputs are scores of single labels, and this layer's parameters score which
/// label stands first, which follows which, and which stands last. Parameters <c>transitions</c> [classes, classes], from row to column,
/// <c>start</c> and <c>end</c> [classes].
/// </summary>
/// <remarks>
/// As a layer it hands the scores on: what it adds concerns whole paths, and is in <see cref="CrfLoss"/>, <see cref="Marginals"/> and
/// <see cref="BestPath"/>. Sources: Lafferty, McCallum, Pereira 2001, "Conditional random fields"; Lample, Ballesteros, Subramanian, Kawakami, Dyer
/// 2016 (arXiv:1603.01360). Derivation: docs/gradients/crf.md.
/// </remarks>
public sealed class Crf : ILayer
{
    /// <summary>Makes the layer and adds its parameters, all zero, to the store.</summary>
    /// <param name="name">For messages, and the prefix of its parameters' names.</param>
    /// <param name="store">Receives the parameters.</param>
    /// <param name="classes">Labels, at least 1.</param>
    /// <exception cref="UserErrorException">There is no label, or there are too many for an array.</exception>
    public Crf(string name, ParameterStore store, int classes)
    {
        if (classes < 1 || (long)classes * classes > ArraySize.Max)
            throw new UserErrorException($"layer '{name}' classes: expected at least 1 and no more than an array has pairs of, got {classes}.");
        (Name, InputSize) = (name, classes);
        Transitions = store.Add($"{name}.transitions", classes, classes);
        Start = store.Add($"{name}.start", classes);
        End = store.Add($"{name}.end", classes);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int InputSize { get; }

    /// <inheritdoc/>
    public int OutputSize => InputSize;

    /// <summary>[classes, classes]: the score of a label (column) after another (row).</summary>
    public Parameter Transitions { get; }

    /// <summary>[classes]: the score of a label as the first.</summary>
    public Parameter Start { get; }

    /// <summary>[classes]: the score of a label as the last.</summary>
    public Parameter End { get; }

    //  y = z
    /// <inheritdoc/>
    public Cache Forward(in SequenceBatch x, in Pass pass)
    {
        if (x.Features != InputSize)
            ShapeException.Throw(x.Features, InputSize, $"layer '{Name}' input features", $"transitions is [{InputSize}, {InputSize}]");
        CrfCache cache = pass.Workspace.Cache<CrfCache>();
        (cache.Layer, cache.Output) = (this, x);
        return cache;
    }

    //  δz = δy: the parameters get their gradients where the paths are scored, by CrfLoss
    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass)
    {
        _ = cache.Of<CrfCache>(this, dy);
        return dy;
    }

    /// <summary>The probability of each label at each step, over all paths: what forward and backward scores give together.</summary>
    /// <param name="scores">[rows, classes]: the layer's output.</param>
    /// <param name="sequence">Which one, in the caller's order.</param>
    /// <param name="probabilities">[steps, classes], overwritten; NaN where a score is.</param>
    /// <exception cref="ShapeException">A size does not fit.</exception>
    public void Marginals(in SequenceBatch scores, int sequence, Span<float> probabilities)
    {
        Check(scores, sequence, probabilities.Length, InputSize, "probabilities");
        CrfLattice lattice = new();
        lattice.Refresh(this);
        if (double.IsNaN(lattice.Forward(scores, sequence))) probabilities.Fill(float.NaN);
        else lattice.Marginals(probabilities);
    }

    /// <summary>The most probable path (Viterbi 1967); of equal ones the one whose labels come first, from the last step back.</summary>
    /// <param name="scores">[rows, classes]: the layer's output.</param>
    /// <param name="sequence">Which one, in the caller's order.</param>
    /// <param name="rules">Which paths are allowed; null: all.</param>
    /// <param name="path">[steps], overwritten.</param>
    /// <exception cref="ShapeException">A size does not fit.</exception>
    public void BestPath(in SequenceBatch scores, int sequence, PathRules? rules, Span<int> path)
    {
        Check(scores, sequence, path.Length, 1, "path");
        double[] own = new double[ArraySize.Of(path.Length, InputSize)];
        for (int t = 0; t < path.Length; t++)
            for (int k = 0; k < InputSize; k++) own[t * InputSize + k] = scores.Row(t, sequence)[k];
        Viterbi.Find(own, Transitions.Values, Start.Values, End.Values, InputSize, rules, path);
    }

    private void Check(in SequenceBatch scores, int sequence, int length, int each, string what)
    {
        if (scores.Features != InputSize)
            ShapeException.Throw(scores.Features, InputSize, $"layer '{Name}' scores", $"transitions is [{InputSize}, {InputSize}]");
        int steps = scores.Layout.Lengths[sequence];
        if (length != steps * each) ShapeException.Throw(length, steps * each, $"layer '{Name}' {what}", $"the sequence has {steps} steps");
    }

    private sealed class CrfCache : Cache;
}
