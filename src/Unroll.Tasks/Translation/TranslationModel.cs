using System.Text.Json;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Inspection;
using Unroll.Layers;
using Unroll.Layers.Attention;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Translation;

/// <summary>A model from one sequence of symbols to another. Opened from a file, it needs nothing else.</summary>
public sealed class TranslationModel : ITaskModel
{
    internal const int Specials = 2;                                     // begin and end, after the symbols of the target vocabulary

    internal TranslationModel(TranslationOptions options, TranslationSide source, TranslationSide target)
        : this(options, source, target, SpecOf(options, source.Vocabulary.Size, target.Vocabulary.Size)) { }

    private TranslationModel(TranslationOptions options, TranslationSide source, TranslationSide target, EncoderDecoderSpec spec)
    {
        (Options, Source, Target) = (options, source, target);
        EncoderDecoder = EncoderDecoder.Build(spec);
    }

    /// <inheritdoc/>
    public string Task => "translate";

    /// <summary>The run that it came from.</summary>
    public TranslationOptions Options { get; }

    /// <summary>The sources' symbols.</summary>
    public TranslationSide Source { get; }

    /// <summary>The targets' symbols.</summary>
    public TranslationSide Target { get; }

    /// <summary>The whole network.</summary>
    public EncoderDecoder EncoderDecoder { get; }

    /// <summary>The encoder; its store has the decoder's weights too.</summary>
    public Network Network => EncoderDecoder.EncoderNetwork;

    /// <inheritdoc/>
    public string WeightsSha256 => WeightsHash.Compute(EncoderDecoder.Parameters);

    /// <summary>How targets are looked for where nothing else is said.</summary>
    public SearchOptions Search => new() { Beam = Options.Beam, LengthPenalty = Options.LengthPenalty, LengthRatio = 3, ExtraLength = 20 };

    /// <summary>Opens a model file.</summary>
    /// <param name="path">What a training run wrote.</param>
    /// <exception cref="UserErrorException">It is no model, a model of another task, or damaged.</exception>
    public static TranslationModel Open(string path)
    {
        ModelFile file = ModelFile.Load(path);
        TranslationModel model;
        try
        {
            model = JsonRecord.Read(file.TaskJson, record =>
            {
                record.Ignore("task");
                TranslationOptions options = record.Object("options", TranslationOptionsText.Read, "option");
                return new TranslationModel(options, record.Object("source", json => TranslationSide.Read(json, options)),
                    record.Object("target", json => TranslationSide.Read(json, options)));
            });
        }
        catch (Exception e) when (e is JsonException or UserErrorException)
        {
            throw new UserErrorException($"'{path}' is a damaged model: {e.Message.TrimEnd('.')}; fetch or train it again.", e);
        }
        if (file.Spec.ToJson() != model.EncoderDecoder.Spec.Stored.ToJson())
            throw new UserErrorException($"'{path}' is a damaged model: its layers are not those that its options and vocabularies need; fetch or train it again.");
        file.CopyInto(model.EncoderDecoder.Parameters);
        return model;
    }

    /// <inheritdoc/>
    public void Save(string path) => ModelFile.Save(path, EncoderDecoder.Spec.Stored, ToJson(), EncoderDecoder.Parameters);

    internal string ToJson() => JsonText.Of(json =>
    {
        json.WriteString("task", Task);
        json.WriteObject("options", Options, TranslationOptionsText.Write);
        json.WriteObject("source", Source, TranslationSide.Write);
        json.WriteObject("target", Target, TranslationSide.Write);
    });

    /// <inheritdoc/>
    public InspectionSubject Subject(string? data, int sequence, TextReader standardInput) => TranslationSubject.Of(this, data, sequence, standardInput);

    private static EncoderDecoderSpec SpecOf(TranslationOptions options, int sources, int targets) => new()
    {
        SourceVocabulary = sources, TargetVocabulary = targets + Specials, Begin = targets, End = targets + 1, Embedding = options.Embedding, Hidden = options.Hidden,
        Cell = new CellOptions { Kind = options.Cell }, EncoderLayers = options.Layers, DecoderLayers = options.Layers, Bidirectional = !options.OneWay,
        InputFeeding = !options.NoFeeding, Dropout = (float)options.Dropout,
        Score = options.Attention switch { "bahdanau" => AttentionScore.Additive, "dot" => AttentionScore.Dot, _ => AttentionScore.General },
    };
}
