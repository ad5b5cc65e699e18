namespace Unroll.Data;

/// <summary>A forecast that a network has to beat.</summary>
public interface IBaseline
{
    /// <summary>The name in reports: <c>persistence</c>, <c>seasonal-naive(12)</c>, <c>drift</c>, <c>autoregression(24)</c>.</summary>
    string Name { get; }

    /// <summary>How many values before the forecast it needs.</summary>
    int MinimumHistory { get; }

    /// <summary>Forecasts the steps 1 … h after the last value of the history.</summary>
    /// <param name="history">All values known when the forecast is made, from old to new; at least <see cref="MinimumHistory"/>.</param>
    /// <param name="forecast">[h]; overwritten.</param>
    void Forecast(ReadOnlySpan<float> history, Span<float> forecast);
}

/// <summary>Forecasts of baselines for the very examples on which a model is measured.</summary>
public static class BaselineForecasts
{
    /// <summary>The forecasts of one baseline for all windows of a series.</summary>
    /// <param name="baseline">The baseline.</param>
    /// <param name="series">All values of the series, in the file's numbers.</param>
    /// <param name="windows">The examples; each needs <see cref="IBaseline.MinimumHistory"/> rows before its origin.</param>
    /// <returns>[windows · horizon], one window after the other.</returns>
    public static float[] Of(IBaseline baseline, ReadOnlySpan<float> series, IReadOnlyList<Window> windows)
    {
        float[] forecasts = new float[windows.Sum(w => w.Horizon)];
        int at = 0;
        foreach (Window window in windows)
        {
            baseline.Forecast(series[..window.Origin], forecasts.AsSpan(at, window.Horizon));
            at += window.Horizon;
        }
        return forecasts;
    }

    /// <summary>What came, in the order of <see cref="Of"/>.</summary>
    /// <param name="series">All values of the series.</param>
    /// <param name="windows">The examples.</param>
    /// <returns>[windows · horizon].</returns>
    public static float[] Actual(ReadOnlySpan<float> series, IReadOnlyList<Window> windows)
    {
        List<float> actual = [];
        foreach (Window window in windows) actual.AddRange(series[window.Targets]);
        return [.. actual];
    }
}
