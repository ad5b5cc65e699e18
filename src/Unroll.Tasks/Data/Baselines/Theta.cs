namespace Unroll.Tasks.Data.Baselines;

//  ŷ_{t+h} = ℓ_t + (b / 2) (h − 1 + (1 − (1 − α)ᵗ) / α)          ℓ_t = α y_t + (1 − α) ℓ_{t−1},  b the slope of the straight line through the part
//  of values without their season: divided by its factors (or less its amounts, where values are not above 0) where a test shows one
//  Assimakopoulos and Nikolopoulos 2000, "The theta model"; Hyndman and Billah 2003, "Unmasking the theta method", for the form

/// <summary>The theta method: exponential smoothing with half the slope, on values without their season.</summary>
internal sealed class Theta : IRunningBaseline
{
    private readonly double[]? _indices;
    private readonly bool _multiplicative;
    private readonly double _slope, _alpha, _first;

    private Theta(double[]? indices, bool multiplicative, double slope, double alpha, double first) =>
        (_indices, _multiplicative, _slope, _alpha, _first) = (indices, multiplicative, slope, alpha, first);

    public string Name => "theta";

    public int MinimumHistory => 1;

    /// <summary>Fits the method to a training part.</summary>
    /// <returns>Null where it has fewer than four rows.</returns>
    internal static Theta? Fit(ReadOnlySpan<double> training, int season)
    {
        if (training.Length < 4) return null;
        bool multiplicative = Naive2.AllPositive(training);
        double[]? indices = SeasonalIndices.Shown(training, season) ? SeasonalIndices.Of(training, season, multiplicative) : null;
        double[] y = Naive2.Without(training, indices, multiplicative);
        double middle = (y.Length - 1) / 2.0, mean = y.Average(), product = 0, squares = 0;
        for (int t = 0; t < y.Length; t++) (product, squares) = (product + (t - middle) * (y[t] - mean), squares + (t - middle) * (t - middle));
        double Errors(double alpha)
        {
            double level = y[0], sum = 0;
            foreach (double value in y)
            {
                sum += (value - level) * (value - level);
                level += alpha * (value - level);
            }
            return sum;
        }
        (double[] best, _) = NelderMead.Minimize(x => Errors(Smoothing(x[0])), [0], 1, 60);
        return new Theta(indices, multiplicative, product / squares, Smoothing(best[0]), y[0]);
    }

    private static double Smoothing(double x) => 0.001 + 0.998 / (1 + Math.Exp(-x));

    public IRunningForecast Begin() => new Run(this);

    public void Forecast(ReadOnlySpan<double> history, Span<double> forecast) => RunningForecasts.After(this, history, forecast);

    private sealed class Run(Theta model) : IRunningForecast
    {
        private double _level = model._first;
        private int _rows;

        public void Take(double value)
        {
            double own = Naive2.Without(value, _rows++, model._indices, model._multiplicative);
            _level += model._alpha * (own - _level);
        }

        public void Ahead(Span<double> forecast)
        {
            double begun = (1 - Math.Pow(1 - model._alpha, _rows)) / model._alpha;
            for (int h = 0; h < forecast.Length; h++)
                forecast[h] = Naive2.With(_level + model._slope / 2 * (h + begun), _rows + h, model._indices, model._multiplicative);
        }
    }
}

/// <summary>
/// The last value without its season, times the season's factor of the step to come (the benchmark by which the M4 competition scales its measure
/// OWA); amounts in place of factors where values are not all above 0, and persistence where a test shows no season.
/// </summary>
internal sealed class Naive2 : IRunningBaseline
{
    private readonly double[]? _indices;
    private readonly bool _multiplicative;

    private Naive2(double[]? indices, bool multiplicative) => (_indices, _multiplicative) = (indices, multiplicative);

    public string Name => "naive2";

    public int MinimumHistory => 1;

    /// <summary>Finds the indices of a training part.</summary>
    internal static Naive2 Fit(ReadOnlySpan<double> training, int season)
    {
        bool multiplicative = AllPositive(training);
        return new Naive2(SeasonalIndices.Shown(training, season) ? SeasonalIndices.Of(training, season, multiplicative) : null, multiplicative);
    }

    public IRunningForecast Begin() => new Run(this);

    public void Forecast(ReadOnlySpan<double> history, Span<double> forecast) => RunningForecasts.After(this, history, forecast);

    internal static bool AllPositive(ReadOnlySpan<double> values)
    {
        foreach (double value in values)
            if (!(value > 0)) return false;
        return true;
    }

    internal static double[] Without(ReadOnlySpan<double> values, double[]? indices, bool multiplicative)
    {
        double[] all = new double[values.Length];
        for (int t = 0; t < all.Length; t++) all[t] = Without(values[t], t, indices, multiplicative);
        return all;
    }

    internal static double Without(double value, int row, double[]? indices, bool multiplicative) =>
        indices is null ? value : multiplicative ? value / indices[row % indices.Length] : value - indices[row % indices.Length];

    internal static double With(double value, int row, double[]? indices, bool multiplicative) =>
        indices is null ? value : multiplicative ? value * indices[row % indices.Length] : value + indices[row % indices.Length];

    private sealed class Run(Naive2 model) : IRunningForecast
    {
        private double _last;
        private int _rows;

        public void Take(double value) => _last = Without(value, _rows++, model._indices, model._multiplicative);

        public void Ahead(Span<double> forecast)
        {
            for (int h = 0; h < forecast.Length; h++) forecast[h] = With(_last, _rows + h, model._indices, model._multiplicative);
        }
    }
}
