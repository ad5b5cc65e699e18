using Unroll.Core;

namespace Unroll.Training;

/// <summary>Which batch is next: the place in the data. Together with the seed it says all that random draws depend on.</summary>
/// <param name="Epoch">Epochs completed.</param>
/// <param name="Batch">Batches of this epoch that are done.</param>
/// <param name="Step">Steps done since the beginning; a batch without anything to learn from is not one.</param>
public readonly record struct TrainingPlace(int Epoch, int Batch, long Step);

/// <summary>One step, done.</summary>
/// <param name="Place">The batch that it took.</param>
/// <param name="Total">The batch's losses before the step, over all ranks.</param>
/// <param name="GradientNorm">√Σ(gradient²) of the mean loss, over all weights, before clipping.</param>
/// <param name="Clipped">Whether clipping changed the gradients.</param>
/// <param name="LearningRate">η of this step.</param>
/// <param name="Fault">Null: the weights were updated. Else what was not finite and where; the weights are as they were.</param>
public readonly record struct TrainingStep(
    TrainingPlace Place, LossSum Total, double GradientNorm, bool Clipped, float LearningRate, string? Fault)
{
    /// <summary>The batch's mean loss before the step.</summary>
    public double Loss => Total.Mean;

    /// <summary>Counts steps from 0.</summary>
    public long Index => Place.Step;
}
