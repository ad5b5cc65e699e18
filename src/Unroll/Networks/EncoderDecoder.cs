using Unroll.Cells;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Attention;
using Unroll.Layers.Losses;
using Unroll.Layers.Pooling;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Networks;

//  S = encoder(source)      e = what the encoder ends with      initial states of the decoder = tanh(W e + b)      h̃ = decoder(target, S)

/// <summary>From one sequence of symbols to another: encoder, bridge, decoder with attention, in one store of parameters.</summary>
public sealed class EncoderDecoder
{
    private static readonly SoftmaxCrossEntropy s_loss = new();
    private readonly Stack _encoder;
    private readonly ILayer _ends;
    private readonly Dense _bridge;
    private readonly Dropout _dropout;

    private EncoderDecoder(EncoderDecoderSpec spec, ParameterStore store, Stack encoder, CellCatalog cells)
    {
        (Spec, Parameters, _encoder) = (spec, store, encoder);
        _ends = spec.Bidirectional ? new LastStates("bridge.ends", encoder.OutputSize) : new LastStep("bridge.ends", encoder.OutputSize);
        Decoder = new AttentionDecoder("decoder", store, spec.Decoder, encoder.OutputSize, cells,
            spec.SharedTable ? store.Find("source.weight") : null);
        _bridge = new Dense("bridge", store, encoder.OutputSize, Decoder.StateSize);
        _dropout = new Dropout("output.dropout", Decoder.Size, spec.Dropout, spec.LockedDropout);
        EncoderNetwork = Network.Of(spec.Encoder, store, encoder, cells);
    }

    /// <summary>Builds the layers; every weight is zero until it is initialized or loaded.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="cells">The cells that the description may name; null: the built-in ones.</param>
    /// <exception cref="UserErrorException">The description is impossible; says what is wrong.</exception>
    public static EncoderDecoder Build(EncoderDecoderSpec spec, CellCatalog? cells = null)
    {
        cells ??= CellCatalog.BuiltIn;
        foreach ((string what, int symbol) in new[] { ("begin", spec.Begin), ("end", spec.End) })
            if (symbol < 0 || symbol >= spec.TargetVocabulary)
                throw new UserErrorException($"{what} symbol: expected 0 … {spec.TargetVocabulary - 1} "
                    + $"because targets have {spec.TargetVocabulary} symbols, got {symbol}.");
        if (spec.SharedTable && spec.SourceVocabulary != spec.TargetVocabulary)
            throw new UserErrorException($"vocabularies: expected equal ones because both sides share a table, "
                + $"got {spec.SourceVocabulary} symbols of sources and {spec.TargetVocabulary} of targets.");
        ParameterStore store = new();
        List<ILayer> layers = [];
        int features = 1;
        foreach (LayerSpec layer in spec.Encoder.Layers)
        {
            LayerBuilder.Add(layers, layer, store, features, spec.Encoder.Inputs, cells);
            features = layers[^1].OutputSize;
        }
        return new EncoderDecoder(spec, store, new Stack("encoder", [.. layers]), cells);
    }

    /// <summary>What it was built from.</summary>
    public EncoderDecoderSpec Spec { get; }

    /// <summary>The cells that it was built with.</summary>
    public CellCatalog Cells => EncoderNetwork.Cells;

    /// <summary>Every weight and gradient.</summary>
    public ParameterStore Parameters { get; }

    /// <summary>The encoder's layers as one.</summary>
    public Stack Encoder => _encoder;

    /// <summary>The encoder as a network of its own; its store is <see cref="Parameters"/>, with the decoder's weights.</summary>
    public Network EncoderNetwork { get; }

    /// <summary>The decoder.</summary>
    public AttentionDecoder Decoder { get; }

    /// <summary>Gives the weights their initial values, each tensor from a generator of its own name.</summary>
    public void Initialize(InitializationOptions options, Rng random)
    {
        List<LayerSpec> all = [.. Spec.Encoder.Layers, new EmbeddingSpec { Name = "decoder.embedding", Vocabulary = 1, Size = 1 },
            new RecurrentSpec { Name = "decoder", Cell = Spec.Cell, Hidden = Spec.Hidden },
            new AttentionPoolSpec { Name = "decoder.attention", Size = Spec.Hidden }];
        foreach (string dense in new[] { "bridge", "decoder.combine", "decoder.output", "decoder.attention.key", "decoder.attention.query" })
            if (Parameters.Find($"{dense}.weight") is { } weight) all.Add(new DenseSpec { Name = dense, Outputs = weight.Shape[0] });
        Initialization.Apply(Parameters, new NetworkSpec(1, all), options, random, Cells);
        if (Spec.Score == AttentionScore.General) LookEvenly();
    }

