using Unroll.Core;
using Unroll.Inspection;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Translation;

/// <summary>What <c>inspect</c> looks at: the encoder on one source, with the loss of the decoder behind it.</summary>
internal static class TranslationSubject
{
    /// <summary>One pair of the data.</summary>
    /// <exception cref="UserErrorException">There is no such pair.</exception>
    public static InspectionSubject Of(TranslationModel model, string? data, int sequence, DataFiles files)
    {
        IReadOnlyList<TranslationPair> pairs;
        if (data is not null) pairs = PairReader.Read(data.Split(','), files);
        else
        {
            Partition<TranslationPair> parts = TranslationData.Read(model.Options, files).Parts(model.Options);
            pairs = parts.Test.Count > 0 ? parts.Test : parts.Train;
        }
        if (sequence < 0 || sequence >= pairs.Count)
            throw new UserErrorException($"sequence: expected 0 … {pairs.Count - 1} because the data have {pairs.Count} pairs, got {sequence}.");
        TranslationPair pair = pairs[sequence];
        IReadOnlyList<string> symbols = [.. model.Source.Symbols(pair.Source).Select(BytePairs.Shown)];
        SequencePairs packed = new(model.EncoderDecoder.Spec, [model.Source.Encode(pair.Source)], [model.Target.Encode(pair.Target)]);
        return new InspectionSubject($"the encoder on '{Table.Shorten(pair.Source)}', the loss that of '{Table.Shorten(pair.Target)}'", model.Network,
            packed.Source, symbols, new DecodedLoss(model.EncoderDecoder, packed), Targets.Of(SequenceBatch.Zeros(packed.Source.Layout, 1)))
        { TargetLabels = symbols };
    }
}

/// <summary>The cross-entropy of one target given the encoder's output: what the decoder makes of it, and what it sends back.</summary>
internal sealed class DecodedLoss(EncoderDecoder model, SequencePairs pair) : ILoss
{
    private static readonly SoftmaxCrossEntropy s_symbols = new();

    public string Name => "cross-entropy of the target";

    public int OutputsFor(int targets) => targets;

    // The outputs are those of the encoder for this very pair, so that it may be run again; the parameters' gradients stay as they are.
    public LossSum Compute(in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, in Pass pass)
    {
        float[] kept = model.Parameters.Gradients.ToArray();
        Pass own = new(new Workspace(), pass.Threads, pass.Random, Training: false);
        EncoderDecoderCache cache = model.Forward(pair, own);
        SequenceBatch dLogits = own.Workspace.Rent(pair.TargetLayout, model.Spec.TargetVocabulary);
        LossSum loss = s_symbols.Compute(cache.Output, pair.Targets, dLogits, own);
        model.BackwardToMemory(dLogits, cache, own).All.CopyTo(dOutputs.All);
        kept.CopyTo(model.Parameters.Gradients);
        return loss;
    }
}
