using Unroll.Cli;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tests.Tasks.Data;

public sealed class BusinessDaysTests
{
    private static readonly DateOnly s_monday = new(2024, 1, 1);

    private static IEnumerable<DateOnly> Days(int count, params int[] without) => Enumerable.Range(0, count).Where(day =>
        !without.Contains(day) && s_monday.AddDays(day).DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday)).Select(s_monday.AddDays);

    private static IReadOnlyList<Series> Read(IEnumerable<DateOnly> days, string hour = "") => TimeSeriesTable.Read(
        TableTests.Csv("t,y\n" + string.Concat(days.Select((day, i) => $"{day:yyyy-MM-dd}{hour},{i}\n"))),
        new SeriesOptions { Targets = ["y"], Time = "t" });

    [Theory]
    [InlineData("")]
    [InlineData(" 17:30")]
    public void Days_without_weekends_are_one_step_apart_holidays_included(string hour)
    {
        Series series = Read(Days(90, 14, 15, 16, 17, 18), hour)[0];
        Assert.Equal(("1 business day", 5), (series.Axis.Step.ToString(), series.Axis.Step.Season));
        Assert.Equal("2024-03-29", series.Label(series.Length - 1)[..10]);
        Assert.Equal(["2024-04-01", "2024-04-02", "2024-04-08"],
            new[] { 0, 1, 5 }.Select(after => series.Label(series.Length + after)[..10]));
        Assert.Equal(hour, series.Label(series.Length)[10..]);
    }

    [Fact]
    public void A_hole_that_is_no_holiday_is_refused_with_a_remedy_that_makes_up_little() => Assert.Contains(
        "line 17, column 't': expected 2024-01-22 because the commonest step is 1 business day and 2024-01-19 on line 16 is before it, found " +
            "2024-02-01; fill the gap in the data, resample them (resample fills in 8 of 215 periods), or take",
        TableTests.Error(() => Read(Days(301, [.. Enumerable.Range(21, 10)]))));

    [Fact]
    public void A_remedy_that_would_make_up_much_is_not_recommended() => Assert.Contains(
        "or take rows as evenly spaced (time none) where periods without a row are no gaps; to resample them (resample) would fill in 7 of 55",
        TableTests.Error(() => Read(Enumerable.Range(0, 55).Select(s_monday.AddDays).Where(day => day.DayOfWeek != DayOfWeek.Sunday))));

    [Fact]
    public void A_look_at_such_data_advises_no_grid_either()
    {
        Table table = TableTests.Csv("t,y\n" + string.Concat(Enumerable.Range(0, 55).Select(s_monday.AddDays)
            .Where(day => day.DayOfWeek != DayOfWeek.Sunday).Select(day => $"{day:yyyy-MM-dd},{day.Day}\n")));
        Assert.EndsWith("--column y --time none", DataCommand.Suggestion(DataSummary.Of(table, ColumnGuess.Roles(table), "t.csv")));
    }

    [Fact]
    public void Weekends_with_rows_and_weeks_that_do_not_end_are_plain_days()
    {
        Assert.Equal("1 day", Read(Enumerable.Range(0, 30).Select(s_monday.AddDays))[0].Axis.Step.ToString());
        Assert.Equal("1 day", Read(Days(5))[0].Axis.Step.ToString());
    }

    [Fact]
    public void Calendars_go_on_over_weekends_in_both_directions()
    {
        double friday = TimeText.SecondsOf(new DateTime(2024, 1, 5));
        for (int days = -9; days <= 9; days++)
        {
            double then = BusinessDays.After(friday, days);
            Assert.False(BusinessDays.IsWeekend(then));
            Assert.Equal(days - 1, BusinessDays.Between(friday, then));
        }
        Assert.Equal("2024-01-08", TimeText.Format(TimeKind.Date, BusinessDays.After(friday, 1)));
    }
}
