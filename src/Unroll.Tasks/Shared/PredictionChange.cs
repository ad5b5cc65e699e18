namespace Unroll.Tasks.Shared;

/// <summary>How many predictions are others than those of another model on the same data, where predictions are choices.</summary>
/// <param name="What">What was predicted, in the plural: <c>labels</c>.</param>
/// <param name="Changed">How many are others.</param>
/// <param name="All">How many there are.</param>
public sealed record PredictionChange(string What, int Changed, int All)
{
    /// <summary>The share of others, 0 … 1; 0 where there are none at all.</summary>
    public double Share => Changed / (double)Math.Max(1, All);

    /// <summary>Counts; null where the two are not predictions of the same things.</summary>
    internal static PredictionChange? Of<T>(string what, IReadOnlyList<T> one, IReadOnlyList<T> other) => one.Count != other.Count ? null
        : new PredictionChange(what, one.Zip(other).Count(pair => !EqualityComparer<T>.Default.Equals(pair.First, pair.Second)), one.Count);
}
