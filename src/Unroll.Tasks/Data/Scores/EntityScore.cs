using Unroll.Tasks.Data.Labeled;

namespace Unroll.Tasks.Data.Scores;

/// <summary>
/// Stretches of labels (entities, phrases) compared as wholes, as the script <c>conlleval</c> of the CoNLL shared tasks does: one is right where
/// first step, last step and name agree.
/// </summary>
/// <param name="Right">Stretches that are there and were predicted.</param>
/// <param name="Predicted">Stretches that were predicted.</param>
/// <param name="Actual">Stretches that are there.</param>
public readonly record struct EntityScore(long Right, long Predicted, long Actual)
{
    /// <summary>Of what was predicted the share that is right; 0 where nothing was.</summary>
    public double Precision => Predicted == 0 ? 0 : (double)Right / Predicted;

    /// <summary>Of what is there the share that was predicted; 0 where nothing is.</summary>
    public double Recall => Actual == 0 ? 0 : (double)Right / Actual;

    /// <summary>Their harmonic mean, 2 right / (predicted + actual); 0 where nothing is right.</summary>
    public double F1 => Right == 0 ? 0 : 2.0 * Right / (Predicted + Actual);
}

/// <summary>The stretches of some sequences: of each name, and of all together.</summary>
public sealed class EntityScores
{
    private readonly SortedDictionary<string, EntityScore> _each = new(StringComparer.Ordinal);

    /// <summary>Of each name, in the order of its letters.</summary>
    public IReadOnlyDictionary<string, EntityScore> Each => _each;

    /// <summary>Of all names together.</summary>
    public EntityScore All => _each.Values.Aggregate(default(EntityScore), Sum);

    /// <summary>Counts one sequence.</summary>
    /// <param name="actual">A true label for each step, of a scheme such as BIO, read as <see cref="TagSpan.Of"/> says.</param>
    /// <param name="predicted">As many.</param>
    /// <exception cref="ArgumentException">They are not as many.</exception>
    public void Add(IReadOnlyList<string> actual, IReadOnlyList<string> predicted)
    {
        if (actual.Count != predicted.Count)
            throw new ArgumentException($"Expected as many predicted labels as actual ones, got {predicted.Count} and {actual.Count}.",
                nameof(predicted));
        IReadOnlyList<TagSpan> there = TagSpan.Of(actual), said = TagSpan.Of(predicted);
        HashSet<TagSpan> known = [.. there];
        foreach (TagSpan span in there) Add(span.Name, new EntityScore(0, 0, 1));
        foreach (TagSpan span in said) Add(span.Name, new EntityScore(known.Contains(span) ? 1 : 0, 1, 0));
    }

    private void Add(string name, EntityScore more) => _each[name] = Sum(_each.GetValueOrDefault(name), more);

    private static EntityScore Sum(EntityScore a, EntityScore b) => new(a.Right + b.Right, a.Predicted + b.Predicted, a.Actual + b.Actual);
}
