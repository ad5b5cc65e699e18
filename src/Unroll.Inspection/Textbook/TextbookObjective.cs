using Unroll.Core;

namespace Unroll.Inspection.Textbook;

/// <summary>One sequence with what is true of it.</summary>
/// <param name="X">x⟨1⟩ … x⟨T⟩; may be empty.</param>
/// <param name="Targets">One for every step; null for a step that does not count.</param>
/// <param name="Given">First states, dropout masks, what reads the final states.</param>
public sealed record TextbookExample(IReadOnlyList<Vector> X, IReadOnlyList<Vector?> Targets, Given Given);

//  L = Σ over sequences and steps of loss(y⟨t⟩, target⟨t⟩)        S06: a sum; divided once by the count it is the mean

/// <summary>A network, a loss and a ragged batch: the loss, and every gradient.</summary>
/// <param name="network">The network.</param>
/// <param name="loss">The loss of one step.</param>
public sealed class TextbookObjective(TextbookNetwork network, ILossEquations loss)
{
    /// <summary>The network.</summary>
    public TextbookNetwork Network => network;

    /// <summary>The loss of one sequence, summed over its steps, and how many items were counted.</summary>
    /// <param name="example">The sequence.</param>
    /// <param name="nudge">A change of one state on one of its paths, or null.</param>
    public LossSum Loss(TextbookExample example, Nudge? nudge = null) =>
        Loss(example, network.Forward(example.X, example.Given with { Nudge = nudge }));

    /// <summary>Forward and backward of one sequence; adds the gradients of the sum to the parameters' gradients.</summary>
    /// <param name="example">The sequence.</param>
    public TextbookGradient AddGradient(TextbookExample example)
    {
        NetworkRun run = network.Forward(example.X, example.Given);
        IReadOnlyList<Vector> dy =
            [.. run.Outputs.Zip(example.Targets, (y, target) => target is null ? Vector.Zeros(y.Count) : loss.Gradient(y, target))];
        return new TextbookGradient(Loss(example, run), run, dy, run.Backward(dy));
    }

    /// <summary>How far the nearest kink of a cell or of the loss is.</summary>
    /// <param name="example">The sequence.</param>
    public double KinkDistance(TextbookExample example)
    {
        NetworkRun run = network.Forward(example.X, example.Given);
        IEnumerable<double> losses =
            run.Outputs.Zip(example.Targets, (y, target) => target is null ? double.PositiveInfinity : loss.KinkDistance(y, target));
        return run.Directions.Select(direction => direction.KinkDistance).Concat(losses).Append(double.PositiveInfinity).Min();
    }

    private LossSum Loss(TextbookExample example, NetworkRun run)
    {
        LossSum sum = new(run.LastStateLoss, 0);
        foreach ((Vector y, Vector? target) in run.Outputs.Zip(example.Targets))
            if (target is not null) sum += new LossSum(loss.Value(y, target), loss.Items(target));
        return sum;
    }
}

/// <summary>One sequence forward and back.</summary>
/// <param name="Loss">The sum of its losses.</param>
/// <param name="Run">Every intermediate and every term of every gradient of the states.</param>
/// <param name="Dy">∂L/∂(output) for every step.</param>
/// <param name="Dx">∂L/∂x for every step.</param>
public sealed record TextbookGradient(LossSum Loss, NetworkRun Run, IReadOnlyList<Vector> Dy, IReadOnlyList<Vector> Dx);
