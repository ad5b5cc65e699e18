using System.Text;

namespace Unroll.Tests.Architecture;

/// <summary>The texts of string literals in C#, without comments and without the code inside of interpolations, whose own strings count.</summary>
internal static class CSharpStrings
{
    /// <param name="text">C#.</param>
    /// <returns>Text by text, an interpolation as <c>{}</c>; escapes as they are written.</returns>
    public static IReadOnlyList<string> Of(string text)
    {
        List<string> found = [];
        Code(text, 0, inHole: false, found);
        return found;
    }

    // Up to the end, or to the brace that ends an interpolation.
    private static int Code(string text, int at, bool inHole, List<string> found)
    {
        for (int depth = 0; at < text.Length; at++)
        {
            ReadOnlySpan<char> rest = text.AsSpan(at);
            if (rest.StartsWith("//")) at += Length(rest, "\n", 0) - 1;
            else if (rest.StartsWith("/*")) at += Length(rest, "*/", 2) - 1;
            else if (rest[0] == '\'') at += rest[1] == '\\' ? 3 + rest[3..].IndexOf('\'') : 1 + rest[1..].IndexOf('\'');
            else if (rest[0] is '"' or '$' or '@' && Opening(rest) is { } opening) at = String(text, at + opening.Length, opening, found) - 1;
            else if (rest[0] == '{') depth++;
            else if (rest[0] == '}' && --depth < 0 && inHole) return at + 1;
        }
        return at;
    }

    private readonly record struct Start(int Length, int Quotes, int Dollars, bool Verbatim);

    private static Start? Opening(ReadOnlySpan<char> rest)
    {
        int marks = rest.IndexOfAnyExcept('$', '@');
        if (marks < 0 || rest[marks] != '"') return null;
        int quotes = rest[marks..].IndexOfAnyExcept('"') is int n && n >= 0 ? n : rest.Length - marks;
        if (quotes == 2) quotes = 1;                                                             // an empty string
        return new Start(marks + quotes, quotes, rest[..marks].Count('$'), rest[..marks].Contains('@') || quotes >= 3);
    }

    private static int String(string text, int at, Start start, List<string> found)
    {
        StringBuilder literal = new();
        string end = new('"', start.Quotes), hole = new('{', Math.Max(1, start.Dollars));
        bool raw = start.Quotes >= 3;
        while (at < text.Length)
        {
            ReadOnlySpan<char> rest = text.AsSpan(at);
            if (!raw && start.Verbatim && rest.StartsWith("\"\"")) at += 2;
            else if (rest.StartsWith(end)) { at += end.Length; break; }
            else if (!start.Verbatim && rest[0] == '\\') at += 2;
            else if (!raw && start.Dollars > 0 && (rest.StartsWith("{{") || rest.StartsWith("}}"))) at += 2;
            else if (start.Dollars > 0 && rest.StartsWith(hole))
            {
                literal.Append("{}");
                at = Code(text, at + hole.Length, inHole: true, found) + hole.Length - 1;
            }
            else
            {
                literal.Append(rest[0]);
                at++;
            }
        }
        found.Add(literal.ToString());
        return at;
    }

    private static int Length(ReadOnlySpan<char> rest, string mark, int from) =>
        rest[from..].IndexOf(mark) is int found && found >= 0 ? from + found + mark.Length : rest.Length;
}
