using Unroll.Core;

namespace Unroll.Layers.Losses;

/// <summary>Quadratic near the target, linear beyond <see cref="Delta"/>, so that an outlier pulls with bounded force (Huber 1964).</summary>
public sealed record HuberLoss : IRowLoss
{
    private readonly float _delta = 1;

    /// <summary>δ: where the loss turns from quadratic to linear, in units of the target; above 0.</summary>
    /// <exception cref="UserErrorException">It is not a finite number above 0.</exception>
    public float Delta
    {
        get => _delta;
        init => _delta = value > 0 && float.IsFinite(value)
            ? value
            : throw new UserErrorException($"huber delta: expected a finite number above 0 because it is a distance, got {value}.");
    }

    /// <inheritdoc/>
    public string Name => "huber";

    /// <summary>One output per target.</summary>
    public int OutputsFor(int targets) => targets;

    /// <inheritdoc/>
    public LossSum Compute(in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, in Pass pass) =>
        RowLosses.Sum(this, outputs, targets, dOutputs, pass);

    int IRowLoss.Items(int targets) => targets;

    //  e = y − t
    //  |e| ≤ δ:   L = ½ e²              ∂L/∂y = e
    //  |e| > δ:   L = δ (|e| − ½ δ)     ∂L/∂y = δ sign(e)
    double IRowLoss.Row(ReadOnlySpan<float> y, ReadOnlySpan<float> target, Span<float> dy)
    {
        double sum = 0;
        for (int k = 0; k < dy.Length; k++)
        {
            float e = y[k] - target[k], size = Math.Abs(e);
            bool far = size > _delta;
            sum += far ? _delta * (size - 0.5 * _delta) : 0.5 * e * e;
            dy[k] = far ? MathF.CopySign(_delta, e) : e;
        }
        return sum;
    }
}
