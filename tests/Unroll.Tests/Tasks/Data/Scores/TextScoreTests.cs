using Unroll.Core;
using Unroll.Tasks.Data.Scores;

namespace Unroll.Tests.Tasks.Data.Scores;

/// <summary>Error rates by jiwer's definition, BLEU and chrF by sacreBLEU's: their published examples, and small ones by hand.</summary>
public sealed class TextScoreTests
{
    // The example of sacreBLEU's own description, two references a sentence, with the figures it prints.
    private static readonly string[] s_hypotheses = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."];
    private static readonly string[][] s_references =
    [
        ["The dog bit the man.", "The dog had bit the man."], ["It was not unexpected.", "No one was surprised."],
        ["The man bit him first.", "The man had bitten the dog."],
    ];

    // Of Morris, Maier and Green 2004 ("From WER and RIL to MER and WIL"), and of the case of two sentences of jiwer's description.
    [Theory]
    [InlineData("X", "X", 1, 0, 0, 0)]
    [InlineData("X", "X X Y Y", 1, 0, 0, 3)]
    [InlineData("X Y X", "X Z", 1, 1, 1, 0)]
    [InlineData("X", "Y Z", 0, 1, 0, 1)]
    [InlineData("this is a test", "", 0, 0, 4, 0)]
    [InlineData("", "this test", 0, 0, 0, 2)]
    [InlineData(" this  is a\ttest ", "this test", 2, 0, 2, 0)]
    public void Edits_of_words_are_counted_by_kind(string reference, string hypothesis, int hits, int substitutions, int deletions, int insertions) =>
        Assert.Equal(new EditCounts(hits, substitutions, deletions, insertions), EditCounts.OfWords(reference, hypothesis));

    [Fact]
    public void Rates_are_of_sums_and_may_be_above_one()
    {
        EditCounts sum = EditCounts.OfWords("i am a short ground truth", "i am a considerably longer and very much incorrect hypothesis");
        Assert.Equal(7.0 / 6, sum.Rate);
        Assert.Equal((0.0 + 2) / 8, (EditCounts.OfWords("a b c d", "a b c d") + EditCounts.OfWords("a b c d", "a d")).Rate);
        Assert.Null(EditCounts.OfWords("", "x").Rate);
    }

    [Fact]
    public void Characters_are_code_points_and_spaces_count()
    {
        Assert.Equal(new EditCounts(2, 1, 0, 0), EditCounts.OfCharacters("a😀b", "a😃b"));
        Assert.Equal(new EditCounts(2, 0, 1, 0), EditCounts.OfCharacters(" a b", "ab "));
    }

    // Least cost against a plain recursion over all alignments.
    [Fact]
    public void The_errors_are_the_fewest_possible()
    {
        static int Cost(string a, string b) => a.Length == 0 || b.Length == 0 ? a.Length + b.Length
            : Math.Min(Math.Min(Cost(a[1..], b), Cost(a, b[1..])) + 1, Cost(a[1..], b[1..]) + (a[0] == b[0] ? 0 : 1));
        for (ulong seed = 0; seed < 200; seed++)
        {
            Rng rng = new(seed);
            string Word(ulong from) =>
                string.Concat(Enumerable.Range(0, rng.Below(6, from)).Select(i => (char)('a' + rng.Below(3, from + 1 + (ulong)i))));
            (string a, string b) = (Word(0), Word(20));
            EditCounts counts = EditCounts.OfCharacters(a, b);
            Assert.Equal(Cost(a, b), counts.Errors);
            Assert.Equal(a.Length, counts.Reference);
            Assert.Equal(b.Length, counts.Hits + counts.Substitutions + counts.Insertions);
        }
    }

    [Theory]
    [InlineData("Hello, world!", "Hello , world !")]
    [InlineData("It costs 1,000.50 (or so).", "It costs 1,000.50 ( or so ) .")]
    [InlineData("1990-95, a.b don't", "1990 - 95 , a . b don't")]
    [InlineData("say &quot;a&amp;b&quot;\n<skipped>x-\ny", "say \" a & b \" xy")]
    [InlineData("  ", "")]
    public void Tokens_are_those_of_mteval_13a(string text, string tokens) => Assert.Equal(tokens, string.Join(' ', Bleu.Tokenize(text)));

