using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Speech;

/// <summary>Trains a speech model, from options and recordings to a measured model file.</summary>
public sealed class SpeechRun : ITaskRun
{
    private readonly SpeechData _data;
    private RunDirectory? _folder;
    private readonly Action<string>? _note;
    private readonly SpeechNGram? _ngram;

    private SpeechRun(SpeechModel model, SpeechData data, SpeechNGram? ngram, RunSettings settings)
    {
        (Model, _data, _ngram, _note, Threads) = (model, data, ngram, settings.Note, TaskThreads.Or(settings.Threads));
        Learning.NoteUnused(model.Options, new SpeechOptions(), settings.Note);
        if (settings.Folder is { } folder) settings = settings with { Folder = () => _folder ??= folder() };
        Loop = MemberLoop.Of(model.Members, settings, Threads, SpeechOptions.Table, (k, own) =>
            new TrainingLoop<SpeechBatch>(new SpeechObjective(model.Members[k], data), LearningOf(model.Members[k].Options, own), own.Threads!,
                own.Folder?.Invoke(), own.Note, own.Ranks), model.Save);
    }

    /// <summary>The model that is trained.</summary>
    public SpeechModel Model { get; }

    /// <inheritdoc/>
    public ITrainingLoop Loop { get; }

    /// <inheritdoc/>
    public int Epochs => Model.Options.Epochs ?? SpeechOptions.DefaultEpochs;

    /// <inheritdoc/>
    public long Examples => _data.Train.Count;

    /// <inheritdoc/>
    public string ExamplesName => "recordings";

    /// <inheritdoc/>
    public PartCounts Parts => _data.Counts;

    /// <inheritdoc/>
    public ThreadTeam Threads { get; }

    ITaskModel ITaskRun.Model => Model;

    /// <summary>Reads the recordings that the options name and prepares a run.</summary>
    /// <param name="options">The run.</param>
    /// <param name="files">What names stand for.</param>
    /// <param name="settings">Threads, folder, notes; null: the defaults.</param>
    /// <exception cref="UserErrorException">The data or the options will not do; one line that says where and why.</exception>
    public static SpeechRun Begin(SpeechOptions options, DataFiles files, RunSettings? settings = null) =>
        Begin(options, files, (rate, note) => SpeechData.Read(options, files.NotingTo(note), rate, note), settings ?? new RunSettings());

    /// <summary>Prepares a run of recordings in memory.</summary>
    /// <param name="options">The run; the names of data in it do not count.</param>
    /// <param name="recordings">Each with what is said, and perhaps the speaker and the part.</param>
    /// <param name="settings">Threads, folder, notes; null: the defaults.</param>
    /// <exception cref="UserErrorException">The recordings or the options will not do.</exception>
    public static SpeechRun Begin(SpeechOptions options, IEnumerable<Recording> recordings, RunSettings? settings = null)
    {
        SpeechOptions own = options with { Data = [], Valid = [], Test = [] };
        return Begin(own, DataFiles.Disk, (rate, note) => SpeechData.From(recordings, own, rate, note), settings ?? new RunSettings());
    }

    /// <summary>Weighs the n-gram where there is one, writes the model file again with it, and measures the best weights on the test
    /// part.</summary>
    /// <param name="measure">Whether to do so; an interrupted run does not.</param>
    public SpeechEvaluation? Finish(bool measure = true)
    {
        if (!measure) return null;
        if (_ngram is not null) Weigh(_ngram);
        return _data.Test.Count > 0 ? SpeechMeasure.OfOwn(Model, _data, SpeechPart.Test, Threads) : null;
    }

    private void Weigh(SpeechNGram ngram)
    {
        SpeechOptions options = Model.Options;
        SpeechNGram weighed = options.NGramWeight is { } weight ? ngram with { Weight = weight }
            : ngram.Chosen(Model, SpeechData.Examples(options, _data.Valid, new Rng(options.Seed).For("validation")), Threads);
        if (options.NGramWeight is null)
            _note?.Invoke(FormattableString.Invariant(
                $"note: the n-gram has the weight that makes the fewest errors on the validation part, {weighed.Weight}."));
        foreach (SpeechModel model in Model.Members.Append(Model)) model.Description = model.Description with { NGram = weighed };
        if (_folder is not null) Model.Save(_folder.Model);
    }

    TaskEvaluation? ITaskRun.Finish(bool measure) => Finish(measure);

    private static SpeechRun Begin(SpeechOptions options, DataFiles files, Func<int?, Action<string>?, SpeechData> read, RunSettings settings)
    {
        SpeechOptions.Table.Check(options);
        Check.OneModel(options);
        _ = Learning.Of(Ensemble.Options(options, 1), SpeechOptions.DefaultEpochs);
        SpeechModel? from = TrainingOn.ModelOf(options, settings, "speech", SpeechModel.Open);
        if (from is null) options = Check.Cell(options, settings.Cells);
        else TrainingOn.Require(from, SpeechOptions.Table, from.Options, options);
        SpeechData data = read(from?.Description.Rate, settings.Note);
        SpeechModel model = from is null ? New(options, data, settings) : OfModel(from, options, data);
        NoteUnknown(model.Description, data, settings.Note);
        if (SpeechNotes.TooShort(model.Description, data.All) is { } tooShort) settings.Note?.Invoke($"note: {tooShort}");
        return new SpeechRun(model, data, options.NGram > 0 ? NGramOf(model.Description, data, files) : null, settings);
    }

