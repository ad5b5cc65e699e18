using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Data.Baselines;

//  z_t = c + Σ_{k=1…p} φ_k z_{t−k} + e_t          AICc = n ln(Σ e² / n) − 2 Σ ln |dz/dy| + 2 k + 2 k (k + 1) / (n − k − 1),  k = p + 2
//  all orders on the same rows, those from the largest on; the one that is chosen is fitted again to all rows that it can have

/// <summary>
/// An autoregression on a scale of the values: the logarithm where swings grow with the level, else the plain values or their square root, and of
/// the order, that have the least corrected information criterion on the training part (Hurvich and Tsai 1989). More than one step ahead it goes on
/// from its own forecasts.
/// </summary>
internal sealed class ScaledAutoregression : IBaseline
{
    private const int MostRows = 20_000;
    private readonly Autoregression _fit;

    private ScaledAutoregression(RuleScale scale, Autoregression fit) => (Scale, _fit) = (scale, fit);

    /// <summary>The scale that was chosen.</summary>
    internal RuleScale Scale { get; }

    /// <summary>The order that was chosen.</summary>
    internal int Order => _fit.Order;

    public string Name => $"{(Scale.Word.Length > 0 ? Scale.Word : "aic")}-autoregression({Order})";

    public int MinimumHistory => Order;

    /// <summary>The largest order that is tried: two seasons and a half, 30 without a season; at most 64, and a third of the data.</summary>
    internal static int LargestOrder(int season, int rows) => Math.Min(Math.Min(season > 1 ? Math.Max(30, 5 * season / 2) : 30, 64), rows / 3);

    /// <summary>Chooses and fits.</summary>
    /// <param name="training">The training part of each series.</param>
    /// <param name="season">Steps of a season; 1: none.</param>
    /// <returns>Null where the data are too few.</returns>
    internal static ScaledAutoregression? Fit(IReadOnlyList<ReadOnlyMemory<double>> training, int season)
    {
        int largest = LargestOrder(season, training.Min(part => part.Length));
        if (largest < 1) return null;
        IReadOnlyList<ReadOnlyMemory<double>> some = Some(training);
        IEnumerable<RuleScaleKind> kinds = training.Select(part => RuleScale.For(part.Span).Select(s => s.Kind)).Aggregate((a, b) => a.Intersect(b));
        if (training.All(part => RuleScale.Steady(part.Span, season).Kind == RuleScaleKind.Logarithm) && kinds.Contains(RuleScaleKind.Logarithm))
            kinds = [RuleScaleKind.Logarithm];
        else kinds = kinds.Where(kind => kind != RuleScaleKind.Logarithm);
        (RuleScale Scale, int Order, double Criterion) best = (default, 0, double.PositiveInfinity);
        foreach (RuleScaleKind kind in kinds)
        {
            RuleScale scale = new(kind, training.Max(part => RuleScale.For(part.Span).First(s => s.Kind == kind).Shift));
            double jacobian = 0;
            foreach (ReadOnlyMemory<double> part in some)
                foreach (double value in part.Span[largest..]) jacobian += scale.LogDerivative(value);
            (int order, double criterion) = Choose([.. some.Select(part => scale.To(part.Span))], largest);
            if (criterion - 2 * jacobian < best.Criterion) best = (scale, order, criterion - 2 * jacobian);
        }
        if (best.Order < 1) return null;
        return Of(training, best.Scale, best.Order);
    }

    /// <summary>An autoregression of a scale and an order.</summary>
    internal static ScaledAutoregression Of(IReadOnlyList<ReadOnlyMemory<double>> training, RuleScale scale, int order) =>
        new(scale, Autoregression.Fit([.. training.Select(part => (ReadOnlyMemory<double>)scale.To(part.Span))], order));

    public void Forecast(ReadOnlySpan<double> history, Span<double> forecast)
    {
        _fit.Forecast(Scale.To(history[^Order..]), forecast);
        for (int h = 0; h < forecast.Length; h++) forecast[h] = Scale.Back(forecast[h]);
    }

    // The errors of every order, from one triangle: column p of R holds what p coefficients leave.
    private static (int Order, double Criterion) Choose(double[][] levels, int largest)
    {
        Standardizer own = Standardizer.Fit("levels", [.. levels.Select(part => (ReadOnlyMemory<double>)part)]);
        LeastSquares squares = new(largest + 1);
        double[] x = new double[largest + 1];
        long n = 0;
        x[0] = 1;
        foreach (double[] z in levels)
            for (int t = largest; t < z.Length; t++, n++)
            {
                for (int k = 1; k <= largest; k++) x[k] = (z[t - k] - own.Mean) / own.Deviation;
                squares.Add(x, (z[t] - own.Mean) / own.Deviation);
            }
        double[] left = squares.Residuals();
        (int Order, double Criterion) best = (0, double.PositiveInfinity);
        for (int p = 1; p <= largest; p++)
        {
            double k = p + 2, room = n - k - 1;
            if (room <= 0 || !(left[p] > 0)) continue;
            double criterion = n * Math.Log(left[p] / n * own.Deviation * own.Deviation) + 2 * k + 2 * k * (k + 1) / room;
            if (criterion < best.Criterion) best = (p, criterion);
        }
        return best;
    }

    // Of many series those evenly taken whose rows are enough to choose by.
    private static IReadOnlyList<ReadOnlyMemory<double>> Some(IReadOnlyList<ReadOnlyMemory<double>> training)
    {
        long rows = training.Sum(part => (long)part.Length);
        if (rows <= MostRows || training.Count == 1) return training;
        int count = (int)Math.Max(1, training.Count * (long)MostRows / rows);
        return [.. Enumerable.Range(0, count).Select(i => training[(int)((long)i * training.Count / count)])];
    }
}
