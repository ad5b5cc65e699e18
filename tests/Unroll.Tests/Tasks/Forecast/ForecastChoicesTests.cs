using Unroll.Core;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Data;
using Unroll.Tasks.Forecast;

namespace Unroll.Tests.Tasks.Forecast;

public sealed class ForecastChoicesTests
{
    private const int Season = 12;

    private static double[] Made(int rows, Func<int, double> value) => [.. Enumerable.Range(0, rows).Select(t => (double)value(t))];

    private static TransformKind TransformOf(double[] values) => ForecastChoices.Transform([values], Season).Kind;

    private static double Wave(int t) => Math.Sin(2 * Math.PI * t / Season);

    private static double Noise(int t) => new Rng(3).Normal((ulong)t);

    [Fact]
    public void Swings_that_grow_with_a_rising_level_ask_for_log_differences() =>
        Assert.Equal(TransformKind.LogDifference, TransformOf(Made(120, t => 100 * Math.Exp(0.01 * t) * (1 + 0.1 * Wave(t)))));

    [Fact]
    public void A_rising_level_with_even_swings_asks_for_differences() =>
        Assert.Equal(TransformKind.Difference, TransformOf(Made(120, t => 1000 + 5 * t + 10 * Noise(t))));

    [Fact]
    public void A_level_that_wanders_off_and_back_asks_for_differences() =>
        Assert.Equal(TransformKind.Difference, TransformOf(Made(400, t => 100 * Math.Sin(Math.PI * t / 200.0) + 10 * Noise(t))));

    [Fact]
    public void A_level_that_stays_asks_for_nothing() => Assert.Equal(TransformKind.None, TransformOf(Made(240, t => 50 + 10 * Noise(t))));

    [Fact]
    public void Swings_that_grow_with_the_root_of_a_level_that_reaches_zero_ask_for_roots() => Assert.Equal(TransformKind.Sqrt,
        TransformOf(Made(480, t => Math.Pow(Math.Max(0, 6 + 5 * Math.Sin(Math.PI * t / 60) + Wave(t)), 2) * (t % 97 == 0 ? 0 : 1))));

    [Fact]
    public void A_week_within_hours_is_taken_where_it_forecasts_better()
    {
        double[] days = Made(1200, t => Math.Sin(Math.PI * t / 12) + 0.1 * Noise(t)),
            weeks = Made(1200, t => Math.Sin(Math.PI * t / 12) * (t / 24 % 7 > 4 ? 0.3 : 1));
        int Season(double[] levels, int rows) => ForecastChoices.Season([levels[..rows]], 24, 168, 24);
        Assert.Equal((24, 168, 24), (Season(days, 1200), Season(weeks, 1200), Season(weeks, 300)));
        Assert.Equal(144, ForecastChoices.Window(150, 1000, 24));
    }

    [Fact]
    public void Values_that_reach_zero_never_ask_for_a_logarithm() =>
        Assert.NotEqual(TransformKind.Log, TransformOf(Made(240, t => Math.Abs(Wave(t) * (1 + t % 60)))));

    [Theory]
    [InlineData(AnchorKind.Last)]
    [InlineData(AnchorKind.Season)]
    [InlineData(AnchorKind.Growth)]
    [InlineData(AnchorKind.Mean)]
    public void The_anchor_is_the_one_that_errs_least(AnchorKind best)
    {
        double sum = 0;
        double[] levels = new double[200];
        for (int t = 0; t < levels.Length; t++)
            levels[t] = best switch
            {
                AnchorKind.Last => sum += Noise(t),                                    // a random walk
                AnchorKind.Season => 10 * Wave(t) + 0.1 * Noise(t),                    // the same every season
                AnchorKind.Growth => 10 * Wave(t) + (sum += 0.3 + 0.1 * Noise(t)),     // a season on a walk that rises
                _ => Noise(t),
            };
        Assert.Equal(best, ForecastChoices.Anchor([levels], Season, horizon: 1, (_, _, _) => true));
    }

    [Theory]
    [InlineData(12, 1692, 24)]                               // two seasons
    [InlineData(12, 86, 12)]                                 // a sixth of the training part, in whole seasons
    [InlineData(24, 8640, 48)]
    [InlineData(52, 1000, 52)]                               // at most 64 steps
    [InlineData(1, 1000, 24)]
    [InlineData(12, 30, 5)]
    [InlineData(1, 3, 1)]
    public void The_window_is_two_seasons_where_there_is_room(int season, int rows, int expected) =>
        Assert.Equal(expected, ForecastChoices.Window(season, rows, season));

    [Fact]
    public void Choices_look_at_the_training_part_alone()
    {
        static string Describe(Func<double, double> later)
        {
            string csv = "y\n" + string.Concat(Enumerable.Range(0, 200).Select(t => 50 + 10 * Wave(t))
                .Select((v, t) => $"{(t < 120 ? v : later(v)):F4}\n"));
            ForecastData data = ForecastData.Read(new ForecastOptions { Data = ["y.csv"], Season = Season }, DataFiles.Of("y.csv", csv));
            IReadOnlyList<Series> series = data.Series;
            return ForecastFit.Describe(data.Options, ref series, null).ToJson();
        }
        Assert.Equal(Describe(v => v), Describe(v => 1000 - 3 * v));
    }
}
