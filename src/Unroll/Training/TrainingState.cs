using Unroll.Core;

namespace Unroll.Training;

/// <summary>
/// Everything small that a run has in mind between two steps; saved with a checkpoint. Every random draw is a function of the seed and the
/// place, so that these two are the state of every generator.
/// </summary>
public readonly record struct TrainingState
{
    /// <summary>Before the first step.</summary>
    /// <param name="seed">The seed of the run.</param>
    public static TrainingState Start(ulong seed) => new()
    {
        Seed = seed, Plateau = PlateauState.Start, Stopping = StoppingState.Start, Averaging = AveragingState.Start,
        BestScore = double.PositiveInfinity, RateScale = 1,
    };

    /// <summary>The seed of the run.</summary>
    public ulong Seed { get; init; }

    /// <summary>The batch that is next.</summary>
    public TrainingPlace Place { get; init; }

    /// <summary>Steps done when the epoch under way began.</summary>
    public long EpochStart { get; init; }

    /// <summary>What the schedule remembers.</summary>
    public PlateauState Plateau { get; init; }

    /// <summary>What early stopping remembers.</summary>
    public StoppingState Stopping { get; init; }

    /// <summary>What the averaging of weights remembers.</summary>
    public AveragingState Averaging { get; init; }

    /// <summary>The score of the best weights: the lowest so far, the last one where the last weights are kept; +∞ before the first.</summary>
    public double BestScore { get; init; }

    /// <summary>The epoch that had it, counted from 1; 0 before the first, and for the weights of the start.</summary>
    public int BestEpoch { get; init; }

    /// <summary>Whether there are best weights: those of an epoch, or of the start where they count (<see cref="TrainingOptions"/>).</summary>
    public bool HasBest => BestEpoch > 0 || double.IsFinite(BestScore);

    /// <summary>What multiplies the schedule's rate: halved by each return to a checkpoint.</summary>
    public float RateScale { get; init; }

    /// <summary>How often training has returned to a checkpoint because of a fault.</summary>
    public int Returns { get; init; }

    /// <summary>
    /// Whether no update of the last complete epoch was finite, or the best score is not: the run has diverged and what it ended with is not to be
    /// relied on.
    /// </summary>
    public bool Diverged => LostEpoch || (BestEpoch > 0 && !double.IsFinite(BestScore));

    /// <summary>Whether no update of the last complete epoch was finite.</summary>
    public bool LostEpoch { get; init; }

    /// <summary>The sums of the epoch under way.</summary>
    public EpochSums Epoch { get; init; }
}

/// <summary>What an epoch adds up, step by step.</summary>
/// <param name="Loss">Losses of the updates.</param>
/// <param name="Steps">Updates.</param>
/// <param name="NormSum">Σ of the gradients' norms before clipping.</param>
/// <param name="NormMax">The largest of them.</param>
/// <param name="Clipped">Updates whose gradients were clipped.</param>
/// <param name="Faults">Batches that were passed over because something was not finite.</param>
public readonly record struct EpochSums(LossSum Loss, long Steps, double NormSum, double NormMax, long Clipped, long Faults)
{
    /// <summary>With one more step.</summary>
    public EpochSums With(in TrainingStep step) => step.Fault is null
        ? new(Loss + step.Total, Steps + 1, NormSum + step.GradientNorm, Math.Max(NormMax, step.GradientNorm), Clipped + (step.Clipped ? 1 : 0),
            Faults)
        : this with { Faults = Faults + 1 };
}
