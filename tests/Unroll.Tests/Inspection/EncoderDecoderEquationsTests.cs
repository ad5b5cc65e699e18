using Unroll.Core;
using Unroll.Inspection;
using Unroll.Inspection.Textbook;
using Unroll.Layers;
using Unroll.Layers.Attention;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;
using static Unroll.Tests.Laws.LayerCases;

namespace Unroll.Tests.Inspection;

/// <summary>The encoder–decoder's equations, and what the engine's floats can be held to.</summary>
public sealed class EncoderDecoderEquationsTests
{
    private static readonly EncoderDecoderSpec s_small = new() { SourceVocabulary = 4, TargetVocabulary = 5, Embedding = 2, Hidden = 2,
        DecoderLayers = 2 };
    private static readonly int[][] s_sources = [[0, 2, 1], [3], [], [1, 1]], s_targets = [[2, 3], [4, 2, 2], [3], []];

    private static EncoderDecoder Make(EncoderDecoderSpec spec, ulong seed)
    {
        EncoderDecoder model = EncoderDecoder.Build(spec);
        using Edit edit = model.Parameters.Edit();
        for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.7f * (float)new Rng(seed).Normal((ulong)i);
        return model;
    }

    private static TextbookParameters InDouble(EncoderDecoder model) =>
        new(model.Parameters.All.ToDictionary(one => one.Name, one => one.Values.ToArray().Select(x => (double)x).ToArray()));

    [Fact]
    public void The_terms_have_their_names()
    {
        EncoderDecoder model = Make(s_small, 1);
        EncoderDecoderGradient gradient = new EncoderDecoderEquations(s_small, InDouble(model)).AddGradients([0, 2, 1], [2, 3]).Gradient;
        Assert.Equal(["output", "fed"], gradient.Steps[0].Attended.Names);
        Assert.Equal(["output"], gradient.Steps[^1].Attended.Names);
        Assert.Equal(["layer above", "through o", "through g", "through f", "through i"], gradient.Steps[0].Cells[0].Terms["h"].Names);
        Assert.Equal(["combine", "query"], gradient.Steps[^1].Cells[1].Terms["h"].Names);
        Assert.All(gradient.Memory, terms => Assert.Equal(["attention", "bridge"], terms.Names));
        Assert.All(gradient.Memory[1]["bridge"], d => Assert.Equal(0, d));       // only the ends are read by the bridge
        Assert.Contains(gradient.Memory[0]["bridge"], d => d != 0);
        Assert.Contains(gradient.Memory[2]["bridge"], d => d != 0);
    }

    // Standardizing multiplies roundings by 1/σ, twice on the way back: a hundred of them at σ = 0.1.
    [Theory, InlineData("lstm-ln"), InlineData("gru-ln")]
    public void A_normalized_cell_goes_back_through_encoder_and_decoder(string kind)
    {
        EncoderDecoderSpec spec = s_small with { Cell = new() { Kind = kind }, Hidden = 16 };
        EncoderDecoder model = Make(spec, 1);
        model.Accumulate(new SequencePairs(spec, s_sources, s_targets), NewPass(training: true));
        TextbookParameters parameters = InDouble(model);
        EncoderDecoderEquations truth = new(spec, parameters);
        for (int s = 0; s < s_sources.Length; s++) truth.AddGradients(s_sources[s], s_targets[s]);
        foreach (Parameter parameter in model.Parameters.All)
            Assert.InRange(GradientCheckEngine.Share(parameter.Gradients.ToArray(), parameters.Gradients[parameter.Name]), 0, 1e-4);
    }

    // With scheduled sampling no gradient goes through the choice: what was chosen is given, and the gradient is that of having been given it.
    [Fact]
    public void A_sampled_symbol_counts_as_given()
    {
        EncoderDecoder model = Make(s_small, 3);
        SequencePairs pairs = new(s_small, s_sources, s_targets);
        model.Accumulate(pairs, NewPass(training: true), sampled: 1);
        EncoderDecoderCache cache = model.Forward(pairs, NewPass(training: true), sampled: 1);
        Assert.NotEqual(pairs.Symbols.ToArray(), cache.Decoder.Symbols.ToArray());

        TextbookParameters parameters = InDouble(model);
        EncoderDecoderEquations truth = new(s_small, parameters);
        for (int s = 0; s < s_sources.Length; s++)
        {
            int[] given = [.. Enumerable.Range(0, s_targets[s].Length + 1).Select(t => cache.Decoder.Symbols[pairs.TargetLayout.Row(t, s)])];
            truth.AddGradients(s_sources[s], s_targets[s], given);
        }
        foreach (Parameter parameter in model.Parameters.All)
            Assert.InRange(GradientCheckEngine.Share(parameter.Gradients.ToArray(), parameters.Gradients[parameter.Name]), 0, 1e-5);
    }

    //  δe⟨j⟩ = α⟨j⟩ (δα⟨j⟩ − Σ α δα) is a difference: where its two parts nearly cancel, all of δU is small beside them, and they are floats.
    //  What is left has the roundings of its parts, each 2⁻²⁴ of one of them; they are of both signs, and most parts are smaller than the bound by
    //  which they
    //  are counted here: measured, at most 0.7 · 2⁻²⁴ of it in forty networks.
    [Fact]
    public void The_gradient_of_a_score_is_right_to_the_roundings_of_its_parts()
    {
        for (ulong seed = 1; seed <= 40; seed++)
        {
            EncoderDecoderSpec spec = s_small with { Score = seed % 2 == 0 ? AttentionScore.General : AttentionScore.Additive,
                InputFeeding = seed % 3 > 0 };
            EncoderDecoder model = Make(spec, seed);
            model.Accumulate(new SequencePairs(spec, s_sources, s_targets), NewPass(training: true));
            TextbookParameters parameters = InDouble(model);
            EncoderDecoderEquations truth = new(spec, parameters);
            double parts = s_sources.Zip(s_targets, (source, target) => Parts(truth.AddGradients(source, target), parameters, spec.Score)).Sum();
            float[] key = model.Parameters.Find("decoder.attention.key.weight")!.Gradients.ToArray();
            double[] expected = parameters.Gradients["decoder.attention.key.weight"];
            double off = key.Zip(expected, (engine, exact) => Math.Abs(engine - exact)).Max();
            Assert.InRange(off / parts, 0, 2 * Math.Pow(2, -24));
        }
    }

    // Σ α⟨j⟩ (|δα⟨j⟩| + |Σ α δα|) times what it is multiplied by: at most |q| |s⟨j⟩|, or |v| |s⟨j⟩|.
    private static double Parts((EncoderDecoderRun Run, EncoderDecoderGradient Gradient) pair, TextbookParameters parameters, AttentionScore score)
    {
        IReadOnlyList<Vector> memory = pair.Run.Encoder.Outputs;
        double parts = 0;
        foreach ((DecoderStep step, DecoderStepGradient back) in pair.Run.Steps.Zip(pair.Gradient.Steps))
        {
            double[] dAlpha = [.. memory.Select(s => (back.Context * s).Sum())];
            double mean = Math.Abs(step.Weights.Zip(dAlpha, (a, d) => a * d).Sum());
            double factor = score == AttentionScore.General ? step.Top.Max(Math.Abs) : parameters.Values["decoder.attention.vector"].Max(Math.Abs);
            for (int j = 0; j < memory.Count; j++) parts += step.Weights[j] * (Math.Abs(dAlpha[j]) + mean) * factor * memory[j].Max(Math.Abs);
        }
        return parts;
    }
}
