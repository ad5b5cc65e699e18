using Unroll.Core;
using Unroll.Tasks.Forecast;

namespace Unroll.Tests.Tasks.Forecast;

public sealed class IntervalTests
{
    private static float[][] Errors(int count, Func<int, float> value) => [.. Enumerable.Range(0, count).Select(i => (float[])[value(i)])];

    private static (double Lower, double Upper) Ends(float[][] validation, float[][]? training = null) =>
        new IntervalCalibration("validation", validation, training ?? [], []).Ends(0, 0.9);

    // n = 99, 90 %: ⌊100 · 0.05⌋ = 5th and ⌈100 · 0.95⌉ = 95th smallest of −49 … 49, in any order
    [Fact]
    public void The_ends_are_the_order_statistics_of_split_conformal_prediction() => Assert.Equal((-45, 45), Ends(Errors(99, i => 49 - i)));

    [Theory]
    [InlineData(1, 0, 95)]
    [InlineData(-99, -95, 0)]
    public void Errors_of_one_sign_make_an_interval_that_reaches_to_the_forecast(int first, double lower, double upper) =>
        Assert.Equal((lower, upper), Ends(Errors(99, i => first + i)));

    [Fact]
    public void A_step_that_was_not_measured_has_no_error() =>
        Assert.Equal((-3, 3), Ends([.. Errors(7, i => i - 3), .. Errors(5, _ => float.NaN)]));

    [Fact]
    public void Too_few_errors_give_the_widest_interval_there_is() => Assert.Equal((-3, 3), Ends(Errors(7, i => i - 3)));

    [Fact]
    public void A_calm_validation_part_does_not_hide_the_errors_of_training() =>
        Assert.Equal((-5, 4), Ends(Errors(20, i => i % 2 == 0 ? -1 : 4), Errors(20, i => i % 2 == 0 ? -5 : 1)));

    [Fact]
    public void Exchangeable_errors_are_covered_as_promised()
    {
        // 200 calibrations of 99 draws, each with one more draw: the number covered is binomial with p = 0.9, deviation 4.2; 5 of them are allowed
        Rng random = new(11);
        int covered = 0;
        for (int k = 0; k < 200; k++)
        {
            Rng own = random.At((ulong)k);
            (double lower, double upper) = Ends(Errors(99, i => (float)own.Normal((ulong)i)));
            double next = own.Normal(99);
            if (next >= lower && next <= upper) covered++;
        }
        Assert.InRange(covered, 180 - 21, 200);
    }

    [Fact]
    public void A_spread_that_goes_with_the_level_is_found_and_one_that_does_not_is_flat()
    {
        double[] level = [.. Enumerable.Range(0, 100).Select(i => (i - 50) / 25.0)];
        Rng random = new(2);

        SpreadLine line = SpreadLine.Fit(level, [.. level.Select((x, i) => 1 + 0.3 * x + 0.05 * random.Normal((ulong)i))]);
        Assert.Equal(1, line.Base, 0.03);                        // six deviations of a mean of 100
        Assert.Equal(0.3, line.Slope, 0.03);
        Assert.Equal(0, SpreadLine.Fit(level, [.. level.Select((_, i) => 1 + (i % 2 == 0 ? 0.5 : -0.5))]).Slope);
    }

    [Fact]
    public void A_spread_never_leaves_its_bounds()
    {
        SpreadLine line = new(2, 1);
        Assert.Equal(8, line.At(100));
        Assert.Equal(0.5, line.At(-100));
    }

    [Fact]
    public void Crossing_quantiles_are_put_in_order() => Assert.Equal((2, 1, 1), new ForecastHead(ForecastLoss.Quantile, 0.9).Read([3, 1, 2], 0));
}
