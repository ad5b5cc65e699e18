using System.Text.Json;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Attention;
using Unroll.Layers.Recurrent;

namespace Unroll.Networks;

/// <summary>A network from one sequence of symbols to another, as data: a recurrent encoder and a decoder that attends to it.</summary>
public sealed record EncoderDecoderSpec
{
    /// <summary>How many symbols sources have.</summary>
    public required int SourceVocabulary { get; init; }

    /// <summary>How many symbols targets have, <see cref="Begin"/> and <see cref="End"/> included.</summary>
    public required int TargetVocabulary { get; init; }

    /// <summary>The target symbol that the decoder is given first.</summary>
    public int Begin { get; init; }

    /// <summary>The target symbol that ends a sequence.</summary>
    public int End { get; init; } = 1;

    /// <summary>Features of a symbol's vector, on both sides.</summary>
    public int Embedding { get; init; } = 256;

    /// <summary>Units of the decoder, and of the encoder; of a bidirectional encoder each direction has half of them, rounded up.</summary>
    public int Hidden { get; init; } = 256;

    /// <summary>The cell of both.</summary>
    public CellOptions Cell { get; init; } = new();

    /// <summary>Layers of the encoder.</summary>
    public int EncoderLayers { get; init; } = 1;

    /// <summary>Layers of the decoder.</summary>
    public int DecoderLayers { get; init; } = 1;

    /// <summary>Whether the encoder is bidirectional.</summary>
    public bool Bidirectional { get; init; } = true;

    /// <summary>How the attention compares.</summary>
    public AttentionScore Score { get; init; } = AttentionScore.General;

    /// <summary>Whether a step's attentional state is fed to the next step.</summary>
    public bool InputFeeding { get; init; } = true;

    /// <summary>Probability that an element is dropped in training, in [0, 1): of symbols' vectors, between layers and before the output.</summary>
    public float Dropout { get; init; }

    /// <summary>Whether a sequence has one mask for all of its steps (Gal and Ghahramani 2016, arXiv:1512.05287).</summary>
    public bool LockedDropout { get; init; }

    /// <summary>The state that the encoder begins with; the decoder's comes from the encoder.</summary>
    public InitialState InitialState { get; init; }

    /// <summary>
    /// Whether both sides have the same symbols and one table of their vectors, the encoder's <c>source.weight</c>, whose gradient is the sum of both
    /// sides' (Press and Wolf 2017, arXiv:1608.05859, tie the output too); the vocabularies are then equal.
    /// </summary>
    public bool SharedTable { get; init; }

    /// <summary>The encoder: embedding <c>source</c>, recurrent layers <c>encoder</c>.</summary>
    public NetworkSpec Encoder => new(1,
    [
        new EmbeddingSpec { Name = "source", Vocabulary = SourceVocabulary, Size = Embedding },
        new DropoutSpec { Name = "source.dropout", Rate = Dropout, Locked = LockedDropout },
        new RecurrentSpec
        {
            Name = "encoder", Cell = Cell, Hidden = Bidirectional ? (Hidden + 1) / 2 : Hidden, Layers = EncoderLayers, Dropout = Dropout,
            LockedDropout = LockedDropout, InitialState = InitialState, Direction = Bidirectional ? Direction.Bidirectional : Direction.Forward,
        },
    ]);

    /// <summary>
    /// The layers that a model file names, with those of the decoder: whose a parameter is, and how its gates lie. It is no stack to be built, and
    /// of a shared table the decoder's embedding has no parameter.
    /// </summary>
    public NetworkSpec Stored => new(1,
    [
        .. Encoder.Layers,
        new EmbeddingSpec { Name = "decoder.embedding", Vocabulary = TargetVocabulary, Size = Embedding },
        new RecurrentSpec
        {
            Name = "decoder", Cell = Cell, Hidden = Hidden, Layers = DecoderLayers, Dropout = Dropout, LockedDropout = LockedDropout,
        },
        new DenseSpec { Name = "decoder.output", Outputs = TargetVocabulary },
    ]);

    /// <summary>The decoder.</summary>
    public DecoderOptions Decoder => new()
    {
        Vocabulary = TargetVocabulary, Embedding = Embedding, Cell = Cell, Hidden = Hidden, Layers = DecoderLayers, Score = Score,
        InputFeeding = InputFeeding, Dropout = Dropout, LockedDropout = LockedDropout,
    };

    /// <summary>The description as indented JSON.</summary>
    public string ToJson() => JsonText.Of(json =>
    {
        json.WriteNumber("sourceVocabulary", SourceVocabulary);
        json.WriteNumber("targetVocabulary", TargetVocabulary);
        json.WriteNumber("begin", Begin);
        json.WriteNumber("end", End);
        json.WriteNumber("embedding", Embedding);
        json.WriteNumber("hidden", Hidden);
        json.WriteObject("cell", Cell, NetworkSpecText.Write);
        json.WriteNumber("encoderLayers", EncoderLayers);
        json.WriteNumber("decoderLayers", DecoderLayers);
        json.WriteBoolean("bidirectional", Bidirectional);
        json.WriteString("score", Score.ToString());
        json.WriteBoolean("inputFeeding", InputFeeding);
        json.WriteNumber("dropout", Dropout);
        json.WriteBoolean("lockedDropout", LockedDropout);
        json.WriteString("firstState", InitialState.ToString());
        if (SharedTable) json.WriteBoolean("sharedTable", true);
    });

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">The text is not such a description; the message says where and why.</exception>
    public static EncoderDecoderSpec FromJson(string json) => JsonRecord.Read(json, record => new EncoderDecoderSpec
    {
        SourceVocabulary = record.Between("sourceVocabulary", 1, SizeLimits.Features),
        TargetVocabulary = record.Between("targetVocabulary", 1, SizeLimits.Features),
        Begin = record.Whole("begin"), End = record.Whole("end"), Embedding = record.Between("embedding", 1, SizeLimits.Features),
        Hidden = record.Between("hidden", 1, SizeLimits.Hidden), Cell = record.Object("cell", NetworkSpecText.ReadCell),
        EncoderLayers = record.Between("encoderLayers", 1, SizeLimits.Layers), DecoderLayers = record.Between("decoderLayers", 1, SizeLimits.Layers),
        Bidirectional = record.Flag("bidirectional", true), Score = record.Choice<AttentionScore>("score", AttentionScore.General),
        InputFeeding = record.Flag("inputFeeding", true), Dropout = record.Absent("dropout") ? 0 : NetworkSpecText.Rate(record, "dropout"),
        LockedDropout = record.Flag("lockedDropout", false), InitialState = record.Choice<InitialState>("firstState", InitialState.Zero),
        SharedTable = record.Flag("sharedTable", false),
    });
}
