using Unroll.Core;
using Unroll.Formats;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Forecast;

/// <summary>Trains a forecasting model, from options and data to a measured model file.</summary>
public sealed class ForecastTraining
{
    private const int DefaultUpdates = 700, MinEpochs = 10, MaxEpochs = 300;
    private readonly IForecastTask _task;
    private readonly ForecastModel _model;
    private readonly IReadOnlyList<Series> _data;
    private readonly IReadOnlyList<ForecastSeries> _series;
    private readonly ThreadTeam _threads;
    private readonly RunDirectory? _run;

    private ForecastTraining(ForecastModel model, IReadOnlyList<Series> data, ThreadTeam threads, RunDirectory? run, Action<string>? warn)
    {
        (_model, _data, _threads, _run) = (model, data, threads, run);
        _series = [.. data.Select(s => new ForecastSeries(model.Description, s))];
        _task = model.ThroughSeries ? new ForecastSequenceTask(model, _series) : new ForecastTask(model, _series);
        ForecastOptions options = model.Description.Options;
        int updates = Math.Max(1, _task.Updates);
        Epochs = options.Epochs ?? Math.Clamp((DefaultUpdates + updates - 1) / updates, MinEpochs, MaxEpochs);
        Loop = new TrainingLoop<int[]>(_task, TrainingOptionsOf(options, Epochs), threads, run, warn);
    }

    /// <summary>The epochs at most.</summary>
    public int Epochs { get; }

    /// <summary>The forecasts that an epoch learns from: windows, or steps of whole series.</summary>
    public int Examples => _task.Examples;

    /// <summary>The model that is trained.</summary>
    public ForecastModel Model => _model;

    /// <summary>The loop: where the run stands and how it ended.</summary>
    public TrainingLoop<int[]> Loop { get; }

    /// <summary>Reads the data, makes the description and the network, and initializes it.</summary>
    /// <param name="options">The run.</param>
    /// <param name="standardInput">Read when the data are <c>-</c>.</param>
    /// <param name="threads">Who does the work; their number changes no bit.</param>
    /// <param name="run">Makes the folder for checkpoints and models, once the data have been found good; null: nothing is written.</param>
    /// <param name="warn">Receives lines for the user.</param>
    /// <exception cref="UserErrorException">The data or the options will not do; one line that says where and why.</exception>
    public static ForecastTraining Begin(
        ForecastOptions options, TextReader standardInput, ThreadTeam threads, Func<RunDirectory>? run = null, Action<string>? warn = null)
    {
        _ = TrainingOptionsOf(options, epochs: 1);                       // what is refused is refused before a folder is made
        (ForecastOptions resolved, IReadOnlyList<Series> series) = ForecastFit.Read(options, standardInput);
        ForecastDescription description = ForecastFit.Describe(resolved, series);
        foreach (string? note in description.Columns.Select(c => c.Level.Note)
            .Concat(description.Inputs.Concat(description.Known).Select(s => s.Note)))
            if (note is not null) warn?.Invoke($"note: {note}.");
        if (resolved is { Dropout: > 0, Layers: 1 })
            warn?.Invoke("note: dropout is between layers, and there is one layer, so that nothing is dropped; give --layers 2 or more.");
        ForecastModel model = new(description);
        Initialization.Apply(model.Network.Parameters, model.Network.Spec, new InitializationOptions(), new Rng(options.Seed).For("weights"));
        return new ForecastTraining(model, series, threads, run?.Invoke(), warn);
    }

    /// <summary>Goes on training a model with further data; columns, scaling and network stay the model's.</summary>
    /// <param name="model">The model; its weights are trained on in place.</param>
    /// <param name="options">The run; what belongs to the model must be as the model has it.</param>
    /// <param name="standardInput">Read when the data are <c>-</c>.</param>
    /// <param name="threads">Who does the work.</param>
    /// <param name="run">Makes the folder for checkpoints and models, once the data have been found good; null: nothing is written.</param>
    /// <param name="warn">Receives lines for the user.</param>
    /// <exception cref="UserErrorException">An option would change the model, or the data do not fit it.</exception>
    public static ForecastTraining From(
        ForecastModel model, ForecastOptions options, TextReader standardInput, ThreadTeam threads, Func<RunDirectory>? run = null,
        Action<string>? warn = null)
    {
        if (model.Network.Precision != WeightPrecision.Float32)
            throw new UserErrorException("the model has weights of 8 bits, which serve inference alone: train on from the model with floats that it was "
                + "quantized from.");
        _ = TrainingOptionsOf(options, epochs: 1);
        ForecastOptions own = model.Description.Options;
        foreach ((string name, string there, string asked) in Fixed(own).Zip(Fixed(options), (a, b) => (a.Name, a.Value, b.Value)))
            if (there != asked)
                throw new UserErrorException($"{name}: the model has {there} and it cannot be changed by training on, got {asked}; " +
                    $"leave --{name} out, or train a new model.");
        IReadOnlyList<Series> series = ForecastFit.ReadAgain(model.Description with { Options = options }, options.Data, standardInput);
        for (int i = 0; i < series.Count; i++)
            ForecastFit.SplitOf(series[i], options).Check(model.Description.FirstOrigin, options.Horizon, ForecastFit.NameOf(series[i]));
        model.Description = model.Description with { Options = options, Calibration = null };
        return new ForecastTraining(model, series, threads, run?.Invoke(), warn);
    }

    /// <summary>Trains; see <see cref="TrainingLoop{TBatch}.Run"/>.</summary>
    public IEnumerable<TrainingProgress> Run(CancellationToken stop = default) => Loop.Run(stop);

    /// <summary>Calibrates the intervals of the best weights, writes the model file again with them, and measures it on the test part.</summary>
    /// <param name="measure">Whether to measure; an interrupted run need not.</param>
    /// <returns>The measure; null where none is asked for, or no rows are left to test on.</returns>
    public ForecastEvaluation? Finish(bool measure = true)
    {
        _model.Description = _model.Description with { Calibration = ForecastCalibrator.Fit(_model, _series, _threads) };
        if (_run is not null) _model.Save(_run.Model);
        bool tests = measure && _data.All(s => ForecastFit.SplitOf(s, _model.Description.Options).Test > 0);
        return tests ? ForecastEvaluation.Of(_model, _data, _threads) : null;
    }

    private static TrainingOptions TrainingOptionsOf(ForecastOptions options, int epochs) => new LearningOptions
    {
        Epochs = epochs, Patience = options.Patience, LearningRate = options.LearningRate, Schedule = options.Schedule,
        Optimizer = options.Optimizer, Momentum = options.Momentum, Nesterov = options.Nesterov,
        Clip = options.Clip, ClipBy = options.ClipBy, NonFinite = options.NonFinite, Seed = options.Seed,
    }.ForLoop(epochs);

    // What belongs to the model, by the words of the options.
    private static (string Name, string Value)[] Fixed(ForecastOptions o) =>
    [
        ("column", string.Join(',', o.Column)), ("input", string.Join(',', o.Input)), ("known", string.Join(',', o.Known)),
        ("transform", o.Transform), ("anchor", o.Anchor), ("season", $"{o.Season}"), ("window", $"{o.Window}"), ("horizon", $"{o.Horizon}"),
        ("cell", o.Cell), ("hidden", $"{o.Hidden}"), ("layers", $"{o.Layers}"), ("bidirectional", $"{o.Bidirectional}"),
        ("first-state", o.InitialState),
        ("loss", o.Loss), ("interval", $"{o.Interval}"), ("bptt", string.Join(',', o.Bptt)),
    ];
}
