using Unroll.Core;

namespace Unroll.Tasks.Data.Scores;

//  P, R: the means over run lengths n of matches / runs of the hypothesis, matches / runs of the reference; lengths that one side has none of apart
//  chrF = 100 (1 + β²) P R / (β² P + R),  β = 2: recall counts twice as much

/// <summary>
/// chrF by sacreBLEU's definition: runs of 1 … 6 characters without white space, case kept; chrF++ adds runs of 1 and 2 words, whose punctuation is
/// cut off (Popović 2015, 2017). 0 … 100; 0 where nothing matches or one side is empty.
/// </summary>
public static class ChrF
{
    private const int Characters = 6, BetaSquare = 4;
    private const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    /// <summary>The score of a whole test set: matches are summed before anything is divided.</summary>
    /// <param name="hypotheses">One for each sentence.</param>
    /// <param name="references">One or more for each sentence: the one that scores best counts.</param>
    /// <param name="words">0 for chrF, 2 for chrF++.</param>
    /// <exception cref="UserErrorException">There are not as many references as hypotheses, or a sentence has none.</exception>
    public static double Corpus(IReadOnlyList<string> hypotheses, IReadOnlyList<IReadOnlyList<string>> references, int words = 0)
    {
        if (hypotheses.Count != references.Count)
            throw new UserErrorException($"chrf: expected as many references as hypotheses, got {references.Count} and {hypotheses.Count}.");
        Run[] sum = new Run[Characters + words];
        for (int i = 0; i < hypotheses.Count; i++)
        {
            if (references[i].Count == 0) throw new UserErrorException($"chrf sentence {i}: expected at least one reference, got none.");
            Run[] best = references[i].Select(reference => Runs(hypotheses[i], reference, words)).MaxBy(Score)!;
            for (int n = 0; n < sum.Length; n++)
                sum[n] = new Run(sum[n].Hypothesis + best[n].Hypothesis, sum[n].Reference + best[n].Reference, sum[n].Matches + best[n].Matches);
        }
        return Score(sum);
    }

    /// <inheritdoc cref="Corpus(IReadOnlyList{string}, IReadOnlyList{IReadOnlyList{string}}, int)"/>
    public static double Corpus(IReadOnlyList<string> hypotheses, IReadOnlyList<string> references, int words = 0) =>
        Corpus(hypotheses, [.. references.Select(reference => (IReadOnlyList<string>)[reference])], words);

    /// <summary>The score of one sentence.</summary>
    /// <param name="hypothesis">The sentence.</param>
    /// <param name="references">One or more: the one that scores best counts.</param>
    /// <param name="words">0 for chrF, 2 for chrF++.</param>
    public static double Sentence(string hypothesis, IReadOnlyList<string> references, int words = 0) => Corpus([hypothesis], [references], words);

    private readonly record struct Run(long Hypothesis, long Reference, long Matches);

    private static Run[] Runs(string hypothesis, string reference, int words)
    {
        string[] a = Tokenizer.Characters(string.Concat(Tokenizer.Of(hypothesis))), b = Tokenizer.Characters(string.Concat(Tokenizer.Of(reference)));
        string[] wordsA = WithoutPunctuation(hypothesis), wordsB = WithoutPunctuation(reference);
        return
        [
            .. Enumerable.Range(1, Characters).Select(n => Count(Tokenizer.Runs(a, n), Tokenizer.Runs(b, n))),
            .. Enumerable.Range(1, words).Select(n => Count(Tokenizer.Runs(wordsA, n), Tokenizer.Runs(wordsB, n))),
        ];
    }

    private static Run Count(Dictionary<string, int> hypothesis, Dictionary<string, int> reference) => new(
        reference.Count == 0 ? 0 : hypothesis.Values.Sum(), reference.Values.Sum(),
        hypothesis.Sum(run => Math.Min(run.Value, reference.GetValueOrDefault(run.Key))));

    // One mark at the end of a word, or else one at its beginning, is a word of its own.
    private static string[] WithoutPunctuation(string text)
    {
        List<string> words = [];
        foreach (string word in Tokenizer.Of(text))
        {
            if (word.Length > 1 && Punctuation.Contains(word[^1])) words.AddRange([word[..^1], word[^1..]]);
            else if (word.Length > 1 && Punctuation.Contains(word[0])) words.AddRange([word[..1], word[1..]]);
            else words.Add(word);
        }
        return [.. words];
    }

    private static double Score(Run[] runs)
    {
        (double precision, double recall, int lengths) = (0, 0, 0);
        foreach (Run run in runs)
        {
            if (run.Hypothesis == 0 || run.Reference == 0) continue;
            precision += (double)run.Matches / run.Hypothesis;
            recall += (double)run.Matches / run.Reference;
            lengths++;
        }
        if (precision + recall == 0) return 0;
        (precision, recall) = (precision / lengths, recall / lengths);
        return 100 * (1 + BetaSquare) * precision * recall / (BetaSquare * precision + recall);
    }
}
