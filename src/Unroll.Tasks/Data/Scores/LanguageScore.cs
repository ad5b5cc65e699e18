using Unroll.Core;

namespace Unroll.Tasks.Data.Scores;

/// <summary>How well a text was foretold.</summary>
/// <param name="Nats">Σ −ln p of all items.</param>
/// <param name="Items">How many items were foretold: characters, words, units.</param>
public readonly record struct LanguageScore(double Nats, long Items)
{
    /// <summary>From the sum of a cross-entropy loss.</summary>
    public static LanguageScore Of(LossSum loss) => new(loss.Sum, loss.Count);

    /// <summary>Nats for each item; NaN where there are none.</summary>
    public double NatsPerItem => Nats / Items;

    /// <summary>Bits for each item; NaN where there are none.</summary>
    public double BitsPerItem => NatsPerItem / Math.Log(2);

    /// <summary>e to the nats for each item: among how many equally probable ones the model chooses, on average; NaN where there are none.</summary>
    public double Perplexity => Math.Exp(NatsPerItem);

    /// <summary>Bits for each character of the text where an item is more than one, so that models over different units can be compared.</summary>
    /// <param name="characters">Of the whole text, at least 1.</param>
    public double BitsPerCharacter(long characters) => Nats / Math.Log(2) / characters;
}
