using System.Text;
using System.Text.Unicode;
using Unroll.Core;
using Unroll.Files;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.Music;

/// <summary>Reads files of tunes in ABC notation (The abc music standard 2.1, abcnotation.com, December 2011).</summary>
public static class AbcReader
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="UserErrorException">It cannot be read, or holds no tune; the message names the line.</exception>
    public static IReadOnlyList<AbcTune> ReadFile(string path) => Read(InputFile.Bytes(path, "a file of ABC tunes"), path);

    /// <summary>Reads the bytes of a file.</summary>
    /// <param name="bytes">All of them; old collections are Latin-1, and only titles and names hold more than ASCII.</param>
    /// <param name="source">What errors call it.</param>
    /// <exception cref="UserErrorException">There is no tune, or a tune is not one; the message names the line.</exception>
    public static IReadOnlyList<AbcTune> Read(byte[] bytes, string source) => Read(bytes, source, new AbcRemarks());

    /// <summary>Reads text.</summary>
    /// <param name="text">All of it.</param>
    /// <param name="source">What errors call it.</param>
    /// <exception cref="UserErrorException">There is no tune, or a tune is not one; the message names the line.</exception>
    public static IReadOnlyList<AbcTune> Read(string text, string source) => Read(text, source, new AbcRemarks());

    /// <summary>The same, and what is left out or read with a doubt.</summary>
    internal static IReadOnlyList<AbcTune> Read(byte[] bytes, string source, AbcRemarks remarks)
    {
        bool utf16 = bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..];
        if (utf16 || bytes.Contains((byte)0))
            throw new UserErrorException(
                $"{source}: expected ABC tunes as text in UTF-8, found {(utf16 ? "UTF-16" : "a zero byte")}; save the file as UTF-8.");
        return Read(Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : Encoding.Latin1.GetString(bytes), source, remarks);
    }

    /// <inheritdoc cref="Read(byte[], string, AbcRemarks)"/>
    internal static IReadOnlyList<AbcTune> Read(string text, string source, AbcRemarks remarks)
    {
        List<AbcTune> tunes = [];
        AbcScanner scanner = new(source, remarks);
        AbcHeader file = new(source);                                             // the fields before the first empty line are for all tunes
        AbcTuneText? tune = null;
        bool inHeader = true;
        string? block = null;                                                     // of %%begintext … %%endtext
        foreach ((string line, int number) in Lines(text))
        {
            if (Directive(line) is { } directive)
            {
                if (block is null && directive.StartsWith("begin", StringComparison.Ordinal) && directive.Length > 5) block = $"end{directive[5..]}";
                else if (directive == block) block = null;
                else if (block is null) AbcDirective.Remark(line[2..], source, number, remarks);
                continue;
            }
            if (block is not null) continue;
            bool field = AbcHeader.IsField(line, tune is { InBody: true });
            if (field && line[0] == 'X')
            {
                End();
                tune = new AbcTuneText(file.Copy(number), scanner, remarks);
            }
            if (tune is not null && line.Length > 0) tune.Add(line, number, field);
            else if (line.Length == 0) End();
            else if (inHeader && field) file.Field(line[0], line[2..].Trim(), number, remarks);
            else if (line.Contains('|') && !field && IsMusic(line))
                remarks.Doubt("music outside of a tune is left out; a tune begins with a line 'X:' and ends at an empty line", source, number);
        }
        End();
        return tunes.Count > 0 ? tunes
            : throw new UserErrorException($"{source}: expected tunes in ABC notation, each beginning with a line 'X:', found none.");

        void End()
        {
            if (tune is not null) tunes.Add(tune.ToTune());
            (tune, inHeader) = (null, inHeader && file.IsEmpty && tunes.Count == 0);
        }

        bool IsMusic(string line)
        {
            try
            {
                new AbcScanner(source, new AbcRemarks()).Scan(line, 0, _ => { });
                return true;
            }
            catch (UserErrorException)
            {
                return false;
            }
        }
    }

    private static string? Directive(string line) =>
        line.StartsWith("%%", StringComparison.Ordinal) ? line[2..].TrimStart().Split([' ', '\t', ':', '='], 2)[0].ToLowerInvariant() : null;

    // Lines without their comments, an empty one only where nothing stood; a field that goes on behind +: is one line, of its first number.
    private static IEnumerable<(string Line, int Number)> Lines(string text)
    {
        (string Line, int Number)? before = null;
        int number = 0;
        foreach (ReadOnlyMemory<char> all in Split(text.TrimStart('\uFEFF')))
        {
            number++;
            string raw = all.ToString().Trim();
            string line = raw.StartsWith("%%", StringComparison.Ordinal) ? raw : WithoutComment(raw).TrimEnd();
            if (line.Length == 0 && raw.Length > 0) continue;                     // a comment ends no tune
            if (line.StartsWith("+:", StringComparison.Ordinal) && before is { } begun && AbcHeader.IsField(begun.Line, inBody: false))
            {
                before = ($"{begun.Line} {line[2..].Trim()}", begun.Number);
                continue;
            }
            if (before is { } done) yield return done;
            before = (line, number);
        }
        if (before is { } last) yield return last;
    }

    // Lines end with \n, \r\n or \r.
    private static IEnumerable<ReadOnlyMemory<char>> Split(string text)
    {
        for (int at = 0; ;)
        {
            int end = text.AsSpan(at).IndexOfAny('\r', '\n') is >= 0 and var length ? at + length : text.Length;
            yield return text.AsMemory(at, end - at);
            if (end == text.Length) yield break;
            at = end + (text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? 2 : 1);
        }
    }

    private static string WithoutComment(string line)
    {
        int at = line.IndexOf('%');
        while (at > 0 && line[at - 1] == '\\') at = line.IndexOf('%', at + 1);    // \% is a percent sign
        return at < 0 ? line : line[..at];
    }
}
