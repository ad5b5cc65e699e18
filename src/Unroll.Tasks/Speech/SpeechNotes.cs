using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Speech;

/// <summary>What is doubtful about recordings and what is said in them, in lines without <c>note:</c>.</summary>
internal static class SpeechNotes
{
    /// <summary>Labels that are nearly equal or occur once, and a test part that the data did not ask for.</summary>
    internal static IEnumerable<string> Of(SpeechOptions options, IReadOnlyList<SpeechClip> clips, Partition<SpeechClip> parts)
    {
        string source = options.Data.Count > 0 ? string.Join(", ", options.Data) : "data";
        bool word = options.Mode == SpeechMode.Word;
        IEnumerable<string> words = word ? clips.Select(clip => clip.Text)
            : clips.SelectMany(clip => clip.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (NearEqual.Note(source, word ? "labels" : "words", words) is { } near) yield return near;
        if (options.Fold is null && parts.Test.Count(clip => clip.Recording.Part == PartName.Train) is > 0 and var drawn)
            yield return FormattableString.Invariant($"{source}: no recordings are named for the test part, so that {drawn:N0} of those named for ") +
                "training test; name some, or choose shares that leave none (split 0.9,0.1).";
        string[] once = word && parts.Valid.Count + parts.Test.Count > 0
            ? [.. clips.CountBy(clip => clip.Text).Where(count => count.Value == 1).Select(count => count.Key)] : [];
        if (once.Length > 0)
            yield return $"{source}: '{Table.Shorten(once[0])}'{Others(once.Length, "label")} " +
                $"{(once.Length == 1 ? "has" : "have")} one recording, which either trains or is measured on, never both; record more.";
    }

    /// <summary>A line about the recordings that have fewer steps than their words need; null: there are none.</summary>
    /// <param name="description">Of a model.</param>
    /// <param name="clips">The recordings.</param>
    internal static string? TooShort(SpeechDescription description, IReadOnlyList<SpeechClip> clips)
    {
        if (!description.IsCtc) return null;
        FeatureOptions features = description.Features;
        int after = description.Silence().Length;
        int Steps(SpeechClip clip) => 1 + Math.Max(0, clip.Samples.Length + after - features.Window) / features.Hop;
        int Needed(SpeechClip clip) => CtcLoss.StepsNeeded([.. description.Labels(clip.Text).Where(label => label > 0)]);
        SpeechClip[] tooShort = [.. clips.Where(clip => Needed(clip) > Steps(clip))];
        if (tooShort is not [var first, ..]) return null;
        string what = description.Options.Join.Count > 0 ? "a string in which they stand may be left out of the loss"
            : tooShort.Length == 1 ? "it is left out of the loss" : "they are left out of the loss";
        return FormattableString.Invariant($"{first.Recording.Name}{Others(tooShort.Length, "recording")}: too short for what is said, ") +
            FormattableString.Invariant($"{Steps(first)} steps where the words need {Needed(first)}; {what}, and where words are measured theirs ") +
            "count as errors; look at the words, or choose a shorter hop.";
    }

    /// <summary>A line about words that a model does not know; null: there are none.</summary>
    /// <param name="description">Of the model.</param>
    /// <param name="clips">The recordings.</param>
    internal static string? Unknown(SpeechDescription description, IReadOnlyList<SpeechClip> clips)
    {
        SpeechClip[] unknown = [.. clips.Where(clip => description.Labels(clip.Text).Contains(-1))];
        if (unknown is not [var first, ..]) return null;
        string word = description.IsCtc ? first.Text.Split(' ').First(one => !description.Words.Contains(one)) : first.Text;
        NearEqual? near = NearEqual.Pairs([.. description.Words, word]).FirstOrDefault(pair => pair.Second == word);
        return $"{first.Recording.Name}{Others(unknown.Length, "recording")}: '{Table.Shorten(word)}' is no word of " +
            $"the model{(near is null ? "" : $" ({near})")}; such words count as errors.";
    }

    private static string Others(int count, string what) => count switch
    {
        1 => "",
        2 => $" and another {what}",
        _ => FormattableString.Invariant($" and {count - 1:N0} other {what}s"),
    };
}
