namespace Unroll.Tasks.Data.Text;

//  <unk> of a text ↔ \<unk>        \<unk> of a text ↔ \\<unk>

/// <summary>
/// Keeps words of a text apart from the symbols of this library that are written alike: such a word has a backslash before it in a vocabulary.
/// </summary>
internal static class OwnSymbols
{
    private const char Mark = '\\';

    /// <summary>A word as a vocabulary has it.</summary>
    public static string Marked(string word) => IsAlike(word) ? Mark + word : word;

    /// <inheritdoc cref="Marked(string)"/>
    public static ReadOnlySpan<char> Marked(ReadOnlySpan<char> word) => IsAlike(word) ? Mark + word.ToString() : word;

    /// <summary>A symbol of a vocabulary as a text has it.</summary>
    public static string Plain(string symbol) => symbol.StartsWith(Mark) && IsAlike(symbol) ? symbol[1..] : symbol;

    private static bool IsAlike(ReadOnlySpan<char> word) =>
        word is [.., '>'] && word.TrimStart(Mark) is Vocabulary.UnknownSymbol or TextSymbols.EndOfLine;
}
