using System.Text.Json;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Inspection;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Translation;

/// <summary>A model from one sequence of symbols to another. Opened from a file, it needs nothing else.</summary>
/// <remarks>It has no sessions: a translation needs the whole source before its first symbol.</remarks>
public sealed class TranslationModel : ITaskModel
{
    private readonly HashOnce _hash = new();

    internal const int Specials = 2;                                     // begin and end, after the symbols of the target vocabulary

    internal TranslationModel(TranslationOptions options, TranslationSide source, TranslationSide target, CellCatalog? cells)
    {
        (Options, Source, Target) = (options, source, target);
        Members = options.Members == 1 ? [this]
            : [.. Ensemble.OptionsOfEach(options).Select(own => new TranslationModel(own, source, target, cells))];
        EncoderDecoder = options.Members > 1 ? Members[0].EncoderDecoder
            : EncoderDecoder.Build(SpecOf(options, source.Vocabulary.Size, target.Vocabulary.Size), cells);
    }

    /// <inheritdoc/>
    public string Task => TranslationTask.Word;

    /// <summary>The run that it came from.</summary>
    public TranslationOptions Options { get; }

    TaskOptions ITaskModel.Options => Options;

    /// <inheritdoc cref="ITaskModel.Members"/>
    public IReadOnlyList<TranslationModel> Members { get; }

    IReadOnlyList<ITaskModel> ITaskModel.Members => Members;

    /// <summary>The hash of the training part, by which other data of the same name are told from it; empty: none was kept.</summary>
    internal string TrainedOn
    {
        get;
        set
        {
            field = value;
            if (Members.Count > 1) foreach (TranslationModel member in Members) member.TrainedOn = value;
        }
    } = "";

    /// <summary>The sources' symbols.</summary>
    public TranslationSide Source { get; }

    /// <summary>The targets' symbols.</summary>
    public TranslationSide Target { get; }

    /// <summary>The whole network; of several members the first one's.</summary>
    public EncoderDecoder EncoderDecoder { get; }

    /// <summary>The encoder; its store has the decoder's weights too.</summary>
    public Network Network => EncoderDecoder.EncoderNetwork;

    /// <summary>Every weight, of the encoder and the decoder; of several members the first one's.</summary>
    public ParameterStore Parameters => EncoderDecoder.Parameters;

    /// <inheritdoc/>
    public WeightPrecision Precision => Network.Precision;

    /// <inheritdoc/>
    public string WeightsSha256 => _hash.Of(this);

    /// <summary>How targets are looked for where nothing else is said: with the options' beam and length penalty.</summary>
    public SearchOptions Search => new() { Beam = Options.Beam, LengthPenalty = Options.LengthPenalty, LengthRatio = 3, ExtraLength = 20 };

    /// <summary>Trains a model and keeps the weights of the epoch with the lowest validation loss.</summary>
    /// <param name="data">Pairs.</param>
    /// <param name="options">How; null: the defaults.</param>
    /// <param name="progress">Told of every step and epoch; null: nobody.</param>
    /// <param name="stop">Ends the training after the step under way; what was learned until then is kept.</param>
    /// <exception cref="UserErrorException">The data or the options will not do.</exception>
    public static TranslationModel Train(
        TranslationData data, TranslationOptions? options = null, IProgress<TrainingProgress>? progress = null, CancellationToken stop = default)
    {
        TranslationRun run = TranslationRun.Begin(options ?? new TranslationOptions(), data);
        foreach (TrainingProgress one in run.Loop.Run(stop)) progress?.Report(one);
        return run.Model;
    }

    /// <summary>Opens a model file.</summary>
    /// <param name="path">What a training run wrote.</param>
    /// <param name="cells">The cells that its network may name; null: the built-in ones.</param>
    /// <exception cref="UserErrorException">It is no model, a model of another task, or damaged.</exception>
    public static TranslationModel Open(string path, CellCatalog? cells = null) => Open(ModelFile.Load(path, cells));

