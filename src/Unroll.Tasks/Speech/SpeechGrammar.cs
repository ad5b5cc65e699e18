using Unroll.Layers.Losses;
using Unroll.Numerics;
using Unroll.Tasks.Data.Baselines;

namespace Unroll.Tasks.Speech;

//  w(π) = Πᵢ (P(πᵢ | π₁ … πᵢ₋₁) · V)^α        V labels and the end: with all of them alike the weight is 1, whatever the length
//  source: Hannun et al. 2014, "First-pass large vocabulary continuous speech recognition using bi-directional recurrent DNNs", whose bonus for a
//  word is V^α here

/// <summary>What beam search may write down and how likely it is beside what is heard: a word list, an n-gram, or both.</summary>
internal sealed class SpeechGrammar : ICtcGrammar
{
    private readonly WordTree? _list;
    private readonly NGramModel? _ngram;
    private readonly double _weight, _alike;
    private readonly int _order;

    private SpeechGrammar(WordTree? list, SpeechNGram? ngram, int words)
    {
        _list = list;
        if (ngram is { Weight: > 0 }) (_ngram, _weight, _order) = (ngram.Fit(words), ngram.Weight, ngram.Order);
        _alike = Logarithm.Ln(words + 1);
        Start = new Said(list is null ? [] : [list], [0], 0);
    }

    public object Start { get; }

    /// <summary>The grammar of a model; null: anything may be said.</summary>
    /// <param name="description">The model's words, and its n-gram where it has one.</param>
    /// <param name="list">The words that may be said, each its labels; null: any.</param>
    internal static SpeechGrammar? Of(SpeechDescription description, WordTree? list = null) =>
        list is null && description.NGram is not { Weight: > 0 } ? null : new(list, description.NGram, description.Words.Count);

    public object? Follow(object state, int label)
    {
        Said said = (Said)state;
        WordTree[] places = _list?.Follow(said.Places, label) ?? [];
        if (_list is not null && places.Length == 0) return null;
        return new Said(places, Last(said.Labels, label), said.LogWeight + LogWeightOf(said, label));
    }

    public double LogWeight(object state) => ((Said)state).LogWeight;

    public double LogEnd(object state)
    {
        Said said = (Said)state;
        bool mayEnd = _list is null || WordTree.MayEnd(said.Places) || ReferenceEquals(state, Start);
        return mayEnd ? said.LogWeight + LogWeightOf(said, 0) : double.NegativeInfinity;
    }

    private double LogWeightOf(Said said, int label) =>
        _ngram is null ? 0 : _weight * (_alike - _ngram.Nats([.. said.Labels, label], said.Labels.Length));

    private int[] Last(int[] labels, int label) => _ngram is null ? labels : [.. labels.AsSpan(Math.Max(0, labels.Length + 2 - _order)), label];

    /// <summary>What has been said: the places in the tree, the last labels, the weight.</summary>
    private sealed record Said(IReadOnlyList<WordTree> Places, int[] Labels, double LogWeight);
}
