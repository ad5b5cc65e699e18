using Unroll.Core;
using Unroll.Formats;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Forecast;

/// <summary>What a forecasting model is asked: the data, and how.</summary>
public sealed record ForecastQuestion
{
    /// <summary>The table; null: the one the model was trained on.</summary>
    public string? Data { get; init; }

    /// <summary>
    /// To measure: other shares than the model's, of which the rest tests; empty: its own, and all of data that it was not trained on.
    /// </summary>
    public IReadOnlyList<double> Split { get; init; } = [];

    /// <summary>To measure: cut-offs of a backtest, a horizon apart, at the end of the data; null: every window of the part.</summary>
    public int? Backtest { get; init; }

    /// <summary>To measure: whether the model is trained again on what came before each cut-off of the backtest.</summary>
    public bool Refit { get; init; }

    /// <summary>To forecast: steps; null: the model's own horizon.</summary>
    public int? Horizon { get; init; }

    /// <summary>To forecast: a table of its own of what is known of the rows to come; null: the data have it.</summary>
    public string? Future { get; init; }

    /// <summary>To forecast: how many paths are drawn beside; null: none.</summary>
    public int? Paths { get; init; }

    private static OptionTable<ForecastQuestion> DataLine() => new OptionTable<ForecastQuestion>()
        .String("data", "NAME|FILE|-", "the data (default: those the model was trained on)", o => o.Data, (o, v) => o with { Data = v });

    internal static OptionTable<ForecastQuestion> ToMeasure { get; } = DataLine()
        .Doubles("split", "TRAIN,VALID", "measure on what these shares leave of the data, the first fits the simple forecasts " +
            "(default: the model's; data that it was not trained on are measured whole)", o => o.Split, (o, v) => o with { Split = v },
            shares => shares.Count == 0 ? null : TaskOptionLines.WrongShares(shares))
        .Int("backtest", "K", "forecast from K cut-offs, a horizon apart, at the end of the data, with the same model at each",
            o => o.Backtest, (o, v) => o with { Backtest = v }, 1, 1000)
        .Bool("refit", "backtest: train the model again before each cut-off, on all that came before it",
            o => o.Refit, (o, v) => o with { Refit = v })
        .Together(o => o.Refit && o.Backtest is null ? "refit: it trains again at each cut-off of a backtest; give backtest, or leave it out." : null)
        .Together(o => o.Backtest is not null && o.Split.Count > 0
            ? "split: a backtest takes its cut-offs from the end of the data; leave one of the two out." : null);

    internal static OptionTable<ForecastQuestion> ToForecast { get; } = DataLine()
        .Int("horizon", "N", "steps (default: the model's own; beyond it, it goes on from its own forecasts)", o => o.Horizon,
            (o, v) => o with { Horizon = v }, 1, 10_000)
        .Int("paths", "N", "draw N paths of what may come, beside forecast and interval", o => o.Paths, (o, v) => o with { Paths = v }, 1, 10_000)
        .String("future", "FILE|-", "a table of the inputs that are known of the rows to come (default: rows without targets at the end of the data)",
            o => o.Future, (o, v) => o with { Future = v })
        .Together(o => o.Future == DataFiles.StandardInput && o.Data == DataFiles.StandardInput
            ? "future: data and future cannot both be standard input; name a file for one." : null);
}

/// <summary>Forecasting columns of a table, or series in memory.</summary>
public sealed class ForecastTask : ITask
{
    private ForecastTask() { }

    /// <summary>The task.</summary>
    public static ForecastTask Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "forecast";

    /// <inheritdoc/>
    public string ModelName => "forecasting model";

    /// <inheritdoc/>
    public string Help => "Train a model that forecasts columns of a table. Without options: monthly sunspots, one month ahead.";

    /// <inheritdoc/>
    public IOptionTable Options => ForecastOptions.Table;

    /// <inheritdoc/>
    public TaskOptions Defaults { get; } = new ForecastOptions();

    /// <inheritdoc/>
    public ITaskRun Begin(TaskOptions options, DataFiles files, RunSettings? settings = null) =>
        ForecastRun.Begin((ForecastOptions)options, files, settings);

    /// <inheritdoc/>
    public ITaskModel Open(ModelFile file) => ForecastModel.Open(file);

    /// <inheritdoc/>
    public bool DealsBySeed => false;

    /// <inheritdoc/>
    public TaskVerb Evaluate => field ??= TaskVerb.Of<ForecastModel, ForecastQuestion>(
        "Measure a model on the test part of its data, or on all of other data, beside simple forecasts.", ForecastQuestion.ToMeasure,
        new ForecastQuestion(), Measure);

    /// <inheritdoc/>
    public TaskVerb Predict => field ??= TaskVerb.Of<ForecastModel, ForecastQuestion>(
        "Forecast the steps after the end of the data, with intervals.", ForecastQuestion.ToForecast, new ForecastQuestion(),
        Answer);

    private static ForecastAnswer Answer(ForecastModel model, ForecastQuestion question, TaskCall call)
    {
        IReadOnlyList<Series> series = model.ReadData(question.Data, call.Files, question.Future);
        return ForecastAnswer.Of(model, model.Forecast(series, question.Horizon, call.Threads, call.Stop, Noting(call))) with
        {
            Paths = question.Paths is int paths ? model.Paths(series, paths, question.Horizon, call.Threads) : [],
        };
    }

    private static Action<string>? Noting(TaskCall call) => call.Note is null ? null : call.Files.Note;

    private static TaskEvaluation Measure(ForecastModel model, ForecastQuestion question, TaskCall call)
    {
        IReadOnlyList<Series> series = model.ReadData(question.Data, call.Files);
        bool own = question.Data is null || (model.Options.Data is [var trained] && trained == question.Data);
        BacktestRun backtest = new(model, call.Threads, Noting(call));
        if (question is { Backtest: int cuts, Refit: true })
            return backtest.Refitted(series, cuts, call.Stop) with { Part = own ? "backtest" : DataFiles.Called(question.Data!) };
        if (own && question.Backtest is int origins)
            return backtest.Same(series, origins, ForecastMeasure.TrainingOf(ForecastData.Matching(model.Description, series), model.Options), own)
                with { Part = "backtest" };
        if (own || question.Split.Count > 0) 
            return model.EvaluateTest(series, question.Split.Count > 0 ? question.Split : null, call.Threads, Noting(call));
        IReadOnlyList<Series>? training = null;
        try
        {
            // What there is to say about the training data, the training has said.
            if (model.Options.Data is not [DataFiles.StandardInput]) training = model.ReadData(null, call.Files.NotingTo(_ => { }));
            else call.Note?.Invoke("note: the model was trained on standard input, so that the autoregression and MASE are left out.");
        }
        catch (UserErrorException e)
        {
            call.Note?.Invoke($"note: the data that the model was trained on cannot be read, so that the autoregression and MASE are left " +
                $"out: {e.Message}");
        }
        if (question.Backtest is int of)
            return backtest.Same(series, of, training is null ? null
                : ForecastMeasure.TrainingOf(ForecastData.Matching(model.Description, training), model.Options), own)
                with { Part = DataFiles.Called(question.Data!) };
        return model.Evaluate(series, training, call.Threads, Noting(call)) with { Part = DataFiles.Called(question.Data!) };
    }
}
