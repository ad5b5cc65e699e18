namespace Unroll.Cells.Definitions;

/// <summary>A line of the text that says something; with those that continue it.</summary>
/// <param name="Tokens">Its tokens, the last an end; of <c>cell NAME</c> and of a line with a colon those before <paramref name="Words"/>.</param>
/// <param name="Words">What stands behind <c>cell</c> or the colon, as it is; null: another line.</param>
internal sealed record CellLine(IReadOnlyList<CellToken> Tokens, string? Words)
{
    /// <summary>The first token.</summary>
    public CellToken First => Tokens[0];

    /// <summary>Where <see cref="Words"/> begin.</summary>
    public SourcePlace WordsPlace { get; init; }
}

/// <summary>Cuts a text into lines and their tokens.</summary>
internal static class CellLines
{
    // An equation that ends with one of these goes on in the next line.
    private const string Open = "+−⊙/(,";

    /// <summary>The lines that say something.</summary>
    /// <param name="source">For messages.</param>
    /// <param name="text">The text.</param>
    /// <param name="comments">Receives the comments before the second line that says something: those at the head.</param>
    public static List<CellLine> Of(CellSource source, string text, List<string> comments)
    {
        List<CellLine> lines = [];
        List<CellToken>? open = null;
        int number = 0;
        string[] all = text.TrimStart('\uFEFF').Split('\n');
        source.Lines = all;
        foreach (string raw in all)
        {
            number++;
            int mark = raw.IndexOf('#', StringComparison.Ordinal);
            string said = (mark < 0 ? raw : raw[..mark]).TrimEnd(), comment = mark < 0 ? "" : raw[(mark + 1)..].Trim();
            CellLexer lexer = new(source, said, number);
            if (said.Length > 0 && open is not null)
            {
                open.RemoveAt(open.Count - 1);
                AddRest(lexer, open);
            }
            else if (said.Length > 0)
            {
                CellLine line = Line(lexer);
                open = line.Words is null ? [.. line.Tokens] : null;
                lines.Add(line);
            }
            if (comment.Length > 0 && lines.Count <= 1 && open is null) comments.Add(comment);
            if (open is null || said.Length == 0) continue;
            lines[^1] = new CellLine([.. open], null);
            if (open.Count < 2 || open[^2].Kind != CellTokenKind.Sign || !Open.Contains(open[^2].Text[0])) open = null;
        }
        return lines;
    }

    private static CellLine Line(CellLexer lexer)
    {
        List<CellToken> tokens = [lexer.Next()];
        if (tokens[0] is { Kind: CellTokenKind.Name, Text: "cell" } && !lexer.Rest.TrimStart().StartsWith('=')) return Words(lexer, tokens);
        if (tokens[0].Kind != CellTokenKind.End) tokens.Add(lexer.Next());
        if (tokens is [_, { } second] && second.Is(':') && !lexer.Rest.StartsWith('=')) return Words(lexer, tokens);
        if (tokens[^1].Kind != CellTokenKind.End) AddRest(lexer, tokens);
        return new CellLine(tokens, null);
    }

    private static CellLine Words(CellLexer lexer, List<CellToken> tokens)
    {
        lexer.SkipBlanks();
        return new CellLine(tokens, lexer.Rest) { WordsPlace = lexer.Place };
    }

    private static void AddRest(CellLexer lexer, List<CellToken> tokens)
    {
        do tokens.Add(lexer.Next());
        while (tokens[^1].Kind != CellTokenKind.End);
    }
}
