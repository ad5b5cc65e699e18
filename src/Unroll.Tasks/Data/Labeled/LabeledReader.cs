using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Unroll.Core;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Sequences;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.Labeled;

/// <summary>
/// Reads labeled sequences: CSV and TSV with a header, lines of label TAB text, FASTA (the label is the file's name), IDX images, and token columns
/// with an empty line between sequences.
/// </summary>
public static class LabeledReader
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">A file, or what was handed over under that name; its ending counts as a file's does.</param>
    /// <param name="columns">Which columns are what.</param>
    /// <param name="perStep">Whether each step has a label, rather than the whole.</param>
    /// <param name="files">What names stand for; null: files of the disk.</param>
    /// <exception cref="UserErrorException">The file cannot be read, or is none of these; the message names the line.</exception>
    public static IReadOnlyList<LabeledSequence> Read(string path, LabelColumns columns, bool perStep, DataFiles? files = null)
    {
        files ??= DataFiles.Disk;
        string name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        if (name.EndsWith("-ubyte", StringComparison.Ordinal) || name.EndsWith(".idx", StringComparison.Ordinal))
            return IdxReader.ReadImages(path, files);
        byte[] bytes = files.Bytes(path, "a file of labeled sequences");
        string source = DataFiles.Called(path);
        if ((IsFasta(name) && bytes.Length > 0)
            || bytes is [0x1F, 0x8B, ..] or [(byte)'>' or (byte)';', ..] or [0xEF, 0xBB, 0xBF, (byte)'>' or (byte)';', ..])
            return [.. FastaReader.Read(bytes, source)
                .Select(one => new LabeledSequence(source, one.Line) { Text = one.Letters, Label = LabelOf(path) })];
        if (bytes.Length == 0) throw new UserErrorException($"{source}: the file is empty; expected labeled sequences.");
        if (!Utf8.IsValid(bytes) || bytes.AsSpan().Contains((byte)0))
            throw new UserErrorException($"{source}: expected text in UTF-8, found bytes of another kind; save the file as UTF-8.");
        string text = Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF');
        if (IsTable(text, columns) || IsBareTable(text, columns, perStep))
            return TableOfSequences.Read(Table.Read(new StringReader(text), source), columns, perStep);
        return perStep ? TokenLines.Read(text, source) : TextLines.Read(text, source);
    }

    // A table has a header: a first line with a column that was named, or has one of the names that are looked for.
    private static bool IsTable(string text, LabelColumns columns)
    {
        string[] cells = [.. Cells(text).FirstOrDefault() ?? []];
        if (cells.Length < 2) return false;
        return cells.Any(cell => cell == columns.Label || cell == columns.Text || cell == columns.Group)
            || (!cells.Any(IsNumber) && cells.Any(cell => TableOfSequences.LabelNames.Contains(cell.ToLowerInvariant())));
    }

    // Where labels may be missing: a line of names with one of those looked for, or one above numbers.
    private static bool IsBareTable(string text, LabelColumns columns, bool perStep)
    {
        if (!columns.LabelsOptional || (perStep && columns.Group is null)) return false;
        string[][] lines = [.. Cells(text).Take(2)];
        return lines.Length == 2 && !lines[0].Any(IsNumber)
            && (lines[0].Any(cell => cell == columns.Text || TableOfSequences.TextNames.Contains(cell.ToLowerInvariant())) || lines[1].All(IsNumber));
    }

    private static bool IsFasta(string name) => Path.GetExtension(name).ToLowerInvariant() is ".fa" or ".fasta" or ".fna";

    private static bool IsNumber(string cell) => float.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    // The cells of each line that is not empty, as far as they can be told before the table is read.
    private static IEnumerable<string[]> Cells(string text) => text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)
        .Select(line => line.Split([',', '\t', ';', '|']).Select(cell => cell.Trim().Trim('"')).ToArray());

    // promoters.fa, promoters.train.fa.gz → promoters
    private static string LabelOf(string path) => Path.GetFileName(path).Split('.')[0];
}

/// <summary>
/// Lines of label TAB text, or label TAB part TAB text. Parts are train, valid and test, whole numbers, or words of which each stands in three lines
/// or more on average; where most lines have none, what follows the first tab is text, further tabs included.
/// </summary>
internal static class TextLines
{
    public static IReadOnlyList<LabeledSequence> Read(string text, string source)
    {
        List<LabeledSequence> all = [];
        string[] lines = [.. text.Split('\n').Select(line => line.TrimEnd('\r'))];
        bool parts = HaveParts(lines);
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i];
            if (line.Length == 0) continue;
            string[] fields = line.Split('\t', parts ? 3 : 2);
            if (parts && PartOf(line) is null)
                throw new UserErrorException($"{source}, line {i + 1}: expected a label, a tab, a part or fold as in most lines, a tab and a " +
                    $"text, found '{Table.Shorten(line)}'.");
            if (fields.Length == 1)
                throw new UserErrorException($"{source}, line {i + 1}: expected a label, a tab and a text, found '{Table.Shorten(line)}'; a table " +
                    "needs a header that names its label column.");
            if (fields[0].Trim().Length == 0)
                throw new UserErrorException($"{source}, line {i + 1}: expected a label before the first tab, found nothing.");
            all.Add(new LabeledSequence(source, i + 1)
            {
                Label = fields[0].Trim(), Part = parts ? fields[1].Trim() : "", Text = fields[^1].Trim(),
            });
        }
        return all.Count > 0 ? all : throw new UserErrorException($"{source}: expected lines of label, tab and text, found none.");
    }

    private static bool HaveParts(string[] lines)
    {
        string[] parts = [.. lines.Select(PartOf).OfType<string>()];
        return 2 * parts.Length > lines.Count(line => line.Length > 0)
            && (2 * parts.Count(IsKnown) > parts.Length || 3 * parts.Distinct().Count() <= parts.Length);
    }

    private static bool IsKnown(string part) => PartName.Of(part) is not null || part.All(char.IsAsciiDigit);

    // The second of three fields, where it is one word.
    private static string? PartOf(string line) =>
        line.Split('\t', 3) is [_, var field, _] && field.Trim() is { Length: > 0 } part && !part.Any(char.IsWhiteSpace) ? part : null;
}
