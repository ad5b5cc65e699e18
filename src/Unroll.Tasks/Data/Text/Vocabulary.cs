using Unroll.Core;

namespace Unroll.Tasks.Data.Text;

/// <summary>
/// The symbols that a model knows, numbered: 0 is <see cref="UnknownSymbol"/>, which stands for all others; then by how often the training part had
/// them, ties in the order of their code points.
/// </summary>
public sealed class Vocabulary
{
    /// <summary>What stands for a symbol that is not in the vocabulary.</summary>
    public const string UnknownSymbol = "<unk>";

    /// <summary>The number of <see cref="UnknownSymbol"/>.</summary>
    public const int Unknown = 0;

    private readonly Dictionary<string, int> _numbers;

    /// <summary>A vocabulary of given symbols, as a model file has it.</summary>
    /// <param name="symbols">In the order of their numbers; the first is <see cref="UnknownSymbol"/>.</param>
    /// <param name="counts">How often the training part had each; as many.</param>
    /// <exception cref="UserErrorException">A symbol stands twice, the first is another one, or there are not as many counts.</exception>
    public Vocabulary(IReadOnlyList<string> symbols, IReadOnlyList<long> counts)
    {
        if (symbols.Count == 0 || symbols[0] != UnknownSymbol)
            throw new UserErrorException(
                $"vocabulary: expected '{UnknownSymbol}' as the first symbol, found {(symbols.Count == 0 ? "none" : $"'{symbols[0]}'")}.");
        if (counts.Count != symbols.Count || counts.Any(count => count < 0))
            throw new UserErrorException(
                $"vocabulary: expected a count of at least 0 for each of {symbols.Count} symbols, found {counts.Count} counts.");
        (Symbols, Counts, _numbers) = (symbols, counts, new Dictionary<string, int>(symbols.Count));
        for (int i = 0; i < symbols.Count; i++)
            if (!_numbers.TryAdd(symbols[i], i)) throw new UserErrorException($"vocabulary: the symbol '{symbols[i]}' stands twice.");
    }

    /// <summary>The symbols in the order of their numbers.</summary>
    public IReadOnlyList<string> Symbols { get; }

    /// <summary>How often the training part had each; that of the unknown symbol counts all that it stands for.</summary>
    public IReadOnlyList<long> Counts { get; }

    /// <summary>How many symbols there are, the unknown one included.</summary>
    public int Size => Symbols.Count;

    /// <summary>The number of a symbol; <see cref="Unknown"/> for one that is not there.</summary>
    public int this[ReadOnlySpan<char> symbol] =>
        _numbers.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(symbol, out int number) ? number : Unknown;

    /// <summary>The symbols of a text, numbered.</summary>
    /// <param name="text">The text.</param>
    /// <param name="unit">What a symbol is.</param>
    /// <param name="openEnd">As <see cref="TextSymbols"/> has it.</param>
    public int[] Encode(ReadOnlySpan<char> text, TextUnit unit, bool openEnd = false)
    {
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> numbers = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        List<int> encoded = new(unit == TextUnit.Char ? text.Length : text.Length / 5);
        TextSymbols symbols = new(text, unit, openEnd);
        while (symbols.Next()) encoded.Add(numbers.TryGetValue(symbols.Current, out int number) ? number : Unknown);
        return [.. encoded];
    }

    /// <summary>The same symbols, counted in another text.</summary>
    /// <param name="symbols">The text, numbered.</param>
    public Vocabulary CountedIn(ReadOnlySpan<int> symbols)
    {
        long[] counts = new long[Size];
        foreach (int symbol in symbols) counts[symbol]++;
        return new Vocabulary(Symbols, counts);
    }

    /// <summary>The vocabulary of a training text.</summary>
    /// <param name="text">The training part.</param>
    /// <param name="unit">What a symbol is.</param>
    /// <param name="max">The maximum number of symbols, the unknown one included; null: no limit.</param>
    /// <param name="minCount">How often a symbol must occur there to be taken in.</param>
    /// <param name="unknownWord">The word that the text itself has for words that it does not know; null: none.</param>
    public static Vocabulary Of(ReadOnlySpan<char> text, TextUnit unit, int? max = null, int minCount = 1, string? unknownWord = null)
    {
        Dictionary<string, long> counts = [];
        Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        TextSymbols symbols = new(text, unit);
        while (symbols.Next()) lookup[symbols.Current] = lookup.TryGetValue(symbols.Current, out long count) ? count + 1 : 1;
        if (unknownWord is null || !counts.Remove(OwnSymbols.Marked(unknownWord), out long unknown)) return Of(counts, max, minCount);
        Vocabulary known = Of(counts, max, minCount);
        return new Vocabulary(known.Symbols, [known.Counts[Unknown] + unknown, .. known.Counts.Skip(1)]);
    }

    /// <summary>The vocabulary of counted symbols.</summary>
    /// <param name="counts">How often each stands in the training part; one that is written as <see cref="UnknownSymbol"/> is it.</param>
    /// <param name="max">The maximum number of symbols, the unknown one included; null: no limit.</param>
    /// <param name="minCount">How often a symbol must occur there to be taken in.</param>
    public static Vocabulary Of(IReadOnlyDictionary<string, long> counts, int? max = null, int minCount = 1)
    {
        KeyValuePair<string, long>[] taken = [.. counts.Where(pair => pair.Value >= minCount && pair.Key != UnknownSymbol)
            .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Take((max ?? int.MaxValue) - 1)];
        long others = counts.Values.Sum() - taken.Sum(pair => pair.Value);
        return new Vocabulary([UnknownSymbol, .. taken.Select(pair => pair.Key)], [others, .. taken.Select(pair => pair.Value)]);
    }
}
