using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Unroll.Core;
using Unroll.Files;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.Sequences;

/// <summary>One line of a BED file.</summary>
/// <param name="Name">The sequence.</param>
/// <param name="Start">The first base, from 0.</param>
/// <param name="End">The base after the last.</param>
/// <param name="Label">The fourth field; <c>feature</c> where there is none.</param>
/// <param name="Line">Where it stands, from 1.</param>
public sealed record BedInterval(string Name, int Start, int End, string Label, int Line);

/// <summary>
/// Reads intervals on sequences in the BED format (UCSC Genome Browser): name, start, end, label; fields beyond these are passed over.
/// </summary>
public static class BedReader
{
    /// <summary>What an interval without a label is called.</summary>
    public const string Unnamed = "feature";

    /// <summary>Reads a file, gzipped or not.</summary>
    /// <param name="path">A file, or what was handed over under that name.</param>
    /// <param name="files">What names stand for; null: files of the disk.</param>
    /// <exception cref="UserErrorException">It cannot be read, or is no such file; the message names the line.</exception>
    public static IReadOnlyList<BedInterval> ReadFile(string path, DataFiles? files = null)
    {
        byte[] bytes = InputFile.Unpacked((files ?? DataFiles.Disk).Bytes(path, "a BED file"), path);
        if (!Utf8.IsValid(bytes) || bytes.AsSpan().Contains((byte)0))
            throw new UserErrorException($"{path}: expected a BED file, which is text, found a binary file.");
        List<BedInterval> all = [];
        int number = 0;
        foreach (string raw in Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF').Split('\n'))
        {
            number++;
            string line = raw.Trim();
            if (line.Length == 0 || line[0] == '#') continue;
            if (line.Split(' ', '\t')[0] is "track" or "browser") continue;
            string[] fields = line.Contains('\t') ? line.Split('\t') : line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 3 || !Place(fields[1], out int start) || !Place(fields[2], out int end) || end <= start)
                throw new UserErrorException($"{path}, line {number}: expected a name, a start from 0, an end beyond it and perhaps a label, " +
                    $"found '{Table.Shorten(line)}'.");
            all.Add(new BedInterval(fields[0], start, end, fields.Length > 3 && fields[3].Trim().Length > 0 ? fields[3].Trim() : Unnamed, number));
        }
        return all.Count > 0 ? all : throw new UserErrorException($"{path}: expected intervals in BED form (name, start, end, label), found none.");
    }

    private static bool Place(string field, out int place) => int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out place);
}
