using System.Text.RegularExpressions;
using Unroll.Core;

namespace Unroll.Tasks.Data.Scores;

/// <summary>How text is prepared for BLEU.</summary>
public sealed record BleuOptions
{
    /// <summary>Whether upper and lower case are the same.</summary>
    public bool Lowercase { get; init; }

    /// <summary>Whether the words are what lies between white space; else the tokenizer of mteval-v13a cuts punctuation off.</summary>
    public bool Tokenized { get; init; }
}

/// <summary>A BLEU score with what it is made of.</summary>
/// <param name="Score">0 … 100.</param>
/// <param name="Matches">For runs of 1 … 4 words how many of the hypotheses' are in their references.</param>
/// <param name="Totals">How many such runs the hypotheses have.</param>
/// <param name="Precisions">Their ratios in per cent, smoothed where there is no match.</param>
/// <param name="BrevityPenalty">0 … 1: below 1 where the hypotheses are shorter than the references.</param>
/// <param name="HypothesisLength">Words of the hypotheses.</param>
/// <param name="ReferenceLength">Words of the references, of each sentence's that which is nearest in length.</param>
public sealed record BleuScore(
    double Score, IReadOnlyList<long> Matches, IReadOnlyList<long> Totals, IReadOnlyList<double> Precisions, double BrevityPenalty,
    long HypothesisLength, long ReferenceLength);

//  BLEU = penalty · exp(Σₙ ln pₙ / 4),   pₙ = matches / totals of runs of n words, clipped to how often the reference has them
//  penalty = 1, or e^(1 − reference length / hypothesis length) where the hypotheses are shorter

/// <summary>
/// BLEU by sacreBLEU's defaults: tokenizer 13a, case kept, exponential smoothing (Papineni et al. 2002; Chen and Cherry 2014, method 3; Post 2018).
/// </summary>
public static partial class Bleu
{
    private const int Longest = 4;

    /// <summary>The score of a whole test set: matches and lengths are summed before anything is divided.</summary>
    /// <param name="hypotheses">One for each sentence.</param>
    /// <param name="references">One or more for each sentence.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <returns>A score of 0 where no word matches.</returns>
    /// <exception cref="UserErrorException">There are not as many references as hypotheses, or a sentence has none.</exception>
    public static BleuScore Corpus(IReadOnlyList<string> hypotheses, IReadOnlyList<IReadOnlyList<string>> references, BleuOptions? options = null)
    {
        if (hypotheses.Count != references.Count)
            throw new UserErrorException($"bleu: expected as many references as hypotheses, got {references.Count} and {hypotheses.Count}.");
        BleuCounts counts = new();
        for (int i = 0; i < hypotheses.Count; i++) counts.Add(Prepare(hypotheses[i], options), References(i, references[i], options));
        return counts.Score(effectiveOrder: false);
    }

    /// <inheritdoc cref="Corpus(IReadOnlyList{string}, IReadOnlyList{IReadOnlyList{string}}, BleuOptions?)"/>
    public static BleuScore Corpus(IReadOnlyList<string> hypotheses, IReadOnlyList<string> references, BleuOptions? options = null) =>
        Corpus(hypotheses, [.. references.Select(reference => (IReadOnlyList<string>)[reference])], options);

    /// <summary>The score of one sentence; runs longer than the sentence are left out of the mean.</summary>
    /// <param name="hypothesis">The sentence.</param>
    /// <param name="references">One or more.</param>
    /// <param name="options">Null for the defaults.</param>
    public static BleuScore Sentence(string hypothesis, IReadOnlyList<string> references, BleuOptions? options = null)
    {
        BleuCounts counts = new();
        counts.Add(Prepare(hypothesis, options), References(0, references, options));
        return counts.Score(effectiveOrder: true);
    }

