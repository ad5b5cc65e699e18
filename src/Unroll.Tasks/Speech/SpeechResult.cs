using System.Text.Json;
using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Speech;

/// <summary>A word and when it is said.</summary>
/// <param name="Word">The word.</param>
/// <param name="From">Seconds from the beginning: where the network first writes it down, rather than where its sound begins.</param>
/// <param name="To">Seconds: the last step that belongs to it.</param>
public sealed record SpokenWord(string Word, double From, double To)
{
    internal static void Write(Utf8JsonWriter json, SpokenWord word)
    {
        json.WriteString("word", word.Word);
        json.Number("from", Math.Round(word.From, 4));
        json.Number("to", Math.Round(word.To, 4));
    }
}

/// <summary>What may have been said.</summary>
/// <param name="Text">A word, or words separated by spaces.</param>
/// <param name="Probability">That the model gives to it, in [0, 1].</param>
public sealed record SpeechGuess(string Text, double Probability);

/// <summary>What a model hears in a recording.</summary>
/// <param name="Source">The recording.</param>
/// <param name="Seconds">How long it lasts.</param>
/// <param name="Guesses">Most probable first; at least one.</param>
/// <param name="Words">The words of the first guess in time, for strings of words; else empty.</param>
public sealed record SpeechResult(string Source, double Seconds, IReadOnlyList<SpeechGuess> Guesses, IReadOnlyList<SpokenWord> Words)
{
    /// <summary>Strings of words that beam search follows where nobody says.</summary>
    public const int DefaultBeam = 8;

    /// <summary>The first guess.</summary>
    public string Text => Guesses[0].Text;

    /// <summary>The probability of the first guess.</summary>
    public double Probability => Guesses[0].Probability;

    /// <summary>Reads one recording off the outputs of the network.</summary>
    /// <param name="description">The model's words.</param>
    /// <param name="extractor">The time of a step.</param>
    /// <param name="outputs">Logits, of several members for strings those of each; the times are the first one's.</param>
    /// <param name="sequence">Which recording.</param>
    /// <param name="sound">Its name and length.</param>
    /// <param name="search">How strings of words are found.</param>
    internal static SpeechResult Of(
        SpeechDescription description, FeatureExtractor extractor, IReadOnlyList<SequenceBatch> outputs, int sequence, Sound sound,
        SpeechSearch search)
    {
        if (!description.IsCtc) return new SpeechResult(sound.Source, sound.Seconds, Ranked(description, outputs[0].Row(0, sequence)), []);
        IReadOnlyList<CtcHypothesis> found = search.Find(outputs, sequence);
        int[] best = [.. found[0].Labels];
        List<SpokenWord> words = [];
        foreach ((int from, int to) in CtcAlignment.Of(outputs[0], sequence, best).Segments())
            words.Add(new SpokenWord(description.Words[best[words.Count] - 1], Seconds(from), Seconds(to - 1)));
        return new SpeechResult(sound.Source, sound.Seconds,
            [.. found.Select(h => new SpeechGuess(description.Text(h.Labels), Math.Exp(h.LogProbability)))], words);

        double Seconds(int step) => Math.Min(sound.Seconds, extractor.SecondsOf(step));
    }

    private static SpeechGuess[] Ranked(SpeechDescription description, ReadOnlySpan<float> logits)
    {
        double[] p = new double[logits.Length];
        float max = logits[0];
        foreach (float z in logits) max = Math.Max(max, z);
        for (int k = 0; k < p.Length; k++) p[k] = Math.Exp(logits[k] - max);
        double sum = p.Sum();
        return [.. Enumerable.Range(0, p.Length).OrderByDescending(k => p[k]).Select(k => new SpeechGuess(description.Words[k], p[k] / sum))];
    }
}

/// <summary>What a model hears in some recordings.</summary>
/// <param name="Recordings">One for each, in their order.</param>
public sealed record SpeechAnswer(IReadOnlyList<SpeechResult> Recordings) : TaskAnswer
{
    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter json) => json.Objects("recordings", Recordings, Write);

    private static void Write(Utf8JsonWriter json, SpeechResult result)
    {
        json.WriteString("source", result.Source);
        json.Number("seconds", result.Seconds);
        json.WriteString("text", result.Text);
        json.Number("probability", result.Probability);
        json.Objects("words", result.Words, SpokenWord.Write);
        json.Objects("guesses", result.Guesses, (own, guess) =>
        {
            own.WriteString("text", guess.Text);
            own.Number("probability", guess.Probability);
        });
    }
}
