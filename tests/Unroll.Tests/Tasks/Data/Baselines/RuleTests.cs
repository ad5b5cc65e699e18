using Unroll.Tasks.Data.Baselines;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tests.Tasks.Data.Baselines;

// Known values: the airline series, fitted to its first 86 rows, one step ahead over the last 29.
public sealed class RuleTests
{
    private static readonly double[] Airline = EmbeddedData.Open("airline").Numbers(1);
    private static readonly RuleScale Log = new(RuleScaleKind.Logarithm);
    private static readonly ArimaOrder AirlineModel = new(0, 1, 1, 0, 1, 1, 12, Constant: false);

    private static double Rmse(IBaseline rule, double[] series, int from, int horizon = 1)
    {
        IReadOnlyList<Window> windows = Window.Over(0, series.Length, from.., 12, horizon);
        return Metrics.Rmse(BaselineForecasts.Actual(series, windows), BaselineForecasts.Of(rule, series, windows));
    }

    [Fact]
    public void The_airline_model_forecasts_the_airline_series_as_it_does_elsewhere()
    {
        Arima fit = Arima.Fit(Airline.AsSpan(0, 86), Log, AirlineModel)!;
        Assert.Equal(16.04, Rmse(fit, Airline, 115), 0.15);
        Assert.Equal("log-arima(0,1,1)(0,1,1)12", fit.Name);
    }

    [Fact]
    public void Autoregression_on_logarithms_and_smoothing_do_too()
    {
        ReadOnlyMemory<double>[] training = [Airline.AsMemory(0, 86)];
        Assert.Equal(13.95, Rmse(ScaledAutoregression.Of(training, Log, 24), Airline, 115), 0.02);
        ExponentialSmoothing damped = ExponentialSmoothing.Fit(training[0].Span, 12, SmoothedTrend.Damped, SmoothedSeason.Multiplicative)!;
        Assert.InRange(Rmse(damped, Airline, 115), 20, 24);
        Assert.Equal("ets(A,Ad,M)", damped.Name);
    }

    [Fact]
    public void The_choice_is_made_on_the_training_part_and_beats_the_seasonal_naive_rule()
    {
        ReadOnlySpan<double> training = Airline.AsSpan(0, 86);
        double naive = Rmse(new SeasonalNaive(12), Airline, 115);
        Arima arima = ArimaChoice.Fit(training, 12, RuleScale.Steady(training, 12), 300, many: false)!;
        Assert.Equal(1, arima.Order.SeasonalD);
        Assert.InRange(Rmse(arima, Airline, 115), 14, 20);
        Assert.InRange(Rmse(ExponentialSmoothing.Choose(training, 12, 300)!, Airline, 115), 14, 0.7 * naive);
        Assert.InRange(Rmse(Theta.Fit(training, 12)!, Airline, 115), 14, 0.7 * naive);
        ScaledAutoregression scaled = ScaledAutoregression.Fit([Airline.AsMemory(0, 86)], 12)!;
        Assert.Equal(RuleScaleKind.Logarithm, scaled.Scale.Kind);
        Assert.InRange(Rmse(scaled, Airline, 115), 12, 18);
    }

    [Fact]
    public void Many_windows_in_one_pass_are_the_forecasts_of_each_alone()
    {
        IReadOnlyList<IBaseline> rules =
        [
            Arima.Fit(Airline.AsSpan(0, 86), Log, AirlineModel)!, ExponentialSmoothing.Choose(Airline.AsSpan(0, 86), 12, 100)!,
            Theta.Fit(Airline.AsSpan(0, 86), 12)!, Naive2.Fit(Airline.AsSpan(0, 86), 12),
        ];
        IReadOnlyList<Window> windows = Window.Over(0, 144, 120.., 12, 5);
        foreach (IBaseline rule in rules.Append(new MeanOfRules(rules)))
        {
            double[] all = BaselineForecasts.Of(rule, Airline, windows), one = new double[5];
            for (int w = 0; w < windows.Count; w++)
            {
                rule.Forecast(Airline.AsSpan(0, windows[w].Origin), one);
                Assert.Equal(one, all.AsSpan(5 * w, 5).ToArray());
            }
        }
    }

