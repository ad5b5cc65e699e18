using Unroll.Core;

namespace Unroll.Layers.Losses;

/// <summary>All losses, with their default options, and those whose options make another equation.</summary>
public static class LossList
{
    /// <summary>In the order in which they are shown.</summary>
    public static IReadOnlyList<ILoss> All { get; } =
        [new SoftmaxCrossEntropy(), new SoftmaxCrossEntropy { Smoothing = 0.1f }, new BinaryCrossEntropy(), new SquaredError(), new AbsoluteError(),
            new HuberLoss(), new GaussianLikelihood(), new QuantileLoss(), new StudentTLikelihood(), new PoissonLikelihood(),
            new NegativeBinomialLikelihood()];

    /// <summary>The loss of that name.</summary>
    /// <exception cref="UserErrorException">There is none; the message lists those there are.</exception>
    public static ILoss Named(string name)
    {
        foreach (ILoss loss in All)
            if (loss.Name == name) return loss;
        throw new UserErrorException($"loss: expected one of {string.Join(", ", All.Select(loss => loss.Name))}, got '{name}'.");
    }
}