    [Fact]
    public void Bleu_of_the_published_example()
    {
        BleuScore score = Bleu.Corpus(s_hypotheses, s_references);
        Assert.Equal(48.530827, score.Score, 1e-6);
        Assert.Equal((17, 18), (score.HypothesisLength, score.ReferenceLength));
        Assert.Equal([14, 7, 5, 3], score.Matches);
        Assert.Equal([17, 14, 11, 8], score.Totals);
        Assert.Equal(0.943, score.BrevityPenalty, 5e-4);
        Assert.Equal(49.1919566, Bleu.Corpus(s_hypotheses, s_references, new BleuOptions { Tokenized = true }).Score, 1e-6);
        Assert.Equal(0, Bleu.Corpus(["", "", ""], s_references).Score);
    }

    // By hand: precisions of matches 4, 2, 1, 0 of 6, 5, 4, 3, the last smoothed to ½ of 3; penalty e^(1 − 8/6).
    [Fact]
    public void Bleu_smooths_a_length_without_a_match()
    {
        BleuScore score = Bleu.Corpus(["am I am a character sequence"], (string[])["I am a symbol string sequence a a"]);
        Assert.Equal([4, 2, 1, 0], score.Matches);
        Assert.Equal(100 * Math.Exp(1 - 8.0 / 6) * Math.Pow(4 / 6.0 * (2 / 5.0) * (1 / 4.0) * (0.5 / 3), 0.25), score.Score, 1e-9);
    }

    // The figure of sacreBLEU's issue 98.
    [Fact]
    public void Bleu_of_a_published_sentence() => Assert.Equal(8.493, Bleu.Sentence(
        "Producția de zahăr primă va fi exprimată în ceea ce privește zahărul alb;", ["producţia de zahăr brut se exprimă în zahăr alb;"]).Score,
            1e-3);

    [Fact]
    public void Bleu_of_a_short_sentence_leaves_longer_runs_out_but_of_a_corpus_is_zero()
    {
        Assert.Equal(100, Bleu.Sentence("a test", ["a test"]).Score, 1e-9);
        Assert.Equal(100 * Math.Exp(-1), Bleu.Sentence("test", ["a test"]).Score, 1e-9);
        Assert.Equal(0, Bleu.Corpus(["a test"], (string[])["a test"]).Score);
        Assert.Equal(0, Bleu.Sentence("this is a cat", ["okay thanks"]).Score);
        Assert.Equal(100, Bleu.Sentence("A TEST", ["a test"], new BleuOptions { Lowercase = true }).Score, 1e-9);
    }

    [Fact]
    public void ChrF_of_the_published_example() => Assert.Equal(59.73, ChrF.Corpus(s_hypotheses, s_references), 5e-3);

    // "aa" against "ab": 1 of 2 characters, 0 of 1 pairs, longer runs on neither side: P = R = (½ + 0) / 2.
    [Theory, InlineData("aa", "ab", 25), InlineData("a", "a", 100), InlineData("a b c", "abc", 100), InlineData("", "reference", 0),
        InlineData("a", "", 0)]
    public void ChrF_by_hand(string hypothesis, string reference, double score) => Assert.Equal(score, ChrF.Sentence(hypothesis, [reference]), 1e-9);

    // Characters "ab." and "ab" : P (2/3, 1/2, 0 runs of 3 in the reference: left out) and R (1, 1); words "ab" "." and "ab": P ½, R 1; pairs left
    // out.
    [Fact]
    public void ChrF_with_words_by_hand()
    {
        double p = (2 / 3.0 + 0.5 + 0.5) / 3, r = 1;
        Assert.Equal(100 * 5 * p * r / (4 * p + r), ChrF.Sentence("ab.", ["ab"], words: 2), 1e-9);
    }

    [Fact]
    public void ChrF_sums_before_it_divides() => Assert.Equal(50, ChrF.Corpus(["a", "b"], (string[])["a", "c"]), 1e-9);

    [Fact]
    public void Missing_references_are_refused()
    {
        Assert.Throws<UserErrorException>(() => Bleu.Corpus(["a"], (string[])[]));
        Assert.Throws<UserErrorException>(() => Bleu.Sentence("a", []));
        Assert.Throws<UserErrorException>(() => ChrF.Corpus(["a"], (string[])[]));
        Assert.Throws<UserErrorException>(() => ChrF.Sentence("a", []));
    }
}
