using Unroll.Core;

namespace Unroll.Cli.Lab;

/// <summary>A result as text for the terminal.</summary>
internal static class LabText
{
    private const int Width = 118;

    internal static void Write(TextWriter output, LabResult result)
    {
        output.WriteLine(result.Title);
        Wrap(output, result.Asked, "");
        foreach (LabSection section in result.Sections)
        {
            output.WriteLine();
            output.WriteLine($"== {section.Heading}");
            if (section.Text.Length > 0) Wrap(output, section.Text, "");
            foreach (LabTable table in section.Tables) Table(output, table);
        }
        output.WriteLine();
        output.WriteLine("== Verdicts");
        foreach (LabVerdict verdict in result.Verdicts)
        {
            Wrap(output, $"{verdict.Word.ToUpperInvariant()}  {verdict.Notes}: {verdict.Claim}", "");
            Wrap(output, verdict.Found, "    ");
        }
        output.WriteLine(StudyNotes.Line);
    }

    private static void Table(TextWriter output, LabTable table)
    {
        output.WriteLine();
        output.WriteLine($"-- {table.Name}");
        int columns = table.Columns.Count;
        int[] widths = [.. Enumerable.Range(0, columns).Select(c => table.Rows.Select(row =>
            TextColumns.Cells(row[c].ToString())).Append(TextColumns.Cells(table.Columns[c])).Max())];
        bool[] numeric = [.. Enumerable.Range(0, columns).Select(c => table.Rows.Any(row => row[c].Number is not null))];
        Row([.. table.Columns]);
        foreach (IReadOnlyList<LabCell> row in table.Rows) Row([.. row.Select(cell => cell.ToString())]);

        void Row(string[] cells) => output.WriteLine(string.Join("  ", cells.Select((cell, c) =>
            numeric[c] ? TextColumns.Right(cell, widths[c]) : TextColumns.Left(cell, widths[c]))).TrimEnd());
    }

    private static void Wrap(TextWriter output, string text, string indent)
    {
        string line = indent;
        foreach (string word in text.Split(' '))
        {
            if (TextColumns.Cells(line) + TextColumns.Cells(word) + 1 > Width)
            {
                output.WriteLine(line.TrimEnd());
                line = indent;
            }
            line += word + " ";
        }
        output.WriteLine(line.TrimEnd());
    }
}
