using Unroll.Core;
using Unroll.Inspection.Textbook;
using Unroll.Layers;
using Unroll.Layers.Attention;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Inspection;

/// <summary>
/// The gradient check of whole encoder–decoders: the equations' backward in double against central differences, and the engine's gradients against
/// that, for every parameter. Pairs of different lengths, an empty source and an empty target among them.
/// </summary>
internal static class GradientCheckOfEncoderDecoder
{
    private static readonly int[][] Sources = [[0, 2, 1], [3], [], [1, 1]], Targets = [[2, 3], [4, 2, 2], [3], []];

    public static IEnumerable<GradientCheckResult> Run()
    {
        EncoderDecoderSpec spec = new() { SourceVocabulary = 4, TargetVocabulary = 5, Embedding = 2, Hidden = 2 };
        return
        [
            .. Run("encoder–decoder, lstm, general, fed", spec),
            .. Run("encoder–decoder, gru, additive, two layers", spec with
            {
                Cell = new() { Kind = "gru" }, Score = AttentionScore.Additive, InputFeeding = false, EncoderLayers = 2, DecoderLayers = 2,
                    Bidirectional = false,
            }, seed: 2),
            .. Run("encoder–decoder, gru-after, dot, fed", spec with { Cell = new() { Kind = "gru-after" }, Score = AttentionScore.Dot,
                DecoderLayers = 2 }),
            .. Run("encoder–decoder, gru, general, one table", spec with { Cell = new() { Kind = "gru" }, SourceVocabulary = 5, SharedTable = true }),
        ];
    }

    // What an attention sends back is a difference of its terms: with some seeds all of a tensor is a thousand times smaller than they are, and they
    // are floats.
    private static IEnumerable<GradientCheckResult> Run(string subject, EncoderDecoderSpec spec, ulong seed = 1)
    {
        EncoderDecoder model = EncoderDecoder.Build(spec);
        using (Edit edit = model.Parameters.Edit())
            for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.7f * (float)new Rng(seed).Normal((ulong)i);
        using ThreadTeam threads = new(1);
        LossSum loss = model.Accumulate(new SequencePairs(spec, Sources, Targets), new Pass(new Workspace(), threads, default, Training: true));

        TextbookParameters parameters = new(model.Parameters.All.ToDictionary(one => one.Name, one =>
            one.Values.ToArray().Select(x => (double)x).ToArray()));
        EncoderDecoderEquations truth = new(spec, parameters);
        double Loss() => Sources.Zip(Targets, truth.Loss).Sum();
        double expected = Loss();
        for (int pair = 0; pair < Sources.Length; pair++) truth.AddGradients(Sources[pair], Targets[pair]);
        yield return new GradientCheckResult("layer", subject, "value", null, Math.Abs(loss.Sum - expected) / expected);
        foreach (Parameter parameter in model.Parameters.All)
        {
            Vector values = new(parameters.Values[parameter.Name]);
            double[] gradient = parameters.Gradients[parameter.Name];
            double error = gradient.Select((d, k) => GradientCheck.Error(d,
                GradientCheck.Difference(values, k, Loss))).Aggregate(GradientCheck.Largest);
            yield return new GradientCheckResult("layer", subject, parameter.Name, error,
                GradientCheckEngine.Share(parameter.Gradients.ToArray(), gradient));
        }
    }
}
