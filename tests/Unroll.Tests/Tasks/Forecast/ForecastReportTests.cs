using Unroll.Cli.Tasks;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Forecast;

namespace Unroll.Tests.Tasks.Forecast;

public sealed class ForecastReportTests
{
    private static ForecastScores Scores(double rmse) => new(rmse, rmse, 10, 1, null, 5);

    [Theory]
    [InlineData(2, 3, "")]
    [InlineData(3, 2, "persistence is ahead of this model")]
    [InlineData(2, 2, "persistence is as good as this model")]
    public void It_says_plainly_when_a_simple_forecast_is_no_worse(double own, double other, string said)
    {
        ColumnReport column = new("y", Scores(own), [new BaselineReport("persistence", Scores(other))], 0.9, 1, [own]);
        string[] notes = [.. new ForecastView().Lines(new ForecastEvaluation([column], 5, "a", "b", 0.9)).Where(line =>
            line.Contains("note", StringComparison.Ordinal))];
        Assert.Equal(said.Length > 0 ? 1 : 0, notes.Length);
        Assert.Contains(said, string.Concat(notes));
        Assert.Equal(other, column.RmseOf("persistence"));
        Assert.Null(column.RmseOf("autoregression"));
    }
}
