using Unroll.Core;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tests.Tasks.Data;

public sealed class TableTests
{
    internal static Table Csv(string text) => Table.Read(new StringReader(text), "t.csv");

    internal static string Error(Action act) => Assert.IsType<UserErrorException>(Record.Exception(act), exactMatch: false).Message;

    [Theory]
    [InlineData("a,b\n1,2\n")]
    [InlineData("a;b\r\n1;2\r\n")]
    [InlineData("a\tb\n1\t2")]
    [InlineData("a|b\n1|2\n\n\n")]
    [InlineData("\uFEFFa,b\n1,2\n")]
    [InlineData("\n\na, b\n\n 1 ,2\n")]
    [InlineData("\"a\",\"b\"\r\n\"1\",\"2\"")]
    public void Separators_line_ends_quotes_and_the_byte_order_mark_do_not_change_the_table(string text)
    {
        Table table = Csv(text);
        Assert.Equal(["a", "b"], table.Columns);
        Assert.Equal([1.0], table.Numbers(0));
        Assert.Equal([2.0], table.Numbers(table.Column("b")));
    }

    [Fact]
    public void A_line_number_counts_the_header_empty_lines_and_breaks_within_quotes()
    {
        Table table = Csv("a,note\n\n1,\"two\nlines\"\n2,x\n");
        Assert.Equal((3, 5), (table.Line(0), table.Line(1)));
        Assert.Equal("two\nlines", table.Text(0, 1));
    }

    [Fact]
    public void An_empty_line_between_values_of_a_single_column_is_a_missing_value()
    {
        double[] values = Csv("y\n1\n\n3\n\n").Numbers(0);
        Assert.Equal([1, double.NaN, 3], values);
    }

    [Fact]
    public void Missing_values_in_every_spelling_are_NaN() =>
        Assert.All(Csv("y,x\nNA,1\nnan,1\n-inf,1\n,1\nN/A,1\nnull,1\n").Numbers(0), v => Assert.True(double.IsNaN(v)));

    [Theory]
    [InlineData("", "t.csv: the file is empty")]
    [InlineData(" \n\n", "t.csv: the file is empty")]
    [InlineData("a,b\n", "there is a header line (a, b) and no row below it")]
    [InlineData("a,b\n1,2\n1,2,3\n", "t.csv, line 3: expected 2 fields because the header names 2 columns (a, b), got 3.")]
    [InlineData("a,b\n1\n", "t.csv, line 2: expected 2 fields")]
    [InlineData("a,b,a\n1,2,3\n", "the column name 'a' stands twice in the header, at fields 1 and 3")]
    [InlineData("1,2\n3,4\n", "expected a header with column names, found only numbers ('1, 2')")]
    [InlineData("a,b\n1,\"2\n3,4\n", "t.csv, line 2: a quote (\") is opened and never closed")]
    [InlineData("a\0b\n", "found a binary file")]
    public void A_malformed_table_is_refused_with_its_line(string text, string expected) => Assert.Contains(expected, Error(() => Csv(text)));

    [Theory]
    [InlineData("abc", "t.csv, line 3, column 'y': expected a number, found 'abc'; correct the cell")]
    [InlineData("\"1,234\"", "found '1,234'; it is 1234 where commas stand between thousands and 1.234 where they mark decimals")]
    [InlineData("1.234.5", "without separators of thousands")]
    [InlineData("1e50", "found '1e50'; it is beyond the range of float32")]
    public void Text_in_a_number_column_is_named_with_line_column_and_advice(string cell, string expected) =>
        Assert.Contains(expected, Error(() => Csv($"x,y\n1,2\n1,{cell}\n").Numbers(1)));

    [Fact]
    public void A_missing_column_is_answered_with_the_columns_there_are() =>
        Assert.Equal("t.csv: there is no column 'unts'; did you mean 'units'? The columns are: date, units, price.",
            Error(() => Csv("date,units,price\n1,2,3\n").Column("unts")));

    [Fact]
    public void A_column_without_a_name_is_called_by_its_place() => Assert.Equal(["column1", "y"], Csv(",y\n1,2\n").Columns);

    [Fact]
    public void A_file_that_does_not_exist_is_named_in_one_line()
    {
        string message = Error(() => Table.ReadFile("no/such/file.csv"));
        Assert.StartsWith("no/such/file.csv: the file does not exist", message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_folder_is_refused_as_such() => Assert.Contains("it is a folder", Error(() => Table.ReadFile(AppContext.BaseDirectory)));

    [Fact]
    public void The_embedded_data_are_complete()
    {
        Table sunspots = EmbeddedData.Open("sunspots"), airline = EmbeddedData.Open("airline");
        Assert.Equal((2820, 144), (sunspots.Rows, airline.Rows));
        // sum(sunspots) and sum(AirPassengers) in R; one decimal each, so that double sums of floats are off by less than 2820 · 2⁻¹⁷
        Assert.Equal(144570, sunspots.Numbers(1).Sum(v => (double)v), 0.03);
        Assert.Equal(40363, airline.Numbers(1).Sum(v => (double)v), 0);
        Assert.Equal(("1749-01", "1983-12"), (sunspots.Text(0, 0), sunspots.Text(2819, 0)));
        Assert.Contains("there are: sunspots, airline", Error(() => EmbeddedData.Open("tides")));
    }

    [Theory]
    [InlineData("forcast", "forecast")]
    [InlineData("LSTN", "lstm")]
    [InlineData("xyz", null)]
    public void Only_a_near_name_is_suggested(string typed, string? expected) =>
        Assert.Equal(expected, NearestName.Of(typed, ["lstm", "gru", "forecast"]));
}
