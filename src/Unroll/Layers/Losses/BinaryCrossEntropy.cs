using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Losses;

/// <summary>Many yes-or-no labels at once: each output is the logit of one label, each target its probability, 0 … 1 (mostly 0 or 1).</summary>
public sealed record BinaryCrossEntropy : IRowLoss
{
    /// <inheritdoc/>
    public string Name => "binary-cross-entropy";

    /// <summary>One logit per label.</summary>
    public int OutputsFor(int targets) => targets;

    /// <inheritdoc/>
    public LossSum Compute(in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, in Pass pass) =>
        RowLosses.Sum(this, outputs, targets, dOutputs, pass);

    int IRowLoss.Items(int targets) => targets;

    bool IRowLoss.TargetsAreProbabilities => true;

    //  L = −t ln σ(z) − (1 − t) ln(1 − σ(z)) = max(z, 0) − t z + ln(1 + e^{−|z|})        ∂L/∂z = σ(z) − t
    double IRowLoss.Row(ReadOnlySpan<float> y, ReadOnlySpan<float> target, Span<float> dy)
    {
        double sum = 0;
        for (int k = 0; k < dy.Length; k++)
        {
            float z = y[k];
            sum += Math.Max(z, 0) - (double)target[k] * z + Logarithm.LnOnePlus(Activations.Exp(-Math.Abs(z)));
            dy[k] = Activations.Sigmoid(z) - target[k];
        }
        return sum;
    }
}
