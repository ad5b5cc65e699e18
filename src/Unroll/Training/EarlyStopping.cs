namespace Unroll.Training;

/// <summary>Ends training when the score has not improved for a while.</summary>
public sealed record EarlyStopping
{
    /// <summary>Epochs without improvement that are tolerated, at least 1; after that many training ends.</summary>
    public int Patience { get; init => field = Range.AtLeast(1, value, "early stopping patience"); } = 10;

    /// <summary>By how much a score must be lower to count as better; at least 0.</summary>
    public double MinDelta { get; init => field = Range.NotNegative(value, "early stopping, least improvement"); }

    /// <summary>What is remembered after an epoch.</summary>
    /// <param name="before">What was remembered.</param>
    /// <param name="score">The epoch's score; lower is better, NaN is not better.</param>
    public StoppingState Next(StoppingState before, double score) =>
        score < before.Best - MinDelta ? new(score, 0) : before with { Waited = before.Waited + 1 };

    /// <summary>Whether it is time.</summary>
    public bool IsOver(StoppingState state) => state.Waited >= Patience;
}

/// <summary>What <see cref="EarlyStopping"/> remembers; saved with a checkpoint.</summary>
/// <param name="Best">The score that is to be beaten; +∞ before the first.</param>
/// <param name="Waited">Epochs since then.</param>
public readonly record struct StoppingState(double Best, int Waited)
{
    /// <summary>Before the first epoch.</summary>
    public static StoppingState Start { get; } = new(double.PositiveInfinity, 0);
}
