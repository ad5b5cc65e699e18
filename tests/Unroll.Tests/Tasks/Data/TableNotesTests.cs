using System.IO.Compression;
using System.Text;
using Unroll.Core;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tests.Tasks.Data;

public sealed class TableNotesTests
{
    private readonly List<string> _notes = [];

    private Table Read(string text) => TableReader.Read(Encoding.UTF8.GetBytes(text), "t.csv", _notes.Add);

    private static string Rows(string values) => "date,y\n" + string.Concat(values.Split(' ').Select((v, i) => $"2024-01-{i + 1:00},{v}\n"));

    [Theory]
    [InlineData("5 6 7 8 -999 9 -999", "t.csv, line 6, column 'y': -999 stands 2 times, far outside all other values (5 to 9); if it means")]
    [InlineData("0.5 0.6 0.7 0.8 9999 0.9", "9999 stands once")]
    [InlineData("5 6 7 8 -1.0E30 9", "-1.0E30 stands once")]
    [InlineData("5 6 7 8 -200.5 9 -200.5", "-200.5 stands 2 times")]
    public void A_number_that_may_stand_for_none_is_noted(string values, string expected)
    {
        Read(Rows(values)).Numbers(1);
        Assert.Contains(expected, Assert.Single(_notes));
    }

    [Theory]
    [InlineData("5 6 7 8 30 9")]
    [InlineData("0 0 0 1 0 1")]
    [InlineData("5 6 7 8 9 9 10")]
    public void An_honest_peak_is_none(string values)
    {
        Read(Rows(values)).Numbers(1);
        Assert.Empty(_notes);
    }

    [Theory]
    [InlineData("day;y\n1;50,5\n2;5,1e309\n3;7,5\n")]
    [InlineData("day;y\n1;$50\n2;$1e300\n3;$7\n")]
    public void A_number_beyond_what_a_network_counts_in_is_refused_in_every_form(string text) =>
        Assert.Contains("beyond the range", Assert.Throws<UserErrorException>(() => Read(text).Numbers(1)).Message);

    [Theory]
    [InlineData("shop,y", "north,1 south,2 Total,3", "line 4, column 'shop': 'Total' may name a sum or measure of other rows (1 of 3 rows), and")]
    [InlineData("shop,y", "a,1 b,2 Zwischensumme,3 c,2", "line 4, column 'shop': 'Zwischensumme' may name a sum")]
    [InlineData("y,n", "1.25,1 2.5,1 3.5,1 4,1 5,1 6,1 7,1 8,1 37.25,8", "line 10, column 'y': the last value is the sum of all above it")]
    [InlineData("shop,y", "a,1 b,2 c,3 d,1 e,2 f,3 g,1 h,2 i,3 Mean,2", "line 11, column 'shop': 'Mean' may name a sum or measure")]
    [InlineData("shop,y", "a,1 b,2 c,3 d,1 e,2 f,3 g,1 h,2 max,2 i,3", null)]
    [InlineData("shop,y", "north,1 south,2 totally,3", null)]
    [InlineData("y,n", "1,1 2,1 3,1 4,1 5,1 6,1 7,1 8,1 9,1", null)]
    public void Rows_that_are_sums_are_noted(string header, string rows, string? expected)
    {
        Table table = Read(header + "\n" + rows.Replace(' ', '\n'));
        TimeSeriesTable.Read(table, new SeriesOptions { Targets = ["y"] });
        if (expected is null) Assert.Empty(_notes);
        else Assert.Contains(expected, Assert.Single(_notes));
    }

    [Fact]
    public void A_series_of_totals_is_noted()
    {
        Table table = Read("day,shop,y\n1,a,1\n1,All,9\n1,total,2\n2,a,1\n2,All,9\n2,total,2\n");
        TimeSeriesTable.Read(table, new SeriesOptions { Targets = ["y"], Time = "day", Group = "shop" });
        Assert.Contains("line 4, column 'shop': 'total' may name a sum or measure of other rows (2 of 6 rows), and is read as a series of its own",
            _notes.Single());
    }

