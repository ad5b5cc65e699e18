using Unroll.Core;
using Unroll.Formats;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Labels.Rules;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Labels;

/// <summary>A training run of a labeling model.</summary>
public sealed class LabelRun : ITaskRun
{
    private const int DefaultSequences = 80_000, DefaultSentences = 125_000, MinEpochs = 10, MaxEpochs = 40;
    private readonly Partition<LabeledSequence> _data;
    private readonly RunDirectory? _folder;
    private readonly Action<string>? _note;

    private LabelRun(LabelModel model, Partition<LabeledSequence> data, LabelObjective[] objectives, RunSettings settings)
    {
        (Model, _data, _folder, _note) = (model, data, settings.Folder?.Invoke(), settings.Note);
        settings = settings with { Folder = _folder is { } folder ? () => folder : null };
        Epochs = Learning.EpochsOf(model.Options, model.Encoding.Characters is null ? DefaultSequences : DefaultSentences, data.Train.Count,
            MinEpochs, MaxEpochs);
        Threads = TaskThreads.Or(settings.Threads);
        Learning.NoteUnused(model.Options, LabelOptions.Of(model.Options.Task), settings.Note);
        Loop = MemberLoop.Of(model.Members, settings, Threads, LabelOptions.Table, (k, own) =>
            new TrainingLoop<int[]>(objectives[k], Learning.Of(model.Members[k].Options, Epochs, own),
                own.Threads!, own.Folder?.Invoke(), own.Note, own.Ranks), model.Save);
    }

    /// <summary>The model that is trained.</summary>
    public LabelModel Model { get; }

    ITaskModel ITaskRun.Model => Model;

    /// <inheritdoc/>
    public ITrainingLoop Loop { get; }

    /// <summary>The epochs at most: those that go through about 80,000 sequences where the options do not say, 10 to 40 epochs.</summary>
    public int Epochs { get; }

    /// <inheritdoc/>
    public long Examples => _data.Train.Count;

    /// <inheritdoc/>
    public string ExamplesName => "sequences";

    /// <inheritdoc/>
    public PartCounts Parts => _data.Counts;

    /// <inheritdoc/>
    public ThreadTeam Threads { get; }

    /// <summary>Deals the data out, learns the encoding, makes the network and initializes it; or takes those of a model to train on.</summary>
    /// <param name="options">The run.</param>
    /// <param name="data">What it learns from.</param>
    /// <param name="settings">Threads, folder, notes, a model to train on; null: the defaults.</param>
    /// <param name="files">What <see cref="LabelOptions.Vectors"/> stands for; null: a file of the disk.</param>
    /// <exception cref="UserErrorException">The options or the data are not as they should be.</exception>
    public static LabelRun Begin(LabelOptions options, LabelData data, RunSettings? settings = null, DataFiles? files = null)
    {
        settings ??= new RunSettings();
        LabelOptions.Table.Check(options);
        options = Check.Cell(options, settings.Cells);
        _ = Learning.Of(Ensemble.Options(options, 1), epochs: 1);
        Check.OneModel(options);
        ITaskModel? front = settings.From is { } given && TakesFront(options, given) ? given : null;
        LabelModel? from = front is not null ? null : TrainingOn.ModelOf(options, settings, LabelTask.WordOf(options.Task), LabelModel.Open);
        if (options.FromFront && front is null)
            throw new OptionException("from-front", "there is no model to begin with; name it by the option from.");
        if (from is not null) TrainingOn.Require(from, LabelOptions.Table, from.Options, options);
        List<string> notes = [];
        Partition<LabeledSequence> parts = data.Deal(options, notes.Add);
        LabelModel model = from is null ? New(options, parts, settings, files, front) : Copy(from, options);
        if (options.Rule != RuleKind.None) _ = RuleChoice.Of(options.Rule, parts.Train, model.Encoding);
        LabelObjective[] objectives = [.. model.Members.Select(member => new LabelObjective(member, parts))];
        model.TrainedOn = objectives[0].Data[0].Sha256;
        foreach (LabeledSequence one in parts.Valid.Concat(parts.Test))
            _ = model.Labels(one, model.Encoding.Encode(one).Length / model.Encoding.Features);
        notes.AddRange(LabelDoubts.Of(data, parts, options));
        notes.AddRange(LabelDoubts.OfWords(parts.Train, model.Encoding));
        notes.AddRange(UnusedOptions.Of(model, data, parts.Valid.Count > 0));
        foreach (string line in notes) settings.Note?.Invoke(line);
        return new LabelRun(model, parts, objectives, settings);
    }

