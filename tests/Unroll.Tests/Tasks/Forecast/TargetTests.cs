using Unroll.Core;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;

namespace Unroll.Tests.Tasks.Forecast;

// Values that cannot be are not forecast, and a forecast lies inside its own interval.
public sealed class TargetTests
{
    private static readonly double[] s_counts = [.. Enumerable.Range(0, 240).Select(t =>
        t % 7 == 6 ? 0 : Math.Floor((1 + t % 7) * (0.5 + new Rng(1).For("counts").Uniform((ulong)t))))];

    private static ForecastOptions Options(ForecastLoss loss) => new()
    {
        Loss = loss, Hidden = 6, Epochs = 6, Horizon = 3, Window = 14, Season = 7, Min = 0, Split = [0.6, 0.2],
    };

    [Theory]
    [InlineData(ForecastLoss.Mse)]
    [InlineData(ForecastLoss.Quantiles)]
    [InlineData(ForecastLoss.StudentT)]
    [InlineData(ForecastLoss.Poisson)]
    [InlineData(ForecastLoss.NegativeBinomial)]
    public void Forecast_interval_and_paths_keep_to_what_can_be(ForecastLoss loss)
    {
        Series series = Series.Of("", s_counts);
        ForecastModel model = ForecastModel.Train(series, Options(loss));
        IReadOnlyList<ForecastPoint> points = model.Forecast(series, 8);
        Assert.Equal(8, points.Count);
        Assert.All(points, point => Assert.True(0 <= point.Lower && point.Lower <= point.Forecast && point.Forecast <= point.Upper, $"{point}"));
        IReadOnlyList<ForecastPath> paths = model.Paths([series], 20, 8);
        Assert.Equal(points.Select(point => point.Time), paths.Select(path => path.Time));
        Assert.All(paths, path => Assert.All(path.Values, value => Assert.True(value >= 0)));
        Assert.Equal(paths.Select(path => path.Values), model.Paths([series], 20, 8).Select(path => path.Values));
        if (loss is ForecastLoss.Poisson or ForecastLoss.NegativeBinomial)
            Assert.All(paths, path => Assert.All(path.Values, value => Assert.Equal(Math.Round(value), value)));

        ColumnReport report = model.EvaluateTest([series]).Columns[0];
        Assert.True(report.Crps > 0 && report.Crps < report.Model.Mae, $"{report.Crps} {report.Model.Mae}");
        ForecastDescription again = ForecastDescription.FromJson(model.Description.ToJson(), "a.safetensors");
        Assert.Equal(model.Description.ToJson(), again.ToJson());
    }

    [Fact]
    public void Counts_are_learned()
    {
        Series series = Series.Of("", s_counts);
        ForecastModel model = ForecastModel.Train(series, Options(ForecastLoss.NegativeBinomial) with { Epochs = 60, Hidden = 16 });
        ColumnReport report = model.EvaluateTest([series]).Columns[0];
        Assert.True(report.Model.Rmse < report.RmseOf("persistence"), $"{report.Model.Rmse} {report.RmseOf("persistence")}");
    }

    [Theory]
    [InlineData(-1, "whole number of at least 0")]
    [InlineData(2.5, "whole number of at least 0")]
    public void What_is_no_count_is_refused(double value, string said)
    {
        Series series = Series.Of("", [.. s_counts, value]);
        Assert.Contains(said, Assert.Throws<UserErrorException>(() => ForecastModel.Train(series, Options(ForecastLoss.Poisson))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_lies_outside_the_bounds_is_refused_and_so_are_bounds_that_cross()
    {
        Series series = Series.Of("", s_counts);
        Assert.Contains("row 6: found 0", Assert.Throws<UserErrorException>(() =>
            ForecastModel.Train(series, Options(ForecastLoss.Mse) with { Min = 1 })).Message
                .Replace(", column 'value'", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Throws<Unroll.Tasks.Shared.OptionException>(() => ForecastOptions.Table.Check(Options(ForecastLoss.Mse) with { Max = -1 }));
        Assert.Contains("anchor", Assert.Throws<UserErrorException>(() =>
            ForecastModel.Train(series, Options(ForecastLoss.Poisson) with { Anchor = AnchorChoice.Last })).Message, StringComparison.Ordinal);
    }
}
