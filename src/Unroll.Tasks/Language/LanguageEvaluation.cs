using System.Text.Json;
using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Data.Baselines;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Language;

/// <summary>What a simple model reaches on the same symbols.</summary>
/// <param name="Name"><c>uniform</c>, <c>unigram</c>, <c>bigram</c>, <c>5-gram</c>.</param>
/// <param name="Nats">Nats a symbol.</param>
public sealed record LanguageBaseline(string Name, double Nats)
{
    /// <summary>The model against it: the difference of nats a symbol, over blocks of the text; null: it was not made.</summary>
    public PairedTest? Test { get; init; }
}

/// <summary>How well a model predicts a text, beside simple models counted on its training part.</summary>
/// <param name="Scores">Symbol by symbol.</param>
/// <param name="Baselines">From the simplest on.</param>
public sealed record LanguageEvaluation(LanguageScores Scores, IReadOnlyList<LanguageBaseline> Baselines) : TaskEvaluation
{
    /// <summary>Characters of the text: of one that is measured by words too, so that units can be compared.</summary>
    public long Characters { get; init; }

    /// <summary>Words and line ends of the text.</summary>
    public long Words { get; init; }

    /// <inheritdoc/>
    public override PredictionChange? ChangeFrom(TaskEvaluation other) =>
        other is LanguageEvaluation one ? PredictionChange.Of("most probable symbols", one.Scores.Best, Scores.Best) : null;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, double Value)> Measures => [("nats", Scores.Mean), ("perplexity", Scores.Perplexity)];

    /// <summary>What was done beside the network while the text was read, with every number; null: nothing.</summary>
    public ReadingOptions? Reading { get; init; }

    /// <summary>Nats a symbol of the network alone, where there was something beside it.</summary>
    public double? NetworkNats { get; init; }

    private const int Block = 100;                          // symbols
    private const int MaxCounted = 5_000_000;               // of the training part, for n-grams: enough for a baseline, and a few seconds

    /// <summary>Measures a model on the text of its run: on the test part, else on the validation part, else on the training part.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The parts.</param>
    /// <param name="threads">The threads; null: as many as the size of the work deserves.</param>
    /// <param name="stop">Ends the call with an <see cref="OperationCanceledException"/>.</param>
    public static LanguageEvaluation Of(LanguageModel model, LanguageData data, ThreadTeam? threads = null, CancellationToken stop = default) =>
        Of(model, data.Measured.Part, data.Measured.Text, data.Train, threads, stop);

    /// <summary>Measures a model on any text.</summary>
    /// <param name="model">The model.</param>
    /// <param name="part">What the text is called.</param>
    /// <param name="measured">The text.</param>
    /// <param name="training">
    /// The model's training part, on which n-grams are counted; empty: the counts of single symbols in the model file remain.
    /// </param>
    /// <param name="threads">The threads; null: as many as the size of the work deserves.</param>
    /// <param name="stop">Ends the call with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserErrorException">There is no symbol in the text.</exception>
    public static LanguageEvaluation Of(
        LanguageModel model, string part, string measured, string training, ThreadTeam? threads = null, CancellationToken stop = default) =>
        Of(model, part, measured, training, "", new ReadingOptions(), threads, stop, null);

    /// <summary>Measures a model on any text, with something beside the network.</summary>
    /// <param name="model">The model.</param>
    /// <param name="part">What the text is called.</param>
    /// <param name="measured">The text.</param>
    /// <param name="training">The model's training part.</param>
    /// <param name="validation">Its validation part, on which open numbers are chosen.</param>
    /// <param name="reading">What is beside the network.</param>
    /// <param name="threads">The threads; null: as many as the size of the work deserves.</param>
    /// <param name="stop">Ends the call with an <see cref="OperationCanceledException"/>.</param>
    /// <param name="note">Receives what was chosen; null: nobody.</param>
    /// <exception cref="UserErrorException">There is no symbol in the text, or nothing to choose on or to learn from.</exception>
    public static LanguageEvaluation Of(LanguageModel model, string part, string measured, string training, string validation,
        ReadingOptions reading, ThreadTeam? threads = null, CancellationToken stop = default, Action<string>? note = null)
    {
        int[] symbols = model.Encode(measured);
        if (symbols.Length == 0) throw new UserErrorException($"{part}: there is no {model.Description.Symbols[..^1]} in the text.");
        int[] counted = model.Encode(training);
        if (counted.Length > MaxCounted) counted = counted[^MaxCounted..];
        LanguageScores scores = model.Score(symbols, threads, stop);
        (string Name, double[] Nats)[] rules = [.. RulesOf(model.Description.Vocabulary, symbols, counted)];
        IReadOnlyList<LanguageBaseline> baselines = Beside(rules, scores);
        LanguageEvaluation alone = new(scores.InTextOrder(), baselines)
        {
            Part = part, Characters = Count(measured, TextUnit.Char), Words = Count(measured, TextUnit.Word),
        };
        if (model.Members.Count > 1)
            alone = MemberScores.With(alone, model,
                member => new LanguageEvaluation(member.Score(symbols, threads, stop), baselines) { Part = part });
        if (!reading.Any) return alone;
        ReadingScorer scorer = new(model, reading, counted, TaskThreads.Or(threads), stop);
        ReadingOptions chosen = scorer.Choose(model.Encode(validation), note);
        LanguageScores read = scorer.Score(symbols, chosen);
        return alone with { Scores = read.InTextOrder(), Baselines = Beside(rules, read), Reading = chosen, NetworkNats = scores.Mean };
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter json)
    {
        json.WriteString("part", Part);
        json.WriteNumber("symbols", Scores.Count);
        json.WriteNumber("unknown", Scores.Unknown);
        Scores.WriteMeans(json);
        json.WriteNumber("characters", Characters);
        json.Number("nats_per_character", Characters == 0 ? null : Scores.Total / Characters);
        json.WriteNumber("words", Words);
        json.Number("nats_per_word", Words == 0 ? null : Scores.Total / Words);
        if (Reading is not null)
        {
            json.Number("network_nats", NetworkNats);
            json.WriteStartObject("reading");
            Reading.WriteJson(json);
            json.WriteEndObject();
        }
        json.Numbers("baselines", Baselines.Select(baseline => (baseline.Name, baseline.Nats)));
        json.WriteObject("against", Baselines.Where(baseline => baseline.Test is not null), (own, tested) =>
        {
            foreach (LanguageBaseline one in tested) own.WriteObject(one.Name, one.Test!, PairedTestJson.Write);
        });
    }

    // Blocks of the text, because symbols beside each other are not independent.
    private static IReadOnlyList<LanguageBaseline> Beside(IEnumerable<(string Name, double[] Nats)> rules, LanguageScores scores) =>
    [
        .. rules.Select(rule => new LanguageBaseline(rule.Name, rule.Nats.Sum() / rule.Nats.Length)
        {
            Test = PairedTest.OfSums([.. Enumerable.Range(0, (scores.Count + Block - 1) / Block).Select(block =>
            {
                (int from, int to) = (block * Block, Math.Min((block + 1) * Block, scores.Count));
                double own = 0, other = 0;
                for (int at = from; at < to; at++) (own, other) = (own + scores.Nats[at], other + rule.Nats[at]);
                return new PairedSums(own, other, to - from);
            })], largerIsBetter: false),
        }),
    ];

    private static IEnumerable<(string Name, double[] Nats)> RulesOf(Vocabulary vocabulary, int[] symbols, int[] training)
    {
        //  unigram: P(w) = (N(w) + 1) / (N + V)
        double all = vocabulary.Counts.Sum() + vocabulary.Size;
        yield return ("uniform", [.. symbols.Select(_ => Math.Log(vocabulary.Size))]);
        yield return ("unigram", [.. symbols.Select(symbol => -Logarithm.Ln((vocabulary.Counts[symbol] + 1) / all))]);
        if (training.Length == 0) yield break;
        int[] both = [.. training, .. symbols];
        foreach (int order in (int[])[2, 5])
        {
            NGramModel grams = NGramModel.Fit(training, order, vocabulary.Size);
            yield return (grams.Name, [.. symbols.Select((_, at) => -Logarithm.Ln(grams.Probability(both, training.Length + at)))]);
        }
    }

    private static long Count(string text, TextUnit unit)
    {
        long count = 0;
        TextSymbols symbols = new(text, unit);
        while (symbols.Next()) count++;
        return count;
    }
}
