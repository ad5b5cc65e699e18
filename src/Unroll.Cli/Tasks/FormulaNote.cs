using System.Globalization;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Tasks;

/// <summary>
/// What a spreadsheet would compute instead of show: text that begins with '=', '+', '-', '@', a tab or a carriage return. The tables that the
/// program writes keep such text to the letter, because a label or a name that came in must come out the same for whoever joins the table to others;
/// instead of altering it a note says that it is there.
/// </summary>
internal static class FormulaNote
{
    /// <summary>The note; null: there is nothing to say, or the answer is no table.</summary>
    /// <param name="view">The answer's task.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="file">Where it goes; null: standard output.</param>
    /// <param name="onScreen">Whether standard output is a screen.</param>
    internal static string? Of(ITaskView view, TaskAnswer answer, string? file, bool onScreen)
    {
        bool isTable = file is null ? view.IsTable(answer) && !onScreen : view.IsTable(answer) || Path.GetExtension(file) is ".csv" or ".tsv";
        return isTable ? Of(view.Lines(answer), file ?? "standard output") : null;
    }

    /// <summary>The note on lines of a table; null: there is nothing to say.</summary>
    internal static string? Of(IEnumerable<string> lines, string where)
    {
        int count = 0, first = 0, number = 0;
        string? shown = null;
        foreach (string line in lines)
        {
            number++;
            if (Cells(line).FirstOrDefault(IsFormula) is not { } cell) continue;
            (count, shown, first) = (count + 1, shown ?? cell, shown is null ? number : first);
        }
        return shown is null ? null : string.Create(CultureInfo.InvariantCulture,
            $"note: {where}: {count} of {number} lines hold text that a spreadsheet takes for a formula, first '{Short(shown)}' in line {first}; ") +
            "it is kept to the letter: import such columns as text.";
    }

    private static string Short(string text) => text.Length > 40 ? text[..40] + "…" : text;

    // A sign alone, such as a strand's, is shown as it is.
    private static bool IsFormula(string cell) => cell.Length > 1 && (cell[0] is '=' or '+' or '-' or '@' or '\t' or '\r')
        && !double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    // Of CSV and TSV alike; a cell in quotes keeps its separators.
    private static IEnumerable<string> Cells(string line)
    {
        for (int at = 0; at <= line.Length;)
        {
            int end = at;
            if (at < line.Length && line[at] == '"')
            {
                for (end = at + 1; end < line.Length && (line[end] != '"' || (end + 1 < line.Length && line[end + 1] == '"')); end++)
                    if (line[end] == '"') end++;
                yield return line[(at + 1)..Math.Min(end, line.Length)].Replace("\"\"", "\"");
            }
            end = line.AsSpan(Math.Min(end, line.Length)).IndexOfAny(',', '\t') is var next and >= 0 ? end + next : line.Length;
            if (at >= line.Length || line[at] != '"') yield return line[at..end];
            at = end + 1;
        }
    }
}
