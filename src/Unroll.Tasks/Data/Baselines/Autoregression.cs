using Unroll.Core;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Data.Baselines;

/// <summary>How an autoregression looks more than one step ahead.</summary>
public enum MultiStep
{
    /// <summary>One equation, fed with its own forecasts.</summary>
    Iterated,

    /// <summary>One equation for each step ahead.</summary>
    Direct,
}

/// <summary>A linear autoregression with a constant, fitted by least squares to the training part.</summary>
/// <remarks>
/// ŷ_{t+h} = c_h + Σ_{k=0…p−1} φ_{h,k} y_{t−k}. Values are standardized for the fit, in double; the coefficients are those of the plain values.
/// </remarks>
public sealed class Autoregression : IBaseline
{
    private readonly double[][] _equations;                                      // [1 or horizon][1 + order]: c, then φ of y_t, y_{t−1} …

    private Autoregression(int order, MultiStep steps, double[][] equations)
    {
        (Order, Steps, _equations) = (order, steps, equations);
    }

    /// <summary>p, the number of values it looks back on.</summary>
    public int Order { get; }

    /// <summary>How it looks more than one step ahead.</summary>
    public MultiStep Steps { get; }

    /// <inheritdoc/>
    public string Name => $"autoregression({Order})";

    /// <inheritdoc/>
    public int MinimumHistory => Order;

    /// <summary>The constant, then the coefficients of y_t, y_{t−1} …, of the equation for a step ahead.</summary>
    /// <param name="step">1 for the next step; an iterated autoregression has no other.</param>
    public IReadOnlyList<double> Coefficients(int step = 1) => _equations[step - 1];

    /// <summary>
    /// The order used when none is asked for: two seasons (24 for monthly data), 10 without a season; at most 64, and a quarter of the data.
    /// </summary>
    /// <param name="season">Steps of a season; 1 when there is none.</param>
    /// <param name="trainingRows">Rows of the training part.</param>
    public static int DefaultOrder(int season, int trainingRows) =>
        Math.Max(1, Math.Min(Math.Min(season > 1 ? 2 * season : 10, 64), trainingRows / 4));

    /// <summary>Fits one autoregression to the training parts of all series.</summary>
    /// <param name="training">The training part of each series, without missing values.</param>
    /// <param name="order">p, at least 1.</param>
    /// <param name="horizon">Steps ahead, at least 1.</param>
    /// <param name="steps">How to look more than one step ahead.</param>
    /// <exception cref="UserErrorException">There are fewer equations than coefficients.</exception>
    public static Autoregression Fit(
        IReadOnlyList<ReadOnlyMemory<double>> training, int order, int horizon = 1, MultiStep steps = MultiStep.Iterated) =>
        Fit(training, order, horizon, steps, (_, _, _) => true);

    /// <param name="training">As above.</param>
    /// <param name="order">As above.</param>
    /// <param name="horizon">As above.</param>
    /// <param name="steps">As above.</param>
    /// <param name="scored">Whether a series, the row after the last one seen and a step ahead make an equation: what was filled in does not.</param>
    internal static Autoregression Fit(
        IReadOnlyList<ReadOnlyMemory<double>> training, int order, int horizon, MultiStep steps, Func<int, int, int, bool> scored)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(horizon, 1);
        Standardizer scale = Standardizer.Fit("autoregression", training);
        double[][] equations = new double[steps == MultiStep.Direct ? horizon : 1][];
        for (int h = 0; h < equations.Length; h++) equations[h] = FitStep(training, order, h + 1, scale, scored);
        return new Autoregression(order, steps, equations);
    }

    /// <inheritdoc/>
    public void Forecast(ReadOnlySpan<double> history, Span<double> forecast)
    {
        if (Steps == MultiStep.Direct && forecast.Length > _equations.Length)
            throw new ArgumentException(
                $"The autoregression was fitted for {_equations.Length} steps ahead, got {forecast.Length}.", nameof(forecast));
        Span<double> lags = stackalloc double[Order];                            // y_t, y_{t−1} …
        for (int k = 0; k < Order; k++) lags[k] = history[^(k + 1)];
        for (int h = 0; h < forecast.Length; h++)
        {
            double[] equation = _equations[Steps == MultiStep.Direct ? h : 0];
            double y = equation[0];
            for (int k = 0; k < Order; k++) y += equation[k + 1] * lags[k];
            forecast[h] = y;
            if (Steps == MultiStep.Direct) continue;
            lags[..^1].CopyTo(lags[1..]);
            lags[0] = y;
        }
    }

    private static double[] FitStep(
        IReadOnlyList<ReadOnlyMemory<double>> training, int order, int ahead, Standardizer scale, Func<int, int, int, bool> scored)
    {
        LeastSquares squares = new(order + 1);
        double[] x = new double[order + 1];
        long rows = 0;
        x[0] = 1;
        for (int i = 0; i < training.Count; i++)
        {
            ReadOnlySpan<double> y = training[i].Span;
            for (int t = order - 1; t + ahead < y.Length; t++)
            {
                if (!scored(i, t + 1, ahead)) continue;
                rows++;
                for (int k = 0; k < order; k++) x[k + 1] = (y[t - k] - scale.Mean) / scale.Deviation;
                squares.Add(x, (y[t + ahead] - scale.Mean) / scale.Deviation);
            }
        }
        if (rows <= order)
            throw new UserErrorException(
                $"An autoregression of order {order}, {ahead} steps ahead, needs more than {order + 1} examples, got {rows}; " +
                "choose a smaller order, or give more data.");
        double[] beta = squares.Solve();
        beta[0] = scale.Mean + scale.Deviation * beta[0] - scale.Mean * beta.Skip(1).Sum();          // back from standardized values
        return beta;
    }
}
