namespace Unroll.Tasks.Labels.Rules;

/// <summary>A simple rule of the field: measured beside a model, or a member of one.</summary>
public enum RuleKind
{
    /// <summary>None.</summary>
    None,

    /// <summary>The one that is right most often in five folds of the training part.</summary>
    Auto,

    /// <summary>Naive Bayes over steps and pairs of neighboring steps, each counted once a sequence.</summary>
    NaiveBayes,

    /// <summary>Logistic regression over the same.</summary>
    Logistic,

    /// <summary>Naive Bayes over the base at each position of windows of one length: a position weight matrix.</summary>
    NaiveBayesPosition,

    /// <summary>The same over the two bases at each two neighboring positions.</summary>
    NaiveBayesPositionPairs,

    /// <summary>Logistic regression over the base at each position.</summary>
    LogisticPosition,

    /// <summary>Logistic regression over the base at each position and the two at each two neighboring ones.</summary>
    LogisticPositionPairs,
}
