using Unroll.Core;

namespace Unroll.Training;

/// <summary>Which weights are averaged.</summary>
public enum AveragingKind
{
    /// <summary>Those after each step, the older the less: an exponential moving average.</summary>
    Ema,

    /// <summary>Those at the ends of the last epochs.</summary>
    Last,

    /// <summary>
    /// Those after each step since the validation score stalled (Polyak and Juditsky 1992; the trigger of Merity, Keskar and Socher 2017,
    /// arXiv:1708.02182, NT-ASGD). Meant for a constant rate.
    /// </summary>
    Asgd,
}

/// <summary>Weights that are averaged over a run: the average is validated and saved, the training goes on with the weights themselves.</summary>
public sealed record Averaging
{
    /// <summary>Which weights.</summary>
    public AveragingKind Kind { get; init; }

    /// <summary>
    /// Of <see cref="AveragingKind.Ema"/>: what the average keeps of itself at each step, in [0, 1); at step t at most (1 + t) ÷ (10 + t), so that it
    /// forgets the beginning.
    /// </summary>
    /// <exception cref="UserErrorException">It is outside.</exception>
    public double Decay
    {
        get;
        init => field = value is >= 0 and < 1 ? value
            : throw new UserErrorException($"decay of the average: expected at least 0 and below 1, got {value}.");
    } = 0.999;

    /// <summary>Of <see cref="AveragingKind.Last"/>: how many epochs, at least 1.</summary>
    public int Epochs { get; init => field = Range.AtLeast(1, value, "epochs of the average"); } = 5;

    /// <summary>Of <see cref="AveragingKind.Asgd"/>: after how many epochs without a better score it begins, at least 1.</summary>
    public int Wait { get; init => field = Range.AtLeast(1, value, "epochs before the average begins"); } = 3;
}

/// <summary>What averaging remembers beside the weights; saved with a checkpoint.</summary>
/// <param name="Count">Weights that are in the average.</param>
/// <param name="Stall">The score that is to be beaten, and epochs since then.</param>
public readonly record struct AveragingState(long Count, StoppingState Stall)
{
    /// <summary>Before the first step.</summary>
    public static AveragingState Start { get; } = new(0, StoppingState.Start);
}
