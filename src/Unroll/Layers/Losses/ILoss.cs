using Unroll.Core;

namespace Unroll.Layers.Losses;

/// <summary>
/// What training minimizes: a sum over the rows of a batch with its count, and the gradient of the sum (study notes, S06). The division by the count
/// happens once, after everything has been added up; see <see cref="LossSum.Mean"/>.
/// </summary>
public interface ILoss
{
    /// <summary>As in files and options: <c>squared-error</c>.</summary>
    string Name { get; }

    /// <summary>How many outputs a row must have for that many targets; for labels, <paramref name="targets"/> is the number of classes.</summary>
    int OutputsFor(int targets);

    /// <summary>The loss summed over all rows that count, and its gradient.</summary>
    /// <param name="outputs">[rows, <see cref="OutputsFor"/>(targets)]: the network's outputs.</param>
    /// <param name="targets">The targets, row by row in the same layout.</param>
    /// <param name="dOutputs">The shape of <paramref name="outputs"/>; receives ∂(sum)/∂outputs. Overwritten; zero in rows that do not count.</param>
    /// <param name="pass">Workspace and threads.</param>
    /// <exception cref="ShapeException">Shapes or layouts do not fit.</exception>
    /// <exception cref="UserErrorException">A target, label or weight is not allowed: the message names the sequence and the step.</exception>
    LossSum Compute(in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, in Pass pass);
}

/// <summary>The mean of a loss, for callers that do not add up sums over batches or ranks.</summary>
public static class MeanLoss
{
    /// <summary>As <see cref="ILoss.Compute"/>, but both the loss and its gradient divided by the count; 0 where nothing counts.</summary>
    public static double ComputeMean(this ILoss loss, in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, in Pass pass)
    {
        LossSum sum = loss.Compute(outputs, targets, dOutputs, pass);
        if (sum.Count == 0) return 0;
        Numerics.Elementwise.Scale(dOutputs.All, 1f / sum.Count);
        return sum.Mean;
    }
}
