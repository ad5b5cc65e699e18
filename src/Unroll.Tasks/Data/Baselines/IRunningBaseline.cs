using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Data.Baselines;

/// <summary>A simple forecast with a memory, which reads a series once for all its forecasts.</summary>
internal interface IRunningBaseline : IBaseline
{
    /// <summary>Begins at the first row of a series.</summary>
    IRunningForecast Begin();
}

/// <summary>A simple forecast on its way through a series.</summary>
internal interface IRunningForecast
{
    /// <summary>Takes the next row's value, in the numbers of the data.</summary>
    void Take(double value);

    /// <summary>Forecasts the steps after the last value taken; changes nothing.</summary>
    /// <param name="forecast">[h]; overwritten.</param>
    void Ahead(Span<double> forecast);
}

/// <summary>What running forecasts are run by.</summary>
internal static class RunningForecasts
{
    /// <summary>The forecast after a history: <see cref="IBaseline.Forecast"/> of a baseline that runs.</summary>
    internal static void After(IRunningBaseline baseline, ReadOnlySpan<double> history, Span<double> forecast)
    {
        IRunningForecast run = baseline.Begin();
        foreach (double value in history) run.Take(value);
        run.Ahead(forecast);
    }

    /// <summary>The forecasts of windows in the order of their origins.</summary>
    /// <returns>[windows · horizon].</returns>
    internal static double[] Of(IRunningBaseline baseline, ReadOnlySpan<double> series, IReadOnlyList<Window> windows)
    {
        double[] forecasts = new double[windows.Sum(w => w.Horizon)];
        IRunningForecast run = baseline.Begin();
        int row = 0, at = 0;
        foreach (Window window in windows)
        {
            for (; row < window.Origin; row++) run.Take(series[row]);
            run.Ahead(forecasts.AsSpan(at, window.Horizon));
            at += window.Horizon;
        }
        return forecasts;
    }
}
