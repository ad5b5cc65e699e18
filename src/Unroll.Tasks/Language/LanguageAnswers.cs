using System.Text.Json;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Language;

/// <summary>What a model wrote.</summary>
/// <param name="Prompt">What the text begins with.</param>
/// <param name="Text">The prompt and what the model wrote after it.</param>
/// <param name="Symbols">How many symbols it wrote.</param>
/// <param name="Seed">The seed of the draws.</param>
public sealed record LanguageSample(string Prompt, string Text, int Symbols, ulong Seed) : TaskAnswer
{
    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter json)
    {
        json.WriteString("prompt", Prompt);
        json.WriteString("text", Text);
        json.WriteNumber("symbols", Symbols);
        json.WriteNumber("seed", Seed);
    }
}

/// <summary>A symbol that may be the next one.</summary>
/// <param name="Symbol">The symbol.</param>
/// <param name="Probability">Its probability, in [0, 1].</param>
public sealed record NextSymbol(string Symbol, float Probability);

/// <summary>Where a session stands after a step.</summary>
/// <param name="Text">What was read, or drawn and read.</param>
/// <param name="Position">Symbols since the session began.</param>
/// <param name="Nats">−ln of the probability that the model gave to what was read or drawn.</param>
/// <param name="Next">The most probable next symbols, from the first down.</param>
public sealed record LanguageStep(string Text, long Position, double Nats, IReadOnlyList<NextSymbol> Next) : TaskAnswer
{
    /// <summary>The numbers of the symbols that were drawn; empty: they were read.</summary>
    public IReadOnlyList<int> Drawn { get; init; } = [];

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter json)
    {
        json.WriteString("text", Text);
        json.WriteNumber("position", Position);
        json.Number("nats", Nats);
        if (Drawn.Count > 0)
        {
            json.WriteStartArray("drawn");
            foreach (int symbol in Drawn) json.WriteNumberValue(symbol);
            json.WriteEndArray();
        }
        json.Objects("next", Next, (one, next) =>
        {
            one.WriteString("symbol", next.Symbol);
            one.Number("p", next.Probability);
        });
    }
}
