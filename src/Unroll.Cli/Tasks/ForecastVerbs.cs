using System.CommandLine;
using Unroll.Numerics;
using Unroll.Tasks;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Tasks;

/// <summary>Forecasting columns of a table.</summary>
internal sealed class ForecastVerbs : ITaskVerbs
{
    public TaskEntry Task => TaskList.Forecast;

    public Command Train(Terminal terminal, CancellationToken stop) => TrainCommand<ForecastOptions>.Make(new ForecastTrain(), terminal, stop);

    public ModelVerb Evaluate()
    {
        Option<string> data = Data();
        Option<double[]?> split = Opt.Doubles("--split", "TRAIN,VALID",
            "other shares than the model's; the rest tests, the first fits the simple forecasts");
        return new ModelVerb("Measure a model on the test part of data, beside simple forecasts.", [data, split], call =>
        {
            ForecastModel model = ForecastModel.Open(call.Path);
            if (call.Get(split) is { Length: > 0 } shares) model.SplitBy(shares);
            IReadOnlyList<Series> series = Read(call, model, data);
            using ThreadTeam threads = call.Team();
            ForecastReport report = ForecastEvaluation.Of(model, series, threads).Report;
            foreach (string line in report.Lines()) call.Lines.WriteLine(line);
            call.WriteJson(json =>
            {
                json.Report(report);
                json.WriteString("weights_sha256", model.WeightsSha256);
            });
            return CommandLine.Done;
        });
    }

    public ModelVerb Predict() => ForecastPredict.Make(Data());

    public ModelVerb Quantize() => ForecastQuantize.Make(Data());

    public ModelInfo Info(ITaskModel model)
    {
        ForecastModel own = (ForecastModel)model;
        ForecastDescription description = own.Description;
        string intervals = description.Calibration is { Errors.Count: > 0 } c
            ? $"intervals: calibrated on {c.Errors.Count} windows of the {c.Part} part"
            : "intervals: none, the training has not ended";
        return new ModelInfo(description.Options.Data, ForecastText.Lines(own), [intervals], json =>
        {
            json.WriteNumber("window", description.Window);
            json.WriteNumber("horizon", description.Horizon);
            json.WriteNumber("season", description.Season);
            json.WritePropertyName("options");
            json.Raw(description.Options.ToJson());
        });
    }

    /// <summary>The data of a call, or those that the model was trained on.</summary>
    internal static IReadOnlyList<Series> Read(ModelCall call, ForecastModel model, Option<string> data) =>
        model.ReadData(call.Get(data) ?? model.Description.Options.Data, call.In);

    private static Option<string> Data() => Opt.String("--data", "NAME|FILE|-", "the data (default: those the model was trained on)");
}
