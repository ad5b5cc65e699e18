using Unroll.Core;
using Unroll.Formats;
using Unroll.Layers.Attention;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>
/// The encoder–decoder in a model file. The file's network names its layers; what it does not name, the kind of attention and whether a step is fed
/// the one before, follows from which weights there are and from their shapes.
/// </summary>
internal static class StoredEncoderDecoder
{
    /// <summary>Whether a file's network is one: it has an embedding above another layer, as no stack has.</summary>
    public static bool Is(NetworkSpec spec) => spec.Layers.Skip(1).Any(layer => layer is EmbeddingSpec { Name: "decoder.embedding" });

    /// <summary>Builds it and fills it with a member's weights.</summary>
    /// <exception cref="UserErrorException">The file's layers are not those of such a network.</exception>
    public static EncoderDecoder Open(ModelFile file, int member)
    {
        EncoderDecoderSpec? spec = SpecOf(file);
        if (spec is null || spec.Stored.ToJson() != file.Spec.ToJson())
            throw new UserErrorException($"'{file.Name}': its layers are neither a stack nor an encoder and a decoder as this program makes them; "
                + "it cannot be written as ONNX.");
        EncoderDecoder model = EncoderDecoder.Build(spec, file.Cells);
        file.CopyInto(model.Parameters, member);
        return model;
    }

    private static EncoderDecoderSpec? SpecOf(ModelFile file)
    {
        Dictionary<string, Tensor> tensors = file.Tensors.ToDictionary(tensor => tensor.Name);
        RecurrentSpec[] recurrent = [.. file.Spec.Layers.OfType<RecurrentSpec>()];
        EmbeddingSpec[] tables = [.. file.Spec.Layers.OfType<EmbeddingSpec>()];
        if (recurrent is not [{ } encoder, { } decoder] || tables is not [{ } source, { } target]
            || !tensors.TryGetValue("decoder.weight_ih_l0", out Tensor? first)) return null;
        DropoutSpec? dropout = file.Spec.Layers.OfType<DropoutSpec>().FirstOrDefault();
        return new EncoderDecoderSpec
        {
            SourceVocabulary = source.Vocabulary, TargetVocabulary = target.Vocabulary, Embedding = source.Size, Hidden = decoder.Hidden,
            Cell = decoder.Cell, EncoderLayers = encoder.Layers, DecoderLayers = decoder.Layers,
            Bidirectional = encoder.Direction == Direction.Bidirectional, InitialState = encoder.InitialState,
            Dropout = dropout?.Rate ?? 0, LockedDropout = encoder.LockedDropout,
            Begin = Math.Max(0, target.Vocabulary - 2), End = Math.Max(0, target.Vocabulary - 1),
            Score = tensors.ContainsKey("decoder.attention.vector") ? AttentionScore.Additive
                : tensors.ContainsKey("decoder.attention.key.weight") ? AttentionScore.General : AttentionScore.Dot,
            InputFeeding = first.Shape[1] > source.Size,
            SharedTable = !tensors.ContainsKey("decoder.embedding.weight"),
        };
    }
}
