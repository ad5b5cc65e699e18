using Unroll.Core;

namespace Unroll.Layers.Losses;

/// <summary>Labels that a network's outputs may mean.</summary>
/// <param name="Labels">1 … classes − 1.</param>
/// <param name="LogProbability">ln p(labels | x), over all alignments.</param>
public sealed record CtcHypothesis(IReadOnlyList<int> Labels, double LogProbability)
{
    /// <summary>ln of the weight that a grammar gives to the labels; 0 without one.</summary>
    public double LogWeight { get; init; }
}

/// <summary>From outputs to labels.</summary>
public static class CtcDecoding
{
    /// <summary>
    /// The labels of the most probable path: the best class of each step (of equals the first), repetitions merged, blanks removed.
    /// </summary>
    /// <param name="logits">[rows, classes]; scores or probabilities: only their order matters.</param>
    /// <param name="sequence">Which one, in the caller's order.</param>
    public static int[] Greedy(in SequenceBatch logits, int sequence)
    {
        CtcGreedyStream stream = new();
        List<int> labels = [];
        for (int t = 0; t < logits.Layout.Lengths[sequence]; t++)
            if (stream.Push(logits.Row(t, sequence)) is var label and not CtcLoss.Blank) labels.Add(label);
        return [.. labels];
    }

    /// <summary>
    /// The most probable labels that a prefix beam search finds, best first. Their probabilities are exact, over all alignments, and the greedy
    /// labels are always among those compared: the first is never less probable than they are.
    /// </summary>
    /// <param name="logits">[rows, classes]; scores before the softmax.</param>
    /// <param name="sequence">Which one, in the caller's order.</param>
    /// <param name="width">How many prefixes go on after each step, at least 1.</param>
    /// <returns>At most <paramref name="width"/> hypotheses, at least one.</returns>
    /// <exception cref="UserErrorException">The width is below 1.</exception>
    /// <remarks>
    /// Source: Hannun, Maas, Jurafsky, Ng 2014, "First-pass large vocabulary continuous speech recognition using bi-directional recurrent DNNs".
    /// </remarks>
    public static IReadOnlyList<CtcHypothesis> Beam(in SequenceBatch logits, int sequence, int width) => Beam(logits, sequence, width, null);

    /// <summary>As without a grammar, of labels that it lets follow each other, ordered by probability times weight.</summary>
    /// <param name="logits">[rows, classes]; scores before the softmax.</param>
    /// <param name="sequence">Which one, in the caller's order.</param>
    /// <param name="width">How many prefixes go on after each step, at least 1.</param>
    /// <param name="grammar">What may be said; null: anything.</param>
    /// <returns>At most <paramref name="width"/> hypotheses; where all that were found break off, no labels at all.</returns>
    /// <exception cref="UserErrorException">The width is below 1.</exception>
    public static IReadOnlyList<CtcHypothesis> Beam(in SequenceBatch logits, int sequence, int width, ICtcGrammar? grammar)
    {
        if (width < 1) throw new UserErrorException($"ctc beam width: expected at least 1 because a search keeps that many prefixes, got {width}.");
        List<int[]> found = CtcPrefixes.Search(logits, sequence, width, grammar);
        int[] greedy = Greedy(logits, sequence);
        if (!found.Exists(labels => labels.AsSpan().SequenceEqual(greedy))) found.Add(greedy);
        List<CtcHypothesis> hypotheses = [];
        foreach (int[] labels in found)
            if (LogEnd(grammar, labels) is var weight && !double.IsNegativeInfinity(weight))
                hypotheses.Add(new CtcHypothesis(labels, CtcLoss.LogProbability(logits, sequence, labels)) { LogWeight = weight });
        if (hypotheses.Count == 0)
            hypotheses.Add(new CtcHypothesis([], CtcLoss.LogProbability(logits, sequence, [])) { LogWeight = grammar!.LogEnd(grammar.Start) });
        return [.. hypotheses.OrderByDescending(hypothesis => hypothesis.LogProbability + hypothesis.LogWeight).Take(width)];
    }

    private static double LogEnd(ICtcGrammar? grammar, int[] labels)
    {
        if (grammar is null) return 0;
        object? state = grammar.Start;
        foreach (int label in labels)
            if ((state = grammar.Follow(state!, label)) is null) return double.NegativeInfinity;
        return grammar.LogEnd(state!);
    }
}

/// <summary>Greedy decoding while the outputs are still coming: the labels so far are those that <see cref="CtcDecoding.Greedy"/> gives.</summary>
public sealed class CtcGreedyStream
{
    /// <summary>The best class of the last step, all that it keeps; set, it goes on from there.</summary>
    public int Last { get; set; } = CtcLoss.Blank;

    /// <summary>One step.</summary>
    /// <param name="logits">[classes].</param>
    /// <returns>The label that begins with this step, or 0: none does.</returns>
    public int Push(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int k = 1; k < logits.Length; k++)
            if (logits[k] > logits[best]) best = k;
        int begins = best == Last ? CtcLoss.Blank : best;
        Last = best;
        return begins;
    }

    /// <summary>Begins a new sequence.</summary>
    public void Reset() => Last = CtcLoss.Blank;
}