    internal static TranslationModel Open(ModelFile file)
    {
        TranslationModel model;
        try
        {
            model = JsonRecord.Read(file.TaskJson, record =>
            {
                if (record.Text("task") is var task && task != TranslationTask.Word)
                    throw new JsonException($"expected the task {TranslationTask.Word}, found '{task}'");
                TranslationOptions options = TranslationOptions.Table.Read(record.Element("options"), new TranslationOptions());
                return new TranslationModel(options, record.Object("source", json => TranslationSide.Read(json, options)),
                    record.Object("target", json => TranslationSide.Read(json, options)), file.Cells)
                {
                    TrainedOn = record.Text("trained_on", ""),
                };
            });
        }
        catch (Exception e) when (e is JsonException or UserErrorException)
        {
            throw new UserErrorException($"'{file.Name}' is a damaged model: {e.Message.TrimEnd('.')}; fetch or train it again.", e);
        }
        if (file.Spec.ToJson() != model.EncoderDecoder.Spec.Stored.ToJson())
            throw new UserErrorException(
                $"'{file.Name}' is a damaged model: its layers are not those that its options and vocabularies need; fetch or train it again.");
        Ensemble.Require(file, model.Options);
        foreach ((int k, TranslationModel member) in model.Members.Index()) file.CopyInto(member.Parameters, k + 1);
        model.Quantize(file.Precision);
        return model;
    }

    /// <summary>Translates texts.</summary>
    /// <param name="texts">A text each; of an empty one the translation is empty.</param>
    /// <param name="search">How; null: <see cref="Search"/>.</param>
    /// <param name="threads">The threads, which change no bit; null: the team that all callers share.</param>
    /// <param name="stop">Ends the search with an <see cref="OperationCanceledException"/>.</param>
    public IReadOnlyList<Translation> Translate(
        IReadOnlyList<string> texts, SearchOptions? search = null, ThreadTeam? threads = null, CancellationToken stop = default) =>
        new Translator(this, search, threads).Translate(texts, stop);

    /// <summary>Measures the model on pairs that it was not trained on: all of them, however their parts are called.</summary>
    /// <param name="data">The pairs.</param>
    /// <param name="search">How targets are looked for; null: <see cref="Search"/>.</param>
    /// <param name="threads">The threads, which change no bit; null: the team that all callers share.</param>
    /// <param name="stop">Ends the search with an <see cref="OperationCanceledException"/>.</param>
    /// <remarks>Beside a copy of the source; rules that learn need the pairs that the model was trained on, and are left out.</remarks>
    public TranslationEvaluation Evaluate(
        TranslationData data, SearchOptions? search = null, ThreadTeam? threads = null, CancellationToken stop = default) =>
        TranslationEvaluation.Of(this, [.. data.Pairs, .. data.Valid, .. data.Test], [], [], new Translator(this, search, threads), stop) with
        {
            Part = "data",
        };

    /// <inheritdoc/>
    public void Quantize(WeightPrecision precision = WeightPrecision.Int8)
    {
        foreach (TranslationModel member in Members) member.EncoderDecoder.Quantize(precision);
    }

    /// <inheritdoc/>
    public void Save(string path) =>
        ModelFile.Save(path, EncoderDecoder.Spec.Stored, ToJson(), Ensemble.Weights(this), Precision, EncoderDecoder.Cells);

    /// <inheritdoc/>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteNumber("source_vocabulary", Source.Vocabulary.Size);
        json.WriteNumber("target_vocabulary", Target.Vocabulary.Size);
        json.WritePropertyName("encoder_decoder");
        JsonRecord.Parse(EncoderDecoder.Spec.ToJson(), network =>
        {
            network.WriteTo(json);
            return network.ValueKind;
        });
    }

    /// <inheritdoc/>
    public InspectionSubject Subject(string? data, int sequence, DataFiles files) => TranslationSubject.Of(this, data, sequence, files);

    internal string ToJson() => JsonText.Of(json =>
    {
        json.WriteString("task", Task);
        json.WriteObject("options", Options, TranslationOptions.Table.Write);
        json.WriteObject("source", Source, TranslationSide.Write);
        json.WriteObject("target", Target, TranslationSide.Write);
        if (TrainedOn.Length > 0) json.WriteString("trained_on", TrainedOn);
    });

    private static EncoderDecoderSpec SpecOf(TranslationOptions options, int sources, int targets) => new()
    {
        SourceVocabulary = options.SharedUnits ? targets + Specials : sources, SharedTable = options.SharedUnits,
        TargetVocabulary = targets + Specials, Begin = targets, End = targets + 1,
        Embedding = options.Embedding, Hidden = options.Hidden, Cell = CellChoice.Of(options.Cell),
        EncoderLayers = options.Layers, DecoderLayers = options.Layers, Bidirectional = options.Direction == ReadingDirection.Both,
        InitialState = options.InitialState, Score = options.Attention, InputFeeding = !options.NoFeeding,
        Dropout = (float)options.Dropout, LockedDropout = options.LockedDropout,
    };
}
