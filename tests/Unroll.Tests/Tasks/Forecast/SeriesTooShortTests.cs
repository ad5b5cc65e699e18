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
    public void Training_goes_as_far_as_it_reaches_and_says_so()
    {
        (ForecastModel with, List<string> notes, ForecastEvaluation? measure) = Train(Csv(("north", 80), ("new", 9), ("south", 80)), s_quick);
        Assert.Equal(["note: s.csv: 1 of 3 series is shorter than the rows that a forecast looks at, and trained on as far as they reach, as if " +
            "the rows before had been like the first one: 'new' (9 rows)."], notes.Where(note => note.Contains("shorter", StringComparison.Ordinal)));
        Assert.Equal(2 * 16 + 2, measure!.Windows);
        Assert.Equal(["north", "new", "south"], with.Description.Scales.Select(scale => scale.Name));
    }

    [Fact]
    public void A_series_without_a_row_to_learn_is_passed_over()
    {
        List<string> notes = Train(Csv(("north", 80), ("b", 1), ("south", 80)), s_quick).Notes;
        Assert.Contains(notes, note => note.StartsWith(
            "note: s.csv: 1 of 3 series is too short and passed over: 'b' (1 rows)", StringComparison.Ordinal));
    }

    [Fact]
    public void A_part_that_is_shorter_than_the_horizon_stops_nobody()
    {
        (_, List<string> notes, ForecastEvaluation? measure) = Train(Csv(("north", 80), ("new", 22), ("south", 80)), s_quick with { Horizon = 5 });
        Assert.Equal(2 * 12, measure!.Windows);
        Assert.DoesNotContain(notes, note => note.Contains("window", StringComparison.Ordinal));
    }

    [Fact]
    public void A_question_is_answered_from_what_there_is_and_a_new_series_is_forecast()
    {
        ForecastModel model = Train(Csv(("north", 80), ("south", 80)), s_quick).Model;
        List<string> notes = [];
        DataFiles files = DataFiles.Of("new.csv", Csv(("west", 12), ("b", 4), ("a", 3)));
        ForecastAnswer answer = (ForecastAnswer)ForecastTask.Instance.Predict.Ask(
            model, new ForecastQuestion { Data = "new.csv" }, new TaskCall(files, Note: notes.Add));
        Assert.Equal(["west", "b", "a"], answer.Points.Select(p => p.Series));
        Assert.Contains("note: new.csv: 2 of 3 series are shorter than the rows that a forecast looks at, and forecast from what there is, as if " +
            "the rows before had been like the first one: 'b' (4 rows), 'a' (3 rows).", notes);
        Assert.All(answer.Points, p => Assert.True(double.IsFinite(p.Forecast) && p.Lower <= p.Forecast && p.Forecast <= p.Upper));
    }

    [Fact]
    public void What_comes_after_an_origin_does_not_reach_a_padded_forecast()
    {
        Series one = Series.Of("a", [5, 6, 7, 8]), padded = SeriesPadding.Pad(one, 3);
        Assert.Equal([5, 5, 5, 5, 6, 7, 8], padded.Targets[0].Values);
        Assert.Equal((7, 3, -3.0), (padded.Length, padded.Padding, padded.Times[0]));
        Assert.Equal([false, false, false, true], Enumerable.Range(0, 4).Select(padded.Targets[0].IsMeasured));
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
        Assert.Contains("series 's5': a forecast needs the last ", Assert.Throws<UserErrorException>(() => model.Forecast(series)).Message);
        Assert.Equal(["s80"], model.Forecast(series, note: _ => { }).Select(p => p.Series));
    }

    [Fact]
    public void A_short_series_narrows_the_window_of_no_other() => Assert.Equal(10,
        Train(Csv(("north", 100), ("new", 9), ("south", 100)), s_quick with { Window = null }).Model.Description.Window);
}
