using Unroll.Core;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.Labeled;

/// <summary>Labeled sequences from a table: a text in each row, numbers in each row, or steps in rows that a group column joins.</summary>
internal static class TableOfSequences
{
    public static IReadOnlyList<LabeledSequence> Read(Table table, LabelColumns columns, bool perStep, Action<string> note)
    {
        if (perStep && columns.Group is null)
            throw new UserErrorException($"{table.Source}: a label for each step needs rows that are steps: name the column that tells sequences " +
                "apart (group).");
        ColumnRoles roles = ColumnRoles.Of(table, columns, note);
        if (roles.Group >= 0) return Groups(table, roles, perStep, columns.LabelsOptional, note);
        float[][] numbers = Numbers(table, roles, note);
        string[] names = [.. roles.Numbers.Select(c => table.Columns[c])];
        return [.. Enumerable.Range(0, table.Rows).Select(row => new LabeledSequence(table.Source, table.Line(row))
        {
            Name = Text(table, row, roles.Name) ?? "",
            Text = Text(table, row, roles.Text) ?? "",
            Numbers = [.. numbers.Select(column => column[row])],
            Features = roles.Text >= 0 ? 0 : 1,
            Columns = names,
            Label = Text(table, row, roles.Label),
            Part = Text(table, row, roles.Part) ?? "",
        })];
    }

    private static IReadOnlyList<LabeledSequence> Groups(
        Table table, ColumnRoles roles, bool perStep, bool optional, Action<string> note)
    {
        float[][] numbers = Numbers(table, roles, note);
        int label = roles.Label, text = roles.Text;
        string[] names = [.. roles.Numbers.Select(c => table.Columns[c])];
        NoteGroups(table, roles.Group, note);
        return [.. Enumerable.Range(0, table.Rows).GroupBy(row => table.Text(row, roles.Group)).Select(rows =>
        {
            int first = rows.First();
            foreach (int alike in (int[])[perStep ? -1 : label, roles.Part])
                if (alike >= 0 && rows.FirstOrDefault(row => table.Text(row, alike) != table.Text(first, alike), -1) is >= 0 and int other)
                    throw new UserErrorException($"{table.Where(other, alike)}: expected '{Table.Shorten(table.Text(first, alike))}' as in line " +
                        $"{table.Line(first)}, because both are " +
                        $"of '{Table.Shorten(rows.Key)}', found '{Table.Shorten(table.Text(other, alike))}'.");
            int bare = perStep && label >= 0 ? rows.FirstOrDefault(row => string.IsNullOrWhiteSpace(table.Text(row, label)), -1) : -1;
            if (bare >= 0 && !optional)
                throw new UserErrorException($"{table.Where(bare, label)}: expected a label because each step has one, found none; write one, " +
                    "such as O, or leave the row out.");
            return new LabeledSequence(table.Source, table.Line(first))
            {
                Name = rows.Key,
                Tokens = text >= 0 ? [.. rows.Select(row => table.Text(row, text))] : [],
                Numbers = [.. rows.SelectMany(row => numbers.Select(column => column[row]))],
                Features = numbers.Length,
                Columns = names,
                Label = perStep ? null : Text(table, first, label),
                StepLabels = perStep && label >= 0 && bare < 0 ? [.. rows.Select(row => table.Text(row, label))] : [],
                Part = Text(table, first, roles.Part) ?? "",
            };
        })];
    }

    // Rows are joined by what their cells say, wherever they stand: an empty cell joins what has nothing to do with each other.
    private static void NoteGroups(Table table, int group, Action<string> note)
    {
        HashSet<string> apart = [], seen = [];
        int first = -1;
        for (int row = 0; row < table.Rows; row++)
        {
            string name = table.Text(row, group);
            if (string.IsNullOrWhiteSpace(name))
                throw new UserErrorException($"{table.Where(row, group)}: expected what the row's sequence is called, found nothing; fill it in, " +
                    "or leave the row out.");
            if (!seen.Add(name) && table.Text(row - 1, group) != name && apart.Add(name) && first < 0) first = row;
        }
        if (apart.Count > 0)
            note($"{table.Source}: the rows of {apart.Count:N0} of {seen.Count:N0} sequences stand in several places, the first in line " +
                $"{table.Line(first)} ('{Table.Shorten(table.Text(first, group))}'); they are joined in the order of the file.");
        if (NearEqual.Note(table.Source, "groups", seen) is { } near) note(near);
    }

    private static float[][] Numbers(Table table, ColumnRoles roles, Action<string> note) =>
    [
        .. roles.Numbers.Select(c =>
        {
            double[] values = table.Numbers(c);
            int missing = Array.FindIndex(values, double.IsNaN);
            if (missing >= 0)
                throw new UserErrorException($"{table.Where(missing, c)}: expected a number, found none; fill it in or leave the row out.");
            float[] numbers = Array.ConvertAll(values, value => (float)value);
            int exact = values.Distinct().Count(), kept = numbers.Distinct().Count();
            if (kept < exact)
                note($"{table.Source}: the {exact:N0} different numbers of the column '{Table.Shorten(table.Columns[c])}' become {kept:N0} because " +
                    "the network reads seven digits; subtract a constant from the column, or scale it.");
            return numbers;
        }),
    ];

    private static string? Text(Table table, int row, int column) => column < 0 ? null : table.Text(row, column);
}
