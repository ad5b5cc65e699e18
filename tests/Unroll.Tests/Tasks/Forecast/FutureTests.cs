using System.Globalization;
using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks.Forecast;

// What is known of rows to come: from a table of its own, from rows in memory, and by the calendar.
public sealed class FutureTests
{
    private const int Rows = 120;

    private static string Day(int row) => new DateOnly(2024, 1, 1).AddDays(row).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static double Promotion(int row) => row % 5 == 0 ? 1 : 0;

    private static string Table(int from, int to, bool sales)
    {
        string Row(int row) => FormattableString.Invariant($"{Day(row)},{Promotion(row)}{(sales ? $",{10 + 8 * Promotion(row) + row % 7}" : "")}\n");
        return $"date,promo{(sales ? ",units" : "")}\n" + string.Concat(Enumerable.Range(from, to - from).Select(Row));
    }

    private static ForecastModel Trained(DataFiles files, params string[] calendar)
    {
        ForecastOptions options = new()
        {
            Data = ["sales.csv"], Column = ["units"], Known = calendar.Length > 0 ? [] : ["promo"], Calendar = calendar, Hidden = 4, Epochs = 1,
            Window = 7, Horizon = 3,
        };
        ForecastRun run = ForecastRun.Begin(options, files);
        ((ITaskRun)run).Train();
        return run.Model;
    }

    private static DataFiles Sales => DataFiles.Of("sales.csv", Table(0, Rows, sales: true));

    [Fact]
    public void A_table_of_known_futures_is_what_rows_without_targets_at_the_end_of_the_data_are()
    {
        ForecastModel model = Trained(Sales);
        DataFiles files = Sales.With("future.csv", Table(Rows - 5, Rows + 3, sales: false));          // it may begin in the past
        IReadOnlyList<ForecastPoint> apart = model.Forecast(model.ReadData(null, files, "future.csv"));
        string together = Table(0, Rows, sales: true) + string.Concat(Enumerable.Range(Rows, 3).Select(row => $"{Day(row)},{Promotion(row)},\n"));
        Assert.Equal(model.Forecast(model.ReadData("both.csv", files.With("both.csv", together))), apart);
        Series memory = model.ReadData(null, files)[0].WithFuture([Rows, Rows + 1, Rows + 2], [new SeriesColumn<int>("promo", Promotion)]);
        Assert.Equal(apart, model.Forecast(memory));
    }

    [Theory]
    [InlineData("date,promo\n2024-05-01,1\n", "expected 2024-04-30")]
    [InlineData("date,promo\n2024-04-01,1\n", "no row comes after 2024-04-29")]
    [InlineData("date,promo\n2024-04-30,\n", "missing value")]
    [InlineData("date,other\n2024-04-30,1\n", "promo")]
    [InlineData("date,promo\n2024-04-30,1\n2024-04-30,1\n", "expected 2024-05-01")]
    public void A_table_that_does_not_go_on_from_the_data_is_refused(string table, string said)
    {
        ForecastModel model = Trained(Sales);
        Assert.Contains(said, Assert.Throws<UserErrorException>(() => model.ReadData(null, Sales.With("f.csv", table), "f.csv")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_known_inputs_has_no_use_for_a_future() => Assert.Contains("no inputs that are known",
        Assert.Throws<UserErrorException>(() =>
        {
            ForecastModel model = ForecastModel.Train(Series.Of("", [.. Enumerable.Range(0, 80).Select(i => (double)(i % 9))]),
                new ForecastOptions { Hidden = 4, Epochs = 1 });
            model.ReadData("sales.csv", DataFiles.Of("sales.csv", "value\n1\n2\n3\n").With("f.csv", "promo\n1\n"), "f.csv");
        }).Message, StringComparison.Ordinal);

    [Fact]
    public void The_calendar_is_made_by_the_program_and_needs_no_rows_to_come()
    {
        DataFiles files = Sales.With("days.csv", "day,name\n2024-01-01,New Year\n2024-05-01,May Day\n");
        ForecastModel model = Trained(files, "weekday", "month", "holidays:days.csv");
        Assert.Equal(10, model.Description.Known.Count);
        Assert.Equal([new DateOnly(2024, 1, 1), new DateOnly(2024, 5, 1)], model.Description.Holidays);
        ForecastDescription again = ForecastDescription.FromJson(model.Description.ToJson(), "a.safetensors");
        Assert.Equal(model.Description.ToJson(), again.ToJson());

        List<string> notes = [];
        IReadOnlyList<Series> series = model.ReadData(null, files);
        IReadOnlyList<ForecastPoint> points = model.Forecast(series, note: notes.Add);
        Assert.Equal([Day(Rows), Day(Rows + 1), Day(Rows + 2)], points.Select(point => point.Time));
        Assert.Contains(notes, note => note.Contains("holiday table", StringComparison.Ordinal));
        Assert.Equal(4, model.Forecast(series, 4).Count);

        Series one = series[0];
        Column monday = one.Known.Single(column => column.Name == "calendar:monday"), holiday = one.Known.Single(c => c.Name == "calendar:holiday");
        Assert.Equal([1, 0, 0, 0, 0, 0, 0, 1], monday.Values[..8]);       // 2024-01-01 was a Monday
        Assert.Equal(1, holiday.Values.Sum());

        ForecastBacktest backtest = new BacktestRun(model, null, null).Refitted(series, 2, default);            // without the table's file
        Assert.Equal(2, backtest.Origins.Count);

        ForecastSession session = model.NewSession();
        ForecastAnswer last = null!;
        for (int row = 0; row < Rows; row++)
            last = session.Step(one.Targets[0].Values[row], new DateOnly(2024, 1, 1).AddDays(row));
        Assert.Equal(points.Select(point => point.Forecast), last.Points.Select(point => point.Forecast));
    }

    [Theory]
    [InlineData("hour", "says nothing of rows that are 1 day apart")]
    [InlineData("moon", "expected weekday, month, hour or holidays:FILE")]
    public void Words_of_no_use_are_refused(string word, string said) =>
        Assert.Contains(said, Assert.Throws<OptionException>(() => Trained(Sales, word)).Message, StringComparison.Ordinal);
}
