namespace Unroll.Tasks.Data.Baselines;

/// <summary>The trend of exponential smoothing.</summary>
internal enum SmoothedTrend
{
    /// <summary>None: a level alone.</summary>
    None,

    /// <summary>A straight line.</summary>
    Linear,

    /// <summary>A line that bends to a level.</summary>
    Damped,
}

/// <summary>The season of exponential smoothing.</summary>
internal enum SmoothedSeason
{
    /// <summary>None.</summary>
    None,

    /// <summary>Amounts that are added.</summary>
    Additive,

    /// <summary>Factors.</summary>
    Multiplicative,
}

//  ŷ_t = (ℓ + φ b) + s   or   (ℓ + φ b) · s                 e = y_t − ŷ_t,  or of factors for level and trend e / s, for the season e / (ℓ + φ b)
//  ℓ ← ℓ + φ b + α e      b ← φ b + β e      s ← s + γ e         φ = 1: a straight line;  no b: a level
//  Holt 1957; Winters 1960; Gardner and McKenzie 1985 for φ; Hyndman, Koehler, Ord, Snyder 2008, "Forecasting with exponential smoothing", table 2.2

/// <summary>
/// Exponential smoothing (Holt and Winters) of one series: the form (trend none, linear, damped; season none, additive, multiplicative) by the
/// corrected information criterion, its factors by the least squared error one step ahead on the training part.
/// </summary>
internal sealed class ExponentialSmoothing : IRunningBaseline
{
    private readonly Start _start;
    private readonly Factors _factors;

    private ExponentialSmoothing(SmoothedTrend trend, SmoothedSeason season, Start start, Factors factors, double criterion) =>
        (Trend, Season, _start, _factors, Criterion) = (trend, season, start, factors, criterion);

    internal SmoothedTrend Trend { get; }

    internal SmoothedSeason Season { get; }

    internal double Criterion { get; }

    /// <summary><c>ets(A,Ad,M)</c>: errors that add, the trend (N, A, Ad), the season (N, A, M).</summary>
    public string Name => $"ets(A,{Trend switch { SmoothedTrend.None => "N", SmoothedTrend.Linear => "A", _ => "Ad" }}," +
        $"{Season switch { SmoothedSeason.None => "N", SmoothedSeason.Additive => "A", _ => "M" }})";

    public int MinimumHistory => 1;

    /// <summary>Chooses a form and fits it.</summary>
    /// <param name="training">The training part of a series.</param>
    /// <param name="season">Steps of a season; 1: none.</param>
    /// <param name="evaluations">How long to search for the factors of each form.</param>
    /// <returns>Null where the part is too short.</returns>
    internal static ExponentialSmoothing? Choose(ReadOnlySpan<double> training, int season, int evaluations)
    {
        ExponentialSmoothing? best = null;
        foreach (SmoothedTrend trend in Enum.GetValues<SmoothedTrend>())
            foreach (SmoothedSeason kind in Enum.GetValues<SmoothedSeason>())
                if (Fit(training, season, trend, kind, evaluations) is { } fit && fit.Criterion < (best?.Criterion ?? double.PositiveInfinity))
                    best = fit;
        return best;
    }

    /// <summary>Fits one form.</summary>
    /// <returns>Null where the part is too short for it, or has a value that is not above 0 and the season is multiplicative.</returns>
    internal static ExponentialSmoothing? Fit(
        ReadOnlySpan<double> training, int period, SmoothedTrend trend, SmoothedSeason season, int evaluations = 400)
    {
        if (season != SmoothedSeason.None && (period < 2 || training.Length < 2 * period + 2)) return null;
        if (season == SmoothedSeason.Multiplicative && !Naive2.AllPositive(training)) return null;
        if (training.Length < 6) return null;
        double[] y = [.. training];
        Start start = Begun(y, season == SmoothedSeason.None ? 1 : period, trend, season);
        int shapes = 1 + (trend == SmoothedTrend.None ? 0 : 1) + (trend == SmoothedTrend.Damped ? 1 : 0) + (season == SmoothedSeason.None ? 0 : 1);
        int k = shapes + 2 + (trend == SmoothedTrend.None ? 0 : 1) + (season == SmoothedSeason.None ? 0 : period - 1), n = y.Length;
        if (n - k - 1 <= 0) return null;
        double Squares(double[] x)
        {
            State state = new(start, FactorsOf(x, trend, season), season);
            double sum = 0;
            foreach (double value in y) sum += Math.Pow(state.Take(value), 2);
            return sum;
        }
        double[] first = new double[shapes];
        first[0] = -0.5;
        for (int i = 1; i < shapes; i++) first[i] = -2;
        (double[] best, double least) = NelderMead.Minimize(Squares, first, 1, evaluations);
        return !(least > 0) || !double.IsFinite(least) ? null : new ExponentialSmoothing(trend, season, start, FactorsOf(best, trend, season),
            n * Math.Log(least / n) + 2 * k + 2.0 * k * (k + 1) / (n - k - 1));
    }

