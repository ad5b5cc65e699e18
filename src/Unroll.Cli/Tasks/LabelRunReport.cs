using System.Globalization;
using Unroll.Inspection.Report;
using Unroll.Tasks.Labels;
using Unroll.Training;

namespace Unroll.Cli.Tasks;

/// <summary>The page of a labeling run.</summary>
internal static class LabelRunReport
{
    internal static string Save(RunDirectory run, LabelTraining training, LabelEvaluation evaluation, double seconds)
    {
        LabelModel model = training.Model;
        LabelOptions options = model.Options;
        TrainingReport report = new()
        {
            Title = $"{options.Task}: {string.Join(", ", options.Data.Select(Path.GetFileName))}",
            Subtitle = $"{options.Cell}, {options.Layers} × {options.Hidden} units; run {Path.GetFileName(run.Root)}",
            Epochs = RunFigures.Epochs(run, "validation_accuracy"),
            MetricName = "accuracy",
            Measures = ["share of wrong labels"],
            Methods = [new MethodScores("this model", 1 - evaluation.Scores.Accuracy), .. evaluation.Baselines.Select(b => new MethodScores(b.Name, 1 - b.Accuracy))],
            Figures =
            [
                new KeyFigure("accuracy, test part", LabelText.Percent(evaluation.Scores.Accuracy).Trim()),
                new KeyFigure("weights", model.Network.Parameters.Length.ToString("N0", CultureInfo.InvariantCulture), $"sha256 {model.WeightsSha256[..12]}…"),
                new KeyFigure("seconds", seconds.ToString("F1", CultureInfo.InvariantCulture)),
            ],
            Inside = TrainingInspectionSection.Read(run.Inspection),
            Settings = RunFigures.Settings(options.ToJson()),
        };
        string path = Path.Combine(run.Root, "report.html");
        ReportPage page = report.ToPage();
        page = page with { Sections = [page.Sections[0], .. LabelLogo.Sections(training.Logos(), "test part"), .. Confusions(evaluation, "test part"), .. page.Sections.Skip(1)] };
        page.Save(path);
        return path;
    }

    /// <summary>The confusion matrix, where it can be read.</summary>
    internal static IReadOnlyList<ReportSection> Confusions(LabelEvaluation evaluation, string part) =>
        evaluation.Classes.Count <= 50 ? [new ReportSection("Which labels are taken for which", Confusion(evaluation, part))] : [];

    // [true label][label said], as shares of the true label's row
    private static HeatmapChart Confusion(LabelEvaluation evaluation, string part)
    {
        int n = evaluation.Classes.Count;
        double[][] counts = [.. Enumerable.Range(0, n).Select(actual => Enumerable.Range(0, n).Select(said => (double)evaluation.Confusion[actual, said]).ToArray())];
        return new HeatmapChart(evaluation.Classes, evaluation.Classes, [.. counts.Select(row => (IReadOnlyList<double>)[.. row.Select(c => row.Sum() > 0 ? c / row.Sum() : double.NaN)])])
        {
            Title = $"Confusion matrix, {part}", Caption = "Each row is a true label; the shares of what was said for it add up to 1.", XName = "said", YName = "true", Minimum = 0, Maximum = 1,
        };
    }
}
