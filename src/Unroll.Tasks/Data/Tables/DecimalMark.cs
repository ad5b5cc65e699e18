using System.Text.RegularExpressions;

namespace Unroll.Tasks.Data.Tables;

/// <summary>What commas and points mean in a column of numbers: decided by all its cells, because one alone may say both (1,234).</summary>
internal static partial class DecimalMark
{
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
    /// The first row of a column of plain numbers whose points may stand between thousands: every point has three digits behind it, and another
    /// column marks decimals by commas; −1: there is none.
    /// </summary>
    internal static int Doubtful(Table table, int column)
    {
        int first = -1;
        for (int row = 0; row < table.Rows; row++)
        {
            string text = table.Text(row, column);
            if (!text.Contains('.')) continue;
            if (!Thousands().IsMatch(text)) return -1;
            if (first < 0) first = row;
        }
        return first >= 0 && table.HasDecimalCommas ? first : -1;
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
