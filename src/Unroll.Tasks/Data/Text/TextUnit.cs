using System.Text;

namespace Unroll.Tasks.Data.Text;

/// <summary>What a symbol of a text is.</summary>
public enum TextUnit
{
    /// <summary>A character: a Unicode code point, line breaks and blanks included.</summary>
    Char,

    /// <summary>
    /// A word between blanks of any kind; the end of a line is a symbol of its own, <see cref="TextSymbols.EndOfLine"/>. A word that is written
    /// like one of the symbols has a backslash before it, so that it stays a word.
    /// </summary>
    Word,

    /// <summary>
    /// A piece of a word: byte pairs learned from the training part (<see cref="BytePairs"/>), with <see cref="TextSymbols.EndOfLine"/> as for words.
    /// </summary>
    Bpe,
}

/// <summary>Cuts a text into symbols, one after the other, without copying.</summary>
/// <param name="text">The text.</param>
/// <param name="unit">What a symbol is.</param>
/// <param name="openEnd">Whether a last line of words without its line break goes on: then it has no end-of-line symbol.</param>
public ref struct TextSymbols(ReadOnlySpan<char> text, TextUnit unit, bool openEnd = false)
{
    /// <summary>The symbol for the end of a line of words.</summary>
    public const string EndOfLine = "<eos>";

    private ReadOnlySpan<char> _rest = text;
    private bool _inLine;                                    // words of the line have been read

    /// <summary>The symbol that was read.</summary>
    public ReadOnlySpan<char> Current { get; private set; }

    /// <summary>Reads the next symbol; of pieces of words the next word.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Next() => unit == TextUnit.Char ? NextCharacter() : NextWord();

    /// <summary>Writes a symbol after others, so that the text can be read.</summary>
    /// <param name="into">Receives it.</param>
    /// <param name="symbol">The symbol.</param>
    /// <param name="unit">What a symbol is.</param>
    public static void Append(StringBuilder into, string symbol, TextUnit unit)
    {
        if (unit == TextUnit.Char) into.Append(symbol);
        else if (symbol == EndOfLine) into.Append('\n');
        else if (unit == TextUnit.Bpe && symbol.Length > 1 && symbol[0] == BytePairs.Glue) into.Append(symbol.AsSpan(1));
        else into.Append(into.Length == 0 || into[^1] == '\n' ? "" : " ").Append(OwnSymbols.Plain(symbol));
    }

    private bool NextCharacter()
    {
        if (_rest.IsEmpty) return false;
        int length = char.IsHighSurrogate(_rest[0]) && _rest.Length > 1 && char.IsLowSurrogate(_rest[1]) ? 2 : 1;
        Current = _rest[..length];
        _rest = _rest[length..];
        return true;
    }

    private bool NextWord()
    {
        int start = 0;
        while (start < _rest.Length && _rest[start] != '\n' && char.IsWhiteSpace(_rest[start])) start++;
        if (start == _rest.Length)
        {
            bool ends = _inLine && !openEnd;
            _rest = default;
            _inLine = false;
            Current = EndOfLine;
            return ends;
        }
        int end = start;
        while (end < _rest.Length && !char.IsWhiteSpace(_rest[end])) end++;
        _inLine = end > start;
        Current = _inLine ? OwnSymbols.Marked(_rest[start..end]) : EndOfLine;
        _rest = _rest[(_inLine ? end : start + 1)..];
        return true;
    }
}
