using System.Globalization;

namespace Unroll.Tasks.Speech;

/// <summary>The errors of one way to name words.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="ErrorRate">Wrong words ÷ words that were said; with words that were added it can be above 1.</param>
public sealed record SpeechMethod(string Name, double ErrorRate);

/// <summary>One speaker's share of right recordings.</summary>
/// <param name="Speaker">Who.</param>
/// <param name="ErrorRate">As <see cref="SpeechMethod.ErrorRate"/>.</param>
/// <param name="Words">Words that were said.</param>
public sealed record SpeakerErrors(string Speaker, double ErrorRate, int Words);

/// <summary>What a speech model was measured to do.</summary>
/// <param name="Mode"><c>word</c> or <c>ctc</c>.</param>
/// <param name="Part">Of the data: <c>test</c>, …</param>
/// <param name="Examples">Recordings, or strings of them.</param>
/// <param name="Words">Words that were said.</param>
/// <param name="ErrorRate">
/// Wrong words ÷ words that were said: the word error rate by greedy decoding, or for one word a recording 1 − accuracy.
/// </param>
/// <param name="Right">The share of recordings or strings without any error.</param>
/// <param name="Substituted">Words heard as others.</param>
/// <param name="Missed">Words not heard.</param>
/// <param name="Added">Words heard that were not said.</param>
/// <param name="BeamErrorRate">The word error rate by beam search; null for one word a recording.</param>
/// <param name="Baselines">Simple ways.</param>
/// <param name="Labels">The words of the confusion matrix.</param>
/// <param name="Confusion">[said][heard]; the last row and column stand for nothing, where words can be added or missed.</param>
/// <param name="Speakers">Error rates by speaker, where they are known.</param>
public sealed record SpeechReport(
    string Mode, string Part, int Examples, int Words, double ErrorRate, double Right, int Substituted, int Missed, int Added, double? BeamErrorRate,
    IReadOnlyList<SpeechMethod> Baselines, IReadOnlyList<string> Labels, IReadOnlyList<IReadOnlyList<int>> Confusion, IReadOnlyList<SpeakerErrors> Speakers)
{
    /// <summary>For people.</summary>
    public IEnumerable<string> Lines()
    {
        if (Mode == "word")
        {
            yield return $"{Part}: accuracy {Percent(1 - ErrorRate)} ({Words - Substituted} of {Words} recordings)";
            foreach (SpeechMethod baseline in Baselines) yield return $"  {baseline.Name}: {Percent(1 - baseline.ErrorRate)}";
        }
        else
        {
            yield return $"{Part}: word error rate {Percent(ErrorRate)} greedy, {Percent(BeamErrorRate!.Value)} by beam search ({Words} words in {Examples} " +
                $"recordings or strings, {Percent(Right)} of them without error)";
            yield return $"  greedy: {Substituted} heard as another word, {Missed} missed, {Added} added";
            foreach (SpeechMethod baseline in Baselines) yield return $"  {baseline.Name}: {Percent(baseline.ErrorRate)}";
        }
        if (Speakers.Count > 1)
            yield return $"  errors by speaker: {string.Join(", ", Speakers.Select(s => $"{s.Speaker} {Percent(s.ErrorRate)}"))}";
        foreach ((string said, string heard, int count) in Slips().Take(5)) yield return $"  '{said}' heard as '{heard}': {count}";
    }

    /// <summary>What was heard as something else, commonest first.</summary>
    internal IEnumerable<(string Said, string Heard, int Count)> Slips() =>
        Enumerable.Range(0, Labels.Count).SelectMany(i => Enumerable.Range(0, Labels.Count), (i, j) => (Labels[i], Labels[j], i == j ? 0 : Confusion[i][j]))
            .Where(slip => slip.Item3 > 0).OrderByDescending(slip => slip.Item3);

    internal static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
