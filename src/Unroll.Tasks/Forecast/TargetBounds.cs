using Unroll.Core;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Forecast;

/// <summary>What values can be: the bounds of the options, and counts where the loss is that of counts.</summary>
internal static class TargetBounds
{
    internal static bool AreCounts(ForecastLoss loss) => loss is ForecastLoss.Poisson or ForecastLoss.NegativeBinomial;

    /// <summary>The least value; null: none is given.</summary>
    internal static double? Least(ForecastOptions options) => AreCounts(options.Loss) ? Math.Max(0, options.Min ?? 0) : options.Min;

    /// <summary>A value within the bounds.</summary>
    internal static double Within(ForecastOptions options, double value) => double.IsNaN(value) ? value
        : Math.Min(Math.Max(value, Least(options) ?? double.NegativeInfinity), options.Max ?? double.PositiveInfinity);

    /// <summary>
    /// Options with what counts ask for: plain values, beside the mean of the training part, of which the network says a factor.
    /// </summary>
    /// <exception cref="UserErrorException">Something else is asked for.</exception>
    internal static ForecastOptions Completed(ForecastOptions options)
    {
        if (!AreCounts(options.Loss)) return options;
        string word = options.Loss == ForecastLoss.Poisson ? "poisson" : "negative-binomial";
        if (options.Transform is not (TransformChoice.Auto or TransformChoice.None))
            throw new UserErrorException($"transform: counts (loss {word}) are learned as they are; expected none, or leave it out.");
        if (options.Anchor is not (AnchorChoice.Auto or AnchorChoice.Mean))
            throw new UserErrorException($"anchor: of counts (loss {word}) the network says a factor of their mean; expected mean, or leave it out.");
        if (options.Scale is not (ScaleChoice.Auto or ScaleChoice.All))
            throw new UserErrorException($"scale: counts (loss {word}) are learned as they are; expected all, or leave it out.");
        if (options.Mix is not (MixChoice.Auto or MixChoice.None))
            throw new UserErrorException($"mix: counts (loss {word}) have a distribution of their own; expected none, or leave it out.");
        return options with { Transform = TransformChoice.None, Anchor = AnchorChoice.Mean, Mix = MixChoice.None };
    }

    /// <summary>Refuses measured values that the options say cannot be.</summary>
    /// <exception cref="UserErrorException">There is one; it is named with its line.</exception>
    internal static void Check(ForecastOptions options, IReadOnlyList<Series> series)
    {
        bool counts = AreCounts(options.Loss);
        if (options.Min is null && options.Max is null && !counts) return;
        foreach (Series one in series)
            for (int c = 0; c < options.Column.Count; c++)
                for (int row = 0; row < one.Length; row++)
                {
                    double value = one.Targets[c].Values[row];
                    if (!one.Targets[c].IsMeasured(row)) continue;
                    string where = one.Where(row, options.Column[c]);
                    if (counts && (value < 0 || value != Math.Floor(value)))
                        throw new UserErrorException($"{where}: expected a whole number of at least 0 because the loss is that of counts, found " +
                            $"{value:G7}; choose another loss, such as mse with min 0.");
                    if (value < options.Min || value > options.Max)
                        throw new UserErrorException($"{where}: found {value:G7}, which lies outside {options.Min?.ToString() ?? "−∞"} … " +
                            $"{options.Max?.ToString() ?? "∞"} (min, max); correct the value, or the bounds.");
                }
    }
}
