using Unroll.Layers.Losses;

namespace Unroll.Tasks.Forecast;

/// <summary>What the outputs of the network mean under each loss: a center, and how far on either side the loss itself expects the truth.</summary>
internal sealed class ForecastHead
{
    private const float SmallestSpread = 1e-3f;
    private const double LargestLog = 30, LargestDispersion = 4;              // an untrained α does not make intervals without end
    private readonly ForecastLoss _loss;
    private readonly float _tail;                              // the probability of the interval's lower end
    private readonly float[] _quantiles = [];
    private readonly double[] _means = [], _scales = [];       // of counts, of each target

    /// <param name="loss">The loss.</param>
    /// <param name="interval">The share of values that an interval should hold.</param>
    /// <param name="means">[targets]: of counts the mean that the network gives a factor of; empty: no counts.</param>
    /// <param name="scales">[targets]: of counts the scale of targets.</param>
    internal ForecastHead(ForecastLoss loss, double interval, double[]? means = null, double[]? scales = null)
    {
        (_loss, _means, _scales) = (loss, means ?? [], scales ?? []);
        float tail = _tail = (float)((1 - interval) / 2);
        if (_loss == ForecastLoss.Quantile) _quantiles = [tail, 0.5f, 1 - tail];
        if (_loss == ForecastLoss.Quantiles)
            _quantiles = [.. ForecastModel.Deciles.Select(q => (float)q).Append(tail).Append(1 - tail).Order().DistinctBy(q => Math.Round(q, 5))];
        Loss = _loss switch
        {
            ForecastLoss.Poisson => new CountLoss(new PoissonLikelihood(), _means, _scales),
            ForecastLoss.NegativeBinomial => new CountLoss(new NegativeBinomialLikelihood(), _means, _scales),
            ForecastLoss.Mae => new MeasuredLoss(new AbsoluteError()),
            ForecastLoss.Huber => new MeasuredLoss(new HuberLoss()),
            ForecastLoss.Gaussian => new MeasuredLoss(new GaussianLikelihood()),
            ForecastLoss.StudentT => new MeasuredLoss(new StudentTLikelihood()),
            ForecastLoss.Quantile or ForecastLoss.Quantiles => new MeasuredLoss(new QuantileLoss { Quantiles = _quantiles }),
            _ => new MeasuredLoss(new SquaredError()),
        };
    }

    /// <summary>The head of a model.</summary>
    internal static ForecastHead Of(ForecastDescription description)
    {
        ForecastOptions options = description.Options;
        if (!TargetBounds.AreCounts(options.Loss)) return new ForecastHead(options.Loss, options.Interval);
        int columns = description.Columns.Count, targets = description.Targets;
        return new ForecastHead(options.Loss, options.Interval,
            [.. Enumerable.Range(0, targets).Select(k => Math.Max(description.Columns[k % columns].Level.Mean, SmallestSpread))],
            [.. Enumerable.Range(0, targets).Select(k => description.Columns[k % columns].Scales[k / columns])]);
    }

    internal ILoss Loss { get; }

    /// <summary>Whether the network says how sure it is; else the spread is fitted to its errors in training.</summary>
    internal bool HasSpread => _loss is ForecastLoss.Gaussian or ForecastLoss.StudentT || _quantiles.Length > 0 || _means.Length > 0;

    /// <summary>Center and spreads of one target, in units of its scale.</summary>
    /// <param name="outputs">A row of the network's outputs.</param>
    /// <param name="target">0 … targets − 1.</param>
    internal (double Center, double Down, double Up) Read(ReadOnlySpan<float> outputs, int target)
    {
        if (_means.Length > 0) return Count(outputs, target);
        if (_loss is ForecastLoss.Gaussian or ForecastLoss.StudentT)
        {
            double deviation = Math.Max(Math.Exp(outputs[2 * target + 1]), SmallestSpread);
            return (outputs[2 * target], deviation, deviation);
        }
        if (_quantiles.Length == 0) return (outputs[target], 1, 1);
        Span<float> quantiles = stackalloc float[_quantiles.Length];
        Sorted(outputs, target, quantiles);
        float center = quantiles[_quantiles.Length / 2];                  // they lie evenly about the median
        return (center, Math.Max(center - quantiles[Tail], SmallestSpread), Math.Max(quantiles[^(Tail + 1)] - center, SmallestSpread));
    }

    /// <summary>The quantiles 0.1 … 0.9 of one target in units of its scale, ascending, where the network says them.</summary>
    internal bool Deciles(ReadOnlySpan<float> outputs, int target, Span<double> deciles)
    {
        if (_loss != ForecastLoss.Quantiles) return false;
        Span<float> quantiles = stackalloc float[_quantiles.Length];
        Sorted(outputs, target, quantiles);
        for (int k = 0; k < deciles.Length; k++)
            deciles[k] = quantiles[Array.FindIndex(_quantiles, q => Math.Abs(q - ForecastModel.Deciles[k]) < 1e-4)];
        return true;
    }

    // Where the lower end of the interval is among the quantiles.
    private int Tail => _loss == ForecastLoss.Quantile ? 0 : Array.FindIndex(_quantiles, q => Math.Abs(q - _tail) < 1e-4);

    // Nothing keeps quantiles from crossing but their order.
    private void Sorted(ReadOnlySpan<float> outputs, int target, Span<float> quantiles)
    {
        outputs.Slice(quantiles.Length * target, quantiles.Length).CopyTo(quantiles);
        quantiles.Sort();
    }

    //  μ = m e^y,  variance μ, or μ + α μ²
    private (double Center, double Down, double Up) Count(ReadOnlySpan<float> outputs, int target)
    {
        bool dispersed = _loss == ForecastLoss.NegativeBinomial;
        double mean = _means[target] * Math.Exp(Math.Clamp(outputs[dispersed ? 2 * target : target], -LargestLog, LargestLog));
        double variance = mean + (dispersed ? Math.Min(Math.Exp(outputs[2 * target + 1]), LargestDispersion) * mean * mean : 0);
        double spread = Math.Max(Math.Sqrt(variance) / _scales[target], SmallestSpread);
        return ((mean - _means[target]) / _scales[target], spread, spread);
    }
}
