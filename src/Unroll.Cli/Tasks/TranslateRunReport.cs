using System.Globalization;
using Unroll.Inspection.Report;
using Unroll.Numerics;
using Unroll.Tasks.Translation;
using Unroll.Training;

namespace Unroll.Cli.Tasks;

/// <summary>The page of a translation run, and the picture of where a translation looked.</summary>
internal static class TranslateRunReport
{
    private const int Pictures = 4;

    internal static string Save(RunDirectory run, TranslationModel model, TranslationEvaluation evaluation, double seconds)
    {
        TranslationOptions options = model.Options;
        TrainingReport report = new()
        {
            Title = $"translate: {string.Join(", ", options.Data.Select(Path.GetFileName))}",
            Subtitle = $"{options.Cell}, {options.Layers} × {options.Hidden} units, attention {options.Attention}; run {Path.GetFileName(run.Root)}",
            Epochs = RunFigures.Epochs(run, "validation_perplexity"),
            MetricName = "perplexity",
            Measures = ["100 − BLEU", "100 − chrF", "word errors, %"],
            Methods = [.. evaluation.Scores.Select(one => new MethodScores(one.Name, 100 - one.Bleu, 100 - one.ChrF, 100 * one.Errors))],
            Figures =
            [
                new KeyFigure("BLEU, test part", evaluation.Scores[0].Bleu.ToString("F2", CultureInfo.InvariantCulture)),
                new KeyFigure("chrF, test part", evaluation.Scores[0].ChrF.ToString("F2", CultureInfo.InvariantCulture)),
                new KeyFigure("weights", model.EncoderDecoder.Parameters.Length.ToString("N0", CultureInfo.InvariantCulture), $"sha256 {model.WeightsSha256[..12]}…"),
                new KeyFigure("seconds", seconds.ToString("F1", CultureInfo.InvariantCulture)),
            ],
            Inside = TrainingInspectionSection.Read(run.Inspection),
            Settings = RunFigures.Settings(options.ToJson()),
        };
        ReportPage page = report.ToPage();
        TableBlock table = new(["source", "reference", "translation"], [.. evaluation.Examples.Select(one => (IReadOnlyList<string>)[one.Source, one.Reference, one.Said])])
        { Title = "Sentences of the test part, evenly taken", Wide = true };
        page = page with
        {
            Sections =
            [
                page.Sections[0], new ReportSection("What it makes of the test part", table),
                new ReportSection("Where it looks", [.. Attention(model, [.. evaluation.Examples.Select(one => one.Source).Take(Pictures)])]), .. page.Sections.Skip(1),
            ],
        };
        string path = Path.Combine(run.Root, "report.html");
        page.Save(path);
        return path;
    }

    /// <summary>A heat map for each text: rows the translation, columns the source.</summary>
    internal static IEnumerable<HeatmapChart> Attention(TranslationModel model, IReadOnlyList<string> texts)
    {
        using ThreadTeam threads = new(1);
        Translator translator = new(model, model.Search, threads);
        foreach (string text in texts)
        {
            AttentionPicture picture = translator.Attention(text);
            yield return new HeatmapChart(Numbered(picture.Source), Numbered(picture.Target), [.. picture.Weights.Select(row => (IReadOnlyList<double>)[.. row.Select(w => (double)w)])])
            {
                Title = text, Caption = "Each row is a symbol that was said; its weights over the source add up to 1.", XName = "source", YName = "said", Minimum = 0, Maximum = 1,
            };
        }
    }

    // A chart's labels are told apart by their text; a word may stand twice.
    private static string[] Numbered(IReadOnlyList<string> symbols) => [.. symbols.Select((symbol, t) => $"{symbol}{(symbols.Take(t).Contains(symbol) ? $" ({t + 1})" : "")}")];
}
