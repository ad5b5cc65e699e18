using Unroll.Tasks.Data.Baselines;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tests.Tasks.Data;

// The figures are R's (4.2.2), by qr.solve on the same split of datasets::sunspots: 1,974 rows to train, tested from row 2,398 on:
//   y <- as.numeric(sunspots); n <- 1974; v <- 2397; p <- 24
//   fit <- function(h) { t <- p:(n-h); X <- cbind(1, sapply(0:(p-1), function(k) y[t-k])); qr.solve(X, y[t+h]) }
//   b <- fit(1); o <- v:(length(y)-1); f1 <- sapply(o, function(t) sum(b * c(1, y[t-0:23]))); sqrt(mean((y[o+1] - f1)^2))
// The coefficients agree to the solvers' rounding; forecasts are float32, so that measures agree to about 1e-6 relative.
public sealed class BaselineTests
{
    private static readonly double[] Sunspots = EmbeddedData.Open("sunspots").Numbers(1);
    private static readonly Split Parts = Split.ByShare(2820, 0.7, 0.15);

    private static (double[] Actual, double[] Forecast) Test(IBaseline baseline, int horizon)
    {
        IReadOnlyList<Window> windows = Window.Over(0, 2820, Parts.TestRows, 24, horizon);
        return (BaselineForecasts.Actual(Sunspots, windows), BaselineForecasts.Of(baseline, Sunspots, windows));
    }

    private static double Rmse(IBaseline baseline, int horizon)
    {
        (double[] actual, double[] forecast) = Test(baseline, horizon);
        return Metrics.Rmse(actual, forecast);
    }

    private static Autoregression Fit(int horizon = 1, MultiStep steps = MultiStep.Iterated) =>
        Autoregression.Fit([Sunspots.AsMemory(Parts.TrainRows)], order: 24, horizon, steps);

    [Fact]
    public void The_autoregression_is_the_least_squares_fit_of_R()
    {
        Autoregression fit = Fit();
        double[] expected = [3.4509344676704, 0.5097758870597, 0.1213335112819, 0.0578995749707];
        for (int i = 0; i < 4; i++) Assert.Equal(expected[i], fit.Coefficients()[i], 1e-6);
    }

    [Fact]
    public void Its_measures_on_the_test_part_are_those_of_R()
    {
        (double[] actual, double[] forecast) = Test(Fit(), 1);
        Assert.Equal(17.9308747435, Metrics.Rmse(actual, forecast), 2e-5);
        Assert.Equal(13.2102541432, Metrics.Mae(actual, forecast), 2e-5);
        Assert.Equal(26.4740399843, Metrics.Smape(actual, forecast), 5e-5);
        Assert.Equal(0.899791605869, Metrics.R2(actual, forecast)!.Value, 1e-6);
        Assert.Equal(20.8762487258, Metrics.SeasonalScale(Sunspots.AsSpan(Parts.TrainRows), 12)!.Value, 2e-5);
        Assert.Equal(3.72452132853, Metrics.Pinball(actual, [.. forecast.Select(f => 0.9 * f)], 0.1), 2e-5);
    }

    [Fact]
    public void The_simple_baselines_are_those_of_R()
    {
        Assert.Equal(19.7322329337, Rmse(new Persistence(), 1), 2e-5);
        Assert.Equal(41.8445903308, Rmse(new SeasonalNaive(12), 1), 2e-5);
        Assert.Equal(22.9314057786, Rmse(new Drift(), 3), 2e-5);
    }

    [Fact]
    public void Three_steps_ahead_iterated_and_direct_are_those_of_R()
    {
        Assert.Equal(20.1249075633, Rmse(Fit(), 3), 2e-5);
        Assert.Equal(20.1346625597, Rmse(Fit(3, MultiStep.Direct), 3), 2e-5);
    }

    [Fact]
    public void The_airline_figures_are_those_of_R()
    {
        double[] y = EmbeddedData.Open("airline").Numbers(1);
        IReadOnlyList<Window> windows = Window.Over(0, 144, 120..144, 12, 1);
        double[] actual = BaselineForecasts.Actual(y, windows);
        Autoregression fit = Autoregression.Fit([y.AsMemory(0, 120)], order: 12);
        Assert.Equal(18.4549178913, Metrics.Rmse(actual, BaselineForecasts.Of(fit, y, windows)), 5e-5);
        Assert.Equal(49.9866648884, Metrics.Rmse(actual, BaselineForecasts.Of(new SeasonalNaive(12), y, windows)), 5e-5);
    }

    [Fact]
    public void A_seasonal_naive_forecast_repeats_the_last_season()
    {
        double[] forecast = new double[5];
        new SeasonalNaive(3).Forecast([9, 1, 2, 3], forecast);
        Assert.Equal([1, 2, 3, 1, 2], forecast);
    }

    [Theory]
    [InlineData(0f, 1f)]
    [InlineData(1e6f, 0f)]
    public void A_constant_or_straight_series_is_continued(double start, double slope)
    {
        double[] line = [.. Enumerable.Range(0, 60).Select(i => start + slope * i)], forecast = new double[3];
        Autoregression.Fit([line.AsMemory()], order: 8).Forecast(line, forecast);
        // the ridge of 1e-8, times a condition below 1e3, times values of 60
        for (int h = 0; h < 3; h++) Assert.Equal(start + slope * (60 + h), forecast[h], 1e-3f);
    }

    [Fact]
    public void Too_few_rows_for_the_order_are_refused() =>
        Assert.Contains("needs more than 5 examples, got 4",
            TableTests.Error(() => Autoregression.Fit([new double[] { 1, 2, 4, 3, 5, 2, 1, 6 }], order: 4)));

    [Fact]
    public void The_usual_baselines_are_those_that_the_data_allow()
    {
        Assert.Equal(["persistence", "seasonal-naive(12)", "drift", "autoregression(24)"],
            BaselineForecasts.Default([Sunspots.AsMemory(Parts.TrainRows)], 12).Select(b => b.Name));
        Assert.Equal(["persistence", "drift"], BaselineForecasts.Default([new double[] { 1, 2, 3 }], 12).Select(b => b.Name));
    }

    [Fact]
    public void The_default_order_is_two_seasons()
    {
        Assert.Equal(24, Autoregression.DefaultOrder(12, 1974));
        Assert.Equal(10, Autoregression.DefaultOrder(1, 1974));
        Assert.Equal(5, Autoregression.DefaultOrder(24, 20));
    }
}
