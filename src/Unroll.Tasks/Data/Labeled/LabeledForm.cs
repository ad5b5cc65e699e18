using System.Globalization;
using System.Text;
using CsvHelper;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.Labeled;

/// <summary>
/// Whether a text is a table with a header. Words such as <c>target</c>, <c>y</c> or <c>text</c> stand in texts too, so that the whole has to look
/// like one: records of as many fields as the first, whose cells are different short names that do not come again below as labels.
/// </summary>
internal static class LabeledForm
{
    private const int LongestName = 40, Sampled = 2000;
    private static readonly string[] s_tokenNames = ["token", "word", "form", .. ColumnRoles.TextNames];

    /// <summary>Decides.</summary>
    /// <param name="text">The file.</param>
    /// <param name="columns">Which columns are asked for.</param>
    /// <param name="perStep">Whether each step has a label.</param>
    internal static bool IsTable(string text, LabelColumns columns, bool perStep)
    {
        char separator = TableReader.SeparatorOf(text);
        string[][] records = Records(text, separator);
        if (records.Length == 0) return false;
        string[] names = records[0];
        if (!columns.LabelsOptional && columns.AreNamed) return true;
        if (names.Any(columns.Names) || IsHeaderOfExpected(names, columns)) return names.Length > 1 || columns.LabelsOptional;
        return columns.LabelsOptional && IsBare(records, columns, perStep)
            || IsHeader(records, ColumnRoles.LabelNames) && (!perStep || columns.Group is not null || IsTableOfSteps(text, separator, names));
    }

    // Where labels may be missing: a line of names with one of those looked for, or one above numbers.
    private static bool IsBare(string[][] records, LabelColumns columns, bool perStep) =>
        !(perStep && columns.Group is null) && records.Length > 1
        && (IsHeader(records, ColumnRoles.TextNames) || (!records[0].Any(IsNumber) && records[1].All(IsNumber)));

    private static bool IsHeaderOfExpected(string[] names, LabelColumns columns) =>
        columns.Expected is { } model && names.Any(model.Numbers.Contains);

    private static bool IsHeader(string[][] records, string[] known)
    {
        // Spreadsheets write separators behind the last column.
        string[] first = records[0], names = first[..(Array.FindLastIndex(first, name => name.Length > 0) + 1)];
        int at = Array.FindIndex(names, name => known.Contains(name.ToLowerInvariant()));
        if (at < 0 || names.Length < 2 && known == ColumnRoles.LabelNames) return false;
        if (names.Any(name => name.Length > LongestName || name.Contains('\t')) || names.Distinct().Count() < names.Length) return false;
        string[][] below = [.. records.Skip(1).Where(one => !one.SequenceEqual(first))];
        return 2 * below.Count(one => one.Length == first.Length) >= below.Length
            && !below.Any(one => one.Length == first.Length && one[at] == names[at]);
    }

    // Tokens stand on lines with an empty one between sequences; a table of them has none, and its header calls the tokens something.
    private static bool IsTableOfSteps(string text, char separator, string[] names) => separator != '\t'
        || (names.Any(name => s_tokenNames.Contains(name.ToLowerInvariant()))
            && !TextLines.Lines(text).Any(string.IsNullOrWhiteSpace));

    private static bool IsNumber(string cell) => double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    // The first records that are not blank.
    private static string[][] Records(string text, char separator)
    {
        List<string[]> records = [];
        using CsvReader csv = CsvReader.Create(Encoding.UTF8.GetBytes(text), new CsvReaderOptions
        {
            HasHeader = false, Separator = separator, SkipEmptyLines = true, TrimWhitespace = true,
            Mode = Quoting.Of(text, separator).Quotes ? CsvMode.Rfc4180 : CsvMode.NoEscape, OnMalformedRecord = _ => { },
        });
        while (records.Count < Sampled && csv.Read())
            if (csv.FieldCount > 1 || csv.GetString(0).Length > 0)
                records.Add([.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetString)]);
        return [.. records];
    }
}
