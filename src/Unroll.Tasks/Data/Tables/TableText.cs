using System.Text;
using System.Text.Unicode;
using Unroll.Core;

namespace Unroll.Tasks.Data.Tables;

/// <summary>The bytes of a table before they are taken apart: their encoding, what stands above the header, and what separates fields.</summary>
internal static class TableText
{
    /// <summary>
    /// UTF-8 in which lines that are not part of the table (comments above the header, <c>sep=;</c>) are blank, so that lines keep their numbers.
    /// </summary>
    internal static byte[] Of(byte[] bytes, string source, Action<string>? note, out char separator)
    {
        RefuseBinary(bytes, source);
        RefuseOtherEncodings(bytes, source);
        bytes = InUtf8(bytes);
        List<Range> above = Above(bytes, out char? told);
        if (above.Count > 0)
        {
            bytes = [.. bytes];
            foreach (Range line in above) bytes.AsSpan(line).Fill((byte)' ');
            int comments = above.Count(line => line.End.Value > line.Start.Value + 1) - (told is null ? 0 : 1);
            if (comments > 0)
                note?.Invoke($"{source}: {(comments == 1 ? "a line that begins" : $"{comments} lines that begin")} with # above the header " +
                    $"{(comments == 1 ? "is" : "are")} passed over.");
        }
        separator = told ?? Separator(bytes);
        return bytes;
    }

    /// <summary>UTF-8 of bytes in UTF-16, which says so by its mark, as spreadsheets write it; all others as they are.</summary>
    internal static byte[] InUtf8(byte[] bytes) => bytes switch
    {
        [0xFF, 0xFE, ..] => Encoding.Convert(Encoding.Unicode, Encoding.UTF8, bytes, 2, bytes.Length - 2),
        [0xFE, 0xFF, ..] => Encoding.Convert(Encoding.BigEndianUnicode, Encoding.UTF8, bytes, 2, bytes.Length - 2),
        _ => bytes,
    };

    private static void RefuseBinary(byte[] bytes, string source)
    {
        bool utf16 = bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..];
        if (!utf16 && bytes.AsSpan(0, Math.Min(bytes.Length, 4096)).Contains((byte)0))
            throw new UserErrorException($"{source}: expected CSV text, found a binary file (it holds zero bytes); give a table as .csv.");
    }

    // Bytes that are no UTF-8 would be read as U+FFFD, and two groups or columns could become one. Where they were read so already, as from
    // standard input, that character is what is left of them.
    private static void RefuseOtherEncodings(ReadOnlySpan<byte> bytes, string source)
    {
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] || (Utf8.IsValid(bytes) && bytes.IndexOf("\uFFFD"u8) < 0)) return;
        int line = 1;
        foreach (Range range in bytes.Split((byte)'\n'))
        {
            if (!Utf8.IsValid(bytes[range]) || bytes[range].IndexOf("\uFFFD"u8) >= 0)
                throw new UserErrorException(
                    $"{source}, line {line}: expected text in UTF-8, found bytes of another encoding; save the file as UTF-8.");
            line++;
        }
    }

    // Lines that begin with # above the header, and the line sep=; of spreadsheets. The last # may belong to the header itself: it does where the
    // line has as many separators as the next one, at least one, and the next one holds a number.
    private static List<Range> Above(ReadOnlySpan<byte> bytes, out char? separator)
    {
        List<Range> above = [];
        separator = null;
        for (int at = bytes is [0xEF, 0xBB, 0xBF, ..] ? 3 : 0; at < bytes.Length;)
        {
            int length = bytes[at..].IndexOf((byte)'\n') is >= 0 and var found ? found : bytes.Length - at;
            ReadOnlySpan<byte> line = bytes.Slice(at, length).Trim(" \t\r"u8);
            if (line.Length is 4 or 5 && above.Count == 0 && Ascii(line[..4]).Equals("sep=", StringComparison.OrdinalIgnoreCase))
                separator = line.Length == 4 ? '\t' : (char)line[4];
            else if (line is [(byte)'#', ..])
            {
                ReadOnlySpan<byte> next = Next(bytes[Math.Min(at + length + 1, bytes.Length)..]);
                char mark = Separator(line);
                if (line.Count((byte)mark) is > 0 and int marks && marks == next.Count((byte)mark) && next is not [(byte)'#', ..]
                    && HoldsNumber(next, mark))
                {
                    int sharp = bytes[at..].IndexOf((byte)'#');
                    above.Add(new Range(at + sharp, at + sharp + 1));
                    return above;
                }
            }
            else if (line.Length > 0) return above;
            if (line.Length > 0) above.Add(new Range(at, at + length));
            at += length + 1;
        }
        return above;
    }

    private static bool HoldsNumber(ReadOnlySpan<byte> line, char mark)
    {
        foreach (Range field in line.Split((byte)mark))
            if (line[field].Trim(" \"-$("u8) is [>= (byte)'0' and <= (byte)'9', ..]) return true;
        return false;
    }

    private static ReadOnlySpan<byte> Next(ReadOnlySpan<byte> bytes)
    {
        foreach (Range range in bytes.Split((byte)'\n'))
            if (bytes[range].Trim(" \t\r"u8) is { IsEmpty: false } line) return line;
        return [];
    }

    private static string Ascii(ReadOnlySpan<byte> bytes) => Encoding.ASCII.GetString(bytes);

    // The separator that stands most often in the first line that is not blank, outside quotes; a comma when none does.
    internal static char Separator(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> candidates = ",;\t|"u8;
        Span<int> counts = stackalloc int[4];
        bool quoted = false, seen = false;
        foreach (byte b in bytes)
        {
            if (b == '"') quoted = !quoted;
            if (b == '\n' && seen && !quoted) break;
            seen |= b > ' ' && b < 0x80;
            if (!quoted && candidates.IndexOf(b) is >= 0 and int which) counts[which]++;
        }
        int best = 0;
        for (int i = 1; i < counts.Length; i++)
            if (counts[i] > counts[best]) best = i;
        return (char)candidates[best];
    }
}
