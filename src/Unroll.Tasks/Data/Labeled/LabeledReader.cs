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
        string name = DataFiles.WithoutGz(path);
        if (name.EndsWith("-ubyte", StringComparison.Ordinal) || name.EndsWith(".idx", StringComparison.Ordinal))
        {
            RefuseColumns(path, columns, "images");
            return IdxReader.ReadImages(path, files);
        }
        string source = DataFiles.Called(path);
        if (IsFasta(name)) return Fasta(FastaReader.Each(path, files));
        byte[] bytes = TableText.InUtf8(files.Bytes(path, "a file of labeled sequences"));
        if (bytes is [(byte)'>' or (byte)';', ..] or [0xEF, 0xBB, 0xBF, (byte)'>' or (byte)';', ..])
            return Fasta(FastaReader.Read(bytes, source, files.Note));
        if (bytes.Length == 0) throw new UserErrorException($"{source}: the file is empty; expected labeled sequences.");
        if (!Utf8.IsValid(bytes) || bytes.AsSpan().Contains((byte)0))
            throw new UserErrorException($"{source}: expected text in UTF-8, found bytes of another kind; save the file as UTF-8.");
        string text = PlainText.Composed(Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF'));
        if (perStep && columns.Group is null && TokenLines.Is(name, text, columns)) return TokenLines.Read(text, source, name, columns, files.Note);
        if (LabeledForm.IsTable(text, columns, perStep))
        {
            if (Quoting.Of(text, TableReader.SeparatorOf(text)).Note(source) is { } quotes) files.Note(quotes);
            return TableOfSequences.Read(TableReader.Read(Encoding.UTF8.GetBytes(text), source, files.Note), columns, perStep, files.Note);
        }
        return perStep ? TokenLines.Read(text, source, name, columns, files.Note) : TextLines.Read(text, source, columns.LabelsOptional, files.Note);

        IReadOnlyList<LabeledSequence> Fasta(IEnumerable<FastaRecord> records)
        {
            RefuseColumns(path, columns, "FASTA");
            return [.. records.Select(one => new LabeledSequence(source, one.Line) { Name = one.Name, Text = one.Letters, Label = LabelOf(path) })];
        }
    }

    private static void RefuseColumns(string path, LabelColumns columns, string form)
    {
        if (!columns.AreNamed || columns.LabelsOptional || columns.Expected is not null) return;
        string option = columns.Label is not null ? "label" : columns.Text is not null ? "text" : columns.Part is not null ? "part" : "group";
        throw new UserErrorException($"{DataFiles.Called(path)}: it holds {form} and has no columns, and one was named ({option}); leave that out, " +
            "or give a table.");
    }

    private static bool IsFasta(string name) => Path.GetExtension(name).ToLowerInvariant() is ".fa" or ".fasta" or ".fna";

    // promoters.fa, promoters.train.fa.gz → promoters
    private static string LabelOf(string path) => Path.GetFileName(path).Split('.')[0];
}