    [Theory]
    [InlineData("day,Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec", "names the twelve months ('Jan', 'Feb' … 'Dec')")]
    [InlineData("day,janv.,févr.,mars,avr.,mai,juin,juil.,août,sept.,oct.,nov.,déc.,an", "names the twelve months")]
    [InlineData("day,Januar,Februar,März,April,Mai,Juni,Juli,August,September,Oktober,November,Dezember", "names the twelve months")]
    [InlineData("day,00:00,06:00,12:00,18:00", "names 4 columns by times")]
    [InlineData("day,X1990,X1991,X1992", "names 3 columns by times")]
    [InlineData("day,1990 [YR1990],1995 [YR1995],total", "names 3 columns by times")]
    [InlineData("day,x,y,z", null)]
    [InlineData("day,march,april,may", null)]
    public void Times_in_the_header_are_noted(string header, string? expected)
    {
        int columns = header.Split(',').Length - 1;
        string cells = string.Concat(Enumerable.Repeat(",5", columns));
        Table table = Read($"{header}\n1{cells}\n2{cells}\n3{cells}\n");
        ColumnGuess.Roles(table);
        if (expected is null) Assert.Empty(_notes);
        else Assert.Contains(expected, Assert.Single(_notes));
    }

    [Fact]
    public void Rows_of_separators_at_the_end_are_passed_over()
    {
        Assert.Equal(2, Read("date;y\n2024-01-01;5\n2024-01-02;6\n;\n;\n").Rows);
        Assert.Equal("t.csv, line 4: 2 lines of separators alone at the end are passed over.", Assert.Single(_notes));
        Assert.Equal(3, Read("date;y\n2024-01-01;5\n;\n2024-01-02;6\n").Rows);
    }

    [Fact]
    public void A_row_without_a_group_is_refused()
    {
        Table table = Read("day,shop,y\n1,a,1\n2,,2\n1,b,1\n2,,2\n");
        Assert.Contains("line 3, column 'shop': expected what the row's series is called, found nothing; fill it in",
            TableTests.Error(() => TimeSeriesTable.Read(table, new SeriesOptions { Targets = ["y"], Time = "day", Group = "shop" })));
    }

    [Fact]
    public void Points_that_may_stand_between_thousands_are_refused_or_noted()
    {
        Assert.Contains("line 3, column 'y': expected a number, found '1.020'; every point of the column has three digits behind it and other cells",
            TableTests.Error(() => Read("z;y\n1;807\n2;1.020\n3;999\n").Numbers(1)));
        Assert.Empty(_notes);
        Assert.Equal([2.014, 2.325], Read("z;y\n1;2.014\n2;2.325\n").Numbers(1));
        Assert.Contains("'2.014' is read as 2.014, with a decimal point; where points stand between thousands, write 2014", Assert.Single(_notes));
        _notes.Clear();
        Assert.Equal([807, 1.02, 999], Read("z;y\n1;807.000\n2;1.020\n3;999.000\n").Numbers(1));
        _notes.Clear();
        Assert.Equal([807, 1.25, 0.5], Read("z;y\n1;807\n2;1.250\n3;0.5\n").Numbers(1));
        Assert.Equal([2.014, 2.325], Read("z,y\n1,2.014\n2,2.325\n").Numbers(1));
        Assert.Equal([5, 1.125, 2.375], Read("z,y\n1,5\n2,1.125\n3,2.375\n").Numbers(1));
        Assert.Empty(_notes);
    }

