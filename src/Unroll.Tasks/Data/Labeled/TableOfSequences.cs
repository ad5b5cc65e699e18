using Unroll.Core;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Data.Labeled;

/// <summary>Labeled sequences from a table: a text in each row, numbers in each row, or steps in rows that a group column joins.</summary>
internal static class TableOfSequences
{
    internal static readonly string[] LabelNames = ["label", "class", "tag", "category", "target", "sentiment", "y"];
    internal static readonly string[] TextNames = ["text", "sequence", "sentence", "message", "review", "document"];
    private static readonly string[] s_partNames = ["split", "part", "fold", "set"];
    private static readonly string[] s_otherNames = ["name", "id"];

    public static IReadOnlyList<LabeledSequence> Read(Table table, LabelColumns columns, bool perStep)
    {
        bool optional = columns.LabelsOptional;
        int label = Find(table, columns.Label, LabelNames, optional), part = Find(table, columns.Part, s_partNames, optional);
        int text = Find(table, columns.Text, TextNames);
        if (columns.Group is { } name) return Groups(table, label, text, part, table.Column(name), perStep, optional);
        if (perStep)
            throw new UserErrorException($"{table.Source}: a label for each step needs rows that are steps: name the column that tells sequences " +
                "apart (group).");
        if (text >= 0)
            return [.. Enumerable.Range(0, table.Rows).Select(row => new LabeledSequence(table.Source, table.Line(row))
            {
                Text = table.Text(row, text), Label = Text(table, row, label), Part = Text(table, row, part) ?? "",
            })];
        float[][] numbers = Numbers(table, label, part, -1);
        return [.. Enumerable.Range(0, table.Rows).Select(row => new LabeledSequence(table.Source, table.Line(row))
        {
            Numbers = [.. numbers.Select(column => column[row])], Features = 1, Label = Text(table, row, label), Part = Text(table, row, part) ?? "",
        })];
    }

    private static IReadOnlyList<LabeledSequence> Groups(Table table, int label, int text, int part, int group, bool perStep, bool optional)
    {
        float[][] numbers = text >= 0 ? [] : Numbers(table, label, part, group);
        return [.. Enumerable.Range(0, table.Rows).GroupBy(row => table.Text(row, group)).Select(rows =>
        {
            int first = rows.First();
            if (!perStep && label >= 0 && rows.FirstOrDefault(row => table.Text(row, label) != table.Text(first, label), -1) is >= 0 and int other)
                throw new UserErrorException($"{table.Where(other, label)}: expected '{Table.Shorten(table.Text(first, label))}' as in line " +
                    $"{table.Line(first)}, because both are " +
                    $"of '{Table.Shorten(rows.Key)}', found '{Table.Shorten(table.Text(other, label))}'.");
            int bare = perStep && label >= 0 ? rows.FirstOrDefault(row => string.IsNullOrWhiteSpace(table.Text(row, label)), -1) : -1;
            if (bare >= 0 && !optional)
                throw new UserErrorException($"{table.Where(bare, label)}: expected a label because each step has one, found none; write one, " +
                    "such as O, or leave the row out.");
            return new LabeledSequence(table.Source, table.Line(first))
            {
                Tokens = text >= 0 ? [.. rows.Select(row => table.Text(row, text))] : [],
                Numbers = [.. rows.SelectMany(row => numbers.Select(column => column[row]))],
                Features = numbers.Length,
                Label = perStep ? null : Text(table, first, label),
                StepLabels = perStep && label >= 0 && bare < 0 ? [.. rows.Select(row => table.Text(row, label))] : [],
                Part = Text(table, first, part) ?? "",
            };
        })];
    }

    private static float[][] Numbers(Table table, int label, int part, int group)
    {
        int[] columns = [.. Enumerable.Range(0, table.Columns.Count)
            .Where(c => c != label && c != part && c != group && !s_otherNames.Contains(table.Columns[c].ToLowerInvariant()))];
        if (columns.Length == 0)
            throw new UserErrorException($"{table.Source}: expected a column of texts or columns of numbers beside the label; the columns are " +
                $"{string.Join(", ", table.Columns)}.");
        return [.. columns.Select(c =>
        {
            float[] values = Array.ConvertAll(table.Numbers(c), v => (float)v);
            int missing = Array.FindIndex(values, float.IsNaN);
            return missing < 0 ? values
                : throw new UserErrorException($"{table.Where(missing, c)}: expected a number, found none; fill it in or leave the row out.");
        })];
    }

    private static int Find(Table table, string? named, string[] known, bool optional = false)
    {
        if (named is not null) return optional && !table.Columns.Contains(named) ? -1 : table.Column(named);
        for (int c = 0; c < table.Columns.Count; c++)
            if (known.Contains(table.Columns[c].ToLowerInvariant())) return c;
        return -1;
    }

    private static string? Text(Table table, int row, int column) => column < 0 ? null : table.Text(row, column);
}
