using System.Text.Json.Serialization;

namespace Unroll.Training;

/// <summary>Where a step stands, as a schedule sees it.</summary>
/// <param name="Epoch">Epochs completed before the step.</param>
/// <param name="Progress">Epochs completed once the step is done, with the share of the current one: 2.25 after a quarter of the third.</param>
/// <param name="Plateau">What <see cref="Schedule.Next"/> made of the scores so far.</param>
public readonly record struct SchedulePoint(int Epoch, double Progress, PlateauState Plateau);

/// <summary>
/// The learning rate as training goes on: a function of the place and of <see cref="PlateauState"/>, which is saved with a checkpoint.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ConstantSchedule), "constant")]
[JsonDerivedType(typeof(StepSchedule), "step")]
[JsonDerivedType(typeof(CosineSchedule), "cosine")]
[JsonDerivedType(typeof(PlateauSchedule), "plateau")]
public abstract record Schedule
{
    /// <summary>The kinds by the names that users write.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["constant", "step", "cosine", "plateau"];

    /// <summary>The rate that the schedule begins with, or warms up to; above 0.</summary>
    public float Rate { get; init => field = Range.Positive(value, "learning rate"); } = 1e-3f;

    /// <summary>η of a step.</summary>
    public abstract float LearningRate(in SchedulePoint at);

    /// <summary>What is remembered after an epoch.</summary>
    /// <param name="before">What was remembered.</param>
    /// <param name="score">The epoch's validation score; lower is better.</param>
    public virtual PlateauState Next(PlateauState before, double score) => before;
}

/// <summary>η = rate.</summary>
public sealed record ConstantSchedule : Schedule
{
    /// <inheritdoc/>
    public override float LearningRate(in SchedulePoint at) => Rate;
}

/// <summary>η = rate · γ^⌊epoch / every⌋.</summary>
public sealed record StepSchedule : Schedule
{
    /// <summary>Epochs between two drops, at least 1.</summary>
    public int Every { get; init => field = Range.AtLeast(1, value, "step schedule, epochs between drops"); } = 10;

    /// <summary>γ above 0: what the rate is multiplied by.</summary>
    public double Factor { get; init => field = Range.Positive(value, "step schedule factor"); } = 0.1;

    /// <inheritdoc/>
    public override float LearningRate(in SchedulePoint at) => (float)(Rate * Exact.Power(Factor, at.Epoch / Every));
}

//  warm-up  η = rate · e / W                                                  e epochs done with this step, W warm-up, E total
//  after    η = lowest + (rate − lowest) · ½ (1 + cos(π (e − W) / (E − W)))
/// <summary>
/// Linear warm-up, then half a cosine down to the lowest rate, where it stays. Source: Loshchilov and Hutter 2017, "SGDR", equation 5, without
/// restarts.
/// </summary>
public sealed record CosineSchedule : Schedule
{
    /// <summary>Epochs until the rate is reached, at least 0; parts of epochs count.</summary>
    public double Warmup { get; init => field = Range.NotNegative(value, "cosine schedule, warm-up epochs"); }

    /// <summary>Epochs until the lowest rate is reached, warm-up included; above 0.</summary>
    public double Total { get; init => field = Range.Positive(value, "cosine schedule, epochs in all"); } = 100;

    /// <summary>The rate at the end, at least 0.</summary>
    public float Lowest { get; init => field = Range.NotNegative(value, "cosine schedule, lowest rate"); }

    /// <inheritdoc/>
    public override float LearningRate(in SchedulePoint at)
    {
        if (at.Progress <= Warmup) return (float)(Rate * (at.Progress / Warmup));
        double share = Total > Warmup ? Math.Min((at.Progress - Warmup) / (Total - Warmup), 1) : 1;
        return (float)(Lowest + (Rate - Lowest) * 0.5 * (1 + Exact.CosPi(share)));
    }
}

/// <summary>
/// η = max(rate · γᵈ, lowest), d the number of drops: one whenever the score has not improved for more than <see cref="Patience"/> epochs.
/// </summary>
/// <remarks>PyTorch's <c>ReduceLROnPlateau</c> with its relative threshold.</remarks>
public sealed record PlateauSchedule : Schedule
{
    /// <summary>Epochs without improvement that are tolerated, at least 0.</summary>
    public int Patience { get; init => field = Range.AtLeast(0, value, "plateau schedule patience"); } = 10;

    /// <summary>γ in [0, 1): what the rate is multiplied by.</summary>
    public double Factor { get; init => field = Range.Share(value, "plateau schedule factor"); } = 0.1;

    /// <summary>The share of the best score by which a score must be lower to count as better, in [0, 1).</summary>
    public double Threshold { get; init => field = Range.Share(value, "plateau schedule threshold"); } = 1e-4;

    /// <summary>Epochs after a drop in which none are counted, at least 0.</summary>
    public int Cooldown { get; init => field = Range.AtLeast(0, value, "plateau schedule cooldown"); }

    /// <summary>The lowest rate, at least 0.</summary>
    public float Lowest { get; init => field = Range.NotNegative(value, "plateau schedule, lowest rate"); }

    /// <inheritdoc/>
    public override float LearningRate(in SchedulePoint at) => (float)Math.Max(Rate * Exact.Power(Factor, at.Plateau.Drops), Math.Min(Lowest, Rate));

    /// <inheritdoc/>
    public override PlateauState Next(PlateauState before, double score)
    {
        bool better = score < before.Best - Threshold * Math.Abs(before.Best) || double.IsPositiveInfinity(before.Best) && double.IsFinite(score);
        PlateauState after = before with
        {
            Best = better ? score : before.Best,
            Cooling = Math.Max(before.Cooling - 1, 0),
            Waited = better || before.Cooling > 0 ? 0 : before.Waited + 1,
        };
        return after.Waited > Patience ? after with { Waited = 0, Cooling = Cooldown, Drops = before.Drops + 1 } : after;
    }
}

/// <summary>What a <see cref="PlateauSchedule"/> remembers; saved with a checkpoint.</summary>
/// <param name="Best">The best score so far; +∞ before the first.</param>
/// <param name="Waited">Epochs since then that counted.</param>
/// <param name="Cooling">Epochs that are still not counted.</param>
/// <param name="Drops">How often the rate was lowered.</param>
public readonly record struct PlateauState(double Best, int Waited, int Cooling, int Drops)
{
    /// <summary>Before the first epoch.</summary>
    public static PlateauState Start { get; } = new(double.PositiveInfinity, 0, 0, 0);
}
