namespace Unroll.Tasks.Data.Baselines;

/// <summary>The order of a seasonal ARIMA model.</summary>
/// <param name="P">p, of the autoregression.</param>
/// <param name="D">d, differences.</param>
/// <param name="Q">q, of the moving average.</param>
/// <param name="SeasonalP">P.</param>
/// <param name="SeasonalD">D.</param>
/// <param name="SeasonalQ">Q.</param>
/// <param name="Season">m; 1: none.</param>
/// <param name="Constant">Whether the differenced values have a mean other than 0.</param>
internal readonly record struct ArimaOrder(int P, int D, int Q, int SeasonalP, int SeasonalD, int SeasonalQ, int Season, bool Constant)
{
    internal int Parameters => P + Q + SeasonalP + SeasonalQ;

    public override string ToString() =>
        $"({P},{D},{Q}){(Season > 1 ? $"({SeasonalP},{SeasonalD},{SeasonalQ}){Season}" : "")}";
}

//  φ(B) Φ(Bᵐ) (w_t − μ) = θ(B) Θ(Bᵐ) e_t,     w = (1 − B)ᵈ (1 − Bᵐ)ᴰ z
//  Box, Jenkins, Reinsel, Ljung 2015, "Time Series Analysis", chapters 7 and 9.   Conditional sum of squares: e = 0 before the first row that has
//  all its lags.   Coefficients by way of partial autocorrelations tanh x (Monahan 1984), so that all are stationary and invertible.

/// <summary>A seasonal ARIMA model, fitted by the conditional sum of squares.</summary>
internal sealed class Arima : IRunningBaseline
{
    private readonly Lags _differences, _autoregression, _average;
    private readonly double _mean;

    private Arima(RuleScale scale, ArimaOrder order, double[] parameters, double mean, double criterion)
    {
        (Scale, Order, _mean, Criterion) = (scale, order, mean, criterion);
        _differences = Lags.Differences(order);
        (_autoregression, _average) = Lags.Of(order, parameters);
    }

    internal RuleScale Scale { get; }

    internal ArimaOrder Order { get; }

    /// <summary>The corrected information criterion; comparable among models of one scale, d and D.</summary>
    internal double Criterion { get; }

    public string Name => $"{(Scale.Word.Length > 0 ? $"{Scale.Word}-" : "")}arima{Order}";

    public int MinimumHistory => _differences.Longest + 1;

    /// <summary>Fits a model of one order to a training part.</summary>
    /// <returns>Null where the part is too short for it.</returns>
    internal static Arima? Fit(ReadOnlySpan<double> training, RuleScale scale, ArimaOrder order, int evaluations = 400)
    {
        double[] w = Lags.Differences(order).Apply(scale.To(training));
        int first = order.P + order.SeasonalP * order.Season, n = w.Length - first, k = order.Parameters + (order.Constant ? 2 : 1);
        if (n < 2 * k + 4) return null;
        double mean = order.Constant ? w.Average() : 0;
        for (int t = 0; t < w.Length; t++) w[t] -= mean;
        double[] errors = new double[w.Length];
        double Squares(double[] x)
        {
            (Lags ar, Lags ma) = Lags.Of(order, x);
            double sum = 0;
            for (int t = first; t < w.Length; t++)
            {
                errors[t] = w[t] - ar.At(w, t, 0) - ma.At(errors, t, first);
                sum += errors[t] * errors[t];
            }
            return sum;
        }
        double[] start = new double[order.Parameters];
        Array.Fill(start, 0.2);
        (double[] best, double least) = NelderMead.Minimize(Squares, start, 0.4, evaluations);
        if (!(least > 0) || !double.IsFinite(least)) return null;
        return new Arima(scale, order, best, mean, w.Length * Math.Log(least / n) + 2 * k + 2.0 * k * (k + 1) / Math.Max(1, n - k - 1));
    }

    public IRunningForecast Begin() => new Run(this);

    public void Forecast(ReadOnlySpan<double> history, Span<double> forecast) => RunningForecasts.After(this, history, forecast);

    private sealed class Run(Arima model) : IRunningForecast
    {
        private readonly List<double> _z = [], _w = [], _e = [];            // w and e begin where the differences do

        public void Take(double value)
        {
            _z.Add(model.Scale.To(value));
            int lost = model._differences.Longest, first = model._autoregression.Longest;
            if (_z.Count <= lost) return;
            _w.Add(_z[^1] - model._differences.At(_z, _z.Count - 1, 0) - model._mean);
            int t = _w.Count - 1;
            _e.Add(t < first ? 0 : _w[t] - model._autoregression.At(_w, t, 0) - model._average.At(_e, t, first));
        }

        public void Ahead(Span<double> forecast)
        {
            int z = _z.Count, w = _w.Count;
            for (int h = 0; h < forecast.Length; h++)
            {
                _w.Add(model._autoregression.At(_w, _w.Count, 0) + model._average.At(_e, _w.Count, 0));
                _z.Add(_w[^1] + model._mean + model._differences.At(_z, _z.Count, 0));
                forecast[h] = model.Scale.Back(_z[^1]);
            }
            _z.RemoveRange(z, _z.Count - z);
            _w.RemoveRange(w, _w.Count - w);
        }
    }
}
