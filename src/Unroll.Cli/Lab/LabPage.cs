using Unroll.Inspection.Report;

namespace Unroll.Cli.Lab;

/// <summary>A result as one self-contained HTML page.</summary>
internal static class LabPage
{
    /// <summary>The page.</summary>
    /// <param name="name">The experiment.</param>
    /// <param name="result">What it found.</param>
    /// <param name="run">Its inputs.</param>
    /// <param name="typed">Its own options as they were typed, each with a blank before it.</param>
    internal static ReportPage Of(string name, LabResult result, LabRun run, string typed = "") => new()
    {
        Title = result.Title,
        Subtitle = $"unroll lab {name}{(run.Full ? " --full" : "")} --seed {run.Seed}{typed}",
        Sections = [Verdicts(result), .. result.Sections.Select(Section)],
    };

    private static ReportSection Verdicts(LabResult result) => new("Question and verdicts", new TextBlock(result.Asked, StudyNotes.Line),
        new TableBlock(["notes", "claim", "", "measured"],
            [.. result.Verdicts.Select(verdict => (IReadOnlyList<string>)[verdict.Notes, verdict.Claim, verdict.Word, verdict.Found])]) { Wide =
                true });

    private static ReportSection Section(LabSection section)
    {
        List<ReportBlock> blocks = [];
        if (section.Text.Length > 0) blocks.Add(new TextBlock(section.Text));
        blocks.AddRange(section.Charts is [var alone] ? [alone with { Wide = true }] : section.Charts);
        foreach (LabTable table in section.Tables)
            blocks.Add(new TableBlock(table.Columns, [.. table.Rows.Select(row => (IReadOnlyList<string>)[.. row.Select(cell => cell.ToString())])])
            { Title = table.Name, Wide = table.Columns.Count > 4 });
        return new ReportSection(section.Heading, blocks);
    }
}
