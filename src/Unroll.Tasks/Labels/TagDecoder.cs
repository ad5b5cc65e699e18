using Unroll.Core;
using Unroll.Layers.LinearChain;
using Unroll.Tasks.Data.Labeled;

namespace Unroll.Tasks.Labels;

/// <summary>From a network's outputs to the labels of all steps of a sequence: the best path, and a legal one where labels follow a scheme.</summary>
internal sealed class TagDecoder
{
    private const float Least = 1e-30f;
    private readonly Crf? _field;
    private readonly PathRules? _rules;
    private readonly int _classes;

    /// <summary>Finds what a model's network and labels ask for.</summary>
    public TagDecoder(LabelModel model)
    {
        _classes = model.Classes.Count;
        _field = model.Network.All[^1] as Crf;
        if (model.Options is { PerStep: true, Legal: true } && model.Encoding.Scheme is { } scheme) _rules = TagScheme.Rules(scheme, model.Classes);
    }

    /// <summary>The labels of a sequence by the network's own scores.</summary>
    /// <param name="outputs">[rows, classes]: the network's.</param>
    /// <param name="sequence">In the caller's order.</param>
    /// <param name="shares">[steps, classes]: its probabilities.</param>
    public int[] Path(in SequenceBatch outputs, int sequence, float[] shares)
    {
        if (_field is null) return Path(shares);
        int[] path = new int[outputs.Layout.Lengths[sequence]];
        _field.BestPath(outputs, sequence, _rules, path);
        return path;
    }

    /// <summary>
    /// The labels of a sequence by probabilities of single steps, such as the mean of several networks': the most probable ones, or of all legal
    /// paths the one with the largest product.
    /// </summary>
    /// <param name="shares">[steps, classes].</param>
    public int[] Path(float[] shares)
    {
        int[] path = new int[shares.Length / _classes];
        for (int t = 0; t < path.Length; t++) path[t] = LabelScores.Largest(shares.AsSpan(t * _classes, _classes));
        if (_rules is null || _rules.Allows(path)) return path;
        Viterbi.Find([.. shares.Select(share => Math.Log(Math.Max(share, Least)))], [], [], [], _classes, _rules, path);
        return path;
    }
}
