namespace Unroll.Layers.Losses;

/// <summary>
/// What may be said, beside what a network hears: which labels may follow each other and what weight that has, for
/// <see cref="CtcDecoding.Beam(in Core.SequenceBatch, int, int, ICtcGrammar?)"/>. A state stands for the labels so far; it never changes.
/// </summary>
public interface ICtcGrammar
{
    /// <summary>The state before the first label.</summary>
    object Start { get; }

    /// <summary>The state after one more label; null: it may not follow.</summary>
    /// <param name="state">Of the labels so far.</param>
    /// <param name="label">1 … classes − 1.</param>
    object? Follow(object state, int label);

    /// <summary>ln of the weight of the labels so far, by which the search orders them.</summary>
    double LogWeight(object state);

    /// <summary>ln of the weight of the labels where nothing follows; −∞: they may not end there. Finite for <see cref="Start"/>.</summary>
    double LogEnd(object state);
}
