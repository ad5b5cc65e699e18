using System.Text;
using System.Text.Unicode;
using Unroll.Core;
using Unroll.Files;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.Sequences;

/// <summary>One sequence of a FASTA file.</summary>
/// <param name="Name">The header's first word.</param>
/// <param name="Description">The rest of the header; may be empty.</param>
/// <param name="Letters">Without breaks, as written.</param>
/// <param name="Line">The line of the header, from 1.</param>
public sealed record FastaRecord(string Name, string Description, string Letters, int Line);

/// <summary>Reads FASTA files of nucleotides (Pearson and Lipman 1988), gzipped or not: sequences on many lines, comments, IUPAC codes.</summary>
public static class FastaReader
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">A file, or what was handed over under that name.</param>
    /// <param name="files">What names stand for; null: files of the disk.</param>
    /// <exception cref="UserErrorException">It cannot be read, or is no such file; the message names line and character.</exception>
    public static IReadOnlyList<FastaRecord> ReadFile(string path, DataFiles? files = null) =>
        Read((files ?? DataFiles.Disk).Bytes(path, "a FASTA file"), DataFiles.Called(path));

    /// <summary>Reads the bytes of a file, unpacking them if they are gzipped.</summary>
    /// <exception cref="UserErrorException">They are no such file; the message names line and character.</exception>
    public static IReadOnlyList<FastaRecord> Read(byte[] bytes, string source)
    {
        bytes = InputFile.Unpacked(bytes, source);
        if (!Utf8.IsValid(bytes) || bytes.AsSpan().Contains((byte)0))
            throw new UserErrorException($"{source}: expected a FASTA file, which is text, found a binary file.");
        List<FastaRecord> records = [];
        StringBuilder letters = new();
        string? header = null;
        int headerLine = 0, number = 0;
        foreach (string raw in Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF').Split('\n'))
        {
            number++;
            string line = raw.Trim();
            if (line.Length == 0 || line[0] == ';') continue;
            if (line[0] == '>')
            {
                End();
                (header, headerLine) = (line[1..].Trim(), number);
                continue;
            }
            if (header is null)
                throw new UserErrorException($"{source}, line {number}: expected a header that begins with '>', found '{Table.Shorten(line)}'.");
            foreach (char letter in line)
            {
                if (letter == '*' || letter is ' ' or '\t') continue;
                if (!Nucleotides.IsCode(letter))
                    throw new UserErrorException($"{source}, line {number}, character {raw.IndexOf(letter) + 1}: expected a nucleotide " +
                        $"(A, C, G, T, U, N, R, Y …), found '{letter}'.");
                letters.Append(letter);
            }
        }
        End();
        return records.Count > 0 ? records
            : throw new UserErrorException($"{source}: expected sequences in FASTA form, each below a line '>name', found none.");

        void End()
        {
            if (header is null) return;
            if (letters.Length == 0)
                throw new UserErrorException($"{source}, line {headerLine}: the sequence '{Table.Shorten(header)}' has no letters.");
            string[] words = header.Split([' ', '\t'], 2);
            records.Add(new FastaRecord(words[0], words.Length > 1 ? words[1].Trim() : "", letters.ToString(), headerLine));
            letters.Clear();
        }
    }
}
