using System.Globalization;
using Unroll.Inspection.Report;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary>The page of a language model's run.</summary>
internal static class LanguageRunReport
{
    internal static string Save(RunDirectory run, LanguageModel model, LanguageEvaluation evaluation, double seconds)
    {
        LanguageOptions options = model.Description.Options;
        string symbol = model.Description.Symbols[..^1], nats = $"nats per {symbol}";
        TrainingReport report = new()
        {
            Title = $"{string.Join(", ", options.Data)}: the next {symbol}",
            Subtitle = $"{options.Cell}, {options.Layers} × {options.Hidden} units; run {Path.GetFileName(run.Root)}; measured on the {evaluation.Part} part",
            Epochs = RunFigures.Epochs(run, "validation_perplexity"),
            MetricName = "perplexity",
            Measures = [nats, "bits", "perplexity"],
            Methods = [Scores("this model", evaluation.Scores.Mean), .. evaluation.Baselines.Select(b => Scores(b.Name, b.Nats))],
            Figures =
            [
                new KeyFigure("weights", model.Network.Parameters.Length.ToString("N0", CultureInfo.InvariantCulture), $"sha256 {model.WeightsSha256[..12]}…"),
                new KeyFigure("seconds", seconds.ToString("F1", CultureInfo.InvariantCulture)),
            ],
            Inside = TrainingInspectionSection.Read(run.Inspection),
            Settings = RunFigures.Settings(options.ToJson()),
        };
        string path = Path.Combine(run.Root, "report.html");
        report.ToPage().Save(path);
        return path;
    }

    private static MethodScores Scores(string name, double nats) => new(name, nats, nats / Math.Log(2), Math.Exp(nats));
}
