using Unroll.Core;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tests.Tasks.Data;

public sealed class TimeFormatTests
{
    private static Series Read(string[] cells, string? format, List<string>? notes = null, string name = "t")
    {
        string text = $"{name};y\n" + string.Concat(cells.Select((cell, row) => $"{cell};{row}\n"));
        return TimeSeriesTable.Read(TableReader.Read(System.Text.Encoding.UTF8.GetBytes(text), "t.csv", notes is null ? null : notes.Add),
            new SeriesOptions { Targets = ["y"], Time = name, TimeFormat = format })[0];
    }

    [Theory]
    [InlineData("dmy", "01/02/2022", "02/02/2022", "2022-02-01")]
    [InlineData("mdy", "01/02/2022", "01/03/2022", "2022-01-02")]
    [InlineData("ymd", "01/02/03", "01/02/04", "2001-02-03")]
    [InlineData("dmy", "2022-01-02", "2022-01-03", "2022-01-02")]
    [InlineData("iso", "2022-01-02", "2022-01-03", "2022-01-02")]
    [InlineData("excel", "44562", "44563", "2022-01-01")]
    [InlineData("compact", "20220101", "20220102", "2022-01-01")]
    [InlineData("epoch-s", "0", "86400", "1970-01-01")]
    [InlineData("epoch-ms", "0", "3600000", "1970-01-01 00:00")]
    [InlineData("number", "20220101", "20220102", "20220101")]
    [InlineData("dd.MM.yyyy", "05.04.2022", "06.04.2022", "2022-04-05")]
    [InlineData("%d.%m.%Y %H:%M", "05.04.2022 13:05", "05.04.2022 13:06", "2022-04-05 13:05")]
    [InlineData("MM/yy", "04/22", "05/22", "2022-04")]
    public void A_format_that_is_named_is_followed_without_a_note(string format, string first, string second, string expected)
    {
        List<string> notes = [];
        Assert.Equal(expected, Read([first, second], format, notes).Label(0));
        Assert.Empty(notes);
        Assert.Null(TimeForm.Wrong(format));
    }

    [Theory]
    [InlineData("dym")]
    [InlineData("epoch")]
    [InlineData("HH:mm")]
    [InlineData("%q")]
    [InlineData("")]
    public void A_format_that_is_none_is_refused(string format) => Assert.StartsWith("expected dmy, mdy, ymd, iso", TimeForm.Wrong(format));

    [Fact]
    public void A_cell_of_another_format_is_named() =>
        Assert.Equal("t.csv, line 3, column 't': expected a time of the format mdy, found '13/01/2022'; correct it, or give another time-format, " +
            "or take rows as evenly spaced (time none).", TableTests.Error(() => Read(["01/02/2022", "13/01/2022"], "mdy")));

    [Fact]
    public void What_decided_is_kept_for_other_files_of_the_same_source()
    {
        string? Format(params string[] cells) =>
            TimeColumn.FormatOf(TableTests.Csv("date;y\n" + string.Concat(cells.Select(c => $"{c};1\n"))), "date", null);
        Assert.Equal("mdy", Format("01/03/2022", "01/13/2022"));
        Assert.Equal("dmy", Format("03.01.2022", "04.01.2022"));
        Assert.Equal("excel", Format("44562", "44563"));
        Assert.Null(Format("2022-01-03", "2022-01-04"));
        Assert.Null(Format("3 Jan 2022", "4 Jan 2022"));
    }

    [Fact]
    public void How_a_run_reads_its_times_is_said()
    {
        List<string> notes = [];
        string text = "date,y\n" + string.Concat(Enumerable.Range(1, 28).Select(day => $"02/{day:00}/2022,{day}\n"));
        Unroll.Tasks.Forecast.ForecastData data = Unroll.Tasks.Forecast.ForecastData.Read(
            new() { Data = ["t.csv"] }, Unroll.Tasks.Data.DataFiles.Of("t.csv", text).NotingTo(notes.Add));
        Assert.Equal("note: t.csv: the times of the column 'date' are read month first: '02/01/2022' is 2022-02-01.", Assert.Single(notes));
        Assert.Equal("mdy", data.Options.TimeFormat);
    }

    [Fact]
    public void Numbers_that_may_be_times_are_numbers_with_a_word()
    {
        List<string> notes = [];
        Assert.Equal("1641168000", Read(["1641168000", "1641254400"], null, notes, "when").Label(0));
        Assert.Contains("time-format epoch-s", Assert.Single(notes));
    }

    [Fact]
    public void Every_series_of_a_file_with_the_newest_row_first_is_turned_around()
    {
        Table table = TableTests.Csv("shop,t,y\na,2022-01-03,3\nb,2022-01-03,6\na,2022-01-02,2\nb,2022-01-02,5\na,2022-01-01,1\nb,2022-01-01,4\n");
        IReadOnlyList<Series> series = TimeSeriesTable.Read(table, new SeriesOptions { Targets = ["y"], Time = "t", Group = "shop" });
        Assert.Equal([1, 2, 3], series[0].Targets[0].Values);
        Assert.Equal([4, 5, 6], series[1].Targets[0].Values);
    }
}
