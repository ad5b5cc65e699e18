using System.Globalization;
using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Data.Baselines;
using Unroll.Tasks.Data.Text;

namespace Unroll.Tasks.Language;

/// <summary>What a simple model reaches on the same symbols.</summary>
/// <param name="Name"><c>uniform</c>, <c>unigram</c>, <c>bigram</c>, <c>5-gram</c>.</param>
/// <param name="Nats">Nats a symbol.</param>
public sealed record LanguageBaseline(string Name, double Nats);

/// <summary>How well a model foresees a text, beside simple models counted on its training part.</summary>
/// <param name="Part">What was measured: <c>test</c>, <c>validation</c>, <c>training</c>, or the name of a file.</param>
/// <param name="Unit">What a symbol is.</param>
/// <param name="Scores">Symbol by symbol.</param>
/// <param name="Symbols">The symbols, numbered.</param>
/// <param name="Baselines">From the simplest on.</param>
public sealed record LanguageEvaluation(
    string Part, TextUnit Unit, LanguageScores Scores, int[] Symbols, IReadOnlyList<LanguageBaseline> Baselines)
{
    private const int MaxCounted = 5_000_000;               // of the training part, for n-grams: enough for a baseline, and a few seconds

    /// <summary>Measures a model on the text of its run: on the test part, else on the validation part, else on the training part.</summary>
    /// <param name="model">The model.</param>
    /// <param name="text">The parts.</param>
    /// <param name="threads">Who does the work.</param>
    public static LanguageEvaluation Of(LanguageModel model, LanguageText text, ThreadTeam threads)
    {
        (string part, string measured) = text.Test.Length > 0 ? ("test", text.Test) : text.Valid.Length > 0 ? ("validation", text.Valid) : ("training", text.Train);
        return Of(model, part, measured, text.Train, threads);
    }

    /// <summary>Measures a model on any text.</summary>
    /// <param name="model">The model.</param>
    /// <param name="part">What the text is called.</param>
    /// <param name="measured">The text.</param>
    /// <param name="training">What the n-grams are counted on; empty: the counts of single symbols in the model file are all that there is.</param>
    /// <param name="threads">Who does the work.</param>
    public static LanguageEvaluation Of(LanguageModel model, string part, string measured, string training, ThreadTeam threads)
    {
        int[] symbols = model.Encode(measured);
        if (symbols.Length == 0) throw new UserErrorException($"{part}: there is no {model.Description.Symbols[..^1]} in the text.");
        int[] counted = model.Encode(training);
        if (counted.Length > MaxCounted) counted = counted[^MaxCounted..];
        return new LanguageEvaluation(part, model.Description.Unit, model.Score(symbols, threads), symbols, [.. BaselinesOf(model, symbols, counted)]);
    }

    private static IEnumerable<LanguageBaseline> BaselinesOf(LanguageModel model, int[] symbols, int[] training)
    {
        Vocabulary vocabulary = model.Description.Vocabulary;
        yield return new LanguageBaseline("uniform", Math.Log(vocabulary.Size));
        yield return new LanguageBaseline("unigram", Unigram(vocabulary, symbols));
        if (training.Length == 0) yield break;
        int[] both = [.. training, .. symbols];
        foreach (int order in (int[])[2, 5])
        {
            NGramModel grams = NGramModel.Fit(training, order, vocabulary.Size);
            yield return new LanguageBaseline(grams.Name, grams.Nats(both, training.Length) / symbols.Length);
        }
    }

    //  P(w) = (N(w) + 1) / (N + V)
    private static double Unigram(Vocabulary vocabulary, int[] symbols)
    {
        double all = vocabulary.Counts.Sum() + vocabulary.Size;
        return symbols.Sum(symbol => -Logarithm.Ln((vocabulary.Counts[symbol] + 1) / all)) / symbols.Length;
    }

    /// <summary>The evaluation as lines for a terminal, and plainly where a simple model is better.</summary>
    public IEnumerable<string> Lines()
    {
        string symbol = Unit == TextUnit.Char ? "character" : "word";
        yield return Invariant($"{Part}: {Scores.Count:N0} {symbol}s{(Scores.Unknown > 0 ? Invariant($", {Scores.Unknown:N0} of them not in the vocabulary") : "")}");
        yield return $"  {"",-14} {$"nats/{symbol}",16} {"bits",9} {"perplexity",12}";
        yield return Row("this model", Scores.Mean);
        foreach (LanguageBaseline baseline in Baselines) yield return Row(baseline.Name, baseline.Nats);
        foreach (LanguageBaseline baseline in Baselines)
            if (!(Scores.Mean < baseline.Nats)) yield return Invariant($"  note: {baseline.Name} is not worse than this model: {baseline.Nats:F4} against {Scores.Mean:F4} nats");
    }

    private static string Row(string name, double nats) => Invariant($"  {name,-14} {nats,16:F4} {nats / Math.Log(2),9:F4} {Math.Exp(nats),12:F2}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
