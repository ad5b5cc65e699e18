using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tests.Tasks.Data;

public sealed class TimeTests
{
    [Theory]
    [InlineData("2024-02", TimeKind.Month, "2024-02")]
    [InlineData("2024-02-29", TimeKind.Date, "2024-02-29")]
    [InlineData("2024-02-29 13:05", TimeKind.DateTime, "2024-02-29 13:05")]
    [InlineData("2024-02-29T13:05:07", TimeKind.DateTime, "2024-02-29 13:05:07")]
    [InlineData("2024-02-29T13:05:00Z", TimeKind.DateTime, "2024-02-29 13:05")]
    [InlineData("1985", TimeKind.Number, "1985")]
    [InlineData("-0.25", TimeKind.Number, "-0.25")]
    public void A_time_is_read_and_written_back(string text, TimeKind kind, string written)
    {
        Assert.True(TimeText.TryParse(text, out TimeKind found, out double value));
        Assert.Equal((kind, written), (found, TimeText.Format(found, value)));
    }

    [Theory]
    [InlineData("31/01/2024")]
    [InlineData("2024-13")]
    [InlineData("2023-02-29")]
    [InlineData("2024-01-01T00:00:00+02:00")]
    [InlineData("")]
    [InlineData("NaN")]
    public void What_is_no_time_is_not_read(string text) => Assert.False(TimeText.TryParse(text, out _, out _));

    [Theory]
    [InlineData("2023-12-01,2024-01-01,2024-02-01,2024-03-01", "1 month", 12, "2024-04-01")]
    [InlineData("2023-12-31,2024-01-31,2024-02-29,2024-03-31", "1 month", 12, "2024-04-30")]
    [InlineData("2023-03-30,2023-06-30,2023-09-30", "1 quarter", 4, "2023-12-30")]
    [InlineData("2020-02-29,2021-02-28,2022-02-28,2023-02-28,2024-02-29", "1 year", 1, "2025-02-28")]
    [InlineData("2024-02-27,2024-02-28,2024-02-29", "1 day", 7, "2024-03-01")]
    [InlineData("2024-02-15,2024-02-22,2024-02-29", "1 week", 52, "2024-03-07")]
    [InlineData("2024-02-29 22:00,2024-02-29 23:00", "1 hour", 24, "2024-03-01 00:00")]
    [InlineData("2024-02-29 23:30,2024-02-29 23:45", "15 minutes", 96, "2024-03-01 00:00")]
    [InlineData("2023-11,2023-12", "1 month", 12, "2024-01")]
    [InlineData("1749.0,1749.083,1749.167,1749.25", "0.0833333", 12, "1749.333333")]
    [InlineData("7,9,11", "2", 1, "13")]
    public void The_step_is_inferred_and_continues_the_axis(string times, string step, int season, string next)
    {
        Series series = Assert.Single(TimeSeriesTable.Read(TableTests.Csv("t,y\n" + string.Join('\n', times.Split(',').Select(t => t + ",1"))),
            new SeriesOptions { Targets = ["y"], Time = "t" }));
        Assert.Equal((step, season), (series.Axis.Step.ToString(), series.Axis.Step.Season));
        Assert.Equal(next, series.Label(series.Length));
    }

    [Theory]
    [InlineData("15min", 900, TimeUnit.Second)]
    [InlineData("2 hours", 7200, TimeUnit.Second)]
    [InlineData("day", 86400, TimeUnit.Second)]
    [InlineData("1quarter", 3, TimeUnit.Month)]
    [InlineData("0.5", 0.5, TimeUnit.Number)]
    public void A_period_is_read(string text, double count, TimeUnit unit) => Assert.Equal(new TimeStep(count, unit), TimeStep.Parse(text));

    [Theory]
    [InlineData("fortnight")]
    [InlineData("0h")]
    [InlineData("-1day")]
    [InlineData("0.5month")]
    [InlineData("")]
    [InlineData("xday")]
    public void A_wrong_period_is_refused(string text) => Assert.Contains("Expected a period such as", TableTests.Error(() => TimeStep.Parse(text)));
}
