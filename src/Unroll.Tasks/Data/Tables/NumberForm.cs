using System.Globalization;
using Unroll.Core;

namespace Unroll.Tasks.Data.Tables;

/// <summary>How the cells of one column are read as numbers: plain numbers, or those that people write; decided by all of them.</summary>
internal sealed class NumberForm
{
    private readonly Func<string, double?> _read;

    private NumberForm(Func<string, double?> read, string? told = null, bool isTruth = false) => (_read, Told, IsTruth) = (read, told, isTruth);

    /// <summary>The one form of most files: a decimal point and nothing else.</summary>
    internal static NumberForm Plain { get; } = new(text => NumberText.TryParse(text, out var value) ? value : null);

    /// <summary>How it is read, for a note: <c>'$50.04' is read as 50.04</c>; null for plain numbers.</summary>
    internal string? Told { get; }

    /// <summary>The one unit beside all numbers, such as <c>%</c> or <c>kg</c>, that is no part of them; empty: none.</summary>
    internal string Unit { get; private init; } = "";

    /// <summary>Whether the cells are TRUE and FALSE, yes and no …, read as 1 and 0.</summary>
    internal bool IsTruth { get; }

    /// <summary>The number of a cell that is not missing.</summary>
    internal double Read(string text) => _read(text) ?? throw new InvalidOperationException($"'{text}' does not have the form of its column.");

    /// <summary>The form of a column; null where none fits all its cells that are not missing, or more than one does.</summary>
    /// <param name="table">The table.</param>
    /// <param name="column">0 … Columns.Count − 1.</param>
    /// <param name="obstacle">Where it is null: the first cell that stands in the way.</param>
    internal static NumberForm? Of(Table table, int column, out Obstacle? obstacle)
    {
        obstacle = null;
        int row = 0;
        while (row < table.Rows && (table.IsMissing(table.Text(row, column)) || NumberText.TryParse(table.Text(row, column), out _))) row++;
        if (row == table.Rows)
        {
            if (DecimalMark.Doubtful(table, column) is not (int doubtful, var why)) return Plain;
            if (why is null)
            {
                string text = table.Text(doubtful, column);
                return new NumberForm(Plain._read, $"'{text}' is read as {Plain.Read(text).ToString("R", CultureInfo.InvariantCulture)}, with a " +
                    $"decimal point; where points stand between thousands, write {text.Replace(".", "")}");
            }
            obstacle = new Obstacle(doubtful, why);
            return null;
        }
        int[] rows = [.. Enumerable.Range(0, table.Rows).Where(r => !table.IsMissing(table.Text(r, column)))];
        if (TruthWords.Of(rows.Select(r => table.Text(r, column))) is { } truth)
            return new NumberForm(truth.Read, truth.Told, isTruth: true);
        return Written(table, column, rows, out obstacle);
    }

    private static NumberForm? Written(Table table, int column, int[] rows, out Obstacle? obstacle)
    {
        NumberCell[] cells = new NumberCell[rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            string text = table.Text(rows[i], column);
            if (NumberCell.Of(text) is not { } cell || IsTooLarge(text))
            {
                obstacle = new Obstacle(rows[i], NumberText.Advice(text));
                return null;
            }
            cells[i] = cell;
        }
        NumberUnit unit = NumberUnit.Of(cells);
        if (unit.Wrong is var (place, why))
        {
            obstacle = new Obstacle(rows[place], why);
            return null;
        }
        string[] cores = [.. cells.Select(cell => cell.Core)];
        if (DecimalMark.Of(cores, out int ambiguous) is not { } mark)
        {
            int at = ambiguous >= 0 ? ambiguous : Array.FindIndex(cores, core => core.Contains(','));
            obstacle = new Obstacle(rows[Math.Max(at, 0)], ambiguous >= 0
                ? $"it is {cores[at].Replace(",", "")} where commas stand between thousands and {cores[at].Replace(',', '.')} where they mark " +
                    "decimals, and the column fits both; write it in one of these two ways"
                : "in this column commas and points mark now decimals, now thousands; write plain numbers such as 1234.5");
            return null;
        }
        obstacle = null;
        double? Read(string text) => NumberCell.Of(text) is { } cell
            && double.TryParse(DecimalMark.Plain(cell.Core, mark), NumberStyles.Float, CultureInfo.InvariantCulture, out double size)
            ? (cell.Negative ? -size : size) * unit.Factor(cell) : null;
        if (rows.Where(r => Read(table.Text(r, column)) is { } value && !NumberText.InRange(value)).Select(r => (int?)r).FirstOrDefault() is int huge)
        {
            obstacle = new Obstacle(huge, NumberText.TooLarge);
            return null;
        }
        string shown = rows.Select(r => table.Text(r, column)).First(text => !NumberText.TryParse(text, out _));
        string marks = mark == ',' ? ", with a decimal comma" : cores.Any(core => core.Contains(',')) ? ", with commas between thousands" : "";
        string value = Read(shown)?.ToString("R", CultureInfo.InvariantCulture) ?? "";
        return new NumberForm(Read, $"'{Table.Shorten(shown)}' is read as {value}{marks}{unit.Told}") { Unit = unit.Name };
    }

    private static bool IsTooLarge(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) && !NumberText.TryParse(text, out _);
}

/// <summary>What keeps a column from being one of numbers: the first such cell, and what to do about it.</summary>
/// <param name="Row">0 … Rows − 1.</param>
/// <param name="Advice">The end of a sentence.</param>
internal sealed record Obstacle(int Row, string Advice)
{
    internal UserErrorException Error(Table table, int column)
    {
        string text = Table.Shorten(table.Text(Row, column));
        string missing = table.TakesMissingWords && NumberCell.Of(text) is null
            ? $"; if it means that there is no value, say so (missing-values {text})" : "";
        return new($"{table.Where(Row, column)}: expected a number, found '{text}'; {Advice}{missing}.");
    }
}
