using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Data.Labeled;

namespace Unroll.Tasks.Labels.Rules;

//  zₖ = bₖ + Σ wₖ(f) over the features f that are there and known        the label: the k of the largest zₖ

/// <summary>
/// A rule that adds up what each feature of a sequence says for each label: naive Bayes and logistic regression are both of this form, and differ in
/// where the weights come from.
/// </summary>
internal sealed class LinearRule
{
    private readonly Dictionary<string, int> _places;
    private readonly double[] _bias, _weights;

    /// <summary>Takes what a fit found.</summary>
    /// <param name="kind">Which rule.</param>
    /// <param name="places">Each known feature's place.</param>
    /// <param name="bias">[classes].</param>
    /// <param name="weights">[features, classes].</param>
    public LinearRule(RuleKind kind, Dictionary<string, int> places, double[] bias, double[] weights) =>
        (Kind, _places, _bias, _weights) = (kind, places, bias, weights);

    /// <summary>Which rule.</summary>
    public RuleKind Kind { get; }

    /// <summary>How many features it knows.</summary>
    public int Features => _places.Count;

    /// <summary>Fits the rule of a kind.</summary>
    /// <param name="kind">Which; neither none nor auto.</param>
    /// <param name="training">Sequences with a label each.</param>
    /// <param name="encoding">Steps and classes.</param>
    public static LinearRule Fit(RuleKind kind, IReadOnlyList<LabeledSequence> training, LabelEncoding encoding) =>
        Fit(RuleExamples.Of(kind, training, encoding));

    /// <summary>Fits the rule of some examples' kind.</summary>
    public static LinearRule Fit(RuleExamples examples) =>
        RuleFeatures.IsLogistic(examples.Kind) ? LogisticRegression.Fit(examples) : NaiveBayes.Fit(examples);

    /// <summary>What speaks for each label, in nats up to a common number: [classes].</summary>
    public double[] Scores(LabeledSequence one, LabelEncoding encoding) => Scores(RuleFeatures.Steps(Kind, one, encoding));

    /// <summary>The same of steps; one that is hidden is empty.</summary>
    public double[] Scores(IReadOnlyList<string> steps)
    {
        double[] scores = [.. _bias];
        foreach (string feature in RuleFeatures.Of(Kind, steps))
            if (_places.TryGetValue(feature, out int place))
                for (int k = 0; k < scores.Length; k++) scores[k] += _weights[place * scores.Length + k];
        return scores;
    }

    /// <summary>The most probable label's place; of equal ones the first.</summary>
    public int Classify(LabeledSequence one, LabelEncoding encoding) => Largest(Scores(one, encoding));

    internal static int Largest(ReadOnlySpan<double> scores)
    {
        int best = 0;
        for (int k = 1; k < scores.Length; k++)
            if (scores[k] > scores[best]) best = k;
        return best;
    }

    internal static void Write(Utf8JsonWriter json, LinearRule rule)
    {
        json.WriteString("kind", $"{rule.Kind}");
        json.WriteTexts("features", rule._places.OrderBy(one => one.Value).Select(one => one.Key));
        json.WriteNumbers("bias", rule._bias);
        json.WriteNumbers("weights", rule._weights);
    }

    /// <exception cref="JsonException">It is no such rule.</exception>
    internal static LinearRule Read(JsonRecord json)
    {
        RuleKind kind = json.Choice<RuleKind>("kind");
        string[] features = json.Texts("features");
        double[] bias = json.Reals("bias"), weights = json.Reals("weights");
        if (kind is RuleKind.None or RuleKind.Auto || weights.Length != features.Length * bias.Length)
            throw new JsonException($"the rule is not one of {features.Length} features and {bias.Length} labels");
        Dictionary<string, int> places = [];
        for (int i = 0; i < features.Length; i++)
            if (!places.TryAdd(features[i], i)) throw new JsonException("a feature of the rule stands twice");
        return new LinearRule(kind, places, bias, weights);
    }

    /// <summary>How many labels it tells apart.</summary>
    internal int Classes => _bias.Length;
}
