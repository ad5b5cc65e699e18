namespace Unroll.Tasks.Shared;

/// <summary>Why runs that differ in an option cannot be compared by their validation scores: see <see cref="OptionTable{T}.NotSwept"/>.</summary>
public static class Unswept
{
    /// <summary>The option decides which examples a run has.</summary>
    public const string Data = "it decides which data are learned from and validated on, and scores on other data do not compare";

    /// <summary>The option decides what a score is.</summary>
    public const string Measure = "it decides what the validation score measures, and scores of another kind do not compare";

    /// <summary>The option is for a trained model.</summary>
    public const string Afterwards = "it has no part in training, and the validation score does not depend on it";

    /// <summary>The option names a model to begin with.</summary>
    public const string Start = "the options of the model that it names come with it; sweep on from each model by itself";

    /// <summary>The option decides how many networks are trained.</summary>
    public const string Members = "the validation score of several members is the mean of theirs, and not that of the model that they are together";

    /// <summary>The option decides where sums are rounded.</summary>
    public const string Rounding = "it changes where sums are rounded, and nothing else";
}