    [Fact]
    public void Times_that_begin_anew_are_not_averaged()
    {
        Table table = Read("day,y\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{i % 30 + 1},{i}\n")));
        DataSummary summary = DataSummary.Of(table, ColumnGuess.Roles(table), "t.csv");
        Assert.Contains("the time 1 is earlier than 30 on line 31, which stands before it, and stood in an earlier row too",
            summary.Problems.Single());
        Assert.Equal([("data", "t.csv"), ("column", "y"), ("time", "none")], summary.Suggestion);
    }

    [Fact]
    public void Points_beside_decimal_commas_are_not_taken_for_decimals_without_a_word()
    {
        Table table = Read("a;b;c\n1.000;0,5;1.5\n1.001;1,5;2.125\n");
        Assert.Contains("line 2, column 'a': expected a number, found '1.000'; other columns have decimal commas, so that it may be 1.000 or 1000",
            TableTests.Error(() => table.Numbers(0)));
        Assert.Equal([0.5, 1.5], table.Numbers(1));
        Assert.Equal([1.5, 2.125], table.Numbers(2));
        Assert.Equal([1, 1.001], Read("a;b\n1.000;0.5\n1.001;1.5\n").Numbers(0));
    }

    [Fact]
    public void An_hour_beside_days_is_a_part_of_the_time()
    {
        Table table = Read("date,at,y\n" + string.Concat(Enumerable.Range(0, 48).Select(i => $"2024-01-{i / 24 + 1:00},{i % 24}:00,{i}\n")));
        Assert.Contains("the column 'at' holds a part of the time",
            TableTests.Error(() => TimeSeriesTable.Read(table, new SeriesOptions { Targets = ["y"], Time = "date" })));
    }

    [Fact]
    public void Periods_of_a_statistical_office_are_a_part_of_the_time()
    {
        Table table = Read("Year,Period,Value\n" + string.Concat(Enumerable.Range(0, 130).Select(i => $"{2000 + i / 13},M{i % 13 + 1:00},{i}\n")));
        Assert.Contains("the column 'Period' holds a part of the time",
            TableTests.Error(() => TimeSeriesTable.Read(table, ColumnGuess.Roles(table))));
    }

    [Fact]
    public void Months_beside_years_are_no_series()
    {
        Table table = Read("year,month,y\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{2000 + i / 12},{i % 12 + 1},{i % 7}\n")));
        Assert.Contains("line 3, column 'year': the time 2000 stands on line 2 too, and the column 'month' holds a part of the time; write it in one",
            TableTests.Error(() => TimeSeriesTable.Read(table, ColumnGuess.Roles(table))));
        Assert.Equal([("data", "t.csv"), ("column", "y"), ("time", "none")],
            DataSummary.Of(table, ColumnGuess.Roles(table), "t.csv").Suggestion);
    }

    [Fact]
    public void Words_for_missing_values_are_those_of_the_user_too()
    {
        double[] values = Read(Rows("5 -999 x -999.0 6")).WithMissing(["-999", "X"]).Numbers(1);
        Assert.Equal([5, double.NaN, double.NaN, double.NaN, 6], values);
        Assert.Empty(_notes);
    }

    [Fact]
    public void A_gzipped_table_and_one_in_UTF_16_are_read()
    {
        byte[] text = Encoding.UTF8.GetBytes("date,y\n2024-01-01,5\n");
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionMode.Compress)) gzip.Write(text);
        byte[] wide = [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("# a\ndate\ty\n2024-01-01\t5\n")];
        Assert.Equal([5], TableReader.Read(packed.ToArray(), "t.csv.gz").Numbers(1));
        Assert.Equal([5], TableReader.Read(wide, "t.csv").Numbers(1));
    }

    [Fact]
    public void Columns_that_are_left_out_are_named_with_their_first_cell()
    {
        Table table = Read("date,y,sky,open\n2024-01-01,1,clear,yes\n2024-01-02,5,grey,no\n");
        Assert.Equal(["y"], ColumnGuess.Roles(table).Targets);
        Assert.Equal("t.csv: 2 columns are left out: 'sky' holds text ('clear' on line 2); 'open' holds truth values ('yes' on line 2), which can " +
            "be inputs (input open or known open); name the columns to forecast (column) where this is not meant.", Assert.Single(_notes));
        _notes.Clear();
        ColumnGuess.Roles(table, "date", null, ["sky", "open"]);
        Assert.Empty(_notes);
        Assert.Equal([1, 0], table.Numbers(3));
    }

    [Fact]
    public void That_there_is_no_number_is_said_with_the_reason_of_each_column() =>
        Assert.Contains("the columns are: date, a, b. Of them 'a' holds text ('x' on line 2); 'b' has no value",
            TableTests.Error(() => ColumnGuess.Roles(Read("date,a,b\n2024-01-01,x,\n2024-01-02,y,\n"))));

    [Fact]
    public void Names_typed_in_two_Unicode_forms_are_one_and_near_ones_are_noted()
    {
        Table table = Read("shop,t,y\ncafe\u0301,1,1\ncaf\u00E9,2,2\nCaf\u00E9,1,3\n");
        IReadOnlyList<Series> series = TimeSeriesTable.Read(table, new SeriesOptions { Targets = ["y"], Time = "t", Group = "shop" });
        Assert.Equal(["caf\u00E9", "Caf\u00E9"], series.Select(one => one.Name));
        Assert.Contains("'caf\u00E9' and 'Caf\u00E9' differ in case alone", Assert.Single(_notes));
    }

    [Fact]
    public void A_table_of_many_columns_is_read_in_a_time_that_grows_with_them()
    {
        const int columns = 20_000;
        string text = "date," + string.Join(',', Enumerable.Range(0, columns).Select(i => $"c{i}x")) + "\n" + string.Concat(
            Enumerable.Range(1, 3).Select(day => $"2024-01-0{day}," + string.Join(',', Enumerable.Repeat("5", columns)) + "\n"));
        long begin = Environment.TickCount64;
        Assert.Equal(columns, ColumnGuess.Roles(Read(text)).Targets.Count);
        Assert.InRange(Environment.TickCount64 - begin, 0, 10_000);
    }
}
