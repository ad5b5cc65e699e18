using System.Globalization;
using Unroll.Core;
using Unroll.Inspection.Report;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Tasks;

/// <summary>A cross-validation in lines, and as <c>folds.csv</c> and <c>report.html</c>.</summary>
/// <param name="view">The task.</param>
/// <param name="all">The folds.</param>
internal sealed class FoldsPage(ITaskView view, CrossValidation all)
{
    /// <summary>Means and deviations, then all folds together.</summary>
    internal IEnumerable<string> Lines(TaskEvaluation pooled)
    {
        yield return $"{all.Done.Count} folds, mean ± standard deviation over the folds:";
        foreach ((string name, double mean, double deviation) in all.Summary())
            yield return string.Create(CultureInfo.InvariantCulture, $"  {TextColumns.Left(name, 34)} {mean,8:F4} ± {deviation:F4}");
        yield return "all that was held out, together:";
        foreach (string line in view.Lines(pooled)) yield return line;
    }

    /// <summary>Writes both files; returns the path of the page.</summary>
    internal string Save(TaskOptions options, TaskEvaluation pooled, double seconds)
    {
        all.SaveTable();
        string[] measures = [.. all.Done[0].Score.Measures.Select(m => m.Name)];
        string[][] rows = [.. all.Done.Select(fold => (string[])
            [fold.Name, $"{fold.Score.Count}", $"{fold.Score.Errors}", .. measures.Select(name => Text(fold.Score.Of(name)))])];
        ReportPage page = new()
        {
            Title = $"{view.Task.Name}: {Path.GetFileName(options.Data.FirstOrDefault() ?? "")}, {all.Done.Count} folds",
            Subtitle = $"cross-validation; run {Path.GetFileName(all.Folder.Root)}",
            Sections =
            [
                new ReportSection("Result",
                    new KeyFigureBlock([.. all.Summary().Select(one =>
                        new KeyFigure(one.Name, Short(one.Mean), $"± {Short(one.Deviation)} over the folds")),
                        new KeyFigure("errors", $"{all.Done.Sum(fold => fold.Score.Errors)} of {all.Done.Sum(fold => fold.Score.Count)}"),
                        new KeyFigure("seconds", seconds.ToString("F1", CultureInfo.InvariantCulture))]),
                    new TextBlock([.. view.Lines(pooled)]) { Title = "All that was held out, together", Verbatim = true }),
                .. view.Sections(pooled),
                new ReportSection("Folds", new TableBlock(["fold", "tested", "errors", .. measures], rows)),
                new ReportSection("Settings", new TableBlock(["", ""], [.. RunFigures.Settings(view.Task.Options.ToJson(options))
                    .Select(setting => (IReadOnlyList<string>)[setting.Name, setting.Value])])),
            ],
        };
        string path = Path.Combine(all.Folder.Root, "report.html");
        page.Save(path);
        return path;
    }

    private static string Text(double value) => double.IsFinite(value) ? value.ToString("F4", CultureInfo.InvariantCulture) : "";

    private static string Short(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