    // q · W s sums over the features of both. With weights as a dense layer has them, chance differences of the first steps saturate the softmax,
    // and it learns to look at the source's end alone; so W begins smaller by 1 ÷ √features, and all steps are looked at nearly alike.
    private void LookEvenly()
    {
        Parameter key = Parameters.Find("decoder.attention.key.weight")!;
        using Edit edit = Parameters.Edit();
        float scale = 1 / MathF.Sqrt(key.Shape[1]);
        foreach (ref float weight in edit.Of(key)) weight *= scale;
    }

    /// <summary>
    /// Rounds the matrices of the encoder's and the decoder's recurrent layers as <see cref="Network.Quantize"/> does: for inference only, not to be
    /// undone. Bridge, attention, embeddings and output stay as they are.
    /// </summary>
    /// <param name="precision">What to round to; with floats nothing is done.</param>
    /// <exception cref="UserErrorException">
    /// A weight is NaN, infinite or above 1e38, or the network has been rounded to another precision; nothing has changed then.
    /// </exception>
    public void Quantize(WeightPrecision precision = WeightPrecision.Int8)
    {
        foreach (RecurrentLayer layer in Decoder.Layers) layer.RequireQuantizable(precision);
        EncoderNetwork.Quantize(precision);
        foreach (RecurrentLayer layer in Decoder.Layers) layer.Quantize(precision);
    }

    /// <summary>The gates whose rows a parameter stacks, one letter each (<c>ifgo</c>); null where there are none.</summary>
    public string? GatesOf(Parameter parameter)
    {
        ICell cell = Decoder.Layers[0].Cell;
        return cell.IsStacked(parameter.Name, "encoder.") || cell.IsStacked(parameter.Name, "decoder.") ? cell.Gates : null;
    }

    /// <summary>All steps of a batch of pairs.</summary>
    /// <param name="pairs">The batch; each step is given the true symbol before it.</param>
    /// <param name="pass">Workspace, threads, random draws.</param>
    /// <param name="sampled">
    /// In training, the probability that a step is given the network's own choice instead; see <see cref="AttentionDecoder.Forward"/>.
    /// </param>
    /// <returns>The scores of symbols, [rows of the targets, target vocabulary], with what the backward pass and inspection need.</returns>
    public EncoderDecoderCache Forward(SequencePairs pairs, in Pass pass, float sampled = 0)
    {
        EncoderDecoderCache cache = pass.Workspace.Cache<EncoderDecoderCache>();
        Encode(cache, pairs.Source, pass);
        cache.Decoder = Decoder.Forward(pairs.Symbols, pairs.TargetLayout, cache.First, cache.Encoder.Output, pass, sampled);
        cache.Dropped = _dropout.Forward(cache.Decoder.Output, pass);
        cache.Logits = Decoder.Output.Forward(cache.Dropped.Output, pass);
        cache.Output = cache.Logits.Output;
        return cache;
    }

    /// <summary>Adds to all gradients.</summary>
    /// <param name="dLogits">[rows of the targets, target vocabulary].</param>
    /// <param name="cache">What <see cref="Forward"/> returned.</param>
    /// <param name="pass">The same pass as forward's.</param>
    public void Backward(in SequenceBatch dLogits, EncoderDecoderCache cache, in Pass pass) =>
        _encoder.Backward(BackwardToMemory(dLogits, cache, pass), cache.Encoder, pass);

