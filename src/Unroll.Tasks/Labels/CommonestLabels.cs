using Unroll.Layers.Losses;
using Unroll.Tasks.Data.Labeled;

namespace Unroll.Tasks.Labels;

/// <summary>
/// The simplest tagger, which any network must beat: each word has the label that it has most often in the training part, whatever stands beside it.
/// A word that was never seen has the commonest label of the words that were seen once and end alike, by as many letters as possible up to four.
/// </summary>
internal sealed class CommonestLabels
{
    private const int Ending = 4;
    private readonly Dictionary<string, int[]> _words = [], _endings = [];
    private readonly bool _hasEndings;
    private readonly int _classes;

    /// <summary>Counts.</summary>
    /// <param name="model">Has the labels, and cuts sequences into steps.</param>
    /// <param name="training">Sequences with a label for each step.</param>
    public CommonestLabels(LabelModel model, IReadOnlyList<LabeledSequence> training)
    {
        (_classes, _hasEndings) = (model.Classes.Count, model.Encoding.Unit == LabelUnit.Word);
        foreach (LabeledSequence one in training)
            foreach ((string step, int label) in model.Encoding.Steps(one).Zip(model.Labels(one, one.StepLabels.Count)))
                Count(_words, step)[label]++;
        foreach ((string word, int[] labels) in _words)
            if (labels.Sum() == 1 || !_hasEndings)
                foreach (string ending in Endings(word)) Count(_endings, ending)[Array.IndexOf(labels, labels.Max())] += labels.Sum();
    }

    /// <summary>The place of the label of a step; of equally common ones the first.</summary>
    public int Of(string step)
    {
        int[]? counts = _words.GetValueOrDefault(step);
        foreach (string ending in Endings(step))
        {
            if (counts is not null) break;
            counts = _endings.GetValueOrDefault(ending);
        }
        return counts is null ? 0 : Array.IndexOf(counts, counts.Max());
    }

    /// <summary>Whether it is right, for each step with a label.</summary>
    public List<bool> Right(LabelModel model, IReadOnlyList<LabeledSequence> test)
    {
        List<bool> right = [];
        foreach (LabeledSequence one in test)
            foreach ((string step, int label) in model.Encoding.Steps(one).Zip(model.Labels(one, one.StepLabels.Count)))
                if (label != Targets.Ignored) right.Add(Of(step) == label);
        return right;
    }

    // The longest first; the empty one, which every word has, last.
    private IEnumerable<string> Endings(string word)
    {
        for (int length = _hasEndings ? Math.Min(Ending, word.Length) : 0; length >= 0; length--) yield return word[^length..];
    }

    private int[] Count(Dictionary<string, int[]> counts, string key) =>
        counts.TryGetValue(key, out int[]? own) ? own : counts[key] = new int[_classes];
}
