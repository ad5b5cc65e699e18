using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Speech;

/// <summary>The errors of one rule.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="ErrorRate">Wrong words ÷ words that were said; with words that were added it can be above 1.</param>
public sealed record SpeechMethod(string Name, double ErrorRate)
{
    /// <summary>The model against the rule on the same recordings or strings: accuracy where each has one word, else the word error rate.</summary>
    public PairedTest? Test { get; init; }
}

/// <summary>One speaker's share of right recordings.</summary>
/// <param name="Speaker">Who.</param>
/// <param name="ErrorRate">As <see cref="SpeechMethod.ErrorRate"/>.</param>
/// <param name="Words">Words that were said.</param>
public sealed record SpeakerErrors(string Speaker, double ErrorRate, int Words);

/// <summary>What a speech model was measured to do.</summary>
/// <param name="Mode">One word a recording, or strings of words.</param>
/// <param name="Examples">Recordings, or strings of them.</param>
/// <param name="Words">Words that were said.</param>
/// <param name="ErrorRate">
/// Wrong words ÷ words that were said: the word error rate by greedy decoding, or for one word a recording 1 − accuracy.
/// </param>
/// <param name="Right">The share of recordings or strings without any error.</param>
/// <param name="Substituted">Words recognized as others.</param>
/// <param name="Missed">Words not recognized.</param>
/// <param name="Added">Words recognized that were not said.</param>
/// <param name="BeamErrorRate">The word error rate by beam search; null for one word a recording.</param>
/// <param name="Baselines">Simple rules; none where there is no training part to fit them on.</param>
/// <param name="Labels">The words of the confusion matrix.</param>
/// <param name="Confusion">[said][recognized]; the last row and column stand for nothing, where words can be added or missed.</param>
/// <param name="Speakers">Error rates by speaker, where they are known.</param>
/// <param name="Pictures">Some recordings with what the network says step by step: the first, and the first with errors.</param>
public sealed record SpeechEvaluation(
    SpeechMode Mode, int Examples, int Words, double ErrorRate, double Right, int Substituted, int Missed, int Added, double? BeamErrorRate,
    IReadOnlyList<SpeechMethod> Baselines, IReadOnlyList<string> Labels, IReadOnlyList<IReadOnlyList<int>> Confusion,
        IReadOnlyList<SpeakerErrors> Speakers,
    IReadOnlyList<SpeechPicture> Pictures) : TaskEvaluation
{
    /// <summary>What was recognized in each recording or string: words with spaces between them.</summary>
    public IReadOnlyList<string> Heard { get; init; } = [];

    /// <summary>Wrong words: others, missed and added.</summary>
    public int Errors => Substituted + Missed + Added;

    /// <summary>What was recognized as something else, commonest first.</summary>
    public IEnumerable<(string Said, string Heard, int Count)> Confused =>
        Enumerable.Range(0, Labels.Count).SelectMany(i => Enumerable.Range(0, Labels.Count), (i, j) =>
            (Labels[i], Labels[j], i == j ? 0 : Confusion[i][j]))
            .Where(slip => slip.Item3 > 0).OrderByDescending(slip => slip.Item3);

    /// <inheritdoc/>
    public override PredictionChange? ChangeFrom(TaskEvaluation other) =>
        other is SpeechEvaluation one ? PredictionChange.Of("recordings", one.Heard, Heard) : null;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, double Value)> Measures =>
    [
        .. Mode == SpeechMode.Word ? ((string, double)[])[("accuracy", 1 - ErrorRate)] : [],
        ("word_error_rate", ErrorRate), .. BeamErrorRate is { } beam ? ((string, double)[])[("word_error_rate_beam", beam)] : [],
    ];

    /// <inheritdoc/>
    public override FoldScore AsFold() => FoldScore.Of(Words, Errors, [.. Measures, .. Baselines.Select(rule => (rule.Name, rule.ErrorRate))], json =>
    {
        json.WriteNumber("words", Words);
        json.WriteNumber("substituted", Substituted);
        json.WriteNumber("missed", Missed);
        json.WriteNumber("added", Added);
    });

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter json)
    {
        json.WriteString("mode", Mode == SpeechMode.Ctc ? "ctc" : "word");
        json.WriteString("part", Part);
        json.WriteNumber("examples", Examples);
        json.WriteNumber("words", Words);
        json.Number("word_error_rate", ErrorRate);
        if (Mode == SpeechMode.Word) json.Number("accuracy", 1 - ErrorRate);
        if (BeamErrorRate is double beam) json.Number("word_error_rate_beam", beam);
        json.Number("without_error", Right);
        json.WriteNumber("substituted", Substituted);
        json.WriteNumber("missed", Missed);
        json.WriteNumber("added", Added);
        json.Numbers("baselines", Baselines.Select(rule => (rule.Name, rule.ErrorRate)));
        if (Baselines.Any(rule => rule.Test is not null))
            json.WriteObject("against", Baselines.Where(rule => rule.Test is not null), (own, rules) =>
            {
                foreach (SpeechMethod rule in rules) own.WriteObject(rule.Name, rule.Test!, PairedTestJson.Write);
            });
        json.Numbers("speakers", Speakers.Select(speaker => (speaker.Speaker, speaker.ErrorRate)));
        json.Texts("labels", Labels);
        json.WriteStartArray("confusion");
        foreach (IReadOnlyList<int> row in Confusion)
        {
            json.WriteStartArray();
            foreach (int count in row) json.WriteNumberValue(count);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }
}

/// <summary>The errors of all folds of a cross-validation together.</summary>
/// <param name="Words">Words that were said.</param>
/// <param name="Errors">Wrong words.</param>
public sealed record SpeechPool(int Words, int Errors) : TaskEvaluation
{
    /// <summary>Wrong words ÷ words that were said.</summary>
    public double ErrorRate => Errors / (double)Math.Max(1, Words);

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter json)
    {
        json.WriteNumber("words", Words);
        json.WriteNumber("errors", Errors);
        json.WriteNumber("word_error_rate", ErrorRate);
    }

    internal static SpeechPool Of(IReadOnlyList<FoldScore> folds)
    {
        int Sum(string name) => folds.Sum(fold => fold.HeldOut.GetProperty(name).GetInt32());
        return new SpeechPool(Sum("words"), Sum("substituted") + Sum("missed") + Sum("added"));
    }
}
