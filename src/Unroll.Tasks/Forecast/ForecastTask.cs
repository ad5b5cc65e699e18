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

    /// <summary>To forecast: steps; null: the model's own horizon.</summary>
    public int? Horizon { get; init; }

    private static OptionTable<ForecastQuestion> DataLine() => new OptionTable<ForecastQuestion>()
        .String("data", "NAME|FILE|-", "the data (default: those the model was trained on)", o => o.Data, (o, v) => o with { Data = v });

    internal static OptionTable<ForecastQuestion> ToMeasure { get; } = DataLine()
        .Doubles("split", "TRAIN,VALID", "measure on what these shares leave of the data, the first fits the simple forecasts " +
            "(default: the model's; data that it was not trained on are measured whole)", o => o.Split, (o, v) => o with { Split = v },
            shares => shares.Count == 0 ? null : TaskOptionLines.WrongShares(shares));

    internal static OptionTable<ForecastQuestion> ToForecast { get; } = DataLine()
        .Int("horizon", "N", "steps (default: the model's own; beyond it, it goes on from its own forecasts)", o => o.Horizon,
            (o, v) => o with { Horizon = v }, 1, 10_000);
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
    public TaskVerb Evaluate => field ??= TaskVerb.Of<ForecastModel, ForecastQuestion>(
        "Measure a model on the test part of its data, or on all of other data, beside simple forecasts.", ForecastQuestion.ToMeasure,
        new ForecastQuestion(), Measure);

    /// <inheritdoc/>
    public TaskVerb Predict => field ??= TaskVerb.Of<ForecastModel, ForecastQuestion>(
        "Forecast the steps after the end of the data, with intervals.", ForecastQuestion.ToForecast, new ForecastQuestion(),
        (model, question, call) => ForecastAnswer.Of(model,
            model.Forecast(model.ReadData(question.Data, call.Files), question.Horizon, call.Threads, call.Stop, Noting(call))));

    private static Action<string>? Noting(TaskCall call) => call.Note is null ? null : call.Files.Note;

    private static ForecastEvaluation Measure(ForecastModel model, ForecastQuestion question, TaskCall call)
    {
        IReadOnlyList<Series> series = model.ReadData(question.Data, call.Files);
        bool own = question.Data is null || (model.Options.Data is [var trained] && trained == question.Data);
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
        return model.Evaluate(series, training, call.Threads, Noting(call)) with { Part = DataFiles.Called(question.Data!) };
    }
}
