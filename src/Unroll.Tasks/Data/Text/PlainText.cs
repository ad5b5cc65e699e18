using System.Text;
using System.Text.Unicode;
using Unroll.Core;
using Unroll.Files;

namespace Unroll.Tasks.Data.Text;

/// <summary>
/// Text files as people have them: UTF-8, with or without a byte order mark, with line breaks of any system, gzipped or not, in any of the forms in
/// which Unicode can write a character.
/// </summary>
public static class PlainText
{
    private const int PieceOfText = 1 << 16;
    private const long MaxBytes = 1L << 30;                 // two bytes a character: an array holds no more than twice that

    /// <summary>Reads a text; its line breaks become <c>\n</c>, a byte order mark goes.</summary>
    /// <param name="name">A file, or what was handed over under that name.</param>
    /// <param name="files">What names stand for.</param>
    /// <exception cref="UserErrorException">
    /// There is no such file, it is empty, or it is not UTF-8: the message names the line and the byte.
    /// </exception>
    public static string Read(string name, DataFiles files)
    {
        string called = DataFiles.Called(name);
        bool handed = files.Has(name) || name == DataFiles.StandardInput;
        string text = Decode(handed ? files.Bytes(name, "a text") : Bytes(name), called);
        if (text.Length == 0) throw new UserErrorException($"{called}: the text is empty; expected some characters.");
        return text;
    }

    /// <summary>Reads a text from the bytes of a file.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="UserErrorException">It is not UTF-8.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            throw new UserErrorException($"{name}: expected text in UTF-8, found a file in UTF-16; save it as UTF-8.");
        if (bytes.IndexOf((byte)0) is >= 0 and int zero)
            throw new UserErrorException($"{name}, line {LineOf(bytes, zero)}, byte {zero}: expected text, found a zero byte: the file is binary, " +
                "or in another encoding.");
        if (!Utf8.IsValid(bytes))
        {
            int at = FirstInvalid(bytes);
            throw new UserErrorException($"{name}, line {LineOf(bytes, at)}, byte {at}: expected text in UTF-8, found the byte 0x{bytes[at]:X2} of " +
                "another encoding; save the file as UTF-8.");
        }
        if (bytes is [0xEF, 0xBB, 0xBF, ..]) bytes = bytes[3..];
        return Unify(Encoding.UTF8.GetString(bytes));
    }

    private static byte[] Bytes(string path)
    {
        FileErrors.RequireName(path);
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return InputFile.Unpacked(InputFile.Bytes(stream, path, MaxBytes), path);
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw FileErrors.Reading(path, e);
        }
    }

    /// <summary>
    /// A text in form C, so that equal characters are equal (é in one character or two), whose line breaks of any system have become <c>\n</c>: LF,
    /// CR LF and CR end a line; all other blanks, line separators of Unicode included, are blanks within it.
    /// </summary>
    public static string Unify(string text) => Composed(text.Contains('\r') ? text.Replace("\r\n", "\n").Replace('\r', '\n') : text);

    /// <summary>A text in form C; halves of surrogate pairs, which are no characters, become U+FFFD.</summary>
    internal static string Composed(string text)
    {
        const char firstMark = '\u0300';                     // all before it is in form C
        if (Ascii.IsValid(text) || !text.AsSpan().ContainsAnyInRange(firstMark, char.MaxValue)) return text;
        if (!IsWhole(text)) text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        if (text.Length < PieceOfText) return Nfc.Of(text);
        StringBuilder all = new(text.Length);                 // line by line, since nothing joins over the end of one
        for (int at = 0, end; at < text.Length; at = end)
        {
            int line = text.IndexOf('\n', Math.Min(at + PieceOfText, text.Length));
            end = line < 0 ? text.Length : line + 1;
            all.Append(Nfc.Of(text[at..end]));
        }
        return all.ToString();
    }

    private static bool IsWhole(string text)
    {
        for (int at = 0; at < text.Length; at++)
            if (char.IsSurrogatePair(text, at)) at++;
            else if (char.IsSurrogate(text[at])) return false;
        return true;
    }

    private static int LineOf(ReadOnlySpan<byte> bytes, int at) => bytes[..at].Count((byte)'\n') + 1;

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        while (at < bytes.Length && Rune.DecodeFromUtf8(bytes[at..], out _, out int length) == System.Buffers.OperationStatus.Done) at += length;
        return at;
    }
}
