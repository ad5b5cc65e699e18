using System.Text.RegularExpressions;

namespace Unroll.Tasks.Data.Tables;

/// <summary>What commas and points mean in a column of numbers: decided by all its cells, because one alone may say both (1,234).</summary>
internal static partial class DecimalMark
{
    private const int Many = 20;

    /// <summary>The mark of decimals and what else is to be taken out; null: it cannot be said, or no reading fits all.</summary>
    /// <param name="cores">Digits, commas and points, as <see cref="NumberCell.Core"/>.</param>
    /// <param name="ambiguous">Where it is null: the place of a cell that can be read in two ways; else −1.</param>
    internal static char? Of(IReadOnlyList<string> cores, out int ambiguous)
    {
        ambiguous = -1;
        bool points = cores.All(core => Point().IsMatch(core)), commas = cores.All(core => Comma().IsMatch(core));
        if (points != commas) return points ? '.' : ',';
        if (!points) return null;
        // Both fit: only whole numbers, or all that there is are cells such as 1,234 or 1.234.
        for (int i = 0; i < cores.Count && ambiguous < 0; i++)
            if (cores[i].Contains(',')) ambiguous = i;
        return ambiguous < 0 ? '.' : null;
    }

    /// <summary>
    /// The first row of a column of plain numbers whose points may stand between thousands, because every point has three digits behind it; null:
    /// there is none, or no sign of it.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="column">0 … Columns.Count − 1.</param>
    /// <returns>The row, and what makes it likely, with what to do; where nothing does, it is worth a note.</returns>
    internal static (int Row, string? Why)? Doubtful(Table table, int column)
    {
        int first = -1, points = 0, whole = 0, zeros = 0, long4 = 0;
        for (int row = 0; row < table.Rows; row++)
        {
            string text = table.Text(row, column);
            if (table.IsMissing(text)) continue;
            if (!text.Contains('.'))
            {
                whole++;
                if (text.TrimStart('-', '+').Length > 3) long4++;
                continue;
            }
            if (!Thousands().IsMatch(text)) return null;
            if (first < 0) first = row;
            points++;
            if (text[^1] == '0') zeros++;
        }
        if (first < 0) return null;
        string cell = table.Text(first, column), both = $"so that it may be {cell} or {cell.Replace(".", "")}; write it without a point, or";
        if (table.HasDecimalCommas) return (first, $"other columns have decimal commas, {both} with a decimal comma");
        // Who keeps the last zero of 1.020 writes 807.000 too; who drops it has seldom three digits everywhere.
        if (whole > 0 && long4 == 0 && (zeros > 0 || points >= Many))
            return (first, $"every point of the column has three digits behind it and other cells have no point, {both} with three decimals in " +
                "every cell");
        return table.Separator == ';' && long4 == 0 && points > 1 ? (first, null) : null;
    }

    /// <summary>Whether a cell has a comma that can only mark decimals: 0,5 · 12,75.</summary>
    internal static bool IsDecimalComma(string text) => OneComma().IsMatch(text);

    /// <summary>Whether digits, commas and points make a number in at least one way.</summary>
    internal static bool Fits(string core) => Point().IsMatch(core) || Comma().IsMatch(core);

    /// <summary>A core as a number with a decimal point and nothing else.</summary>
    internal static string Plain(string core, char mark) =>
        mark == '.' ? core.Replace(",", "") : core.Replace(".", "").Replace(',', '.');

    [GeneratedRegex(@"^[-+]?[1-9]\d{0,2}(?:\.\d{3})+$", RegexOptions.CultureInvariant)]
    private static partial Regex Thousands();

    [GeneratedRegex(@"^[-+]?(?:\d+|[1-9]\d{0,2}(?:\.\d{3})+),(?:\d{1,2}|\d{4,})$", RegexOptions.CultureInvariant)]
    private static partial Regex OneComma();

    // 1250.3 · 1,250.3 · 1,23,456.7 · .5 · 1e5: the point marks decimals, commas group thousands (or, in India, hundreds of thousands).
    [GeneratedRegex(@"^(?:\d*|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d{2})+,\d{3})(?:\.\d*)?(?:[eE][+-]?\d+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Point();

    // 1250,3 · 1.250,3 · ,5: the comma marks decimals, points group thousands.
    [GeneratedRegex(@"^(?:\d*|[1-9]\d{0,2}(?:\.\d{3})+)(?:,\d+)?(?:[eE][+-]?\d+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Comma();
}
