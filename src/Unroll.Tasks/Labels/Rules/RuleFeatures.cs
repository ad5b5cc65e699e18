using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Sequences;

namespace Unroll.Tasks.Labels.Rules;

/// <summary>What of a sequence a rule sees: a set of features, each there or not.</summary>
internal static class RuleFeatures
{
    /// <summary>Whether the rule looks at bases at positions.</summary>
    public static bool ByPosition(RuleKind kind) => kind >= RuleKind.NaiveBayesPosition;

    /// <summary>Whether it is a logistic regression.</summary>
    public static bool IsLogistic(RuleKind kind) =>
        kind is RuleKind.Logistic or RuleKind.LogisticPosition or RuleKind.LogisticPositionPairs;

    /// <summary>The rule in words.</summary>
    public static string NameOf(RuleKind kind) => kind switch
    {
        RuleKind.NaiveBayes => "naive Bayes",
        RuleKind.Logistic => "logistic regression",
        RuleKind.NaiveBayesPosition => "naive Bayes by position",
        RuleKind.NaiveBayesPositionPairs => "naive Bayes by position, dinucleotides",
        RuleKind.LogisticPosition => "logistic regression by position",
        RuleKind.LogisticPositionPairs => "logistic regression by position, dinucleotides",
        _ => "none",
    };

    /// <summary>The rules that fit some sequences: those by position need nucleotides in windows of one length.</summary>
    public static IReadOnlyList<RuleKind> Fitting(IReadOnlyList<LabeledSequence> training, LabelEncoding encoding)
    {
        if (encoding.Unit == LabelUnit.Number) return [];
        RuleKind[] any = [RuleKind.NaiveBayes, RuleKind.Logistic];
        if (encoding.Unit is not (LabelUnit.Base or LabelUnit.Kmer)) return any;
        int length = Letters(training[0]).Count;
        return training.All(one => Letters(one).Count == length)
            ? [RuleKind.NaiveBayes, .. Enum.GetValues<RuleKind>().Where(ByPosition)] : any;
    }

    /// <summary>The steps that a rule sees: of nucleotides by position the bases, whatever the model's steps are.</summary>
    public static IReadOnlyList<string> Steps(RuleKind kind, LabeledSequence one, LabelEncoding encoding) =>
        ByPosition(kind) ? Letters(one) : encoding.Steps(one);

    /// <summary>The steps that a rule sees where one of the model's is hidden; a k-mer hides all of its bases.</summary>
    public static IReadOnlyList<string> Hidden(RuleKind kind, LabeledSequence one, LabelEncoding encoding, int hidden)
    {
        IReadOnlyList<string> steps = Steps(kind, one, encoding);
        if (hidden < 0) return steps;
        int letters = ByPosition(kind) && encoding.Unit == LabelUnit.Kmer ? encoding.Kmer : 1;
        return [.. steps.Select((step, t) => t >= hidden && t < hidden + letters ? "" : step)];
    }

    /// <summary>The features of some steps.</summary>
    /// <param name="kind">The rule.</param>
    /// <param name="steps">The steps; one that is hidden is empty, and has no features.</param>
    public static IEnumerable<string> Of(RuleKind kind, IReadOnlyList<string> steps) => kind switch
    {
        RuleKind.NaiveBayes or RuleKind.Logistic => Bag(steps),
        RuleKind.NaiveBayesPosition or RuleKind.LogisticPosition => Places(steps),
        RuleKind.NaiveBayesPositionPairs => PlacePairs(steps),
        _ => Places(steps).Concat(PlacePairs(steps)),
    };

    private static HashSet<string> Bag(IReadOnlyList<string> steps)
    {
        HashSet<string> features = [];
        for (int t = 0; t < steps.Count; t++)
        {
            if (steps[t].Length == 0) continue;
            features.Add(steps[t]);
            if (t + 1 < steps.Count && steps[t + 1].Length > 0) features.Add($"{steps[t]}\t{steps[t + 1]}");
        }
        return features;
    }

    // A letter that stands for several bases says nothing.
    private static IEnumerable<string> Places(IReadOnlyList<string> steps)
    {
        for (int t = 0; t < steps.Count; t++)
            if (IsBase(steps[t])) yield return $"{t}\t{steps[t]}";
    }

    private static IEnumerable<string> PlacePairs(IReadOnlyList<string> steps)
    {
        for (int t = 0; t + 1 < steps.Count; t++)
            if (IsBase(steps[t]) && IsBase(steps[t + 1])) yield return $"{t}\t{steps[t]}{steps[t + 1]}";
    }

    private static bool IsBase(string step) => step.Length == 1 && Nucleotides.Bases.Contains(step[0], StringComparison.Ordinal);

    private static IReadOnlyList<string> Letters(LabeledSequence one) => LabelUnits.Of(one, LabelUnit.Base, 1, cased: false);
}
