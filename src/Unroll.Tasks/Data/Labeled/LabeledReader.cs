using System.Text;
using System.Text.Unicode;
using Unroll.Core;
using Unroll.Tasks.Data.Sequences;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.Text;

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
                .Select(one => new LabeledSequence(source, one.Line) { Name = one.Name, Text = one.Letters, Label = LabelOf(path) })];
        if (bytes.Length == 0) throw new UserErrorException($"{source}: the file is empty; expected labeled sequences.");
        if (!Utf8.IsValid(bytes) || bytes.AsSpan().Contains((byte)0))
            throw new UserErrorException($"{source}: expected text in UTF-8, found bytes of another kind; save the file as UTF-8.");
        string text = Nfc.Of(Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF'));
        if (LabeledForm.IsTable(text, columns, perStep))
        {
            if (Quoting.Of(text, TableReader.SeparatorOf(text)).Note(source) is { } quotes) files.Note(quotes);
            return TableOfSequences.Read(TableReader.Read(Encoding.UTF8.GetBytes(text), source, files.Note), columns, perStep, files.Note);
        }
        return perStep ? TokenLines.Read(text, source) : TextLines.Read(text, source, keepBlank: columns.LabelsOptional);
    }

    private static bool IsFasta(string name) => Path.GetExtension(name).ToLowerInvariant() is ".fa" or ".fasta" or ".fna";

    // promoters.fa, promoters.train.fa.gz → promoters
    private static string LabelOf(string path) => Path.GetFileName(path).Split('.')[0];
}
