using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks.Forecast;

/// <summary>Scales of series and windows: a small series beside a large one is learned and covered as well.</summary>
public sealed class ScalingTests
{
    private static readonly ForecastOptions s_quick = new()
    {
        Hidden = 6, Epochs = 3, Window = 16, Season = 4, Horizon = 2, Transform = TransformChoice.None,
    };

    // A season and an AR(1) around zero.
    private static double[] Wave(int seed, int rows, double size, double level = 0)
    {
        Rng random = new Rng((ulong)seed).For("wave");
        double state = 0;
        return [.. Enumerable.Range(0, rows).Select(t =>
            level + size * (2 * Math.Sin(Math.PI * t / 2) + (state = 0.7 * state + 0.4 * random.Normal((ulong)t))))];
    }

    private static Series[] Mixed(int rows, int each, double large = 1000) =>
        [.. Enumerable.Range(0, 2 * each).Select(i => Series.Of($"s{i}", Wave(i, rows, i < each ? 1 : large)))];

    [Theory]
    [InlineData(ScaleChoice.Window)]
    [InlineData(ScaleChoice.Series)]
    public void A_series_in_another_unit_has_the_same_forecast_in_that_unit(ScaleChoice scale)
    {
        Series[] plain = Mixed(90, 2, large: 1),
            other = [.. plain.Select(one => Series.Of(one.Name, [.. one.Targets[0].Values.Select(v => 1024 * v)]))];
        ForecastOptions options = s_quick with { Scale = scale };
        ForecastModel first = ForecastModel.Train(plain, options), second = ForecastModel.Train(other, options);
        Assert.Equal(first.WeightsSha256, second.WeightsSha256);                 // 2¹⁰ changes no bit of what the network sees
        foreach ((ForecastPoint a, ForecastPoint b) in first.Forecast(plain).Zip(second.Forecast(other)))
        {
            Assert.Equal(1024 * a.Forecast, b.Forecast, 1e-3);
            Assert.Equal(1024 * a.Upper, b.Upper, 1e-3);
        }
    }

    [Fact]
    public void Small_series_are_forecast_as_well_beside_large_ones_as_alone_and_each_is_covered()
    {
        Series[] mixed = Mixed(150, 6), small = mixed[..6];
        ForecastOptions options = s_quick with { Epochs = 12 };
        ForecastModel together = ForecastModel.Train(mixed, options), alone = ForecastModel.Train(small, options);
        double beside = together.EvaluateTest(mixed).SeriesOf(0).Take(6).Average(one => one.Scores.Mae),
            own = alone.EvaluateTest(small).SeriesOf(0).Average(one => one.Scores.Mae);
        Assert.InRange(beside / own, 0.8, 1.1);
        ForecastEvaluation all = together.EvaluateTest(mixed);
        foreach (IEnumerable<SeriesReport> size in (IEnumerable<SeriesReport>[])[all.SeriesOf(0).Take(6), all.SeriesOf(0).Skip(6)])
            Assert.InRange(size.Average(one => one.Coverage), 0.8, 0.98);
    }

    [Theory]
    [InlineData(ScaleChoice.Window)]
    [InlineData(ScaleChoice.Series)]
    public void A_session_of_a_series_that_is_not_known_says_the_bits_of_the_whole_series(ScaleChoice scale)
    {
        ForecastModel model = ForecastModel.Train(Mixed(90, 2), s_quick with { Scale = scale, Segment = 4, Input = [] });
        double[] values = Wave(9, 60, 30, level: 500);
        ForecastSession session = model.NewSession();
        IReadOnlyList<ForecastPoint> last = [];
        foreach (double value in values) last = session.Step(value).Points;
        IReadOnlyList<ForecastPoint> whole = model.Forecast(Series.Of("", values));
        Assert.Equal(whole.Select(p => (p.Forecast, p.Lower, p.Upper)), last.Select(p => (p.Forecast, p.Lower, p.Upper)));
    }

    [Fact]
    public void The_scales_the_mixture_and_the_autoregression_are_kept_in_the_model()
    {
        ForecastModel model = ForecastModel.Train(Mixed(120, 2), s_quick);
        ForecastDescription read = ForecastDescription.FromJson(model.Description.ToJson(), "here");
        Assert.Equal(model.Description.ToJson(), read.ToJson());
        Assert.Equal(4, read.Scales.Count);
        Assert.All(read.Scales, scale => Assert.True(scale.Spreads[0] > 0));
        Assert.InRange(read.Mixture[0], 0, 1);
        Assert.True(read.Columns[0].Autoregression.Count > 1);
        string json = model.Description.ToJson();
        foreach ((string old, string wrong) in (ReadOnlySpan<(string, string)>)[("\"mixture\": [\n", "\"mixture\": [\n      1.5,\n"),
            ("\"s0\"", "\"s1\"")])
            Assert.Contains("damaged forecasting model", Assert.Throws<UserErrorException>(
                () => ForecastDescription.FromJson(json.Replace(old, wrong, StringComparison.Ordinal), "here")).Message);
    }

    [Fact]
    public void The_unit_of_rows_is_their_mean_and_their_change_over_a_season()
    {
        LevelUnit unit = LevelUnit.Of([1, 5, 2, 6, 3, 7], season: 2);
        Assert.Equal(4, unit.Level);
        Assert.Equal(1 + 0.1 * 2, unit.Size, 1e-12);
        Assert.Equal(1, LevelUnit.Of([0, 0, 0], season: 1).Size);                // nothing to go by
        Assert.Equal(0.5, LevelUnit.Of([7, 7, 7], season: 1, new LevelUnit(3, 5)).Size, 1e-12);
        Assert.Equal(2.5, unit.Relative(unit.ToLevel(2.5)), 1e-12);
    }

    [Fact]
    public void Through_whole_series_there_is_one_scale() =>
        Assert.Equal("scale", Assert.Throws<OptionException>(() => ForecastOptions.Table.Check(
            new ForecastOptions { Bptt = [8, 16], Scale = ScaleChoice.Window })).Option);

    [Fact]
    public void Members_are_the_runs_of_their_seeds_and_answer_with_their_mean()
    {
        Series[] series = Mixed(90, 2);
        ForecastModel both = ForecastModel.Train(series, s_quick with { Members = 2 }),
            second = ForecastModel.Train(series, s_quick with { TrainingSeed = s_quick.LearningSeed + 1 });
        Assert.Equal(second.WeightsSha256, both.Members[1].WeightsSha256);
        Assert.NotEqual(both.Members[0].WeightsSha256, both.Members[1].WeightsSha256);
        double together = both.Forecast(series)[0].Forecast, mean = both.Members.Average(member => member.Forecast(series)[0].Forecast);
        Assert.Equal(mean, together, 1e-5);
        Assert.Equal(2, both.EvaluateTest(series).Members.Count);
    }

    [Fact]
    public void The_embedding_tells_series_apart_and_an_unknown_one_has_none()
    {
        Series[] series = [.. Enumerable.Range(0, 2).Select(i => Series.Of($"s{i}", Wave(i, 120, 1)))];
        ForecastModel model = ForecastModel.Train(series, s_quick with { Epochs = 6, Embedding = 2, Mix = MixChoice.None });
        Assert.Equal(model.Description.Features + 2, model.Network.InputSize);
        double Of(string name) => model.Forecast(Series.Of(name, series[0].Targets[0].Values))[0].Forecast;
        Assert.Equal(3, ((double[])[Of("s0"), Of("s1"), Of("new")]).Distinct().Count());
    }
}
