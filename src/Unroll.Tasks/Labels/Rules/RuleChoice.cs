using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Labels.Rules;

/// <summary>Which rule is the best of those that fit some data, by five folds of the training part; never by what is tested.</summary>
internal static class RuleChoice
{
    /// <summary>The rule of a kind, or for auto the one with the fewest errors; of equal ones the first.</summary>
    /// <exception cref="OptionException">No rule, or not this one, fits the sequences.</exception>
    public static RuleKind Of(RuleKind kind, IReadOnlyList<LabeledSequence> training, LabelEncoding encoding)
    {
        IReadOnlyList<RuleKind> fitting = RuleFeatures.Fitting(training, encoding);
        if (encoding.Unit == LabelUnit.Number)
            throw new OptionException("rule", "the rules count words, characters or nucleotides, and a step is a row of numbers; leave it out.");
        if (kind != RuleKind.Auto)
            return !RuleFeatures.ByPosition(kind) || fitting.Contains(kind)
                ? kind
                : throw new OptionException("rule",
                    "a rule by position needs nucleotides in windows of one length; cut them alike, or choose the rule naive-bayes.");
        int[] errors = [.. fitting.Select(one => Errors(one, training, encoding))];
        return fitting[Array.IndexOf(errors, errors.Min())];
    }

    /// <summary>For each sequence what the rule says that was fitted on the four folds without it.</summary>
    public static double[][] HeldOutScores(RuleKind kind, IReadOnlyList<LabeledSequence> training, LabelEncoding encoding)
    {
        RuleExamples examples = RuleExamples.Of(kind, training, encoding);
        int[] fold = RuleExamples.Folds(examples.Labels);
        double[][] scores = new double[training.Count][];
        for (int k = 0; k < RuleExamples.FoldsOf(training.Count); k++)
        {
            RuleExamples rest = examples.Only(Enumerable.Range(0, fold.Length).Where(i => fold[i] != k));
            LinearRule rule = LinearRule.Fit(rest);
            for (int i = 0; i < fold.Length; i++)
                if (fold[i] == k) scores[i] = rule.Scores(training[i], encoding);
        }
        return scores;
    }

    private static int Errors(RuleKind kind, IReadOnlyList<LabeledSequence> training, LabelEncoding encoding)
    {
        double[][] scores = HeldOutScores(kind, training, encoding);
        return training.Select((one, i) => LinearRule.Largest(scores[i]) == encoding.ClassOf(one.Label!, one) ? 0 : 1).Sum();
    }
}
