using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Unroll.Core;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.Text;

namespace Unroll.Tasks.Data.Sequences;

/// <summary>One line of a BED file, or one block of it.</summary>
/// <param name="Name">The sequence.</param>
/// <param name="Start">The first base, from 0.</param>
/// <param name="End">The base after the last.</param>
/// <param name="Label">The fourth field; <c>feature</c> where there is none.</param>
/// <param name="Line">Where it stands, from 1.</param>
public sealed record BedInterval(string Name, int Start, int End, string Label, int Line);

/// <summary>
/// Reads intervals on sequences in the BED format (UCSC Genome Browser): name, start, end, label; of lines with blocks (BED12) the blocks. Lines for
/// a browser, comments, and the fields of scores, thick parts and colors are passed over.
/// </summary>
public static class BedReader
{
    /// <summary>What an interval without a label is called.</summary>
    public const string Unnamed = "feature";

    private const int Strand = 5, BlockCount = 9, BlockSizes = 10, BlockStarts = 11;

    /// <summary>Reads a file, gzipped or not.</summary>
    /// <param name="path">A file, or what was handed over under that name.</param>
    /// <param name="files">What names stand for; null: files of the disk.</param>
    /// <exception cref="UserErrorException">It cannot be read, or is no such file; the message names the line.</exception>
    public static IReadOnlyList<BedInterval> ReadFile(string path, DataFiles? files = null)
    {
        files ??= DataFiles.Disk;
        string source = DataFiles.Called(path);
        byte[] bytes = files.Bytes(path, "a BED file");
        if (!Utf8.IsValid(bytes) || bytes.AsSpan().Contains((byte)0))
            throw new UserErrorException($"{source}: expected a BED file, which is text, found a binary file.");
        List<BedInterval> all = [];
        (int Count, int Line) empty = default, blocks = default, reverse = default;
        int number = 0, lines = 0;
        foreach (string raw in Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF').ReplaceLineEndings("\n").Split('\n'))
        {
            number++;
            string line = raw.Trim();
            if (line.Length == 0 || line[0] == '#') continue;
            if (line.Split(' ', '\t')[0] is "track" or "browser") continue;
            string[] fields = line.Contains('\t') ? line.Split('\t') : line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 3 || fields[0].Length == 0 || !Whole(fields[1], out int start) || !Whole(fields[2], out int end) || end < start)
                throw new UserErrorException($"{source}, line {number}: expected a name, a start from 0, an end beyond it and perhaps a label, " +
                    $"found '{Table.Shorten(line)}'.");
            lines++;
            string label = fields.Length > 3 && fields[3].Trim().Length > 0 ? PlainText.Composed(fields[3].Trim()) : Unnamed;
            BedInterval whole = new(PlainText.Composed(fields[0]), start, end, label, number);
            if (fields.Length > Strand && fields[Strand].Trim() == "-") Count(ref reverse);
            if (fields.Length > BlockCount && fields[BlockCount].Trim() is not ("0" or "1"))
            {
                Count(ref blocks);
                all.AddRange(Blocks(whole, fields, source));
            }
            else if (end == start) Count(ref empty);
            else all.Add(whole);
        }
        if (lines == 0) throw new UserErrorException($"{source}: expected intervals in BED form (name, start, end, label), found none.");
        if (all.Count == 0)
            throw new UserErrorException(
                $"{source}: no interval covers a base: each of the {lines:N0} ends where it starts, line {empty.Line} first.");
        Say(empty, "cover no base because start and end are equal, and are passed over");
        Say(blocks, "have several blocks: the blocks get the label, what lies between them does not");
        Say(reverse, "lie on the other strand ('-'): their bases get the label where they stand, and are read forward like all others");
        return all;

        void Count(ref (int Count, int Line) seen) => seen = (seen.Count + 1, seen.Count == 0 ? number : seen.Line);

        void Say((int Count, int Line) seen, string what)
        {
            if (seen.Count > 0)
                files.Note(FormattableString.Invariant($"{source}: {seen.Count:N0} of {lines:N0} intervals, line {seen.Line} first, ") + what + ".");
        }
    }

    // Sizes and starts of the blocks, the starts relative to that of the interval, a comma after each.
    private static IEnumerable<BedInterval> Blocks(BedInterval whole, string[] fields, string source)
    {
        int[] sizes = Numbers(BlockSizes), starts = Numbers(BlockStarts);
        if (!Whole(fields[BlockCount].Trim(), out int count) || sizes.Length != count || starts.Length != count)
            throw Wrong($"as many sizes and starts of blocks as field {BlockCount + 1} says, found {sizes.Length} and {starts.Length}");
        for (int i = 0; i < count; i++)
        {
            long start = (long)whole.Start + starts[i], end = start + sizes[i];
            if (end > whole.End) throw Wrong($"blocks within {whole.Start} … {whole.End}, found one from {start} to {end}");
            if (sizes[i] > 0) yield return whole with { Start = (int)start, End = (int)end };
        }

        int[] Numbers(int field) => fields.Length <= field ? [] : [.. fields[field].TrimEnd().TrimEnd(',').Split(',')
            .Select(one => Whole(one.Trim(), out int value) ? value
                : throw Wrong($"whole numbers in field {field + 1}, found '{Table.Shorten(one)}'"))];

        UserErrorException Wrong(string what) => new($"{source}, line {whole.Line}: expected {what}.");
    }

    private static bool Whole(string field, out int place) => int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out place);
}
