using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks.Forecast;

/// <summary>One series that is too short is named, and stops no other.</summary>
public sealed class SeriesTooShortTests
{
    private static readonly ForecastOptions s_quick = new() { Hidden = 4, Epochs = 1, Window = 6, Season = 1 };

    private static string Csv(params (string Shop, int Days)[] shops) => "day,shop,units\n" + string.Concat(shops.SelectMany(shop =>
        Enumerable.Range(0, shop.Days).Select(day =>
            $"{new DateOnly(2024, 1, 1).AddDays(day):yyyy-MM-dd},{shop.Shop},{10 + day * day % 7 + shop.Shop.Length}\n")));

    private static (ForecastModel Model, List<string> Notes, ForecastEvaluation? Measure) Train(string csv, ForecastOptions options)
    {
        List<string> notes = [];
        ForecastRun run = ForecastRun.Begin(
            options with { Data = ["s.csv"], Group = "shop", Column = ["units"] }, DataFiles.Of("s.csv", csv), new RunSettings { Note = notes.Add });
        ((ITaskRun)run).Train();
        return (run.Model, notes, run.Finish());
    }

    [Fact]
    public void Training_passes_over_it_and_says_so()
    {
        (ForecastModel with, List<string> notes, ForecastEvaluation? measure) = Train(Csv(("north", 80), ("new", 9), ("south", 80)), s_quick);
        Assert.Equal(["note: s.csv: 1 of 3 series is too short and passed over: 'new' (9 rows); the training part has 5 of 9 rows, and one example " +
            "needs 7 (window 6 + horizon 1); choose a shorter window or horizon, or give more data."], notes);
        Assert.Equal(2 * 16, measure!.Windows);
        Assert.Equal(Train(Csv(("north", 80), ("south", 80)), s_quick).Model.WeightsSha256, with.WeightsSha256);
    }

    [Fact]
    public void A_question_passes_over_it_and_a_new_series_is_forecast()
    {
        ForecastModel model = Train(Csv(("north", 80), ("south", 80)), s_quick).Model;
        List<string> notes = [];
        DataFiles files = DataFiles.Of("new.csv", Csv(("west", 12), ("b", 4), ("a", 3)));
        ForecastAnswer answer = (ForecastAnswer)ForecastTask.Instance.Predict.Ask(
            model, new ForecastQuestion { Data = "new.csv" }, new TaskCall(files, Note: notes.Add));
        Assert.Equal(["west"], answer.Points.Select(p => p.Series));
        Assert.Contains("note: new.csv: 2 of 3 series are too short and passed over: 'b' (4 rows), 'a' (3 rows); a forecast needs the last 6 rows " +
            "(window 6), found 4; give more of the data.", notes);
        notes.Clear();
        ForecastTask.Instance.Evaluate.Ask(model, new ForecastQuestion { Data = "new.csv" }, new TaskCall(files.With("s.csv",
            Csv(("north", 80), ("south", 80))), Note: notes.Add));
        Assert.Contains(notes, note => note.StartsWith("note: new.csv: 2 of 3 series are too short and passed over", StringComparison.Ordinal));
    }

    [Fact]
    public void Where_none_is_long_enough_or_nobody_is_told_it_is_refused()
    {
        Assert.Contains("s.csv, series 'a': the training part has 5 of 8 rows",
            Assert.Throws<UserErrorException>(() => Train(Csv(("a", 8), ("b", 7)), s_quick)).Message);
        Series[] series = [.. new[] { 80, 5 }.Select(rows => Series.Of($"s{rows}", [.. Enumerable.Range(0, rows).Select(t => t % 5 + 1.0)]))];
        Assert.Contains("data in memory, series 's5': the training part has 3 of 5 rows",
            Assert.Throws<UserErrorException>(() => ForecastModel.Train(series, s_quick)).Message);
        ForecastModel model = ForecastModel.Train(series[..1], s_quick);
        Assert.Contains("series 's5': a forecast needs the last 6 rows", Assert.Throws<UserErrorException>(() => model.Forecast(series)).Message);
        Assert.Equal(["s80"], model.Forecast(series, note: _ => { }).Select(p => p.Series));
    }

    [Fact]
    public void A_short_series_that_narrows_the_window_of_all_is_named() => Assert.Contains(
        "note: s.csv, series 'new': it has 9 rows, and makes the window 1 for all series, where 10 would do for one of 100 rows; choose a window " +
            "of 10, which passes over what is too short for it.",
        Train(Csv(("north", 100), ("new", 9), ("south", 100)), s_quick with { Window = null }).Notes);
}
