namespace Unroll.Tasks.Data.Baselines;

//  z_t = c_{t mod m} + Σ_k γ_k x_{k,t} + r_t                   least squares;  z = y, or ln (1 + y) where that errs less
//  r_t = Σ_{l ∈ L} φ_l r_{t−l} + e_t,  L = 1, 2, 3, m          least squares on what the first line leaves
//  Cochrane and Orcutt 1949, "Application of least squares regression to relationships containing auto-correlated error terms", one pass

/// <summary>
/// A regression of one series on the phases of its season and on the inputs that are known in the future, with autoregressive errors: the rule for
/// shops with promotions and closed days. It is fitted to the training part; forecasts are kept at 0 or above where all of that part is.
/// </summary>
internal sealed class SeasonalRegression : IRunningBaseline
{
    private readonly double[] _phases, _effects, _errors;
    private readonly int[] _lags;
    private readonly IReadOnlyList<double[]> _inputs;
    private readonly bool _log, _notBelowZero;

    private SeasonalRegression(
        double[] phases, double[] effects, int[] lags, double[] errors, IReadOnlyList<double[]> inputs, bool log, bool notBelowZero) =>
        (_phases, _effects, _lags, _errors, _inputs, _log, _notBelowZero) = (phases, effects, lags, errors, inputs, log, notBelowZero);

    public string Name => $"regression on inputs{(_phases.Length > 1 ? $"({_phases.Length})" : "")}";

    public int MinimumHistory => 1;

    /// <summary>Fits the regression.</summary>
    /// <param name="training">The training part of a series.</param>
    /// <param name="inputs">[inputs][rows]: what is known beside it.</param>
    /// <param name="measured">[inputs][rows, those to come too]: what is known beside the series that is forecast.</param>
    /// <param name="season">Steps of a season; 1: none.</param>
    /// <returns>Null where the part is too short.</returns>
    internal static SeasonalRegression? Fit(
        ReadOnlySpan<double> training, IReadOnlyList<double[]> inputs, IReadOnlyList<double[]> measured, int season)
    {
        if (training.Length < 4 * season) season = 1;
        if (training.Length < 3 * (season + inputs.Count) + 8) return null;
        bool notBelowZero = true;
        foreach (double value in training) notBelowZero &= value >= 0;
        SeasonalRegression plain = Fit(training, inputs, season, log: false, notBelowZero);
        if (!notBelowZero) return plain.On(measured);
        SeasonalRegression log = Fit(training, inputs, season, log: true, notBelowZero);
        return (log.Errors(training) < plain.Errors(training) ? log : plain).On(measured);
    }

    private SeasonalRegression On(IReadOnlyList<double[]> inputs) => new(_phases, _effects, _lags, _errors, inputs, _log, _notBelowZero);

    private static SeasonalRegression Fit(ReadOnlySpan<double> training, IReadOnlyList<double[]> inputs, int season, bool log, bool notBelowZero)
    {
        double[] z = new double[training.Length], x = new double[season + inputs.Count];
        for (int t = 0; t < z.Length; t++) z[t] = log ? Math.Log(1 + training[t]) : training[t];
        LeastSquares first = new(x.Length);
        for (int t = 0; t < z.Length; t++)
        {
            Row(x, t, season, inputs);
            first.Add(x, z[t]);
        }
        double[] beta = first.Solve(), rest = new double[z.Length];
        for (int t = 0; t < z.Length; t++)
        {
            Row(x, t, season, inputs);
            rest[t] = z[t];
            for (int i = 0; i < x.Length; i++) rest[t] -= beta[i] * x[i];
        }
        int[] lags = [.. new[] { 1, 2, 3, season }.Where(lag => lag < z.Length / 4).Distinct().Order()];
        LeastSquares second = new(lags.Length);
        double[] before = new double[lags.Length];
        for (int t = lags[^1]; t < z.Length; t++)
        {
            for (int i = 0; i < before.Length; i++) before[i] = rest[t - lags[i]];
            second.Add(before, rest[t]);
        }
        return new SeasonalRegression(beta[..season], beta[season..], lags, second.Solve(), inputs, log, notBelowZero);
    }

    private static void Row(double[] x, int t, int season, IReadOnlyList<double[]> inputs)
    {
        x.AsSpan(0, season).Clear();
        x[t % season] = 1;
        for (int k = 0; k < inputs.Count; k++) x[season + k] = inputs[k][t];
    }

    private double Errors(ReadOnlySpan<double> training)
    {
        IRunningForecast run = Begin();
        Span<double> one = [0];
        double sum = 0;
        foreach (double value in training)
        {
            run.Ahead(one);
            sum += (value - one[0]) * (value - one[0]);
            run.Take(value);
        }
        return sum;
    }

    private double Line(int t)
    {
        double sum = _phases[t % _phases.Length];
        for (int k = 0; k < _effects.Length; k++) sum += t < _inputs[k].Length ? _effects[k] * _inputs[k][t] : 0;
        return sum;
    }

    public IRunningForecast Begin() => new Run(this);

    public void Forecast(ReadOnlySpan<double> history, Span<double> forecast) => RunningForecasts.After(this, history, forecast);

    private sealed class Run(SeasonalRegression model) : IRunningForecast
    {
        private readonly List<double> _rest = [];

        public void Take(double value) => _rest.Add((model._log ? Math.Log(1 + Math.Max(0, value)) : value) - model.Line(_rest.Count));

        public void Ahead(Span<double> forecast)
        {
            int known = _rest.Count;
            for (int h = 0; h < forecast.Length; h++)
            {
                double rest = 0;
                for (int i = 0; i < model._lags.Length; i++)
                    if (_rest.Count >= model._lags[i]) rest += model._errors[i] * _rest[^model._lags[i]];
                double z = model.Line(_rest.Count) + rest, value = model._log ? Math.Exp(z) - 1 : z;
                forecast[h] = model._notBelowZero ? Math.Max(0, value) : value;
                _rest.Add(rest);
            }
            _rest.RemoveRange(known, _rest.Count - known);
        }
    }
}