    [Fact]
    public void A_moving_average_and_an_autoregression_are_found_again()
    {
        double[] e = [.. Enumerable.Range(0, 4000).Select(i => new Core.Rng(3).For("e").Normal((ulong)(4 * i)))], y = new double[e.Length];
        for (int t = 1; t < y.Length; t++) y[t] = 0.7 * y[t - 1] + e[t] - 0.4 * e[t - 1];
        Arima fit = Arima.Fit(y, default, new ArimaOrder(1, 0, 1, 0, 0, 0, 1, Constant: true))!;
        Span<double> two = [0, 0];
        fit.Forecast([.. y[..^1], 10], two);
        Assert.Equal(0.7, two[1] / two[0], 0.05);                           // beyond the first step only the autoregression is left
        Assert.True(ArimaChoice.Kpss(y) < 0.463);
        double[] walk = [.. y];
        for (int t = 1; t < walk.Length; t++) walk[t] += walk[t - 1];
        Assert.True(ArimaChoice.Kpss(walk) > 0.463);
    }

    [Fact]
    public void Promotions_and_closed_Sundays_are_what_the_regression_knows()
    {
        int rows = 400;
        Core.Rng random = new Core.Rng(5).For("shop");
        double[] promotion = [.. Enumerable.Range(0, rows).Select(t => random.Uniform((ulong)t) < 0.2 ? 1.0 : 0)];
        double[] sales = [.. Enumerable.Range(0, rows).Select(t => t % 7 == 6 ? 0
            : (50 + 5 * (t % 7)) * (1 + 0.8 * promotion[t]) + random.Normal((ulong)(1000 + 4 * t)))];
        SeasonalRegression fit = SeasonalRegression.Fit(sales.AsSpan(0, 300), [promotion], [promotion], 7)!;
        Assert.True(Rmse(fit, sales, 300, 7) < 0.3 * Rmse(new SeasonalNaive(7), sales, 300, 7));
        Span<double> week = stackalloc double[7];
        fit.Forecast(sales.AsSpan(0, 301), week);
        foreach (double value in week) Assert.True(value >= 0);
    }

    [Fact]
    public void Parts_too_short_have_no_rule()
    {
        double[] three = [1, 2, 3];
        Assert.Null(Theta.Fit(three, 1));
        Assert.Null(ExponentialSmoothing.Choose(three, 1, 100));
        Assert.Null(ArimaChoice.Fit(three, 12, default, 100, many: false));
        Assert.Null(SeasonalRegression.Fit(three, [], [], 7));
        Assert.Null(ScaledAutoregression.Fit([new double[] { 1, 2 }], 1));
    }

    [Fact]
    public void The_bootstrap_tells_apart_what_differs_and_nothing_else()
    {
        Core.Rng random = new Core.Rng(1).For("errors");
        BlockBootstrap.Sums[] Windows(double more) => [.. Enumerable.Range(0, 200).Select(w =>
            new BlockBootstrap.Sums(Math.Pow(random.Normal((ulong)(8 * w)), 2), more * Math.Pow(random.Normal((ulong)(8 * w + 4)), 2), 1))];
        Assert.True(BlockBootstrap.Interval([Windows(2)], 1)!.Value.Low > 0);
        (double low, double high) = BlockBootstrap.Interval([Windows(1)], 1)!.Value;
        Assert.True(low < 0 && high > 0);
        Assert.Null(BlockBootstrap.Interval([Windows(1)[..3]], 1));
    }

    [Fact]
    public void Interval_score_and_ranked_probability_score_are_those_of_their_definitions()
    {
        Assert.Equal((2 + 20 * 1) / 4.0, Metrics.Msis([4], [1], [3], 0.9, 4)!.Value, 1e-9);
        Assert.Null(Metrics.Msis([4], [1], [3], 0.9, null));
        Assert.Equal(3, Metrics.Crps(4, [1], [0.5]), 1e-12);                // one quantile, the median: the absolute error
        Assert.Equal(2 * (0.25 * 2 + 0.25 * 0) / 2, Metrics.Crps(3, [1, 3], [0.25, 0.75]), 1e-12);
    }
}
