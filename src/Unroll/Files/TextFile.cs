using System.Text;
using System.Text.Unicode;
using Unroll.Core;

namespace Unroll.Files;

/// <summary>Text files in UTF-8: whole, or line by line as a log that survives a crash.</summary>
public static class TextFile
{
    private const int Longest = 1 << 28;

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes a text, completely or not at all.</summary>
    /// <exception cref="UserErrorException">The file system reported an error.</exception>
    public static void Write(string path, string text) => AtomicFile.Write(path, stream => stream.Write(s_utf8.GetBytes(text)));

    /// <summary>The whole text, or null where there is no such file; a byte order mark is passed over.</summary>
    /// <exception cref="UserErrorException">The file system reported an error, or the file is no text in UTF-8: names line and byte.</exception>
    public static string? ReadIfThere(string path)
    {
        if (!File.Exists(path)) return null;
        byte[] bytes = InputFile.Bytes(path, "a text", Longest);
        ReadOnlySpan<byte> utf8 = bytes is [0xEF, 0xBB, 0xBF, ..] ? bytes.AsSpan(3) : bytes;
        if (Utf8.IsValid(utf8)) return s_utf8.GetString(utf8);
        int at = 0;
        while (Rune.DecodeFromUtf8(utf8[at..], out _, out int length) == System.Buffers.OperationStatus.Done) at += length;
        throw new UserErrorException($"{path}, line {utf8[..at].Count((byte)'\n') + 1}: expected text in UTF-8, found the byte 0x{utf8[at]:X2} "
            + $"of another encoding; save the file as UTF-8.");
    }

    /// <summary>Adds a line at the end, and the file if there is none.</summary>
    /// <param name="path">The file; it must end with a line break, as <see cref="KeepLines"/> leaves it.</param>
    /// <param name="line">Without line breaks.</param>
    /// <param name="toDisk">Whether to wait until it is on the disk; else it survives the end of the program, but not that of the machine.</param>
    /// <exception cref="UserErrorException">The file system reported an error.</exception>
    public static void AppendLine(string path, string line, bool toDisk = true)
    {
        try
        {
            using Stream stream = Disk.Append(path);
            stream.Write(s_utf8.GetBytes(line + "\n"));
            Disk.Flush(stream, path, toDisk);
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw FileErrors.Writing(path, e);
        }
    }

    /// <summary>
    /// The complete lines; a last one without its line break was torn by a crash and is left out. None where there is no such file.
    /// </summary>
    /// <exception cref="UserErrorException">The file system reported an error.</exception>
    public static IReadOnlyList<string> ReadLines(string path) => ReadIfThere(path) is string text ? text.Split('\n')[..^1] : [];

    /// <summary>
    /// Cuts the file after its first <paramref name="count"/> complete lines, completely or not at all; a file that has no more is not written.
    /// </summary>
    /// <returns>How many lines there are now: fewer than <paramref name="count"/> where there were fewer.</returns>
    /// <exception cref="UserErrorException">The file system reported an error.</exception>
    public static int KeepLines(string path, int count)
    {
        if (ReadIfThere(path) is not string text) return 0;
        int end = 0, lines = 0;
        for (int at; lines < count && (at = text.IndexOf('\n', end)) >= 0; lines++) end = at + 1;
        if (end < text.Length) Write(path, text[..end]);
        return lines;
    }
}
