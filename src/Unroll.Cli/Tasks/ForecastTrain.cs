using System.CommandLine;
using Unroll.Tasks;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Cli.Tasks;

/// <summary><c>unroll train forecast</c>.</summary>
internal sealed class ForecastTrain : ITrainVerb<ForecastOptions>
{
    public string Task => TaskList.Forecast.Name;

    public string Help => "Train a model that forecasts columns of a table. Without options: monthly sunspots, one month ahead.";

    public TaskArguments<ForecastOptions> Arguments { get; } = ForecastArguments.Make();

    public ForecastOptions New(ParseResult parsed)
    {
        ForecastOptions typed = Arguments.Over(new ForecastOptions(), parsed);
        if (typed.From is null) return typed;
        return Arguments.Over(ForecastModel.Open(typed.From).Description.Options with { Epochs = null, Patience = null }, parsed);
    }

    public string ToJson(ForecastOptions options) => options.ToJson();

    public ForecastOptions FromJson(string json, string where) => ForecastOptions.FromJson(json, where);

    public string DataOf(ForecastOptions options) => options.Data;

    public ITaskTraining Begin(ForecastOptions options, TrainingSite site)
    {
        ForecastTraining training = options.From is null
            ? ForecastTraining.Begin(options, site.In, site.Threads, site.Run, site.Warn)
            : ForecastTraining.From(ForecastModel.Open(options.From), options, site.In, site.Threads, site.Run, site.Warn);
        return new Running(training);
    }

    private sealed class Running(ForecastTraining training) : ITaskTraining
    {
        public ITaskModel Model => training.Model;

        public ITrainingLoop Loop => training.Loop;

        public int Epochs => training.Epochs;

        public long Examples => training.Examples;

        public IEnumerable<string> Lines() => ForecastText.Lines(training.Model);

        public TrainingEnd? Finish(bool measure) => training.Finish(measure) is not { } evaluation ? null
            : new TrainingEnd(evaluation.Report.Lines(), json => json.Report(evaluation.Report),
                (run, seconds) => ForecastRunReport.Save(run, training.Model, evaluation, seconds));
    }
}
