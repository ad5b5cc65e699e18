using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks.Forecast;

/// <summary>Questions about what a model does not know are answered with a word about it.</summary>
public sealed class BeyondTrainingTests
{
    private static readonly ForecastOptions s_quick = new()
    {
        Hidden = 4, Epochs = 1, Window = 6, Season = 1, Anchor = AnchorChoice.Last, Transform = TransformChoice.None, Mix = MixChoice.None, };

    private static string Csv(int rows, Func<int, double> value, string more = "", string cells = "") => $"y{more}\n" +
        string.Concat(Enumerable.Range(0, rows).Select(t => FormattableString.Invariant($"{value(t)}{cells}\n")));

    private static double Wave(int t) => 20 + 5 * Math.Sin(t * 0.8);

    private static ForecastModel Train(ForecastOptions options)
    {
        ForecastRun run = ForecastRun.Begin(options with { Data = ["a.csv"], Column = ["y"] }, DataFiles.Of("a.csv", Csv(100, Wave)));
        ((ITaskRun)run).Train();
        run.Finish();
        return run.Model;
    }

    private static List<string> Ask(TaskVerb verb, ForecastModel model, string csv)
    {
        List<string> notes = [];
        verb.Ask(model, new ForecastQuestion { Data = "b.csv" },
            new TaskCall(DataFiles.Of("b.csv", csv).With("a.csv", Csv(100, Wave)), Note: notes.Add));
        return notes;
    }

    private static List<string> Predict(ForecastModel model, string csv) => Ask(ForecastTask.Instance.Predict, model, csv);

    [Fact]
    public void Values_outside_the_training_range_are_counted_with_the_first_line()
    {
        ForecastModel model = Train(s_quick);
        Assert.Empty(Predict(model, Csv(30, Wave)));
        string note = Assert.Single(Predict(model, Csv(30, t => t < 27 ? Wave(t) : 100 + t)));
        Assert.StartsWith("note: b.csv, line 29, column 'y' (127): 3 of 6 values lie outside what the model was trained on, this one first, " +
            "by up to ", note, StringComparison.Ordinal);
        Assert.Contains("30 of 30 values lie outside",
            Assert.Single(Ask(ForecastTask.Instance.Evaluate, model, Csv(30, t => 1000 * Wave(t)))));
    }

    [Fact]
    public void Of_differences_the_changes_are_looked_at()
    {
        ForecastModel model = Train(s_quick with { Transform = TransformChoice.Difference });
        Assert.Empty(Predict(model, Csv(30, t => 5000 + Wave(t))));
        Assert.Contains("1 of 7 changes lies outside", Assert.Single(Predict(model, Csv(30, t => Wave(t) * (t == 29 ? 9 : 1)))));
    }

    [Fact]
    public void Models_of_earlier_builds_go_by_the_mean_and_the_deviation()
    {
        Standardizer old = new("y", 10, 2);
        Assert.Equal((2, 18), old.Range);
        Standardizer own = Standardizer.Fit("y", new double[] { 1, 4, 2 }.AsMemory());
        Assert.Equal((1, 4), own.Range);
    }

    [Fact]
    public void Further_columns_are_named() => Assert.Equal(["note: b.csv: 2 of 3 columns are not of the model and are left out: price, shop."],
        Predict(Train(s_quick), Csv(30, Wave, ",price,shop", ",3,x")));

    [Theory]
    [InlineData("""{"row": [1], "tim": "2024-01-01"}""", "session: there is no member 'tim'; did you mean 'time'?")]
    [InlineData("""{"row": [1], "known": 3}""", "known: expected a list of rows")]
    [InlineData("""{"row": [1e300]}""", "row: column 'y': 1E+300 is beyond the range of float32; scale the column.")]
    public void What_a_session_does_not_know_is_refused_by_name(string json, string expected)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.StartsWith(expected, Assert.Throws<UserErrorException>(() => Train(s_quick).NewSession().Step(document.RootElement)).Message);
    }

    [Fact]
    public void Rows_in_memory_without_the_name_of_their_series_or_beyond_float32_are_refused_with_their_place()
    {
        Assert.Contains("data in memory, row 2: its series has no name (null)", Assert.Throws<UserErrorException>(() =>
            Series.Groups(Enumerable.Range(0, 9), t => t == 2 ? null! : "a", t => (double)t, [new("y", t => t)])).Message);
        Assert.Contains("data in memory, row 4, column 'value': -1E+40 is beyond the range of float32; scale the column.",
            Assert.Throws<UserErrorException>(() => Series.Of("", [1, 2, 3, 4, -1e40])).Message);
    }

    // Of a week's few days nobody can tell that weekends have none: the model knows.
    [Fact]
    public void A_model_of_business_days_forecasts_the_next_one_and_counts_the_holidays()
    {
        DateOnly monday = new(2024, 1, 1);
        string Dated(int days, params int[] without) => "day,y\n" + string.Concat(Enumerable.Range(0, days).Where(day => !without.Contains(day)
            && monday.AddDays(day).DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday)).Select(day =>
                FormattableString.Invariant($"{monday.AddDays(day):yyyy-MM-dd},{Wave(day)}\n")));
        List<string> notes = [];
        ForecastRun run = ForecastRun.Begin(s_quick with { Data = ["a.csv"], Window = 4 }, DataFiles.Of("a.csv", Dated(140, 31, 77)),
            new RunSettings { Note = notes.Add });
        ((ITaskRun)run).Train();
        Assert.Equal(["note: a.csv: rows are business days (Monday to Friday); 2 of 99 have no row, the first 2024-02-01, and are taken for days " +
            "on which nothing happens; fill them in where something did."], notes);
        IReadOnlyList<Series> week = run.Model.ReadData("w.csv", DataFiles.Of("w.csv", Dated(5)));
        Assert.Equal("2024-01-08", run.Model.Forecast(week)[0].Time);
    }
}
