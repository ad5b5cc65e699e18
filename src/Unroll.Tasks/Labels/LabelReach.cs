using Unroll.Core;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Labels;

/// <summary>How much of some data lies outside what a model knows: unknown steps, numbers beyond the training part's, labels, scores.</summary>
internal static class LabelReach
{
    /// <summary>Says how many steps are unknown, or how many numbers lie beyond the training part's.</summary>
    internal static void Note(LabelModel model, IReadOnlyList<LabeledSequence> all, string source, Action<string> note)
    {
        LabelEncoding encoding = model.Encoding;
        if (encoding.HasVocabulary) NoteUnknown(encoding, all, source, note);
        else if (encoding.Unit == LabelUnit.Number && encoding.Lowest.Count > 0) NoteBeyond(encoding, all, source, note);
    }

    /// <summary>Refuses data none of whose labels the model knows.</summary>
    /// <exception cref="UserErrorException">It knows none.</exception>
    internal static void RequireLabels(LabelModel model, IReadOnlyList<LabeledSequence> all, string source)
    {
        string[] labels = [.. LabelEncoding.Sorted(all.SelectMany(one => LabelEncoding.LabelsOf(one, model.Options)))], classes = [.. model.Classes];
        if (labels.Length == 0 || labels.Any(classes.Contains)) return;
        throw new UserErrorException($"{source}: none of its labels ({Table.Shorten(string.Join(", ", labels))}) is one of those that the model " +
            $"was trained on: {Table.Shorten(string.Join(", ", classes))}; name data with the model's labels.");
    }

    /// <summary>The predictions, if all their probabilities are numbers.</summary>
    /// <exception cref="UserErrorException">One is none.</exception>
    internal static IReadOnlyList<LabelPrediction> Finite(IReadOnlyList<LabelPrediction> predictions, IReadOnlyList<LabeledSequence> sequences)
    {
        for (int i = 0; i < predictions.Count; i++)
            if (predictions[i].Probabilities.Any(p => !float.IsFinite(p))) throw NotFinite(sequences[i].Where);
        return predictions;
    }

    /// <summary>The evaluation, if all its probabilities are numbers.</summary>
    /// <exception cref="UserErrorException">One is none.</exception>
    internal static LabelEvaluation Finite(LabelEvaluation evaluation) =>
        evaluation.Scores.Probabilities.All(shares => Array.TrueForAll(shares, float.IsFinite)) ? evaluation : throw NotFinite("evaluate");

    private static UserErrorException NotFinite(string where) => new($"{where}: the model's probabilities are no finite numbers: its weights have " +
        "diverged, or the input lies far beyond what it was trained on; train with a smaller learning rate (lr), or correct the input.");

    private static void NoteUnknown(LabelEncoding encoding, IReadOnlyList<LabeledSequence> all, string source, Action<string> note)
    {
        long steps = 0, unknown = 0;
        (string Step, LabeledSequence Where)? first = null;
        foreach (LabeledSequence one in all)
            foreach (string step in encoding.Steps(one))
            {
                steps++;
                if (encoding.Knows(step)) continue;
                unknown++;
                first ??= (step, one);
            }
        if (first is var (word, at))
            note(FormattableString.Invariant($"{source}: {unknown:N0} of {steps:N0} {encoding.UnitWord}s ({100.0 * unknown / steps:0.#} %) are ") +
                $"not known to the model, the first is '{Table.Shorten(word)}' in line {at.Line}; it reads " +
                (encoding.Characters is null ? $"all of them as one unknown {encoding.UnitWord}." : "them by their characters."));
    }

    private static void NoteBeyond(LabelEncoding encoding, IReadOnlyList<LabeledSequence> all, string source, Action<string> note)
    {
        int count = encoding.Lowest.Count;
        long numbers = 0, beyond = 0;
        (int Column, float Value, LabeledSequence Where)? first = null;
        foreach (LabeledSequence one in all)
            for (int i = 0; i < one.Numbers.Length; i++)
            {
                numbers++;
                float value = one.Numbers[i];
                if (value >= encoding.Lowest[i % count] && value <= encoding.Highest[i % count]) continue;
                beyond++;
                first ??= (i % count, value, one);
            }
        if (first is not var (column, number, where)) return;
        string named = encoding.Columns.Count > 0 ? $" of '{Table.Shorten(encoding.Columns[column])}'" : "";
        note(FormattableString.Invariant($"{source}: {beyond:N0} of {numbers:N0} numbers ({100.0 * beyond / numbers:0.#} %) lie outside the ") +
            FormattableString.Invariant($"range of the training part, the first is {number:G6}{named} in line {where.Line}, where it had ") +
            FormattableString.Invariant($"{encoding.Lowest[column]:G6} to {encoding.Highest[column]:G6}."));
    }
}
