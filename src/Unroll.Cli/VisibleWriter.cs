using System.Buffers;
using System.Globalization;
using System.Text;

namespace Unroll.Cli;

/// <summary>
/// Shows what a terminal would obey instead of showing: control characters, marks that reverse the order of letters, separators of lines that are no
/// line breaks, and characters of no width, as <c>\x1b</c> or <c>\u202e</c>; and halves of characters, which have no bytes. All that the program says
/// goes through it, so that no file can move the cursor, hide a line or fake one.
/// </summary>
/// <param name="inner">Where the text goes. Line breaks and tabs go through.</param>
internal sealed class VisibleWriter(TextWriter inner) : TextWriter(CultureInfo.InvariantCulture)
{
    private const int InputOutputError = 5;                              // EIO

    // The joiners and marks from U+200C to U+200F stay: Persian, Hebrew and emoji are written with them, and they reorder nothing else.
    private static readonly SearchValues<char> s_suspects = SearchValues.Create(
    [
        .. Range(0, 0x1F).Except("\t\n"), .. Range(0x7F, 0x9F), '\u200B', '\u2028', '\u2029', .. Range(0x202A, 0x202E), '\u2060',
        .. Range(0x2066, 0x2069), '\uFEFF', .. Range(0xD800, 0xDFFF),
    ]);

    public override Encoding Encoding => inner.Encoding;

    /// <summary>The text with everything in it visible.</summary>
    internal static string Visible(string text)
    {
        int first = text.AsSpan().IndexOfAny(s_suspects);
        if (first < 0) return text;
        StringBuilder visible = new(text, 0, first, text.Length + 16);
        for (int i = first; i < text.Length; i++)
        {
            char c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) visible.Append(c).Append(text[++i]);
            else if (!s_suspects.Contains(c) || (c == '\r' && i + 1 < text.Length && text[i + 1] == '\n')) visible.Append(c);
            else visible.Append(c <= 0xFF ? "\\x" : "\\u").Append(((int)c).ToString(c <= 0xFF ? "x2" : "x4", CultureInfo.InvariantCulture));
        }
        return visible.ToString();
    }

    public override void Write(char value) => Put(value.ToString(), inner.Write);

    public override void Write(string? value) => Put(value ?? "", inner.Write);

    public override void Write(char[] buffer, int index, int count) => Put(new string(buffer, index, count), inner.Write);

    public override void Write(ReadOnlySpan<char> buffer) => Put(buffer.ToString(), inner.Write);

    public override void WriteLine() => Put("", inner.WriteLine);

    public override void WriteLine(string? value) => Put(value ?? "", inner.WriteLine);

    public override void Flush() => inner.Flush();

    /// <summary>Whether writing failed because the terminal has been closed: nobody reads it, and what is under way is to be saved.</summary>
    internal static bool IsClosed(IOException e) => !OperatingSystem.IsWindows() && e.HResult == InputOutputError;

    private static void Put(string text, Action<string?> write)
    {
        try
        {
            write(Visible(text));
        }
        catch (IOException e) when (IsClosed(e))
        {
            // said to nobody
        }
    }

    private static IEnumerable<char> Range(int first, int last) => Enumerable.Range(first, last - first + 1).Select(code => (char)code);
}
