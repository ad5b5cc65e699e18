using System.Text;

namespace Unroll.Tests.Architecture;

/// <summary>Removes from C# what is not code, line breaks kept: the rules are about code, and a comment may name what code may not.</summary>
internal static class CSharpText
{
    /// <param name="text">C#.</param>
    /// <param name="keepDocs">Leaves <c>///</c> comments in: their <c>cref</c>s are references too.</param>
    public static string CodeOnly(string text, bool keepDocs = false)
    {
        StringBuilder code = new(text.Length);
        for (int i = 0; i < text.Length;)
        {
            int end = TokenEnd(text, i, out bool isCode);
            bool keep = isCode || (keepDocs && text.AsSpan(i).StartsWith("///"));
            foreach (char c in text.AsSpan(i, end - i))
                if (keep || c == '\n') code.Append(c);
            if (!keep) code.Append(' ');
            i = end;
        }
        return code.ToString();
    }

    private static int TokenEnd(string text, int at, out bool isCode)
    {
        ReadOnlySpan<char> rest = text.AsSpan(at);
        isCode = false;
        if (rest.StartsWith("//")) return rest.IndexOf('\n') is int line && line >= 0 ? at + line : text.Length;
        if (rest.StartsWith("/*")) return End(text, "*/", at + 2);
        if (rest.StartsWith("\"\"\"")) return RawStringEnd(text, at);
        if (rest[0] is '"' or '\'') return QuotedEnd(text, at, verbatim: rest[0] == '"' && IsVerbatim(text, at));
        isCode = true;
        return at + 1;
    }

    private static int End(string text, string mark, int from) =>
        text.IndexOf(mark, from, StringComparison.Ordinal) is int found && found >= 0 ? found + mark.Length : text.Length;

    private static int RawStringEnd(string text, int at)
    {
        int quotes = text.AsSpan(at).IndexOfAnyExcept('"');
        return quotes < 0 ? text.Length : End(text, new string('"', quotes), at + quotes);
    }

    private static bool IsVerbatim(string text, int at)
    {
        int i = at;
        while (i > 0 && text[i - 1] is '$' or '@')
            if (text[--i] == '@') return true;
        return false;
    }

    private static int QuotedEnd(string text, int at, bool verbatim)
    {
        for (int i = at + 1; i < text.Length; i++)
        {
            if (text[i] == '\\' && !verbatim) i++;
            else if (text[i] == text[at])
            {
                if (verbatim && i + 1 < text.Length && text[i + 1] == '"') i++;
                else return i + 1;
            }
        }
        return text.Length;
    }
}
