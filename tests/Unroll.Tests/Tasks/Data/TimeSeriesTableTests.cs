using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tests.Tasks.Data;

public sealed class TimeSeriesTableTests
{
    private static readonly SeriesOptions Dated = new() { Targets = ["y"], Time = "t" };

    private static IReadOnlyList<Series> Read(string text, SeriesOptions options) => TimeSeriesTable.Read(TableTests.Csv(text), options);

    private static string Error(string text, SeriesOptions options) => TableTests.Error(() => Read(text, options));

    [Fact]
    public void Groups_become_series_in_the_order_of_their_first_rows()
    {
        IReadOnlyList<Series> series = Read(
            "shop,t,y\nb,2024-01-01,1\na,2024-01-01,2\nb,2024-01-02,3\na,2024-01-02,4\n", Dated with { Group = "shop" });
        Assert.Equal(["b", "a"], series.Select(s => s.Name));
        Assert.Equal([1, 3], series[0].Targets[0].Values);
        Assert.Equal([3, 5], series[1].Lines);
        Assert.Equal("t.csv, line 5, series 'a', column 'y'", series[1].Where(1, "y"));
    }

    [Fact]
    public void Without_a_time_column_rows_are_one_step_apart()
    {
        Series series = Read("y\n5\n6\n", new SeriesOptions { Targets = ["y"] })[0];
        Assert.Equal((TimeKind.Row, "row 2", "row 4", 2), (series.Axis.Kind, series.Label(1), series.Label(3), series.Length));
    }

    [Fact]
    public void Rows_at_the_end_with_known_inputs_alone_are_the_future()
    {
        Series series = Read("t,y,holiday\n1,10,0\n2,11,0\n3,,1\n4,,0\n", Dated with { Known = ["holiday"] })[0];
        Assert.Equal((2, 2), (series.Length, series.FutureRows));
        Assert.Equal([10, 11], series.Targets[0].Values);
        Assert.Equal([0, 0, 1, 0], series.Known[0].Values);
    }

    [Theory]
    [InlineData("2024-01-01,2024-01-02,2024-01-02", "t.csv, line 4, column 't': the time 2024-01-02 stands on line 3 too")]
    [InlineData("2024-01-01,2024-01-02,2024-01-03,2024-01-05", "line 5, column 't': expected 2024-01-04 because the commonest step is 1 day")]
    [InlineData("2024-01-03,2024-01-02,2024-01-04", "the time 2024-01-02 is earlier than 2024-01-03 on line 2, which stands")]
    [InlineData("2024-01-01,2024-02-01,2024-03-01,2024-04-02,2024-05-01,2024-06-01", "expected 2024-04-01 because the commonest step is 1 month")]
    [InlineData("2024-01,2024-02-01", "line 3, column 't': expected a time written like '2024-01' on line 2, found '2024-02-01'")]
    [InlineData("31/31/2024", "line 2, column 't': expected a date (2024-01-31)")]
    [InlineData("1,,3", "a month (2024-01), a date and time (2024-01-31 13:00) or a number, found an empty cell; every row needs")]
    public void Wrong_times_are_refused_by_row(string times, string expected) =>
        Assert.Contains(expected, Error("t,y\n" + string.Join('\n', times.Split(',').Select(t => t + ",1")), Dated));

    [Fact]
    public void Dates_and_dates_with_hours_may_stand_in_one_column() =>
        Assert.Equal("12 hours", Read("t,y\n2024-01-01,1\n2024-01-01 12:00,2\n2024-01-02,3\n", Dated)[0].Axis.Step.ToString());

    [Fact]
    public void Resampling_sorts_averages_repeats_and_leaves_gaps_to_the_policy()
    {
        const string text = "t,y\n2024-01-04,8\n2024-01-01,1\n2024-01-02,2\n2024-01-02,4\n";
        Series series = Read(text, Dated with { Irregular = IrregularTimes.Resample, Missing = MissingValues.Interpolate })[0];
        Assert.Equal([1, 3, 5.5f, 8], series.Targets[0].Values);
        Assert.Equal([3, 4, 0, 2], series.Lines);
        Assert.Equal(1, series.Targets[0].Filled);
        Assert.Equal("2024-01-03", series.Label(2));
        Assert.Contains("t.csv, period 2024-01-03, column 'y': expected a number, found no row for this period",
            Error(text, Dated with { Irregular = IrregularTimes.Resample }));
    }

    [Fact]
    public void Days_resample_to_calendar_months()
    {
        Series series = Read("t,y\n2024-01-30,1\n2024-01-31,3\n2024-02-01,5\n2024-02-29,7\n2024-03-01,9\n",
            Dated with { Irregular = IrregularTimes.Resample, Period = TimeStep.Parse("1month") })[0];
        Assert.Equal([2, 6, 9], series.Targets[0].Values);
        Assert.Equal(["2024-01-01", "2024-02-01", "2024-03-01"], Enumerable.Range(0, 3).Select(series.Label));
    }

    [Fact]
    public void A_period_much_finer_than_the_data_is_refused() =>
        Assert.Contains("would make 315532801 periods of 3 rows",
            Error("t,y\n2010-01-01 00:00:00,1\n2010-01-01 00:00:01,1\n2020-01-01,2\n", Dated with { Irregular = IrregularTimes.Resample }));

    [Fact]
    public void A_missing_value_is_refused_by_default() =>
        Assert.StartsWith("t.csv, line 3, column 'y': expected a number, found a missing value (the first of 2 in this column); fill it in",
            Error("t,y\n1,1\n2,\n3,nan\n4,4\n", Dated));

    [Fact]
    public void Missing_values_are_carried_forward_or_interpolated()
    {
        const string text = "t,y\n1,1\n2,\n3,NA\n4,4\n";
        Assert.Equal([1, 1, 1, 4], Read(text, Dated with { Missing = MissingValues.CarryForward })[0].Targets[0].Values);
        Assert.Equal([1, 2, 3, 4], Read(text, Dated with { Missing = MissingValues.Interpolate })[0].Targets[0].Values);
    }

    [Theory]
    [InlineData("t,y\n1,\n2,2\n", MissingValues.CarryForward, "line 2, column 'y': the first value is missing")]
    [InlineData("t,y\n1,\n2,2\n", MissingValues.Interpolate, "line 2, column 'y': the first value is missing")]
    [InlineData("t,y\n1,1\n2,\n", MissingValues.Interpolate, "line 3, column 'y': the values from here to the end are missing")]
    public void Missing_values_without_a_neighbor_are_refused(string text, MissingValues policy, string expected) =>
        Assert.Contains(expected, Error(text, Dated with { Missing = policy }));

    [Fact]
    public void A_column_in_two_roles_is_refused() =>
        Assert.Contains("the column 'y' is given as column and as known", Error("t,y\n1,1\n", Dated with { Known = ["y"] }));

    [Fact]
    public void A_column_named_twice_is_refused() =>
        Assert.Contains("named twice", TableTests.Error(() => _ = new SeriesOptions { Targets = ["y", "y"] }));
}
