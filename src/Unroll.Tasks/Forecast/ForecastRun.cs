using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Forecast;

/// <summary>A training run of a forecasting model, from options and data to a measured model file.</summary>
public sealed class ForecastRun : ITaskRun
{
    // Several series have more to tell than one.
    private const int UpdatesOfOne = 700, UpdatesOfSeveral = 12_000, MinEpochs = 10, MaxEpochs = 300;
    private readonly IForecastObjective _objective;
    private readonly IReadOnlyList<Series> _data;
    private readonly IReadOnlyList<ForecastSeries> _series;
    private readonly RunDirectory? _folder;
    private readonly Action<string>? _note;

    private ForecastRun(ForecastModel model, IReadOnlyList<Series> data, RunSettings settings)
    {
        (Model, _data, _folder, _note) = (model, data, settings.Folder?.Invoke(), Noting(settings));
        _series = [.. data.Select(s => new ForecastSeries(model.Description, s))];
        IForecastObjective[] objectives = [.. model.Members.Select(member =>
            (IForecastObjective)(model.ThroughSeries ? new ForecastSequenceObjective(member, _series) : new ForecastObjective(member, _series)))];
        _objective = objectives[0];
        settings = settings with { Folder = _folder is { } folder ? () => folder : null };
        Epochs = Learning.EpochsOf(model.Options, data.Count > 1 ? UpdatesOfSeveral : UpdatesOfOne, Math.Max(1, _objective.Updates), MinEpochs,
            MaxEpochs);
        Threads = TaskThreads.Or(settings.Threads);
        Learning.NoteUnused(model.Options, new ForecastOptions(), settings.Note);
        Loop = MemberLoop.Of(model.Members, settings, Threads, ForecastOptions.Table, (k, own) => new TrainingLoop<int[]>(objectives[k],
            Learning.Of(model.Members[k].Options, Epochs, own, countsStart: true), own.Threads!, own.Folder?.Invoke(), own.Note,
            own.Ranks), model.Save);
    }

    /// <summary>The model that is trained.</summary>
    public ForecastModel Model { get; }

    ITaskModel ITaskRun.Model => Model;

    /// <inheritdoc/>
    public ITrainingLoop Loop { get; }

    /// <inheritdoc/>
    public int Epochs { get; }

    /// <inheritdoc/>
    public long Examples => _objective.Examples;

    /// <summary><c>windows</c>; of a run through whole series <c>steps</c>.</summary>
    public string ExamplesName => Model.ThroughSeries ? "steps" : "windows";

    /// <inheritdoc/>
    public PartCounts Parts => new(Examples, Model.Windows(_series, split => split.ValidationRows).Length,
        Model.Windows(_series, split => split.TestRows).Length);

    string ITaskRun.ScoredOn => ForecastFit.ScoredOn(Model.Description, _data);

    /// <inheritdoc/>
    public ThreadTeam Threads { get; }

    /// <summary>
    /// Prepares a run on series in memory: makes the description and the network, and initializes it, or takes the model to train on.
    /// </summary>
    /// <param name="options">The run.</param>
    /// <param name="series">The series, all with the same columns.</param>
    /// <param name="settings">Threads, folder, notes; null: the defaults.</param>
    /// <exception cref="UserErrorException">The series or the options will not do; one line that says where and why.</exception>
    public static ForecastRun Begin(ForecastOptions options, IReadOnlyList<Series> series, RunSettings? settings = null) =>
        Begin(options, series, settings, holidays: null);

    internal static ForecastRun Begin(
        ForecastOptions options, IReadOnlyList<Series> series, RunSettings? settings, IReadOnlyList<DateOnly>? holidays) => Begin(
        options, settings ?? new RunSettings(), own => ForecastData.From(own, series, holidays), model =>
        {
            SeriesNotes.OfFilled(series, settings is null ? null : Noting(settings));
            return ForecastData.Matching(model, series);
        });

    /// <summary>Prepares a run on the table that the options name.</summary>
    /// <param name="options">The run.</param>
    /// <param name="files">What names stand for.</param>
    /// <param name="settings">Threads, folder, notes; null: the defaults.</param>
    /// <exception cref="UserErrorException">The data or the options will not do; one line that says where and why.</exception>
    public static ForecastRun Begin(ForecastOptions options, DataFiles files, RunSettings? settings = null)
    {
        files = files.NotingTo(settings?.Note);
        return Begin(options, settings ?? new RunSettings(), own => ForecastData.Read(own, files),
            model => ForecastData.Read(model, ForecastData.NameOf(options.Data), files));
    }

