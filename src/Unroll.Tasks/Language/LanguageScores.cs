namespace Unroll.Tasks.Language;

/// <summary>How surprising a text is to a model.</summary>
/// <param name="Nats">[symbols]: −ln P of each.</param>
/// <param name="Best">[symbols]: the number of the symbol that was most probable in its place.</param>
/// <param name="Unknown">How many symbols were not in the vocabulary: each is scored as the unknown symbol.</param>
public sealed record LanguageScores(float[] Nats, int[] Best, long Unknown)
{
    private const double NatsOfABit = 0.69314718055994531;

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
}
