using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Data.Baselines;

/// <summary>ŷ_{t+h} = y_t: tomorrow will be as today.</summary>
public sealed class Persistence : IBaseline
{
    /// <inheritdoc/>
    public string Name => "persistence";

    /// <inheritdoc/>
    public int MinimumHistory => 1;

    /// <inheritdoc/>
    public void Forecast(ReadOnlySpan<double> history, Span<double> forecast) => forecast.Fill(history[^1]);
}

/// <summary>ŷ_{t+h} = y_{t+h−km}, with k the least that lands in the history: next January will be as the last one.</summary>
/// <param name="season">m, at least 1; <see cref="TimeStep.Season"/> guesses it.</param>
public sealed class SeasonalNaive(int season) : IBaseline
{
    /// <summary>m, the steps of a season.</summary>
    public int Season { get; } =
        season >= 1 ? season : throw new ArgumentOutOfRangeException(nameof(season), season, "A season has at least 1 step.");

    /// <inheritdoc/>
    public string Name => $"seasonal-naive({Season})";

    /// <inheritdoc/>
    public int MinimumHistory => Season;

    /// <inheritdoc/>
    public void Forecast(ReadOnlySpan<double> history, Span<double> forecast)
    {
        ReadOnlySpan<double> last = history[^Season..];
        for (int h = 0; h < forecast.Length; h++) forecast[h] = last[h % Season];
    }
}

/// <summary>ŷ_{t+h} = y_t + h (y_t − y_0) / t: the straight line through the first and the last value.</summary>
public sealed class Drift : IBaseline
{
    /// <inheritdoc/>
    public string Name => "drift";

    /// <inheritdoc/>
    public int MinimumHistory => 2;

    /// <inheritdoc/>
    public void Forecast(ReadOnlySpan<double> history, Span<double> forecast)
    {
        double slope = (history[^1] - history[0]) / (history.Length - 1);
        for (int h = 0; h < forecast.Length; h++) forecast[h] = (history[^1] + (h + 1) * slope);
    }
}
