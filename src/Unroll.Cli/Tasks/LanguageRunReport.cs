using System.Globalization;
using Unroll.Inspection.Report;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Language;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Cli.Tasks;

/// <summary>The page of a language model's run.</summary>
internal static class LanguageRunReport
{
    private const double LargestSurprise = 6;

    internal static string Save(RunDirectory run, LanguageModel model, LanguageEvaluation evaluation, double seconds)
    {
        LanguageOptions options = model.Description.Options;
        string symbol = model.Description.Symbols[..^1], nats = $"nats per {symbol}";
        TrainingReport report = new()
        {
            Title = $"{string.Join(", ", options.Data)}: the next {symbol}",
            Subtitle = $"{options.Cell}, {options.Layers} × {options.Hidden} units; run {Path.GetFileName(run.Root)}",
            Epochs = RunFigures.Epochs(run, "validation_perplexity"),
            MetricName = "perplexity",
            Part = $"{evaluation.Part} part",
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
        ReportPage page = report.ToPage();
        (page with { Sections = [page.Sections[0], Written(model), Surprises(model, evaluation), .. page.Sections.Skip(1)] }).Save(path);
        return path;
    }

    private static ReportSection Written(LanguageModel model)
    {
        int symbols = model.Description.Unit == TextUnit.Char ? 600 : 120;
        string At(double temperature) => LanguageSample.Write(model, new SamplingOptions { Temperature = temperature }, "", [], symbols);
        return new ReportSection("What it writes",
            new TextBlock(At(0.7)) { Title = "At temperature 0.7", Verbatim = true }, new TextBlock(At(1)) { Title = "At temperature 1", Verbatim = true });
    }

    private static ReportSection Surprises(LanguageModel model, LanguageEvaluation evaluation)
    {
        bool words = model.Description.Unit == TextUnit.Word;
        IReadOnlyList<string> names = model.Description.Vocabulary.Symbols;
        int count = Math.Min(words ? 300 : 1200, evaluation.Symbols.Length);
        string Shown(int i) => names[evaluation.Symbols[i]] switch { TextSymbols.EndOfLine => "⏎\n", "\n" => "⏎\n", var symbol => words ? symbol + " " : symbol };
        string Note(int i) => FormattableString.Invariant($"−ln p = {evaluation.Scores.Nats[i]:F2}; most probable: {names[evaluation.Scores.Best[i]]}");
        return new ReportSection("What surprises it", new ShadedText(
            [.. Enumerable.Range(0, count).Select(Shown)], [.. evaluation.Scores.Nats.Take(count).Select(nats => (double)nats)])
        {
            Title = $"The beginning of the {evaluation.Part} part",
            Caption = $"The fuller the color, the less the model foresaw the symbol; {LargestSurprise} nats, a probability of 1 in 400, have all of it. Rest on a symbol for its figure.",
            Notes = [.. Enumerable.Range(0, count).Select(Note)],
            Full = LargestSurprise,
        });
    }

    private static MethodScores Scores(string name, double nats) => new(name, nats, nats / Math.Log(2), Math.Exp(nats));
}
