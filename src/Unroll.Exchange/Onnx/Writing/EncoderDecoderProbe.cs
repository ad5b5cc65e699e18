using Unroll.Core;
using Unroll.Exchange.Onnx.Values;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>Compares the two graphs of an encoder–decoder with the network: the memory, and the scores of every step of given targets.</summary>
internal sealed class EncoderDecoderProbe(EncoderDecoder model, ThreadTeam threads)
{
    private readonly Difference _encoder = new(), _decoder = new();

    /// <summary>What the encoder's graph has shown so far.</summary>
    public ProbeResult Encoder => _encoder.Result;

    /// <summary>The decoder's.</summary>
    public ProbeResult Decoder => _decoder.Result;

    /// <summary>Reads sources, and writes targets of one length with the decoder's graph.</summary>
    /// <param name="encoder">Runs the encoder's graph.</param>
    /// <param name="decoder">Runs the decoder's.</param>
    /// <param name="lengths">A source's length each.</param>
    /// <param name="steps">Steps of the padded sources.</param>
    /// <param name="targets">Symbols of each target.</param>
    /// <param name="draws">What symbols are drawn from.</param>
    public void Pairs(RunGraph encoder, RunGraph decoder, int[] lengths, int steps, int targets, Rng draws)
    {
        int sequences = lengths.Length, memory = model.Decoder.Attention.MemorySize;
        ProbeBatch batch = new(model.Spec.Encoder, lengths, draws);
        int[][] symbols = [.. Enumerable.Range(0, sequences).Select(s => Enumerable.Range(0, targets)
            .Select(t => draws.For("targets").Below(model.Spec.TargetVocabulary, (ulong)(s * targets + t))).ToArray())];
        SequenceBatch packed = batch.Packed;
        int[][] sources = [.. lengths.Select((length, s) => Enumerable.Range(0, length).Select(t => (int)packed.Row(t, s)[0]).ToArray())];
        Pass pass = new(new Workspace(), threads, new Rng(0), Training: false);
        EncoderDecoderCache cache = model.Forward(new SequencePairs(model.Spec, sources, symbols), pass);

        IReadOnlyDictionary<string, OnnxValue> read = encoder(batch.Inputs(steps));
        _encoder.Add(Padded(cache.Encoder.Output, steps), (OnnxTensor)read["memory"], "memory", [sequences, steps, memory]);
        Dictionary<string, OnnxValue> inputs = new()
        {
            ["memory"] = read["memory"], ["lengths"] = OnnxTensor.Of<int>([sequences], lengths),
        };
        if (read.TryGetValue("keys", out OnnxValue? keys)) inputs["keys"] = keys;
        Carry(read, inputs);
        for (int t = 0; t <= targets; t++)
        {
            inputs["symbols"] = OnnxTensor.Of<long>([sequences], [.. symbols.Select(own => (long)(t == 0 ? model.Spec.Begin : own[t - 1]))]);
            IReadOnlyDictionary<string, OnnxValue> said = decoder(inputs);
            Carry(said, inputs);
            float[] expected = [.. Enumerable.Range(0, sequences).SelectMany(s => cache.Output.Row(t, s).ToArray())];
            _decoder.Add(expected, (OnnxTensor)said["y"], "y", [sequences, model.Spec.TargetVocabulary]);
            float[] shares = [.. Enumerable.Range(0, sequences).SelectMany(s =>
                (float[])[.. cache.Decoder.Attention.Weights(t, s), .. new float[steps - lengths[s]]])];
            _decoder.Add(shares, (OnnxTensor)said["attention"], "attention", [sequences, steps]);
        }
    }

    private static void Carry(IReadOnlyDictionary<string, OnnxValue> from, Dictionary<string, OnnxValue> to)
    {
        foreach ((string name, OnnxValue value) in from)
            if (name.EndsWith("_out", StringComparison.Ordinal)) to[$"{name[..^4]}_in"] = value;
    }

    private static float[] Padded(SequenceBatch rows, int steps)
    {
        float[] padded = new float[rows.Layout.Sequences * steps * rows.Features];
        for (int s = 0; s < rows.Layout.Sequences; s++)
            for (int t = 0; t < rows.Layout.Lengths[s]; t++) rows.Row(t, s).CopyTo(padded.AsSpan((s * steps + t) * rows.Features));
        return padded;
    }
}
