using Unroll.Tasks.Data.Baselines;

namespace Unroll.Tests.Tasks.Data;

public sealed class NGramModelTests
{
    // a a b a b, a = 0, b = 1, V = 2. Bigrams: aa 1, ab 2, ba 1. Symbols before: a ← {a, b, and the beginning's own count}, b ← {a}.
    //   order 1 counts a: of the first symbol (which has nothing before it) 1, of aa 1, of ba 1 = 3;  b: of ab 1 = 1;  total 4, types 2
    //   P(b) = (1 − ¾) / 4 + ¾ · 2 / 4 · ½ = 1/16 + 3/16 = ¼            P(a) = ¾
    //   after a: total 3, types 2.  P(b | a) = (2 − ¾) / 3 + ¾ · 2 / 3 · P(b) = 5/12 + 1/8 = 13/24
    [Fact]
    public void A_bigram_model_is_what_the_equations_say()
    {
        NGramModel model = NGramModel.Fit([0, 0, 1, 0, 1], order: 2, vocabulary: 2);
        Assert.Equal("bigram", model.Name);
        Assert.Equal(-Math.Log(13 / 24.0), model.Nats([0, 1], from: 1), 1e-12);
        Assert.Equal(-Math.Log(0.25), model.Nats([1]), 1e-12);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(5)]
    public void Probabilities_after_any_context_sum_to_one(int order)
    {
        int[] text = [.. Enumerable.Range(0, 300).Select(i => i * i * 7 % 11 % 5)];
        NGramModel model = NGramModel.Fit(text, order, vocabulary: 6);           // 5 never stands in the text
        foreach (int[] context in (int[][])[[], [3], [0, 1], [4, 4, 2, 0], [5, 5, 5, 5]])
            Assert.Equal(1, Enumerable.Range(0, 6).Sum(w => Math.Exp(-model.Nats([.. context, w], context.Length))), 1e-12);
    }

    [Fact]
    public void A_longer_context_foresees_a_periodic_text_better()
    {
        int[] text = [.. Enumerable.Range(0, 400).Select(i => "abacabad"[i % 8] - 'a')];
        double[] nats = [.. new[] { 1, 2, 3, 5 }.Select(order => NGramModel.Fit(text.AsSpan(0, 320), order, 4).Nats(text, 320))];
        Assert.Equal(nats.OrderDescending(), nats);
    }
}
