using Unroll.Core;
using Unroll.Files;

namespace Unroll.Tasks.Data.Sequences;

/// <summary>One sequence of a FASTA file.</summary>
/// <param name="Name">The header's first word; empty where it has none.</param>
/// <param name="Description">The rest of the header; may be empty.</param>
/// <param name="Letters">Without breaks, as written.</param>
/// <param name="Line">The line of the header, from 1.</param>
public sealed record FastaRecord(string Name, string Description, string Letters, int Line);

/// <summary>
/// Reads FASTA files of nucleotides (Pearson and Lipman 1988), gzipped or not: sequences on many lines, comments, IUPAC codes in capital letters or
/// small ones (which mask repeats and mean the same here), gaps; the sign <c>*</c> may end a sequence.
/// </summary>
public static class FastaReader
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">A file, or what was handed over under that name.</param>
    /// <param name="files">What names stand for; null: files of the disk.</param>
    /// <exception cref="UserErrorException">It cannot be read, or is no such file; the message names line and character.</exception>
    public static IReadOnlyList<FastaRecord> ReadFile(string path, DataFiles? files = null) => [.. Each(path, files ?? DataFiles.Disk)];

    /// <summary>Reads the bytes of a file, unpacking them if they are gzipped.</summary>
    /// <param name="bytes">All of them.</param>
    /// <param name="source">What errors call them.</param>
    /// <param name="note">Receives what was passed over or doubted; null: nobody.</param>
    /// <exception cref="UserErrorException">They are no such file; the message names line and character.</exception>
    public static IReadOnlyList<FastaRecord> Read(byte[] bytes, string source, Action<string>? note = null)
    {
        using Stream stream = InputFile.Unpacking(new MemoryStream(bytes), source);
        return [.. Each(stream, source, note)];
    }

    /// <summary>The records of a file one after the other: no more than one need lie in memory.</summary>
    /// <exception cref="UserErrorException">As of <see cref="ReadFile"/>, while it is read.</exception>
    internal static IEnumerable<FastaRecord> Each(string path, DataFiles files)
    {
        using Stream stream = files.Open(path, "a FASTA file");
        foreach (FastaRecord one in Each(stream, DataFiles.Called(path), files.Note)) yield return one;
    }

    private static IEnumerable<FastaRecord> Each(Stream stream, string source, Action<string>? note)
    {
        FastaStream records = new(stream, source, note);
        while (records.Next() is { } one) yield return one;
    }
}
