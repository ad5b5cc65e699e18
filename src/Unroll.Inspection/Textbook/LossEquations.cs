using Unroll.Core;
using Unroll.Layers.Losses;

namespace Unroll.Inspection.Textbook;

/// <summary>Which equations belong to which loss.</summary>
public static class LossEquations
{
    /// <summary>The equations of a loss.</summary>
    /// <param name="loss">The loss and its options.</param>
    /// <exception cref="UserErrorException">The textbook has no such loss.</exception>
    public static ILossEquations Of(ILoss loss) => loss switch
    {
        SoftmaxCrossEntropy { Smoothing: > 0 and var smoothing } => new SmoothedCrossEntropyEquations(smoothing),
        SoftmaxCrossEntropy => new SoftmaxCrossEntropyEquations(),
        BinaryCrossEntropy => new BinaryCrossEntropyEquations(),
        SquaredError => new SquaredErrorEquations(),
        AbsoluteError => new AbsoluteErrorEquations(),
        HuberLoss huber => new HuberEquations(huber.Delta),
        GaussianLikelihood => new GaussianEquations(),
        QuantileLoss quantile => new QuantileEquations([.. quantile.Quantiles.Select(q => (double)q)]),
        StudentTLikelihood t => new StudentTEquations(t.Freedom),
        PoissonLikelihood => new PoissonEquations(),
        NegativeBinomialLikelihood counts => new NegativeBinomialEquations(counts.Scale),
        _ => throw new UserErrorException($"loss '{loss.Name}': the textbook has no equations for it."),
    };
}
