using Unroll.Core;

namespace Unroll.Layers.Losses;

/// <summary>
/// Pinball loss: each output learns one quantile of its target, so that a forecast comes with intervals and no assumption about their shape
/// (Koenker and Bassett 1978). Summed over targets, quantiles and rows.
/// </summary>
/// <remarks>
/// Outputs [targets × quantiles]: for each target its quantiles in order. Nothing keeps quantiles from crossing; sort them to predict.
/// </remarks>
public sealed record QuantileLoss : IRowLoss
{
    private readonly float[] _quantiles = [0.1f, 0.5f, 0.9f];

    /// <summary>Probabilities, ascending, each between 0 and 1, both excluded.</summary>
    /// <exception cref="UserErrorException">There is none, one is outside, or they do not ascend.</exception>
    public IReadOnlyList<float> Quantiles
    {
        get => _quantiles;
        init => _quantiles = Checked(value);
    }

    /// <inheritdoc/>
    public string Name => "quantile";

    /// <summary>Every quantile of every target.</summary>
    public int OutputsFor(int targets) => targets * _quantiles.Length;

    /// <inheritdoc/>
    public LossSum Compute(in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, in Pass pass) =>
        RowLosses.Sum(this, outputs, targets, dOutputs, pass);

    /// <summary>Equal where the quantiles are.</summary>
    public bool Equals(QuantileLoss? other) => other is not null && _quantiles.AsSpan().SequenceEqual(other._quantiles);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_quantiles.Length, _quantiles[0]);

    int IRowLoss.Items(int targets) => OutputsFor(targets);

    //  e = t − y
    //  e ≥ 0:  L = q e            ∂L/∂y = −q
    //  e < 0:  L = (q − 1) e      ∂L/∂y = 1 − q          0 at the kink
    double IRowLoss.Row(ReadOnlySpan<float> y, ReadOnlySpan<float> target, Span<float> dy)
    {
        double sum = 0;
        for (int k = 0; k < dy.Length; k++)
        {
            float q = _quantiles[k % _quantiles.Length], e = target[k / _quantiles.Length] - y[k];
            sum += (e < 0 ? q - 1 : q) * (double)e;
            dy[k] = e > 0 ? -q : e < 0 ? 1 - q : 0 * e;                      // 0, or NaN where e is
        }
        return sum;
    }

    private static float[] Checked(IReadOnlyList<float> quantiles)
    {
        if (quantiles.Count == 0) throw new UserErrorException("quantiles: expected at least one because each is an output, got none.");
        for (int i = 0; i < quantiles.Count; i++)
            if (!(quantiles[i] > (i == 0 ? 0 : quantiles[i - 1]) && quantiles[i] < 1))
                throw new UserErrorException($"quantile {i}: expected ascending numbers between 0 and 1, both excluded, got {quantiles[i]}.");
        return [.. quantiles];
    }
}
