using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Baselines;
using Unroll.Tasks.Language;
using Unroll.Tasks.Shared;
using Unroll.Tests.Laws;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Language;

/// <summary>What a trained model does beside its network while it reads: a cache, learning on, an n-gram.</summary>
public sealed class ReadingTests
{
    private static readonly string s_text = string.Concat(Enumerable.Repeat("abcabcabdabcabd ", 60));
    private static readonly string s_other = string.Concat(Enumerable.Repeat("dcba dcba ", 30));

    private static LanguageModel Model(int members = 1) => LanguageModel.Train(s_text, new LanguageOptions
    {
        LearningRate = 0.02, Epochs = 2, Embedding = 4, Hidden = 6, Layers = 2, Batch = 4, Bptt = [8], Dropout = 0, Split = [0.8, 0.1],
        Members = members, TieWeights = true,
    });

    private static LanguageScores Read(LanguageModel model, int[] symbols, ReadingOptions options) =>
        new ReadingScorer(model, options, model.Encode(s_text), LayerCases.One, TestContext.Current.CancellationToken).Score(symbols, options);

    public static TheoryData<int> Members => [1, 2];

    [Theory, MemberData(nameof(Members))]
    public void With_shares_of_zero_it_is_the_network(int members)
    {
        LanguageModel model = Model(members);
        int[] symbols = model.Encode(s_other);
        LanguageScores alone = model.Score(symbols), read = Read(model, symbols, new()
        {
            Cache = 7, CacheWeight = 0, CacheFlatness = 0.5, Dynamic = true, DynamicRate = 0, DynamicDecay = 0.1, NGram = true, NGramWeight = 0,
        });
        for (int i = 0; i < symbols.Length; i++) Assert.Equal(alone.Nats[i], read.Nats[i], 2e-5f);
        Assert.Equal(alone.Best, read.Best);
    }

    [Theory, MemberData(nameof(Members))]
    public void A_symbol_is_predicted_from_those_before_it_alone(int members)
    {
        LanguageModel model = Model(members);
        int[] whole = model.Encode(s_other);
        ReadingOptions options = new()
        {
            Cache = 20, CacheWeight = 0.3, CacheFlatness = 0.5, Dynamic = true, DynamicRate = 0.01, DynamicDecay = 0.02, DynamicSteps = 8,
            NGram = true, NGramWeight = 0.1,
        };
        LanguageScores all = Read(model, whole, options);
        foreach (int length in new[] { 1, 8, 50, 53 })
        {
            int[] turned = [.. whole[..length], .. model.Encode("aaaaaaaaaa")];
            Assert.Equal(all.Nats[..length], Read(model, turned, options).Nats[..length]);
        }
    }

    [Theory, MemberData(nameof(Members))]
    public void The_probabilities_of_all_symbols_in_a_place_are_one(int members)
    {
        // A symbol that had a part in its own prediction would make it more.
        LanguageModel model = Model(members);
        int[] symbols = model.Encode(s_other);
        ReadingOptions options = new()
        {
            Cache = 20, CacheWeight = 0.3, CacheFlatness = 0.5, Dynamic = true, DynamicRate = 0.05, DynamicDecay = 0.02, DynamicSteps = 8,
            NGram = true, NGramWeight = 0.1,
        };
        double sum = 0;
        for (int symbol = 0; symbol < model.Network.OutputSize; symbol++)
        {
            symbols[43] = symbol;
            sum += Math.Exp(-Read(model, symbols, options).Nats[43]);
        }
        Assert.Equal(1, sum, 1e-4);
    }

    [Theory, MemberData(nameof(Members))]
    public void A_session_with_a_cache_says_what_the_whole_text_says(int members)
    {
        LanguageModel model = Model(members);
        ReadingOptions options = new() { Cache = 9, CacheWeight = 0.25, CacheFlatness = 0.7 };
        int[] symbols = model.Encode(s_other);
        float[] nats = Read(model, symbols, options).Nats;
        LanguageSession session = model.NewSession(null, options);
        byte[] begun = session.State.Snapshot();
        for (int i = 0; i < symbols.Length; i++) Assert.Equal(nats[i], session.Read(symbols[i]), 2e-4f);
        byte[] end = session.State.Snapshot();
        session.State.Restore(begun);
        session.Read(symbols);
        Assert.Equal(end, session.State.Snapshot());
        Assert.Equal(1, session.Probabilities.ToArray().Sum(), 1e-4);
    }

    [Fact]
    public void The_cache_is_the_mixture_of_its_definition()
    {
        NeuralCache cache = new(size: 2, features: 2);
        cache.Compare([1, 1]);
        Assert.Equal(-1, cache.Probability(0, 1));
        cache.Remember([5, 5], 3);                                           // the oldest, forgotten below
        cache.Remember([1, 0], 1);
        cache.Remember([0, 2], 2);
        cache.Compare([1, 1]);
        double one = Math.Exp(0.5 * 1), two = Math.Exp(0.5 * 2);
        Assert.Equal(one / (one + two), cache.Probability(1, 0.5), 1e-6);
        Assert.Equal(0, cache.Probability(3, 0.5));
        float[] p = [0.1f, 0.2f, 0.3f, 0.4f];
        cache.Mix(0.25, 0.5, p);
        Assert.Equal(0.75 * 0.2 + 0.25 * one / (one + two), p[1], 1e-6);
        Assert.Equal(0.75 * 0.4, p[3], 1e-6);
    }

