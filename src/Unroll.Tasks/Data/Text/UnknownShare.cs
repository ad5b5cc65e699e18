using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.Text;

/// <summary>How much of some text a model does not know: counted while it is read, said at the end.</summary>
/// <param name="what">What symbols are called, in the plural: words, characters.</param>
internal sealed class UnknownShare(string what)
{
    private long _all, _unknown;
    private string _first = "", _where = "";

    /// <summary>Counts a symbol.</summary>
    /// <param name="symbol">As the text has it.</param>
    /// <param name="known">Whether the model knows it.</param>
    /// <param name="where">Where it stands; asked for the first unknown one alone.</param>
    public void Add(ReadOnlySpan<char> symbol, bool known, Func<string> where)
    {
        _all++;
        if (!known && _unknown++ == 0) (_first, _where) = (symbol.ToString(), where());
    }

    /// <summary>A line for the user; null where all are known.</summary>
    /// <param name="source">What notes call the text.</param>
    /// <param name="meaning">What becomes of unknown ones, in half a sentence: "each is read as the unknown word".</param>
    public string? Note(string source, string meaning) => _unknown == 0 ? null
        : FormattableString.Invariant($"note: {source}: {_unknown:N0} of {_all:N0} {what} ({100.0 * _unknown / _all:0.#} %) are not among those ") +
            $"that the model knows, {Visible(_first)} in {_where} first; {meaning}.";

    // A blank by its number: it could not be told from another one.
    private static string Visible(string symbol) => symbol is "\n" or TextSymbols.EndOfLine ? "the end of a line"
        : string.IsNullOrWhiteSpace(symbol) ? $"U+{(int)symbol[0]:X4}" : $"'{Table.Shorten(symbol)}'";
}
