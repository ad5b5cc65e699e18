using Unroll.Core;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;

namespace Unroll.Tests.Tasks.Forecast;

public sealed class LevelAutoregressionTests
{
    private static double[] Made(int rows, params double[] coefficients)
    {
        Rng random = new(5);
        double[] levels = new double[rows];
        for (int t = 0; t < rows; t++)
        {
            levels[t] = 2 + random.Normal((ulong)t);
            for (int k = 1; k <= coefficients.Length && k <= t; k++) levels[t] += coefficients[k - 1] * levels[t - k];
        }
        return levels;
    }

    [Fact]
    public void It_finds_the_equation_that_made_the_levels_and_its_order()
    {
        double[] found = LevelAutoregression.Fit(
            [Made(3000, 0.5, -0.3, 0.4)], (_, _) => LevelUnit.Plain, [1, 2, 3, 5, 8, 12], 0, 3, (_, _, _) => true)!;
        Assert.All(found[4..], later => Assert.Equal(0, later, 0.05));
        foreach ((double expected, double own) in ((double[])[2, 0.5, -0.3, 0.4]).Zip(found))
            Assert.Equal(expected, own, expected == 2 ? 0.25 : 0.05);
    }

    // r⟨1⟩ = 1 + 0.5 · 4 − 0.25 · 2 = 2.5;  r⟨2⟩ = 1 + 0.5 · 2.5 − 0.25 · 4 = 1.25, in units of 10 above 100
    [Fact]
    public void It_goes_on_from_its_own_forecasts_in_the_unit_of_the_origin()
    {
        double[] forecast = new double[2];
        LevelAutoregression.Forecast([1, 0.5, -0.25], [0, 120, 140, double.NaN], 3, new LevelUnit(100, 10), forecast);
        Assert.Equal([2.5, 1.25], forecast);
    }

    [Fact]
    public void It_does_not_look_at_what_does_not_count_and_needs_rows()
    {
        double[] levels = Made(400, 0.6), spoilt = [.. levels];
        spoilt[200] = 1e6;
        bool Counts(int i, int origin, int step) => origin is < 200 or > 208;
        double[] clean = LevelAutoregression.Fit([levels], (_, _) => LevelUnit.Plain, [1, 2, 8], 0, 8, Counts)!;
        Assert.Equal(clean, LevelAutoregression.Fit([spoilt], (_, _) => LevelUnit.Plain, [1, 2, 8], 0, 8, Counts));
        Assert.Null(LevelAutoregression.Fit([levels[..9]], (_, _) => LevelUnit.Plain, [1, 2, 8], 0, 8, (_, _, _) => true));
    }

    [Fact]
    public void As_the_anchor_it_is_the_forecast_of_an_untrained_network()
    {
        Series series = Series.Of("", Made(300, 0.6, 0.2));
        ForecastRun run = ForecastRun.Begin(
            new ForecastOptions { Anchor = AnchorChoice.Ar, Transform = TransformChoice.None, Window = 6, Hidden = 3 }, [series]);
        ForecastColumn column = run.Model.Description.Columns[0];
        double[] forecast = new double[1];
        LevelAutoregression.Forecast(column.Autoregression, series.Targets[0].Values, 300, LevelUnit.Plain, forecast);
        Assert.Equal(forecast[0], run.Model.Forecast(series)[0].Forecast, 1e-5);
    }
}
