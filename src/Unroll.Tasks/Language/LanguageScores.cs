using System.Text.Json;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Language;

/// <summary>How surprising a text is to a model: −ln P of each symbol after those before it.</summary>
/// <param name="Description">Of the model: what a symbol is, and which it knows.</param>
/// <param name="Symbols">The symbols of the text, numbered.</param>
/// <param name="Nats">[symbols]: −ln P of each.</param>
/// <param name="Best">[symbols]: the number of the symbol that was most probable in its place.</param>
public sealed record LanguageScores(LanguageDescription Description, int[] Symbols, float[] Nats, int[] Best) : TaskAnswer
{
    private const double NatsOfABit = 0.69314718055994531;

    /// <summary>How many symbols are not in the vocabulary: each is scored as the unknown symbol.</summary>
    public long Unknown { get; } = Symbols.Count(symbol => symbol == Vocabulary.Unknown);

    /// <summary>Σ −ln P.</summary>
    public double Total { get; } = Nats.Sum(nats => (double)nats);

    /// <summary>How many symbols there are.</summary>
    public int Count => Nats.Length;

    /// <summary>Nats a symbol.</summary>
    public double Mean => Count == 0 ? 0 : Total / Count;

    /// <summary>Bits a symbol.</summary>
    public double Bits => Mean / NatsOfABit;

    /// <summary>e to the nats a symbol: among how many equally probable symbols the next one is, in the mean.</summary>
    public double Perplexity => Math.Exp(Mean);

    /// <summary>A symbol of the text; <c>&lt;unk&gt;</c> for one that is not in the vocabulary.</summary>
    public string SymbolAt(int place) => Description.Vocabulary.Symbols[Symbols[place]];

    /// <summary>The same as people are shown it: a piece that is joined to the one before it begins with a dot.</summary>
    public string ShownAt(int place) => BytePairs.Shown(SymbolAt(place));

    /// <summary>The symbol that was most probable in a place.</summary>
    public string BestAt(int place) => Description.Vocabulary.Symbols[Best[place]];

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter json)
    {
        json.WriteNumber("symbols", Count);
        json.WriteNumber("unknown", Unknown);
        json.Number("total_nats", Total);
        WriteMeans(json);
        json.Objects("scores", Enumerable.Range(0, Count), (one, i) =>
        {
            one.WriteString("symbol", SymbolAt(i));
            one.Number("nats", Nats[i]);
            one.WriteString("best", BestAt(i));
        });
    }

    /// <summary>The same in the order of the text, where the model reads from the end.</summary>
    internal LanguageScores InTextOrder() => !Description.Options.Reverse ? this
        : this with { Symbols = [.. Symbols.Reverse()], Nats = [.. Nats.Reverse()], Best = [.. Best.Reverse()] };

    internal void WriteMeans(Utf8JsonWriter json)
    {
        json.Number("nats", Mean);
        json.Number("bits", Bits);
        json.Number("perplexity", Perplexity);
    }
}