    private static ForecastRun Begin(
        ForecastOptions options, RunSettings settings, Func<ForecastOptions, ForecastData> read,
        Func<ForecastDescription, IReadOnlyList<Series>> readAgain)
    {
        ForecastOptions.Table.Check(options);                            // what is refused is refused before a folder is made
        options = Check.Cell(options, settings.Cells);
        _ = Learning.Of(Ensemble.Options(options, 1), epochs: 1);
        if (options is { Dropout: > 0, Layers: 1 })
            settings.Note?.Invoke("note: dropout is between layers, and there is one layer, so that nothing is dropped; give 2 layers or more.");
        if (TrainingOn.ModelOf(options, settings, "forecast", ForecastModel.Open) is { } from) return On(from, options, readAgain, settings);

        ForecastData data = read(TargetBounds.Completed(options));
        IReadOnlyList<Series> series = data.Series;
        TargetBounds.Check(data.Options, series);
        Action<string>? note = Noting(settings);
        SeriesNotes.OfFilled(series, note);
        ForecastDescription description = ForecastFit.Describe(data.Options, ref series, note) with { Units = data.Units, Holidays = data.Holidays };
        foreach (string? constant in description.Columns.Select(c => c.Level.Note)
            .Concat(description.Inputs.Concat(description.Known).Select(s => s.Note)))
            if (constant is not null) note?.Invoke($"{constant}.");
        ForecastModel model = new(description, cells: settings.Cells);
        foreach (ForecastModel member in model.Members)
        {
            Initialization.Apply(member.Network, new InitializationOptions(), new Rng(member.Options.LearningSeed).For("weights"));
            member.Runner.ClearHead();                                   // the start is the anchor itself, and a candidate for the best
        }
        return new ForecastRun(model, series, settings);
    }

    // Goes on training a model with further data; columns, scaling and network stay the model's, and so does what the options do not say.
    // The model itself stays as it is: the network is another, with its weights and the dropout of the run.
    private static ForecastRun On(
        ForecastModel from, ForecastOptions options, Func<ForecastDescription, IReadOnlyList<Series>> read, RunSettings settings)
    {
        ForecastOptions own = from.Options;
        options = options with
        {
            Column = Said(options.Column, own.Column), Input = Said(options.Input, own.Input), Known = Said(options.Known, own.Known),
            Calendar = Said(options.Calendar, own.Calendar),
            Season = options.Season ?? own.Season, Window = options.Window ?? own.Window, Bptt = Said(options.Bptt, own.Bptt),
            Time = options.Time ?? own.Time, Segment = options.Segment ?? own.Segment, Embedding = options.Embedding ?? own.Embedding,
            Loss = options.Loss == ForecastLoss.Auto ? own.Loss : options.Loss, Scale = options.Scale == ScaleChoice.Auto ? own.Scale : options.Scale,
        };
        TrainingOn.Require(from, ForecastOptions.Table, own, options);
        IReadOnlyList<Series> series = read(from.Description with { Options = options });
        Action<string>? note = Noting(settings);
        series = SeriesPadding.ToTrain(series, options, from.Description.FirstOrigin, from.Description.ShorterSeason, note);
        NetworkSpec spec = from.Network.Spec with
        {
            Layers = [.. from.Network.Spec.Layers.Select(layer => layer is RecurrentSpec recurrent
                ? recurrent with { Dropout = (float)options.Dropout, LockedDropout = options.LockedDropout } : layer)],
        };
        ForecastModel model = new(from.Description with { Options = options, Calibration = null, Mixture = [] }, spec, from.Network.Cells);
        foreach (ForecastModel member in model.Members) TrainingOn.Copy(from.Network.Parameters, member.Network.Parameters);
        return new ForecastRun(model, series, settings);

        static IReadOnlyList<T> Said<T>(IReadOnlyList<T> asked, IReadOnlyList<T> own) => asked.Count > 0 ? asked : own;
    }

    /// <summary>Calibrates the intervals of the best weights, writes the model file again with them, and measures it on the test part.</summary>
    /// <param name="measure">Whether to measure; an interrupted run need not.</param>
    /// <returns>The measure; null where none is asked for, or no rows are left to test on.</returns>
    public ForecastEvaluation? Finish(bool measure = true)
    {
        Model.Description = Model.Description with { Mixture = ForecastMixer.Fit(Model, _series, Threads) };
        Model.Description = ForecastCalibrator.Fit(Model, _data, Threads);
        if (_folder is not null) Model.Save(_folder.Model);
        bool tests = measure && _data.Any(s => ForecastFit.SplitOf(s, Model.Options).Test > 0);
        return tests ? Model.EvaluateTest(_data, threads: Threads, note: _note) : null;
    }

    private static Action<string>? Noting(RunSettings settings) => settings.Note is { } note ? text => note($"note: {text}") : null;

    TaskEvaluation? ITaskRun.Finish(bool measure) => Finish(measure);
}
