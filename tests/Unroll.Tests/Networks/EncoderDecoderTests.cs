using Unroll.Core;
using Unroll.Inspection;
using Unroll.Layers;
using Unroll.Layers.Attention;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tests.Laws;
using Unroll.Training;
using static Unroll.Tests.Laws.LayerCases;

namespace Unroll.Tests.Networks;

[Trait("Category", "Bits")]
public sealed class EncoderDecoderTests
{
    private static readonly EncoderDecoderSpec s_small = new() { SourceVocabulary = 6, TargetVocabulary = 7, Embedding = 5, Hidden = 18,
        DecoderLayers = 2 };

    private static readonly int[][] s_sources = [[0, 2, 1], [3], [], [1, 1], [5, 4, 3, 2, 1], [0, 0]],
        s_targets = [[2, 3], [4, 2, 2, 6], [3], [], [5, 5, 5], [2]];

    private static EncoderDecoder Make(EncoderDecoderSpec spec, ulong seed = 1)
    {
        EncoderDecoder model = EncoderDecoder.Build(spec);
        model.Initialize(new InitializationOptions(), new Rng(seed));
        return model;
    }

    [Fact]
    public void Every_gradient_is_that_of_the_equations_in_double() =>
        Assert.All(GradientCheckOfEncoderDecoder.Run(), result => Assert.True(result.Passed, result.ToString()));

    // As a dense layer's, they would be of the size 1 ÷ √features; the softmax saturates then and looks at the source's end for ever
    // (docs/decisions/0010).
    [Fact]
    public void The_keys_of_general_attention_begin_at_one_part_in_as_many_as_there_are_features()
    {
        Parameter key = Make(s_small with { Hidden = 128, Score = AttentionScore.General }).Parameters.Find("decoder.attention.key.weight")!;
        double size = Math.Sqrt(key.Values.ToArray().Average(w => w * w));
        Assert.InRange(size * key.Shape[1], 0.4, 1.2);
    }

    [Theory, InlineData(false, 0f), InlineData(true, 0.3f)]
    public void Threads_memory_and_company_change_no_bit(bool training, float dropout)
    {
        EncoderDecoderSpec spec = s_small with { Dropout = dropout, Score = AttentionScore.Additive };
        EncoderDecoder model = Make(spec);
        SequencePairs pairs = new(spec, s_sources, s_targets);
        long[] ids = [.. s_sources.Select((_, s) => 100L + 3 * s)];
        Workspace poisoned = new();
        for (int i = 0; i < 120; i++) poisoned.Rent(8000).Span.Fill(float.NaN);
        poisoned.Reset();
        List<float[]> all = [];
        SequenceBatch logits = default;
        foreach (Pass with in new[] { NewPass(), NewPass(Two), NewPass(Three), NewPass() with { Workspace = poisoned } })
        {
            Pass pass = with with { Training = training, SequenceIds = ids };
            model.Parameters.ClearGradients();
            LossSum loss = model.Accumulate(pairs, pass, training ? 0.5f : 0);
            Assert.Equal(pairs.TargetLayout.Rows, loss.Count);
            float[] gradients = model.Parameters.Gradients.ToArray();
            Assert.DoesNotContain(gradients, float.IsNaN);
            pass.Workspace.Reset();
            logits = model.Forward(pairs, pass, training ? 0.5f : 0).Output;
            all.Add([.. logits.All, .. gradients, (float)loss.Sum]);
        }
        foreach (float[] one in all) LayerLaws.Same(all[0], one, "threads or memory");
        for (int s = 0; s < s_sources.Length; s++)
        {
            SequencePairs alone = new(spec, [s_sources[s]], [s_targets[s]]);
            SequenceBatch own = model.Forward(alone, NewPass() with { Training = training, SequenceIds = new[] { ids[s] } }, training ? 0.5f
                : 0).Output;
            for (int t = 0; t <= s_targets[s].Length; t++) LayerLaws.Same(own.Row(t, 0), logits.Row(t, s), $"pair {s}");
        }
    }

