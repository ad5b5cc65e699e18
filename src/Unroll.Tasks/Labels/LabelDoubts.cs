using System.Text;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Labels;

/// <summary>What is odd about the labels of a run's data: labels that are rare, near to each other, or look like a header.</summary>
internal static class LabelDoubts
{
    private const int Shown = 5;
    private static readonly HashSet<string> s_missing = new(["NA", "N/A", "#N/A", "<NA>", "NaN", "null"], StringComparer.OrdinalIgnoreCase);

    /// <summary>A line for each doubt.</summary>
    internal static IEnumerable<string> Of(LabelData data, Partition<LabeledSequence> parts, LabelOptions options)
    {
        Dictionary<string, (int Sequences, int Trained, LabeledSequence First)> counts = [];
        foreach ((IReadOnlyList<LabeledSequence> part, int trained) in new[] { (parts.Train, 1), (parts.Valid, 0), (parts.Test, 0) })
            foreach (LabeledSequence one in part)
                foreach (string label in LabelEncoding.LabelsOf(one, options).Distinct())
                {
                    (int Sequences, int Trained, LabeledSequence First) own = counts.GetValueOrDefault(label, (0, 0, one));
                    counts[label] = (own.Sequences + 1, own.Trained + trained, own.First.Line <= one.Line ? own.First : one);
                }
        string source = data.All.Count > 0 ? data.All[0].Source : LabeledSequence.Memory;
        string[] labels = [.. LabelEncoding.Sorted(counts.Keys)];
        if (NearEqual.Note(source, "labels", labels) is { } near) yield return $"note: {near}";
        int all = parts.Train.Count + parts.Valid.Count + parts.Test.Count;
        foreach (string label in labels.Where(s_missing.Contains))
            yield return $"note: {counts[label].First.Where}: '{Table.Shorten(label)}' is often written for what is missing, and is taken for a " +
                FormattableString.Invariant($"label here ({counts[label].Sequences:N0} of {all:N0} sequences); leave them out if they have none.");
        // The first line of a file whose label nothing else has, among labels that come again, may be a header that was not known as one.
        LabeledSequence? header = data.All.FirstOrDefault(one => one.Line == 1 && one.Features == 0 && counts.Count > 2
            && LabelEncoding.LabelsOf(one, options) is [var label, ..] && counts[label].Sequences == 1
            && counts.Count(own => own.Value.Sequences == 1) == 1 && !data.All.Any(other => other.Name.Length > 0));
        if (header is not null)
            yield return $"note: {header.Where}: the label '{Table.Shorten(LabelEncoding.LabelsOf(header, options)[0])}' stands there alone; if " +
                "the line is a header, take it out, or name its columns (label, text).";
        string[] untrained = [.. labels.Where(label => counts[label].Trained == 0)];
        if (untrained.Length > 0)
            yield return $"note: {source}: no sequence of the training part has the label{(untrained.Length > 1 ? "s" : "")} " +
                $"{Listed(untrained, counts)}: what has one in another part counts as an error; give more such sequences, or leave them out.";
        string[] once = [.. labels.Where(label => counts[label] is { Sequences: 1, Trained: 1 })];
        if (once.Length > 0 && parts.Valid.Count + parts.Test.Count > 0)
            yield return $"note: {source}: {once.Length:N0} of {labels.Length:N0} labels stand{(once.Length > 1 ? "" : "s")} in one sequence alone " +
                $"and can be learned and not tested: {Listed(once, counts)}.";
    }

    /// <summary>A line where texts are written without blanks between words, so that a run of letters would be one word.</summary>
    internal static IEnumerable<string> OfWords(IReadOnlyList<LabeledSequence> training, LabelEncoding encoding)
    {
        if (encoding.Unit != LabelUnit.Word) yield break;
        long letters = 0, joined = 0;
        foreach (LabeledSequence one in training)
            foreach (Rune rune in one.Text.EnumerateRunes())
            {
                if (!Rune.IsLetter(rune)) continue;
                letters++;
                if (IsJoined(rune.Value)) joined++;
            }
        if (3 * joined > letters)
            yield return $"note: {training[0].Source}: the texts are written without blanks between words, so that a whole run of letters is one " +
                "word to the model; choose the unit char, or put blanks between the words.";
    }

    // Thai, Lao, Burmese, Khmer; Japanese; Chinese.
    private static bool IsJoined(int code) => code is (>= 0x0E00 and < 0x0F00) or (>= 0x1000 and < 0x10A0) or (>= 0x1780 and < 0x1800)
        or (>= 0x3040 and < 0x3100) or (>= 0x3400 and < 0xA000) or (>= 0xF900 and < 0xFB00) or (>= 0x20000 and < 0x32000);

    private static string Listed(string[] labels, Dictionary<string, (int Sequences, int Trained, LabeledSequence First)> counts) =>
        string.Join(", ", labels.Take(Shown).Select(label => $"'{Table.Shorten(label)}' (line {counts[label].First.Line})"))
        + (labels.Length > Shown ? $" and {labels.Length - Shown} more" : "");
}