    /// <summary>All of <see cref="Backward"/> but the encoder: adds to the decoder's gradients and returns ∂L/∂(the encoder's output).</summary>
    /// <param name="dLogits">[rows of the targets, target vocabulary].</param>
    /// <param name="cache">What <see cref="Forward"/> returned.</param>
    /// <param name="pass">The same pass as forward's.</param>
    public SequenceBatch BackwardToMemory(in SequenceBatch dLogits, EncoderDecoderCache cache, in Pass pass)
    {
        SequenceBatch dOutput = _dropout.Backward(Decoder.Output.Backward(dLogits, cache.Logits, pass), cache.Dropped, pass);
        (SequenceBatch dMemory, SequenceBatch dFirst) = Decoder.Backward(dOutput, cache.Decoder, pass);
        Elementwise.TanhBackward(cache.First.All, dFirst.All);
        SequenceBatch dEnds = _bridge.Backward(dFirst, cache.Bridge, pass), dPooled = pass.Workspace.Rent(cache.Ends.Output.Layout, dEnds.Features);
        for (int s = 0; s < dPooled.Layout.Sequences; s++)
            if (dPooled.Layout.Lengths[s] > 0) dEnds.Row(0, s).CopyTo(dPooled.Row(0, s));
        Elementwise.Add(_ends.Backward(dPooled, cache.Ends, pass).All, dMemory.All);
        return dMemory;
    }

    /// <summary>Forward, cross-entropy and backward: adds the gradient of the summed loss of all target symbols, ends included.</summary>
    /// <param name="pairs">The batch.</param>
    /// <param name="pass">Workspace, threads, random draws.</param>
    /// <param name="sampled">As in <see cref="Forward"/>.</param>
    /// <param name="loss">The loss of a symbol; null: cross-entropy without smoothing.</param>
    public LossSum Accumulate(SequencePairs pairs, in Pass pass, float sampled = 0, SoftmaxCrossEntropy? loss = null)
    {
        EncoderDecoderCache cache = Forward(pairs, pass, sampled);
        SequenceBatch dLogits = pass.Workspace.Rent(pairs.TargetLayout, Spec.TargetVocabulary);
        LossSum sum = (loss ?? s_loss).Compute(cache.Output, pairs.Targets, dLogits, pass);
        if (sum.Count > 0) Backward(dLogits, cache, pass);
        return sum;
    }

    /// <summary>The loss alone.</summary>
    public LossSum Loss(SequencePairs pairs, in Pass pass)
    {
        SequenceBatch logits = Forward(pairs, pass).Output;
        return s_loss.Compute(logits, pairs.Targets, pass.Workspace.Rent(pairs.TargetLayout, Spec.TargetVocabulary), pass);
    }

    /// <summary>The encoder and what the decoder begins with; a source without symbols leaves the bridge's bias alone.</summary>
    internal void Encode(EncoderDecoderCache cache, in SequenceBatch source, in Pass pass)
    {
        cache.Begin(source.Layout.Sequences);
        cache.Encoder = _encoder.Forward(source, pass);
        cache.Ends = _ends.Forward(cache.Encoder.Output, pass);
        SequenceBatch ends = pass.Workspace.Rent(cache.FirstLayout, _ends.OutputSize), pooled = cache.Ends.Output;
        ends.All.Clear();
        for (int s = 0; s < pooled.Layout.Sequences; s++)
            if (pooled.Layout.Lengths[s] > 0) pooled.Row(0, s).CopyTo(ends.Row(0, s));
        cache.Bridge = _bridge.Forward(ends, pass);
        cache.First = pass.Workspace.Rent(cache.FirstLayout, Decoder.StateSize);
        cache.Bridge.Output.All.CopyTo(cache.First.All);
        Elementwise.Tanh(cache.First.All);
    }
}

/// <summary>What a forward pass of an <see cref="EncoderDecoder"/> leaves; its output is the scores of symbols.</summary>
public sealed class EncoderDecoderCache : Cache
{
    /// <summary>The encoder's part: its output is the memory.</summary>
    public Cache Encoder { get; internal set; } = null!;

    /// <summary>The decoder's part: attentional states, attention weights, gates.</summary>
    public DecoderCache Decoder { get; internal set; } = null!;

    internal Cache Ends { get; set; } = null!;
    internal Cache Bridge { get; set; } = null!;
    internal Cache Dropped { get; set; } = null!;
    internal Cache Logits { get; set; } = null!;
    internal SequenceBatch First { get; set; }
    internal SequenceLayout FirstLayout { get; private set; } = SequenceLayout.FromLengths();

    internal void Begin(int sequences)
    {
        if (FirstLayout.Sequences != sequences) FirstLayout = SequenceLayout.Uniform(sequences, 1);
    }
}
