using Unroll.Tasks.Data.Labeled;

namespace Unroll.Tasks.Labels.Rules;

/// <summary>Sequences as a rule learns from them: the places of each one's features, and its label.</summary>
/// <param name="Kind">The rule.</param>
/// <param name="Classes">How many labels there are.</param>
/// <param name="Places">Each feature's place, in the order of their first occurrence.</param>
/// <param name="Rows">For each sequence the places of its features.</param>
/// <param name="Labels">For each sequence the place of its label.</param>
internal sealed record RuleExamples(RuleKind Kind, int Classes, Dictionary<string, int> Places, IReadOnlyList<int[]> Rows, IReadOnlyList<int> Labels)
{
    private const int FoldCount = 5;

    public static RuleExamples Of(RuleKind kind, IReadOnlyList<LabeledSequence> training, LabelEncoding encoding)
    {
        Dictionary<string, int> places = [];
        int[] PlacesOf(LabeledSequence one)
        {
            List<int> own = [];
            foreach (string feature in RuleFeatures.Of(kind, RuleFeatures.Steps(kind, one, encoding)))
            {
                if (!places.TryGetValue(feature, out int place)) places[feature] = place = places.Count;
                own.Add(place);
            }
            return [.. own];
        }
        return new RuleExamples(kind, encoding.Classes.Count, places, [.. training.Select(PlacesOf)],
            [.. training.Select(one => encoding.ClassOf(one.Label!, one))]);
    }

    /// <summary>Some of them, with the same places.</summary>
    public RuleExamples Only(IEnumerable<int> which)
    {
        int[] some = [.. which];
        return this with { Rows = [.. some.Select(i => Rows[i])], Labels = [.. some.Select(i => Labels[i])] };
    }

    /// <summary>The fold of each, 0 … 4: those of one label are dealt out in turn.</summary>
    public static int[] Folds(IReadOnlyList<int> labels)
    {
        Dictionary<int, int> dealt = [];
        int[] folds = new int[labels.Count];
        int all = 0;
        for (int i = 0; i < folds.Length; i++)
        {
            // The next label begins where the last one stopped, so that the folds are of one size.
            if (!dealt.TryGetValue(labels[i], out int next)) next = all++;
            folds[i] = next % FoldCount;
            dealt[labels[i]] = next + 1;
        }
        return folds;
    }

    /// <summary>How many folds there are: never more than sequences.</summary>
    public static int FoldsOf(int sequences) => Math.Min(FoldCount, sequences);
}
