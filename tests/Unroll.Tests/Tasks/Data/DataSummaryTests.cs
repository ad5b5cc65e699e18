using System.Text.Json;
using Unroll.Cli;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tests.Tasks.Data;

public sealed class DataSummaryTests
{
    [Fact]
    public void The_sunspots_are_summarized_with_the_autocorrelations_of_R()
    {
        Table table = EmbeddedData.Open("sunspots");
        DataSummary summary = DataSummary.Of(table, ColumnGuess.Roles(table), "sunspots");
        ColumnSummary column = Assert.Single(summary.Columns);
        Assert.Equal(("1 month", 12, 2820, "1749-01", "1983-12"), (summary.Step, summary.Season, column.Rows, column.First, column.Last));
        // acf(sunspots, 12)$acf[c(2, 13)]; values are float32, hence 1e-6
        Assert.Equal(0.921686097702, column.Autocorrelation1!.Value, 1e-6);
        Assert.Equal(0.734239058901, column.AutocorrelationSeason!.Value, 1e-6);
        Assert.Empty(summary.Problems);
        Assert.Equal("unroll train forecast --data sunspots --column sunspots --time month", DataCommand.Suggestion(summary));
    }

    [Fact]
    public void What_training_would_refuse_is_noted_and_answered_in_the_suggestion()
    {
        Table table = TableTests.Csv(
            "day,shop,units sold,text\n2024-01-01,a,1,x\n2024-01-02,a,,x\n2024-01-04,a,4,x\n2024-01-05,a,5,y\n2024-01-06,a,5,y\n");
        DataSummary summary = DataSummary.Of(table, ColumnGuess.Roles(table, group: "shop"), "my file.csv");
        Assert.Equal(2, summary.Problems.Count);
        Assert.Equal(1, summary.Columns[0].Missing);
        Assert.Equal("unroll train forecast --data \"my file.csv\" --column \"units sold\" --time day --group shop --resample --missing interpolate",
            DataCommand.Suggestion(summary));
        Assert.Contains(summary.Lines(), line => line.StartsWith("note: t.csv, line 4, column 'day': expected 2024-01-03", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("north", "south")]
    [InlineData("1", "2")]
    public void Series_below_each_other_are_told_apart_rather_than_averaged(string one, string other)
    {
        string Days(string shop) => string.Concat(Enumerable.Range(1, 5).Select(day => $"{shop},2024-01-0{day},{day * day}\n"));
        Table table = TableTests.Csv("shop,day,units\n" + Days(one) + Days(other));
        Assert.Equal("unroll train forecast --data t.csv --column units --time day --group shop",
            DataCommand.Suggestion(DataSummary.Of(table, ColumnGuess.Roles(table), "t.csv")));
    }

    [Fact]
    public void The_JSON_says_what_the_lines_say()
    {
        Table table = EmbeddedData.Open("airline");
        DataSummary summary = DataSummary.Of(table, ColumnGuess.Roles(table), "airline");
        JsonElement json = JsonDocument.Parse(summary.ToJson()).RootElement;
        Assert.Equal(144, json.GetProperty("columns")[0].GetProperty("rows").GetInt32());
        Assert.Equal(622, json.GetProperty("columns")[0].GetProperty("maximum").GetDouble());
        Assert.Contains(summary.Lines(), line => line.Contains("passengers") && line.Contains("622"));
    }

    [Fact]
    public void A_table_without_numbers_is_refused() =>
        Assert.Contains("there is no column of numbers to forecast; the columns are: a, b",
            TableTests.Error(() => ColumnGuess.Roles(TableTests.Csv("a,b\nx,2024-01\n"))));
}