    public IRunningForecast Begin() => new Run(this);

    public void Forecast(ReadOnlySpan<double> history, Span<double> forecast) => RunningForecasts.After(this, history, forecast);

    private readonly record struct Factors(double Alpha, double Beta, double Gamma, double Phi);

    private sealed record Start(double Level, double Slope, double[] Indices);

    // α in (0, 1), β in (0, α), γ in (0, 1 − α), φ in (0.8, 0.98): the usual region
    private static Factors FactorsOf(double[] x, SmoothedTrend trend, SmoothedSeason season)
    {
        int at = 0;
        double alpha = Share(x[at++]), beta = trend == SmoothedTrend.None ? 0 : alpha * Share(x[at++]);
        double phi = trend == SmoothedTrend.Damped ? 0.8 + 0.18 * Share(x[at++] + 3) : 1;
        return new Factors(alpha, beta, season == SmoothedSeason.None ? 0 : (1 - alpha) * Share(x[at]), phi);
    }

    private static double Share(double x) => 1 / (1 + Math.Exp(-x));

    // The season of the first ten seasons; level and slope of the straight line through the first two (or ten values) without it.
    private static Start Begun(double[] y, int period, SmoothedTrend trend, SmoothedSeason season)
    {
        bool factors = season == SmoothedSeason.Multiplicative;
        int some = Math.Min(y.Length, 10 * period);
        double[] indices = season == SmoothedSeason.None ? [factors ? 1 : 0] : SeasonalIndices.Of(y.AsSpan(0, some), period, factors);
        int rows = Math.Min(y.Length, Math.Max(10, 2 * period));
        double[] z = Naive2.Without(y.AsSpan(0, rows), season == SmoothedSeason.None ? null : indices, factors);
        double middle = (rows - 1) / 2.0, mean = z.Average(), product = 0, squares = 0;
        for (int t = 0; t < rows; t++) (product, squares) = (product + (t - middle) * (z[t] - mean), squares + (t - middle) * (t - middle));
        double slope = trend == SmoothedTrend.None ? 0 : product / squares;
        return new Start(mean - slope * (middle + 1), slope, indices);
    }

    private sealed class State(Start start, Factors factors, SmoothedSeason season)
    {
        private readonly double[] _indices = [.. start.Indices];
        private double _level = start.Level, _slope = start.Slope;
        private int _rows;

        //  e
        internal double Take(double value)
        {
            int phase = _rows++ % _indices.Length;
            double index = _indices[phase], trend = factors.Phi * _slope, line = _level + trend;
            double forecast = season switch { SmoothedSeason.None => line, SmoothedSeason.Additive => line + index, _ => line * index };
            double error = value - forecast, own = season == SmoothedSeason.Multiplicative ? error / index : error;
            _level = line + factors.Alpha * own;
            _slope = trend + factors.Beta * own;
            if (season != SmoothedSeason.None)
                _indices[phase] = index + factors.Gamma * (season == SmoothedSeason.Multiplicative ? error / line : error);
            return error;
        }

        internal void Ahead(Span<double> forecast)
        {
            double line = _level, step = _slope;
            for (int h = 0; h < forecast.Length; h++)
            {
                step *= factors.Phi;
                line += step;
                double index = _indices[(_rows + h) % _indices.Length];
                forecast[h] = season switch { SmoothedSeason.None => line, SmoothedSeason.Additive => line + index, _ => line * index };
            }
        }
    }

    private sealed class Run(ExponentialSmoothing model) : IRunningForecast
    {
        private readonly State _state = new(model._start, model._factors, model.Season);

        public void Take(double value) => _state.Take(value);

        public void Ahead(Span<double> forecast) => _state.Ahead(forecast);
    }
}
