using Unroll.Tasks.Data.Scores;

namespace Unroll.Tests.Tasks.Data;

public sealed class MetricsTests
{
    private static readonly double[] Actual = [1, 2, 4, 0], Forecast = [2, 2, 1, 0];

    // By hand; the sums of these small integers are exact, so that 12 digits ask for nothing but the right formula.
    [Fact]
    public void The_measures_are_what_they_are_by_hand()
    {
        Assert.Equal(Math.Sqrt(10.0 / 4), Metrics.Rmse(Actual, Forecast), 1e-12);
        Assert.Equal(1, Metrics.Mae(Actual, Forecast), 1e-12);
        Assert.Equal(100 * (2.0 / 3 + 6.0 / 5) / 4, Metrics.Smape(Actual, Forecast), 1e-12);
        Assert.Equal(1 - 10 / 8.75, Metrics.R2(Actual, Forecast)!.Value, 1e-12);
        Assert.Equal(0.5 * Metrics.Mae(Actual, Forecast), Metrics.Pinball(Actual, Forecast, 0.5), 1e-12);
        Assert.Equal((0.9 * 3 + 0.1 * 1) / 4, Metrics.Pinball(Actual, Forecast, 0.9), 1e-12);
        Assert.Equal((0.75, 1.5), Metrics.Interval(Actual, [1, 1, 2, 1], [2, 3, 4, 2]));
    }

    [Fact]
    public void Opposite_signs_make_the_greatest_sMAPE() => Assert.Equal(200, Metrics.Smape([1, -2], [-5, 3]));

    [Fact]
    public void MASE_is_scaled_by_the_training_part_alone()
    {
        double? scale = Metrics.SeasonalScale([1, 5, 3, 6], season: 2);              // |3 − 1|, |6 − 5|
        Assert.Equal(1.5, scale);
        Assert.Equal(1 / 1.5, Metrics.Mase(Actual, Forecast, scale));
        Assert.Null(Metrics.Mase(Actual, Forecast, Metrics.SeasonalScale([1, 2, 1, 2], season: 2)));
        Assert.Null(Metrics.SeasonalScale([1, 2], season: 2));
    }

    [Fact]
    public void Constant_values_have_no_R2() => Assert.Null(Metrics.R2([2, 2], [1, 3]));

    [Fact]
    public void Unequal_lengths_are_a_bug_of_the_caller() => Assert.Throws<ArgumentException>(() => Metrics.Mae([1, 2], [1]));

    [Fact]
    public void Scores_of_parts_are_those_of_the_whole()
    {
        ForecastScores whole = ForecastScores.Of(Actual, Forecast, 2);
        ForecastScores joined = ForecastScores.Together(
            [ForecastScores.Of(Actual.AsSpan(..1), Forecast.AsSpan(..1), 2), ForecastScores.Of(Actual.AsSpan(1..), Forecast.AsSpan(1..), 2)]);
        Assert.Equal(whole.Rmse, joined.Rmse, 1e-12);
        Assert.Equal(whole.Mae, joined.Mae, 1e-12);
        Assert.Equal(whole.Smape, joined.Smape, 1e-12);
        Assert.Equal(whole.Mase!.Value, joined.Mase!.Value, 1e-12);
        Assert.Equal(4, joined.Count);
    }
}