    [Fact]
    public void Learning_on_is_the_step_of_its_definition()
    {
        ParameterStore store = new();
        store.Add("w", 3);
        using (Edit edit = store.Edit()) ((ReadOnlySpan<float>)[1, -2, 3]).CopyTo(edit.Values);
        DynamicEvaluation dynamic = new(store);
        ((ReadOnlySpan<float>)[2, 0, 4]).CopyTo(store.Gradients);
        dynamic.Observe(2);
        ((ReadOnlySpan<float>)[6, 0, 2]).CopyTo(store.Gradients);
        dynamic.Observe(2);
        dynamic.Begin();
        double[] rms = [Math.Sqrt((1 + 9) / 2.0), 0, Math.Sqrt((4 + 1) / 2.0)], w = [1, -2, 3], start = [1, -2, 3], g = [0.5, 1, -1];
        double mean = rms.Average();
        for (int step = 0; step < 3; step++)
        {
            ((ReadOnlySpan<float>)[1, 2, -2]).CopyTo(store.Gradients);
            dynamic.Step(count: 2, rate: 0.1, decay: 0.6);
            for (int i = 0; i < 3; i++)
            {
                w[i] += Math.Min(1, 0.6 * rms[i] / mean) * (start[i] - w[i]) - 0.1 * g[i] / (rms[i] + mean);
                Assert.Equal(w[i], store.Values[i], 1e-5);
            }
        }
        dynamic.Begin();
        Assert.Equal([1, -2, 3], store.Values.ToArray());
    }

    [Fact]
    public void Open_numbers_are_chosen_on_the_validation_part_and_make_it_no_worse()
    {
        LanguageModel model = Model();
        string before = model.WeightsSha256;
        List<string> notes = [];
        LanguageEvaluation evaluation = LanguageEvaluation.Of(model, "validation", s_other, s_text, s_other,
            new ReadingOptions { Cache = 30, Dynamic = true, NGram = true }, LayerCases.One, note: notes.Add);
        Assert.False(evaluation.Reading!.IsOpen);
        Assert.True(evaluation.Scores.Mean < 0.9 * evaluation.NetworkNats, $"{evaluation.Scores.Mean} against {evaluation.NetworkNats}");
        Assert.Contains(notes, note => note.Contains("chosen on the first 300 symbols of the validation part"));
        Assert.Equal(before, model.WeightsSha256);
        LanguageEvaluation given = LanguageEvaluation.Of(model, "again", s_other, s_text, "", evaluation.Reading, LayerCases.Two);
        Assert.Equal(evaluation.Scores.Nats, given.Scores.Nats);
    }

    [Fact]
    public void The_mixture_with_an_n_gram_is_that_of_its_definition()
    {
        LanguageModel model = Model();
        int[] training = model.Encode(s_text), symbols = model.Encode("abcd");
        float[] alone = model.Score(symbols).Nats, mixed = Read(model, symbols, new() { NGram = true, NGramWeight = 0.4 }).Nats;
        NGramModel grams = NGramModel.Fit(training, 5, model.Network.OutputSize);
        int[] both = [.. training, .. symbols];
        for (int i = 0; i < symbols.Length; i++)
            Assert.Equal(-Math.Log(0.6 * Math.Exp(-alone[i]) + 0.4 * grams.Probability(both, training.Length + i)), mixed[i], 1e-4);
    }

    [Fact]
    public void What_cannot_be_done_is_refused_in_words()
    {
        LanguageModel model = Model();
        Assert.Equal("cache", Assert.Throws<OptionException>(() => model.NewSession(null, new() { Cache = 5 })).Option);
        Assert.Equal("dynamic", Assert.Throws<OptionException>(() => model.NewSession(null, new() { Dynamic = true })).Option);
        Assert.Contains("no validation part", Assert.Throws<UserErrorException>(() => LanguageEvaluation.Of(
            model, "test", s_other, s_text, "", new ReadingOptions { Cache = 5 })).Message);
        Assert.Contains("trained on", Assert.Throws<UserErrorException>(() => LanguageEvaluation.Of(
            model, "test", s_other, "", s_other, new ReadingOptions { Dynamic = true })).Message);
        LanguageQuestion question = new() { Data = "x", CacheWeight = 0.1 };
        Assert.Equal("cache", Assert.Throws<OptionException>(() => LanguageTask.Instance.Evaluate.Ask(
            model, question, new TaskCall(DataFiles.Disk))).Option);
    }
}
