using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Translation;

/// <summary>A training run of a translation model, from options and pairs to a measured model file.</summary>
public sealed class TranslationRun : ITaskRun
{
    private const int DefaultUpdates = 5000, MinEpochs = 10, MaxEpochs = 60;
    private readonly Partition<TranslationPair> _parts;

    private TranslationRun(TranslationModel model, Partition<TranslationPair> parts, bool isNew, IReadOnlyList<string> notes, RunSettings settings)
    {
        (Model, _parts, Threads) = (model, parts, TaskThreads.Or(settings.Threads));
        TranslationOptions options = model.Options;
        Epochs = Learning.EpochsOf(options, DefaultUpdates, (parts.Train.Count + options.Batch - 1) / options.Batch, MinEpochs, MaxEpochs);
        TranslationObjective[] objectives = [.. model.Members.Select(member => new TranslationObjective(member, parts, Epochs))];
        Examples = objectives[0].Examples;
        model.TrainedOn = objectives[0].Data[0].Sha256;
        foreach (string note in notes) settings.Note?.Invoke(note);
        if (isNew)
            foreach (TranslationModel member in model.Members)
                member.EncoderDecoder.Initialize(new InitializationOptions(), new Rng(member.Options.LearningSeed).For("weights"));
        Learning.NoteUnused(model.Options, new TranslationOptions(), settings.Note);
        Loop = MemberLoop.Of(model.Members, settings, Threads, TranslationOptions.Table, (k, own) =>
            new TrainingLoop<TranslationBatch>(objectives[k], Learning.Of(model.Members[k].Options, Epochs, own),
                own.Threads!, own.Folder?.Invoke(), own.Note, own.Ranks), model.Save);
        if (objectives[0].TooLong > 0)
            settings.Note?.Invoke(
                $"{objectives[0].TooLong} pairs with more than {options.MaxLength} symbols on a side are not trained on (max-length).");
    }

    /// <summary>The model that is trained.</summary>
    public TranslationModel Model { get; }

    ITaskModel ITaskRun.Model => Model;

    /// <inheritdoc/>
    public ITrainingLoop Loop { get; }

    /// <inheritdoc/>
    public int Epochs { get; }

    /// <inheritdoc/>
    public long Examples { get; }

    /// <inheritdoc/>
    public string ExamplesName => "pairs";

    /// <inheritdoc/>
    public PartCounts Parts => _parts.Counts;

    /// <inheritdoc/>
    public ThreadTeam Threads { get; }

    /// <summary>Reads the data that the options name and prepares a run.</summary>
    /// <param name="options">The run.</param>
    /// <param name="files">What names of data stand for.</param>
    /// <param name="settings">Threads, folder, notes, the model to train on; null: the defaults.</param>
    /// <exception cref="UserErrorException">The options or the data are not as they should be.</exception>
    public static TranslationRun Begin(TranslationOptions options, DataFiles files, RunSettings? settings = null) =>
        Begin(options, () => TranslationData.Read(options, files.NotingTo(settings?.Note)), settings ?? new RunSettings());

    /// <summary>Prepares a run with pairs in memory: learns the symbols of both sides, makes the network and initializes it.</summary>
    /// <param name="options">The run; the names of data in it are not read.</param>
    /// <param name="data">The pairs.</param>
    /// <param name="settings">Threads, folder, notes, the model to train on; null: the defaults.</param>
    /// <exception cref="UserErrorException">The options or the data are not as they should be.</exception>
    public static TranslationRun Begin(TranslationOptions options, TranslationData data, RunSettings? settings = null) =>
        Begin(options, () => data, settings ?? new RunSettings());

    /// <summary>
    /// Measures the best weights on the test part, beside simple rules learned from the training part, and greedily on the validation part.
    /// </summary>
    /// <param name="measure">Whether to measure; an interrupted run is not.</param>
    /// <returns>Null where nothing was measured or there is no test part.</returns>
    public TranslationEvaluation? Finish(bool measure = true) => !measure || _parts.Test.Count == 0 ? null
        : TranslationEvaluation.Of(Model, _parts.Test, _parts.Train, _parts.Valid, new Translator(Model, threads: Threads), default);

    TaskEvaluation? ITaskRun.Finish(bool measure) => Finish(measure);

    private static TranslationRun Begin(TranslationOptions options, Func<TranslationData> read, RunSettings settings)
    {
        TranslationOptions.Table.Check(options);
        options = Check.Cell(options, settings.Cells);
        Check.OneModel(options);
        _ = Learning.Of(Ensemble.Options(options, 1), epochs: 1);
        TranslationModel? from = TrainingOn.ModelOf(options, settings, "translate", TranslationModel.Open);
        List<string> notes = [];                                         // said once the data have been found good
        Partition<TranslationPair> parts = read().Parts(options, notes.Add);
        foreach (IReadOnlyList<TranslationPair> part in (IReadOnlyList<TranslationPair>[])[parts.Valid, parts.Test])
            if (TranslationData.Contradictions(parts.Train, part) is { } line) notes.Add(line);
        TranslationModel model = from is null ? New(options, parts.Train, settings) : Continued(from, options);
        foreach ((TranslationSide side, string name) in new[] { (model.Source, "sources"), (model.Target, "targets") })
        {
            if (side.LookAlikes() is { } pairs) notes.Add($"note: words of the {name}: {pairs}.");
            if (side.Vocabulary.Size == 1)
                notes.Add($"note: none of the {side.SymbolsName} of the {name} stands in the training part {options.MinCount} times, so that all " +
                    "are one unknown symbol to the model; give a smaller min-count, or more pairs.");
        }
        return new TranslationRun(model, parts, from is null, notes, settings);
    }

    private static TranslationModel New(TranslationOptions options, IReadOnlyList<TranslationPair> training, RunSettings settings)
    {
        IEnumerable<string> sources = training.Select(pair => pair.Source), targets = training.Select(pair => pair.Target);
        if (options.SharedUnits && TranslationSide.Learn(sources.Concat(targets), options, options.Unit) is var both)
            return new TranslationModel(options, both, both, settings.Cells);
        return new TranslationModel(options, TranslationSide.Learn(sources, options, options.Unit),
            TranslationSide.Learn(targets, options, options.TargetUnit ?? options.Unit), settings.Cells);
    }

    // A model of its own, since dropout belongs to the network: the symbols and the weights are those of the other, which stays as it is.
    private static TranslationModel Continued(TranslationModel from, TranslationOptions options)
    {
        TrainingOn.Require(from, TranslationOptions.Table, from.Options, options);
        TranslationModel model = new(options, from.Source, from.Target, from.EncoderDecoder.Cells);
        foreach (TranslationModel member in model.Members) TrainingOn.Copy(from.Parameters, member.Parameters);
        return model;
    }
}