    /// <summary>Which bases decided, over the test part; see <see cref="LabelLogo"/>.</summary>
    public IReadOnlyList<LabelLogo> Logos() => LabelLogo.Of(Model, _data.Test, Threads);

    /// <summary>
    /// Fits the rule that has a say and the temperature, where the options ask for them, and measures the best weights on the test part, beside
    /// simple rules learned from the training part; null where there is none.
    /// </summary>
    /// <param name="measure">Whether to measure; an interrupted run is not.</param>
    public LabelEvaluation? Finish(bool measure = true)
    {
        Complete(Model, _data, Threads, _note);
        if (_folder is not null && (Model.Rule is not null || Model.Temperature != 1)) Model.Save(_folder.Model);
        return measure && _data.Test.Count > 0 ? LabelEvaluation.Of(Model, _data.Train, _data.Test, Threads) : null;
    }

    // What comes after the weights: a rule beside the network, and how sure they are together.
    private static void Complete(LabelModel model, Partition<LabeledSequence> data, ThreadTeam threads, Action<string>? note)
    {
        (model.Rule, model.Temperature) = (null, 1);
        if (model.Options.Rule != RuleKind.None)
        {
            model.Rule = RuleMember.Fit(model, model.Options.Rule, data, threads);
            note?.Invoke(FormattableString.Invariant(
                $"rule: {RuleFeatures.NameOf(model.Rule.Rule.Kind)} has a say, with the weight {model.Rule.Weight} beside the network's 1."));
        }
        if (!model.Options.Calibrate || data.Valid.Count == 0) return;
        LabelScores before = LabelScores.Of(model, data.Valid, threads);
        model.Temperature = Temperature.Fit(before.Probabilities, before.Actual).Value;
        note?.Invoke(FormattableString.Invariant($"calibrate: temperature {model.Temperature:0.###}; validation part: expected calibration ") +
            FormattableString.Invariant(
                $"error {100 * before.CalibrationError:0.0} %, now {100 * LabelScores.Of(model, data.Valid, threads).CalibrationError:0.0} %."));
    }

    TaskEvaluation? ITaskRun.Finish(bool measure) => Finish(measure);

    /// <summary>Whether a run takes only the front of a model: one of another task, or where the options say so.</summary>
    internal static bool TakesFront(LabelOptions options, ITaskModel model) => model is not LabelModel || options.FromFront;

    private static LabelModel New(
        LabelOptions options, Partition<LabeledSequence> parts, RunSettings settings, DataFiles? files, ITaskModel? front)
    {
        LabelEncoding encoding = LabelEncoding.Learn(parts.Train, options, parts.Valid.Concat(parts.Test));
        if (options.BothStrands && encoding.Unit is not (LabelUnit.Base or LabelUnit.Kmer))
            throw new OptionException("both-strands",
                $"expected nucleotides (unit base or kmer), and the unit is {encoding.UnitWord}; leave it out.");
        LabelModel model = new(options, encoding, cells: settings.Cells);
        foreach (LabelModel member in model.Members)
        {
            Initialization.Apply(member.Network, InitialWeights(encoding, options), new Rng(member.Options.LearningSeed).For("weights"));
            if (options.Vectors is { } vectors)
                WordVectors.Into(member, vectors, files ?? DataFiles.Disk, member == model.Members[0] ? settings.Note : null);
            if (front is not null)
                TrainingOn.FrontOf(front, options, model.Task).CopyTo(member.Front!, settings.FromReverse?.Members[0].Front,
                    member == model.Members[0] ? settings.Note : null);
        }
        return model;
    }

    // Beside characters, what is drawn for a word that is rarely trained would stay noise: it begins near 0.
    private static InitializationOptions InitialWeights(LabelEncoding encoding, LabelOptions options) => encoding.Characters is null
        ? new InitializationOptions() : new InitializationOptions { EmbeddingBound = MathF.Sqrt(3f / options.Embedding) };

    // Networks of their own with the same weights: what may differ, such as dropout, has none.
    private static LabelModel Copy(LabelModel from, LabelOptions options)
    {
        // Files of earlier builds have no such choice: theirs is what their network has.
        if (options.ScoresPaths(from.Encoding) != from.ScoresPaths)
            options = options with { Crf = from.ScoresPaths ? CrfChoice.Yes : CrfChoice.No };
        LabelModel model = new(options, from.Encoding, cells: from.Network.Cells);
        foreach (LabelModel member in model.Members) TrainingOn.Copy(from.Network.Parameters, member.Network.Parameters);
        return model;
    }
}