    private static SpeechNGram NGramOf(SpeechDescription description, SpeechData data, DataFiles files)
    {
        SpeechOptions options = description.Options;
        if (options.NGramWeight is null && data.Valid.Count == 0)
            throw new OptionException("ngram-weight", "there is no validation part to choose it by; give one, or a weight such as 0.5.");
        return SpeechNGram.Of(options.NGram, options.NGramText is { } texts ? SpeechTexts.Read(texts, description, files)
            : [.. data.Train.Select(clip => description.Labels(clip.Text))]);
    }

    private static TrainingOptions LearningOf(SpeechOptions options, RunSettings settings)
    {
        TrainingOptions learning = Learning.Of(options, SpeechOptions.DefaultEpochs, settings);
        return options.Choice == EpochChoice.Last ? learning with { KeepLast = true, CountsStart = false, EarlyStopping = null } : learning;
    }

    private static SpeechModel New(SpeechOptions options, SpeechData data, RunSettings settings)
    {
        string source = options.Data.Count > 0 ? string.Join(", ", options.Data) : "data";
        SpeechClip? empty = options.Mode == SpeechMode.Word ? data.All.FirstOrDefault(clip => clip.Text.Length == 0) : null;
        if (empty is not null) throw new UserErrorException($"{empty.Recording.Name}: it has no label, and in mode word every recording needs one.");
        int least = options.Mode == SpeechMode.Word ? 2 : 1;
        string[] Words(IEnumerable<SpeechClip> clips) => [.. WordsOf(clips, options.Mode).Distinct().Order(StringComparer.Ordinal)];
        string[] words = Words(data.Train);
        // Where a word that occurs once is drawn to may not decide whether a run begins.
        if (words.Length < least) words = Words(data.All);
        if (words.Length < least)
            throw new UserErrorException($"'{source}': expected recordings of at least two different words, found {words.Length} " +
                $"({string.Join(", ", words)}); the option pattern says what file names say.");
        SpeechDescription raw = new(options, data.Rate, words, [], []);
        List<double> mean = [], deviation = [];
        SpeechExample[] single = [.. data.Train.Select(clip => new SpeechExample([clip]))];
        for (int kind = 0; kind < raw.AllFeatures.Count; kind++)
        {
            SpeechDescription own = raw.OfMember(kind + 1);
            SpeechFeatures plain = new(own with { Options = own.Options with { Normalize = FeatureNormalization.None, Tail = 0 } }, null);
            (double[] means, double[] deviations) =
                SpeechFeatures.Statistics(plain.Of(single, [], TaskThreads.Or(settings.Threads)), own.Features.Features);
            mean.AddRange(means);
            deviation.AddRange(deviations);
        }
        SpeechModel model = new(raw with { Mean = mean, Deviation = deviation }, cells: settings.Cells);
        foreach (SpeechModel member in model.Members)
            Initialization.Apply(member.Network, new InitializationOptions(), new Rng(member.Options.LearningSeed).For("weights"));
        return model;
    }

    // A model of its own with the other's words, statistics and weights; what learning alone decides, such as dropout, is the run's.
    private static SpeechModel OfModel(SpeechModel from, SpeechOptions options, SpeechData data)
    {
        string? unknown = WordsOf(data.Train, options.Mode).FirstOrDefault(word => !from.Description.Words.Contains(word));
        if (unknown is not null)
            throw new UserErrorException($"the model does not know the word '{unknown}' of the training part; leave its recordings out, or train a " +
                "new model.");
        SpeechModel model = new(from.Description with { Options = options, NGram = null }, cells: from.Network.Cells);
        foreach (SpeechModel member in model.Members) TrainingOn.Copy(from.Network.Parameters, member.Network.Parameters);
        return model;
    }

    private static IEnumerable<string> WordsOf(IEnumerable<SpeechClip> clips, SpeechMode mode) => mode == SpeechMode.Word
        ? clips.Select(c => c.Text)
        : clips.SelectMany(c => c.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static void NoteUnknown(SpeechDescription description, SpeechData data, Action<string>? note)
    {
        string[] unknown = [.. data.Valid.Concat(data.Test).Where(clip => description.Labels(clip.Text).Contains(-1)).Select(clip =>
            clip.Text).Distinct()];
        if (unknown.Length > 0)
            note?.Invoke($"note: '{unknown[0]}'{(unknown.Length > 1 ? $" and {unknown.Length - 1} other texts" : "")} of the validation or test " +
                "part has words that the training part has not: they count as errors.");
    }
}
