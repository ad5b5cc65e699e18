using Unroll.Layers.Losses;

namespace Unroll.Tasks.Forecast;

/// <summary>What the outputs of the network mean under each loss: a center, and how far on either side the loss itself expects the truth.</summary>
internal sealed class ForecastHead
{
    private const float SmallestSpread = 1e-3f;
    private readonly ForecastLoss _loss;

    internal ForecastHead(ForecastLoss loss, double interval)
    {
        _loss = loss;
        float tail = (float)((1 - interval) / 2);
        Loss = new MeasuredLoss(loss switch
        {
            ForecastLoss.Mae => new AbsoluteError(),
            ForecastLoss.Huber => new HuberLoss(),
            ForecastLoss.Gaussian => new GaussianLikelihood(),
            ForecastLoss.Quantile => new QuantileLoss { Quantiles = [tail, 0.5f, 1 - tail] },
            _ => new SquaredError(),
        });
    }

    internal ILoss Loss { get; }

    /// <summary>Whether the network says how sure it is; else the spread is fitted to its errors in training.</summary>
    internal bool HasSpread => _loss is ForecastLoss.Gaussian or ForecastLoss.Quantile;

    /// <summary>Center and spreads of one target, in units of its scale.</summary>
    /// <param name="outputs">A row of the network's outputs.</param>
    /// <param name="target">0 … targets − 1.</param>
    internal (double Center, double Down, double Up) Read(ReadOnlySpan<float> outputs, int target)
    {
        if (_loss == ForecastLoss.Gaussian)
        {
            double deviation = Math.Max(Math.Exp(outputs[2 * target + 1]), SmallestSpread);
            return (outputs[2 * target], deviation, deviation);
        }
        if (_loss != ForecastLoss.Quantile) return (outputs[target], 1, 1);
        Span<float> quantiles = [outputs[3 * target], outputs[3 * target + 1], outputs[3 * target + 2]];
        quantiles.Sort();                                             // nothing keeps quantiles from crossing
        return (quantiles[1], Math.Max(quantiles[1] - quantiles[0], SmallestSpread), Math.Max(quantiles[2] - quantiles[1], SmallestSpread));
    }
}