    [Fact]
    public void A_warmed_up_step_of_training_allocates_nothing()
    {
        EncoderDecoder model = Make(s_small with { Dropout = 0.2f });
        SequencePairs pairs = new(s_small, s_sources, s_targets);
        Pass pass = NewPass(training: true);
        long before = 0;
        for (int i = 0; i < 4; i++)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            pass.Workspace.Reset();
            model.Accumulate(pairs, pass);
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Sampled_symbols_are_the_best_of_the_step_before_and_only_in_training()
    {
        EncoderDecoder model = Make(s_small);
        SequencePairs pairs = new(s_small, s_sources, s_targets);
        Assert.Equal(pairs.Symbols.ToArray(), model.Forward(pairs, NewPass(), 1).Decoder.Symbols.ToArray());
        EncoderDecoderCache cache = model.Forward(pairs, NewPass(training: true), 1);
        for (int s = 0; s < s_targets.Length; s++)
        {
            Assert.Equal(s_small.Begin, cache.Decoder.Symbols[pairs.TargetLayout.Row(0, s)]);
            for (int t = 1; t <= s_targets[s].Length; t++)
            {
                float[] before = cache.Output.Row(t - 1, s).ToArray();
                Assert.Equal(Array.IndexOf(before, before.Max()), cache.Decoder.Symbols[pairs.TargetLayout.Row(t, s)]);
            }
        }
    }

    [Fact]
    public void A_beam_never_scores_worse_than_greedy_and_of_one_is_greedy()
    {
        for (ulong seed = 0; seed < 12; seed++)
        {
            EncoderDecoder model = Make(s_small with { Score = (AttentionScore)(seed % 3) }, seed);
            using (Edit edit = model.Parameters.Edit())
                foreach (ref float w in edit.Of(model.Parameters.Find("decoder.output.weight")!)) w *= 8;
            SearchOptions one = new() { Beam = 1, LengthPenalty = seed % 2 };
            IReadOnlyList<IReadOnlyList<Hypothesis>> greedy = new BeamSearch(model, one).Find(s_sources, NewPass());
            IReadOnlyList<IReadOnlyList<Hypothesis>> beam = new BeamSearch(model, one with { Beam = 4 }).Find(s_sources, NewPass(Three));
            for (int s = 0; s < s_sources.Length; s++)
            {
                Assert.Equal(ByHand(model, s_sources[s], one), greedy[s].Single().Symbols);
                Assert.True(beam[s][0].Score >= greedy[s][0].Score, $"seed {seed}, sentence {s}");
                Assert.InRange(beam[s].Count, 1, 4);
                Assert.Equal(beam[s].OrderByDescending(h => h.Score), beam[s]);
                Assert.All(beam[s].Where(h => h.Ended), h => Assert.Equal(LogProbability(model, s_sources[s], h), h.LogProbability, 1e-4));
            }
        }
    }

    [Fact]
    public void What_is_found_does_not_depend_on_the_other_sentences()
    {
        EncoderDecoder model = Make(s_small);
        BeamSearch search = new(model, new SearchOptions { Beam = 3 });
        IReadOnlyList<IReadOnlyList<Hypothesis>> all = search.Find(s_sources, NewPass(Two));
        for (int s = 0; s < s_sources.Length; s++)
        {
            IReadOnlyList<Hypothesis> alone = search.Find([s_sources[s]], NewPass())[0];
            Assert.Equal(alone.Select(h => (h.Score, string.Join(' ', h.Symbols))), all[s].Select(h => (h.Score, string.Join(' ', h.Symbols))));
        }
        Assert.Empty(search.Find([], NewPass()));
    }

    // Twice the same network is the network; of two, a symbol's probability is the mean of theirs.
    [Fact]
    public void Several_networks_search_as_the_mean_of_their_probabilities()
    {
        EncoderDecoder a = Make(s_small), b = Make(s_small, seed: 2);
        SearchOptions options = new() { Beam = 3 };
        IReadOnlyList<IReadOnlyList<Hypothesis>> alone = new BeamSearch(a, options).Find(s_sources, NewPass()),
            twice = new BeamSearch([a, a], options).Find(s_sources, NewPass()),
            both = new BeamSearch([a, b], options).Find(s_sources, NewPass()),
            threads = new BeamSearch([a, b], options).Find(s_sources, NewPass(Three));
        for (int s = 0; s < s_sources.Length; s++)
        {
            Assert.Equal(alone[s].Select(h => string.Join(' ', h.Symbols)), twice[s].Select(h => string.Join(' ', h.Symbols)));
            Assert.Equal(alone[s][0].LogProbability, twice[s][0].LogProbability, 1e-5);
            Assert.Equal(both[s].Select(h => (h.Score, string.Join(' ', h.Symbols))), threads[s].Select(h => (h.Score, string.Join(' ', h.Symbols))));
            foreach (Hypothesis h in both[s].Where(h => h.Ended))
            {
                double expected = 0;
                double[][] members = [Steps(a, s_sources[s], h), Steps(b, s_sources[s], h)];
                for (int t = 0; t <= h.Symbols.Count; t++) expected += Math.Log((members[0][t] + members[1][t]) / 2);
                Assert.Equal(expected, h.LogProbability, 1e-4);
            }
        }
        Assert.Throws<ArgumentException>(() => new BeamSearch([], options));
        Assert.Throws<ArgumentException>(() => new BeamSearch([a, Make(s_small with { TargetVocabulary = 9 })], options));
    }

    // The probability of each of its symbols, the end included.
    private static double[] Steps(EncoderDecoder model, int[] source, Hypothesis h)
    {
        SequencePairs pair = new(model.Spec, [source], [[.. h.Symbols]]);
        SequenceBatch logits = model.Forward(pair, NewPass()).Output;
        int[] symbols = [.. h.Symbols, model.Spec.End];
        return [.. symbols.Select((symbol, t) =>
        {
            float[] row = logits.Row(t, 0).ToArray(), shares = new float[row.Length];
            Softmax.Row(row, shares);
            return (double)shares[symbol];
        })];
    }

    [Fact]
    public void A_search_that_is_asked_to_stop_ends_at_once()
    {
        using CancellationTokenSource stop = new();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => new BeamSearch(Make(s_small), new SearchOptions()).Find(s_sources, NewPass(Two), stop.Token));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Locked_dropout_drops_the_same_features_of_a_target_at_every_step(bool locked)
    {
        EncoderDecoderSpec spec = s_small with { Dropout = 0.5f, LockedDropout = locked, InputFeeding = false };
        EncoderDecoder model = Make(spec);
        SequencePairs pairs = new(spec, s_sources, s_targets);
        EncoderDecoderCache cache = model.Forward(pairs, NewPass(training: true));
        float[][] steps = [.. Enumerable.Range(0, 4).Select(t => cache.Decoder.Masks[0].Row(t, 1).ToArray())];
        Assert.Contains(steps[0], mask => mask == 0);
        Assert.Equal(locked, steps.Skip(1).All(mask => mask.SequenceEqual(steps[0])));
    }

    [Fact]
    public void With_weights_of_8_bits_it_serves_inference_alone_and_what_cannot_be_rounded_changes_nothing()
    {
        EncoderDecoder model = Make(s_small);
        SequencePairs pairs = new(s_small, s_sources, s_targets);
        float[] floats = model.Forward(pairs, NewPass()).Output.All.ToArray(), before = model.Parameters.Values.ToArray();
        Parameter last = model.Parameters.Find("decoder.weight_hh_l1")!;
        using (Edit edit = model.Parameters.Edit()) edit.Of(last)[^1] = float.NaN;
        Assert.Contains("decoder.weight_hh_l1", Assert.Throws<UserErrorException>(() => model.Quantize()).Message);
        using (Edit edit = model.Parameters.Edit()) edit.Of(last)[^1] = before[last.Offset + last.Length - 1];
        Assert.Equal(before, model.Parameters.Values.ToArray());

        model.Quantize();
        float[] rounded = model.Forward(pairs, NewPass()).Output.All.ToArray();
        Assert.NotEqual(floats, rounded);
        Assert.All(floats.Zip(rounded), pair => Assert.Equal(pair.First, pair.Second, 0.05));       // logits of about 1, weights rounded to 1 in 254
        Assert.Contains("8 bits", Assert.Throws<UserErrorException>(() => model.Accumulate(pairs, NewPass())).Message);
        Assert.Contains("8 bits", Assert.Throws<UserErrorException>(() => model.Forward(pairs, NewPass(training: true))).Message);
    }

    [Theory]
    [InlineData(AttentionScore.Dot, false), InlineData(AttentionScore.General, false), InlineData(AttentionScore.Additive, false)]
    [InlineData(AttentionScore.Additive, true)]
    public void Step_by_step_equals_the_whole_sequence(AttentionScore score, bool quantized)
    {
        EncoderDecoder model = Make(s_small with { Score = score, InitialState = quantized ? InitialState.Random : InitialState.Zero });
        if (quantized) model.Quantize();
        SequencePairs pairs = new(model.Spec, s_sources, s_targets);
        Pass pass = NewPass(Two);
        EncoderDecoderCache cache = model.Forward(pairs, pass);
        DecoderStepper stepper = new(model.Decoder, model.Decoder.Attention.Prepare(cache.Encoder.Output, pass), cache.First, [4, 1, 2]);
        stepper.Keep([1, 0]);                                            // sentences 1 and 4, of four and three symbols
        float[] logits = new float[2 * model.Spec.TargetVocabulary];
        for (int t = 0; t < 4; t++)
        {
            stepper.Step([pairs.Symbols.Span[pairs.TargetLayout.Row(t, 1)], pairs.Symbols.Span[pairs.TargetLayout.Row(t, 4)]], logits);
            LayerLaws.Same(cache.Output.Row(t, 1), logits.AsSpan(0, 7), $"step {t}");
            LayerLaws.Same(cache.Output.Row(t, 4), logits.AsSpan(7), $"step {t}");
        }
    }

    // The whole sequence again with one more symbol each time: the stepper must find the same.
    private static int[] ByHand(EncoderDecoder model, int[] source, SearchOptions options)
    {
        List<int> target = [];
        while (target.Count < 2 * source.Length + options.ExtraLength)
        {
            float[] z = model.Forward(new SequencePairs(model.Spec, [source], [[.. target]]), NewPass()).Output.Row(target.Count, 0).ToArray();
            int best = Array.IndexOf(z, z.Max());
            if (best == model.Spec.End) break;
            target.Add(best);
        }
        return [.. target];
    }

    private static double LogProbability(EncoderDecoder model, int[] source, Hypothesis one) =>
        -model.Loss(new SequencePairs(model.Spec, [source], [[.. one.Symbols]]), NewPass()).Sum;

    [Fact]
    public void It_learns_to_turn_strings_round()
    {
        EncoderDecoderSpec spec = new() { SourceVocabulary = 6, TargetVocabulary = 8, Embedding = 12, Hidden = 32, Score = AttentionScore.General };
        EncoderDecoder model = Make(spec);
        Optimizer adam = new AdamOptions().Create(model.Parameters.Length);
        Pass pass = NewPass(training: true);
        for (int step = 0; step < 250; step++)
        {
            (int[][] sources, int[][] targets) = Strings(step, 32);
            pass.Workspace.Reset();
            model.Parameters.ClearGradients();
            LossSum loss = model.Accumulate(new SequencePairs(spec, sources, targets), pass);
            Elementwise.Scale(model.Parameters.Gradients, 1f / loss.Count);
            adam.Step(model.Parameters, 0.01f, One);
        }
        (int[][] tests, int[][] answers) = Strings(9999, 40);
        IReadOnlyList<IReadOnlyList<Hypothesis>> found = new BeamSearch(model, new SearchOptions { Beam = 2 }).Find(tests, NewPass());
        Assert.InRange(found.Zip(answers).Count(pair => pair.First[0].Symbols.SequenceEqual(pair.Second)), 36, 40);
    }

    private static (int[][], int[][]) Strings(int step, int count)
    {
        Rng rng = new Rng(5).At((ulong)step);
        int[][] sources = [.. Enumerable.Range(0, count).Select(s =>
            Enumerable.Range(0, 1 + rng.Below(5, (ulong)(s * 10))).Select(t => rng.Below(6, (ulong)(s * 10 + t + 1))).ToArray())];
        return (sources, [.. sources.Select(source => source.Reverse().Select(symbol => symbol + 2).ToArray())]);
    }

    [Fact]
    public void A_description_reads_back_and_an_impossible_one_is_refused()
    {
        EncoderDecoderSpec spec = s_small with { Dropout = 0.25f, Score = AttentionScore.Dot, Cell = new() { Kind = "gru" }, Bidirectional = false,
            End = 3 };
        Assert.Equal(spec, EncoderDecoderSpec.FromJson(spec.ToJson()));
        Assert.Contains("end symbol", Assert.Throws<UserErrorException>(() => EncoderDecoder.Build(s_small with { End = 7 })).Message);
        Assert.Throws<UserErrorException>(() => EncoderDecoder.Build(s_small with { DecoderLayers = 0 }));
        Assert.Throws<UserErrorException>(() => new SearchOptions { Beam = 0 });
        EncoderDecoder model = Make(s_small);
        Assert.Equal("ifgo", model.GatesOf(model.Parameters.Find("decoder.weight_ih_l1")!));
        Assert.Null(model.GatesOf(model.Parameters.Find("decoder.combine.weight")!));
        Assert.Contains("sequence 0, step 1", Assert.Throws<UserErrorException>(() =>
            model.Loss(new SequencePairs(s_small, [[1]], [[9]]), NewPass())).Message);
    }
}
