using System.CommandLine;
using Unroll.Data;
using Unroll.Numerics;
using Unroll.Tasks;

namespace Unroll.Cli;

/// <summary><c>unroll evaluate MODEL</c>: measures a model on the test part of data, beside simple forecasts.</summary>
internal static class EvaluateCommand
{
    internal static Command Make(Terminal terminal)
    {
        CommonOptions common = new(terminal);
        Option<double[]?> split = Opt.Numbers("--split", "TRAIN,VALID",
            "other shares than the model's; the rest tests, the first fits the simple forecasts");
        Command command = new("evaluate", "Measure a model on the test part of data, beside simple forecasts.") { common.Model, common.Data, split };
        common.AddTo(command).SetAction(parsed =>
        {
            ForecastModel model = ForecastModel.Open(parsed.GetValue(common.Model)!);
            if (parsed.GetValue(split) is { Length: > 0 } shares) model.SplitBy(shares);
            IReadOnlyList<Series> series = model.ReadData(parsed.GetValue(common.Data) ?? model.Description.Options.Data, terminal.In);
            using ThreadTeam threads = common.Team(parsed);
            ForecastReport report = ForecastEvaluation.Of(model, series, threads).Report;
            foreach (string line in report.Lines()) common.Lines(parsed).WriteLine(line);
            common.WriteJson(parsed, json =>
            {
                json.Report(report);
                json.WriteString("weights_sha256", model.WeightsSha256);
            });
            return CommandLine.Done;
        });
        return command;
    }
}