    /// <summary>The words of a text by the rules of mteval-v13a: punctuation apart, but not within numbers.</summary>
    public static string[] Tokenize(string text)
    {
        string line =
            text.TrimEnd().Replace("<skipped>", "", StringComparison.Ordinal).Replace("-\n", "", StringComparison.Ordinal).Replace('\n', ' ')
            .Replace("&quot;", "\"", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal)
            .Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal);
        line = Symbol().Replace($" {line} ", " $1 ");
        line = AfterNoDigit().Replace(line, "$1 $2 ");
        line = BeforeNoDigit().Replace(line, " $1 $2");
        return Tokenizer.Of(DashAfterDigit().Replace(line, "$1 $2 "));
    }

    [GeneratedRegex(@"([!-&(-+/:-@\[-`{-~ ])")] private static partial Regex Symbol();
    [GeneratedRegex(@"([^0-9])([.,])", RegexOptions.Singleline)] private static partial Regex AfterNoDigit();
    [GeneratedRegex(@"([.,])([^0-9])", RegexOptions.Singleline)] private static partial Regex BeforeNoDigit();
    [GeneratedRegex(@"([0-9])(-)")] private static partial Regex DashAfterDigit();

    private static string[] Prepare(string text, BleuOptions? options)
    {
        if (options is { Lowercase: true }) text = text.ToLowerInvariant();
        return options is { Tokenized: true } ? Tokenizer.Of(text) : Tokenize(text);
    }

    private static string[][] References(int sentence, IReadOnlyList<string> references, BleuOptions? options) => references.Count > 0
        ? [.. references.Select(reference => Prepare(reference, options))]
        : throw new UserErrorException($"bleu sentence {sentence}: expected at least one reference, got none.");

    /// <summary>The counts of each sentence; sums of them make the score of a set.</summary>
    internal static BleuCounts[] CountEach(
        IReadOnlyList<string> hypotheses, IReadOnlyList<IReadOnlyList<string>> references, BleuOptions? options = null) =>
    [
        .. hypotheses.Select((hypothesis, i) =>
        {
            BleuCounts counts = new();
            counts.Add(Prepare(hypothesis, options), References(i, references[i], options));
            return counts;
        }),
    ];

    /// <summary>The score of some of the sentences, given by number, with repetitions.</summary>
    internal static double Of(BleuCounts[] sentences, int[] drawn)
    {
        BleuCounts sum = new();
        foreach (int i in drawn) sum.Add(sentences[i]);
        return sum.Score(effectiveOrder: false).Score;
    }

    internal sealed class BleuCounts
    {
        private readonly long[] _matches = new long[Longest], _totals = new long[Longest];
        private long _hypothesis, _reference;

        public void Add(string[] hypothesis, string[][] references)
        {
            _hypothesis += hypothesis.Length;
            _reference += references.OrderBy(reference => Math.Abs(reference.Length - hypothesis.Length)).ThenBy(reference => reference.Length)
                .First().Length;
            for (int n = 1; n <= Longest; n++)
            {
                Dictionary<string, int>[] allowed = [.. references.Select(reference => Tokenizer.Runs(reference, n))];
                foreach ((string run, int count) in Tokenizer.Runs(hypothesis, n))
                {
                    _totals[n - 1] += count;
                    _matches[n - 1] += Math.Min(count, allowed.Max(reference => reference.GetValueOrDefault(run)));
                }
            }
        }

        public void Add(BleuCounts other)
        {
            for (int n = 0; n < Longest; n++) (_matches[n], _totals[n]) = (_matches[n] + other._matches[n], _totals[n] + other._totals[n]);
            (_hypothesis, _reference) = (_hypothesis + other._hypothesis, _reference + other._reference);
        }

        // A run length without any match counts as half a match, the next such as a quarter, …
        public BleuScore Score(bool effectiveOrder)
        {
            double penalty = _hypothesis >= _reference ? 1 : _hypothesis == 0 ? 0 : Math.Exp(1 - (double)_reference / _hypothesis);
            double[] precisions = new double[Longest];
            if (_matches.All(count => count == 0)) return Result(0, precisions, penalty);
            double logs = 0, halves = 1;
            int order = 0;
            for (; order < Longest && _totals[order] > 0; order++)
            {
                if (_matches[order] == 0) halves *= 2;
                precisions[order] = 100.0 * (_matches[order] == 0 ? 1 / halves : _matches[order]) / _totals[order];
                logs += Math.Log(precisions[order]);
            }
            bool tooShort = order < Longest && !effectiveOrder;
            return Result(tooShort ? 0 : penalty * Math.Exp(logs / order), precisions, penalty);
        }

        private BleuScore Result(double score, double[] precisions, double penalty) =>
            new(score, _matches, _totals, precisions, penalty, _hypothesis, _reference);
    }
}
