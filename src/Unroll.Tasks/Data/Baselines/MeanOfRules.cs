namespace Unroll.Tasks.Data.Baselines;

/// <summary>The mean of some rules' forecasts, which often errs less than each (Makridakis and Hibon 2000, of the M3 competition).</summary>
/// <param name="rules">At least one.</param>
internal sealed class MeanOfRules(IReadOnlyList<IBaseline> rules) : IRunningBaseline
{
    public string Name => $"mean of {string.Join(", ", rules.Select(rule => rule.Name))}";

    public int MinimumHistory => rules.Max(rule => rule.MinimumHistory);

    public IRunningForecast Begin() => new Run([.. rules.Cast<IRunningBaseline>().Select(rule => rule.Begin())]);

    public void Forecast(ReadOnlySpan<double> history, Span<double> forecast) => RunningForecasts.After(this, history, forecast);

    private sealed class Run(IRunningForecast[] runs) : IRunningForecast
    {
        public void Take(double value)
        {
            foreach (IRunningForecast run in runs) run.Take(value);
        }

        public void Ahead(Span<double> forecast)
        {
            double[] sum = new double[forecast.Length];
            foreach (IRunningForecast run in runs)
            {
                run.Ahead(forecast);
                for (int h = 0; h < sum.Length; h++) sum[h] += forecast[h] / runs.Length;
            }
            sum.CopyTo(forecast);
        }
    }
}
