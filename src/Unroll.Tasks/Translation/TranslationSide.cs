using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Text;

namespace Unroll.Tasks.Translation;

/// <summary>The text of one side as numbers, and back: words, pieces of words or characters, learned from the training part.</summary>
public sealed partial class TranslationSide
{
    private readonly BytePairs _pairs;
    private readonly bool _spaces, _lower;

    private TranslationSide(TranslationUnit unit, bool spaces, bool lower, BytePairs pairs, Vocabulary vocabulary) =>
        (Unit, _spaces, _lower, _pairs, Vocabulary) = (unit, spaces, lower, pairs, vocabulary);

    /// <summary>What a symbol is.</summary>
    public TranslationUnit Unit { get; }

    /// <summary>The symbols that are known.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>Merges of byte-pair units, two pieces with a space between them each.</summary>
    public IReadOnlyList<string> Merges => _pairs.Merges;

    internal static TranslationSide Learn(IEnumerable<string> texts, TranslationOptions options, TranslationUnit unit)
    {
        bool spaces = options.Tokens == TokenKind.Spaces;
        BytePairs none = new([]);
        TranslationSide words = new(TranslationUnit.Word, spaces, options.Lower, none, Vocabulary.Of(new Dictionary<string, long>()));
        string[] all = [.. texts];
        BytePairs pairs = unit == TranslationUnit.Bpe ? BytePairs.Learn(Count(all.SelectMany(words.Symbols)), options.Merges) : none;
        TranslationSide side = new(unit, spaces, options.Lower, pairs, words.Vocabulary);
        return new TranslationSide(
            unit, spaces, options.Lower, pairs, Vocabulary.Of(Count(all.SelectMany(side.Symbols)), minCount: options.MinCount));
    }

    /// <summary>The symbols of a text.</summary>
    public IReadOnlyList<string> Symbols(string text)
    {
        text = Normal(text);
        if (Unit == TranslationUnit.Char) return [.. text.EnumerateRunes().Select(rune => rune.ToString())];
        IEnumerable<string> words = _spaces ? text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            : Words.Of(text, clitics: false).Select(word => word.Glued ? BytePairs.Glue + word.Text : word.Text);
        return [.. (Unit == TranslationUnit.Bpe ? words.SelectMany(_pairs.Split) : words).Select(OwnSymbols.Marked)];
    }

    /// <summary>The text of symbols: those with a mark of glue have no space before them.</summary>
    public string Text(IEnumerable<string> symbols)
    {
        if (Unit == TranslationUnit.Char) return string.Concat(symbols);
        StringBuilder text = new();
        foreach (string symbol in symbols)
        {
            bool glued = symbol.Length > 1 && symbol[0] == BytePairs.Glue;
            if (!glued && text.Length > 0) text.Append(' ');
            text.Append(glued ? symbol.AsSpan(1) : OwnSymbols.Plain(symbol));
        }
        return text.ToString();
    }

    /// <summary>A text as this side keeps it: in form C, white space of one kind, and in small letters where the model knows no others.</summary>
    public string Normal(string text)
    {
        text = Space().Replace(PlainText.Composed(text).Trim(), " ").Replace(BytePairs.Glue, '■');
        return _lower ? text.ToLowerInvariant() : text;
    }

    internal int[] Encode(string text) => [.. Symbols(text).Select(symbol => Vocabulary[symbol])];

    /// <summary>What symbols are called, in the plural.</summary>
    internal string SymbolsName => Unit switch { TranslationUnit.Char => "characters", TranslationUnit.Bpe => "pieces of words", _ => "words" };

    /// <summary>Counts the symbols of texts that are not known.</summary>
    internal UnknownShare Unknown(IEnumerable<(string Text, string Where)> texts)
    {
        UnknownShare share = new(SymbolsName);
        foreach ((string text, string where) in texts)
            foreach (string symbol in Symbols(text))
                share.Add(BytePairs.Shown(symbol), Vocabulary[symbol] != Data.Text.Vocabulary.Unknown, () => where);
        return share;
    }

    /// <summary>Words that differ in characters alone that are not seen, which words at white space may have; null: none do.</summary>
    internal string? LookAlikes() => Unit == TranslationUnit.Word && _spaces ? NearEqual.Unseen(Vocabulary.Symbols) : null;

    internal static void Write(Utf8JsonWriter json, TranslationSide side)
    {
        json.WriteString("unit", side.Unit.ToString().ToLowerInvariant());
        json.WriteTexts("merges", side.Merges);
        json.WriteTexts("vocabulary", side.Vocabulary.Symbols);
        json.WriteNumbers("counts", side.Vocabulary.Counts.Select(count => (double)count));
    }

    internal static TranslationSide Read(JsonRecord json, TranslationOptions options) => new(
        json.Choice<TranslationUnit>("unit"), options.Tokens == TokenKind.Spaces, options.Lower, new BytePairs(json.Texts("merges")),
        new Vocabulary(json.Texts("vocabulary"), json.Counts("counts")));

    private static Dictionary<string, long> Count(IEnumerable<string> symbols) =>
        symbols.CountBy(symbol => symbol).ToDictionary(one => one.Key, one => (long)one.Value);

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
