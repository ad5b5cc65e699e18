using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Data.Baselines;

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
    void Forecast(ReadOnlySpan<double> history, Span<double> forecast);
}

/// <summary>Forecasts of baselines for the very examples on which a model is measured.</summary>
public static class BaselineForecasts
{
    /// <summary>The baselines that every report shows: persistence, seasonal-naive, drift and an autoregression; those that the data allow.</summary>
    /// <param name="training">The training part of each series of one column, in the file's numbers.</param>
    /// <param name="season">Steps of a season; 1: there is none, and no seasonal-naive forecast.</param>
    /// <returns>
    /// In the order above. Each forecasts any number of steps; the autoregression iterates and has <see cref="Autoregression.DefaultOrder"/>.
    /// </returns>
    public static IReadOnlyList<IBaseline> Default(IReadOnlyList<ReadOnlyMemory<double>> training, int season)
    {
        int shortest = training.Min(t => t.Length), order = Autoregression.DefaultOrder(season, shortest);
        List<IBaseline> baselines = [new Persistence()];
        if (season > 1 && shortest >= season) baselines.Add(new SeasonalNaive(season));
        if (shortest >= 2) baselines.Add(new Drift());
        if (training.Sum(t => Math.Max(0, t.Length - order)) > order + 1) baselines.Add(Autoregression.Fit(training, order));
        return baselines;
    }

    /// <summary>The forecasts of one baseline for all windows of a series.</summary>
    /// <param name="baseline">The baseline.</param>
    /// <param name="series">All values of the series, in the file's numbers.</param>
    /// <param name="windows">The examples; each needs <see cref="IBaseline.MinimumHistory"/> rows before its origin.</param>
    /// <returns>[windows · horizon], one window after the other.</returns>
    public static double[] Of(IBaseline baseline, ReadOnlySpan<double> series, IReadOnlyList<Window> windows)
    {
        if (baseline is IRunningBaseline running) return RunningForecasts.Of(running, series, windows);
        double[] forecasts = new double[windows.Sum(w => w.Horizon)];
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
    public static double[] Actual(ReadOnlySpan<double> series, IReadOnlyList<Window> windows)
    {
        List<double> actual = [];
        foreach (Window window in windows) actual.AddRange(series[window.Targets]);
        return [.. actual];
    }
}
