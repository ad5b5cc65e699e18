using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;
using Unroll.Tests.Formats;
using Unroll.Tests.Tasks.Data;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Forecast;

/// <summary>Series in memory go the way of those in files.</summary>
public sealed class ForecastMemoryTests : IDisposable
{
    private static readonly ForecastOptions s_quick = new() { Hidden = 4, Epochs = 2, Window = 6, Season = 1 };
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private sealed record Sale(string Shop, DateOnly Day, double Units, double Price, double Holiday);

    private static Sale[] Sales(int days, params string[] shops) =>
    [
        .. from shop in shops
           from day in Enumerable.Range(0, days)
           let holiday = day % 7 == 0 ? 1 : 0
           let known = day < days - 3
           select new Sale(shop, new DateOnly(2024, 1, 1).AddDays(day), known ? 20 + shop.Length + 10 * holiday + day % 3 : double.NaN,
               known ? 3 + 0.25 * (day % 5) : double.NaN, holiday),
    ];

    private static string Csv(IEnumerable<Sale> sales) => "day,shop,units,price,holiday\n" + string.Concat(sales.Select(s =>
        FormattableString.Invariant($"{s.Day:yyyy-MM-dd},{s.Shop},{Cell(s.Units)},{Cell(s.Price)},{s.Holiday}\n")));

    private static string Cell(double value) => double.IsNaN(value) ? "" : FormattableString.Invariant($"{value}");

    private static IReadOnlyList<Series> Of(IEnumerable<Sale> sales) => Series.Groups(sales, s => s.Shop, s => s.Day,
        [new("price", s => s.Price), new("units", s => s.Units)], [new("holiday", s => s.Holiday)]);

    private static string Error(Action act) => Assert.ThrowsAny<UserErrorException>(act).Message;

    [Fact]
    public void Rows_in_memory_give_the_weights_and_forecasts_of_the_same_rows_in_a_file()
    {
        Sale[] sales = Sales(83, "north", "old town");
        ForecastOptions options = s_quick with { Column = ["units"], Input = ["price"], Known = ["holiday"], Horizon = 3 };
        ForecastRun file = ForecastRun.Begin(options with { Data = ["s.csv"], Group = "shop" }, DataFiles.Of("s.csv", Csv(sales)));
        ((ITaskRun)file).Train();
        IReadOnlyList<Series> series = Of(sales);
        ForecastModel model = ForecastModel.Train(series, options);
        Assert.Equal(file.Model.WeightsSha256, model.WeightsSha256);
        Assert.Equal(file.Model.Forecast(file.Model.ReadData(null, DataFiles.Of("s.csv", Csv(sales)))), model.Forecast(series));
        Assert.Equal(["north", "old town"], model.Forecast(series).Select(p => p.Series).Distinct());
        Assert.Equal(new DateTime(2024, 3, 21), model.Forecast(series)[0].Date);
    }

    [Fact]
    public void A_model_of_rows_in_memory_is_saved_and_forecasts_a_file()
    {
        Sale[] sales = Sales(83, "north");
        ForecastModel model = ForecastModel.Train(Series.From(sales[..80], s => s.Day, s => s.Units, "units"), s_quick with { Time = "day" });
        model.Save(_folder["m.safetensors"]);
        ForecastModel opened = ForecastModel.Open(_folder["m.safetensors"]);
        Assert.Equal(model.Forecast(Series.From(sales[..80], s => s.Day, s => s.Units, "units")),
            opened.Forecast(opened.ReadData("s.csv", DataFiles.Of("s.csv", Csv(sales[..80])))));
        Assert.Contains("the model was trained on data in memory", Error(() => opened.ReadData(null)));
    }

    // The second sample of docs/forecasting.md does the same with records of its own.
    [Fact]
    public void Values_without_times_are_series_too()
    {
        Series[] series = [.. Enumerable.Range(0, 3).Select(k => Series.Of($"s{k}", [.. Enumerable.Range(0, 80).Select(t => 10 * k + t % 4 + 1.0)]))];
        IReadOnlyList<ForecastPoint> points = ForecastModel.Train(series, s_quick).Forecast(series, horizon: 2);
        Assert.Equal(["s0", "s0", "s1", "s1", "s2", "s2"], points.Select(p => p.Series));
        Assert.Equal(("row 81", null), (points[0].Time, points[0].Date));
    }

    [Fact]
    public void Irregular_times_and_missing_values_are_refused_with_their_row_or_mended_as_in_a_file()
    {
        (DateTime Time, double Value)[] rows = [.. Enumerable.Range(0, 30).Select(h =>
            (new DateTime(2024, 1, 1).AddHours(h), h == 9 ? double.NaN : h))];
        Assert.Contains("data in memory, row 9, column 'value': expected a number, found a missing value",
            Error(() => Series.From(rows, r => r.Time, r => r.Value)));
        Assert.Equal(9, Series.From(rows, r => r.Time, r => r.Value, missing: MissingValues.Interpolate).Targets[0].Values[9]);
        rows = [.. rows.Where((_, i) => i != 9 && i != 20)];
        Assert.Contains("data in memory, row 9, column 'time': expected 2024-01-01 09:00 because the commonest step is 1 hour",
            Error(() => Series.From(rows, r => r.Time, r => r.Value)));
        Assert.Equal(30, Series.From(rows, r => r.Time, r => r.Value, "v", IrregularTimes.Resample, MissingValues.CarryForward).Length);
        Assert.Contains("row 1, column 'time': the time 2024-01-02 04:00 is earlier than 2024-01-02 05:00 on row 0",
            Error(() => Series.From(Enumerable.Reverse(rows), r => r.Time, r => r.Value)));
        Assert.Contains("there is no row", Error(() => Series.Of("a", [])));
    }

    [Fact]
    public void Moments_are_taken_in_UTC_and_numbers_as_they_are()
    {
        TimeSpan zone = TimeSpan.FromHours(2);
        Series hours = Series.From(Enumerable.Range(0, 5), h => new DateTimeOffset(2024, 1, 1, h + 2, 0, 0, zone), h => h);
        Assert.Equal("2024-01-01 01:00", hours.Label(1));
        Assert.Equal("0.75", Series.From(Enumerable.Range(0, 5), t => t * 0.25, t => t).Label(3));
    }

    [Fact]
    public void Series_that_do_not_go_together_are_refused()
    {
        Series a = Series.Of("a", [.. Enumerable.Range(0, 60).Select(t => t + 1.0)]),
            b = Series.Of("b", [.. Enumerable.Range(0, 60).Select(t => t + 1.0)], "other");
        Assert.Contains("two series are called 'a'", Error(() => ForecastModel.Train([a, a], s_quick)));
        Assert.Contains("series 'b': there is no column 'value'; the columns are: other", Error(() => ForecastModel.Train([a, b], s_quick)));
        Series daily = Series.From(Enumerable.Range(0, 60), t => new DateTime(2024, 1, 1).AddDays(t), t => t);
        Assert.Contains("those of the first series 1", Error(() => ForecastModel.Train([a, daily], s_quick)));
        Assert.Contains("expected at least one series", Error(() => ForecastModel.Train([], s_quick)));
        ForecastModel model = ForecastModel.Train(a, s_quick);
        Assert.Contains("the model was trained on rows 1 apart", Error(() => model.Forecast(daily)));
    }

    [Fact]
    public void A_training_and_a_forecast_are_cancelled()
    {
        Series series = Series.Of("", [.. Enumerable.Range(0, 90).Select(t => t % 5 + 1.0)]);
        using CancellationTokenSource stop = new();
        Counting epochs = new(stop);
        ForecastModel model = ForecastModel.Train(series, s_quick with { Epochs = 50 }, epochs, stop.Token);
        Assert.Equal(2, epochs.Seen);
        Assert.Throws<OperationCanceledException>(() => model.Forecast(series, stop: stop.Token));
    }

    private sealed class Counting(CancellationTokenSource stop) : IProgress<TrainingProgress>
    {
        internal int Seen { get; private set; }

        public void Report(TrainingProgress value)
        {
            if (value.Epoch is not null && ++Seen == 2) stop.Cancel();
        }
    }

    [Fact]
    public void A_run_on_series_in_memory_is_resumed_to_the_same_bits()
    {
        Series series = Series.Of("", [.. Enumerable.Range(0, 120).Select(t => 30 + t % 6 + 0.1 * (t % 7))]);
        ForecastOptions options = s_quick with { WeightDecay = 0.01, Optimizer = OptimizerKind.Sgd, Momentum = 0.9, Pooling = PoolingKind.Attention };
        string whole = ForecastModel.Train(series, options).WeightsSha256;
        RunDirectory folder = RunDirectory.Create(_folder["runs"], "a", ForecastOptions.Table.ToJson(options));
        ForecastRun run = ForecastRun.Begin(options, [series], new RunSettings { Folder = () => folder });
        using CancellationTokenSource stop = new();
        foreach (TrainingProgress one in run.Loop.Run(stop.Token))
            if (one.Epoch is { Epoch: 1 }) stop.Cancel();
        ForecastRun resumed = ForecastRun.Begin(options, [series], new RunSettings { Folder = () => folder });
        resumed.Loop.Resume();
        ((ITaskRun)resumed).Train();
        Assert.Equal(whole, resumed.Model.WeightsSha256);
    }

    [Fact]
    public void A_model_is_trained_on_with_the_dropout_of_the_run_and_stays_as_it_was()
    {
        Series series = Series.Of("", [.. Enumerable.Range(0, 120).Select(t => 30 + t % 6 + 0.1 * (t % 7))]);
        ForecastModel model = ForecastModel.Train(series, s_quick with { Layers = 2 });
        string before = model.WeightsSha256;
        string On(double dropout)
        {
            ForecastRun run = ForecastRun.Begin(model.Options with { Dropout = dropout, Split = [1, 0] }, [series], new RunSettings { From = model });
            ((ITaskRun)run).Train();
            return run.Model.WeightsSha256;
        }
        Assert.NotEqual(On(0), On(0.5));
        Assert.Equal(before, model.WeightsSha256);
        Assert.Equal(0, model.Options.Dropout);
    }

    [Fact]
    public void Folds_and_parts_of_other_data_are_refused() => Assert.All(
        (ForecastOptions[])
            [s_quick with { Folds = 3 }, s_quick with { Fold = "1" }, s_quick with { CrossValidate = true }, s_quick with { Test = ["a"] }],
        options => Assert.Contains("split: the parts of a series follow each other in time", Error(() =>
            ForecastRun.Begin(options, [Series.Of("", [.. Enumerable.Range(0, 90).Select(t => (double)(t % 6))])]))));

    [Fact]
    public void An_option_of_another_schedule_is_noted()
    {
        List<string> notes = [];
        ForecastRun.Begin(s_quick with { Schedule = ScheduleKind.Constant, Warmup = 2, LearningRatePatience = 1, LearningRateFactor = 0.5 },
            [Series.Of("", [.. Enumerable.Range(0, 90).Select(t => (double)(t % 6))])], new RunSettings { Note = notes.Add });
        Assert.Equal(["note: warmup is for", "note: lr-patience is for", "note: lr-factor is for"],
            notes.Select(note => note[..(note.IndexOf(" for", StringComparison.Ordinal) + 4)]));
    }

    [Fact]
    public void A_model_is_trained_on_with_what_the_options_do_not_say_as_it_was()
    {
        Series series = Series.Of("", [.. Enumerable.Range(0, 120).Select(t => 30 + t % 6 + 0.1 * (t % 7))]);
        ForecastModel model = ForecastModel.Train(series, s_quick);
        string before = model.WeightsSha256;
        ForecastRun more = ForecastRun.Begin(new ForecastOptions { Hidden = 4, Epochs = 1 }, [series], new RunSettings { From = model });
        ((ITaskRun)more).Train();
        Assert.NotEqual(before, more.Model.WeightsSha256);
        Assert.Equal(6, more.Model.Description.Window);
        Assert.Contains("horizon: the model has 1 and it cannot be changed by training on, got 2",
            Error(() => ForecastRun.Begin(s_quick with { Horizon = 2 }, [series], new RunSettings { From = model })));
    }

    [Theory]
    [InlineData(PoolingKind.Mean)]
    [InlineData(PoolingKind.Max)]
    [InlineData(PoolingKind.Center)]
    [InlineData(PoolingKind.Flatten)]
    public void Every_pooling_of_the_window_trains_and_forecasts(PoolingKind pooling)
    {
        Series series = Series.Of("", [.. Enumerable.Range(0, 90).Select(t => t % 5 + 1.0)]);
        Assert.Single(ForecastModel.Train(series, s_quick with { Pooling = pooling, Direction = ReadingDirection.Both }).Forecast(series));
    }

    [Fact]
    public void Options_that_forecasting_cannot_honor_are_refused_with_the_reason()
    {
        Series series = Series.Of("", [.. Enumerable.Range(0, 90).Select(t => t % 5 + 1.0)]);
        string Refused(ForecastOptions options) => Error(() => ForecastModel.Train(series, options));
        Assert.Contains("pooling: a forecast is made of one row", Refused(s_quick with { Pooling = PoolingKind.None }));
        Assert.Contains("pooling: trained through whole series", Refused(s_quick with { Pooling = PoolingKind.Mean, Bptt = [4, 8] }));
        Assert.Contains("looks ahead in time", Refused(s_quick with { Direction = ReadingDirection.Both, Bptt = [4, 8] }));
        Assert.Contains("missing: expected error, carry or interpolate", Refused(s_quick with { Missing = MissingValues.Keep }));
        Assert.Contains("cell: there is no 'gruu' (did you mean 'gru'?)", Refused(s_quick with { Cell = "gruu" }));
        Assert.Contains("data: expected one table, got 2", Error(() => ForecastRun.Begin(s_quick with { Data = ["a", "b"] }, DataFiles.Disk)));
    }

    [Fact]
    public void Known_inputs_that_end_too_early_are_answered_with_a_horizon_that_helps()
    {
        Sale[] sales = Sales(83, "north");
        ForecastModel model = ForecastModel.Train(Of(sales), s_quick with { Column = ["units"], Input = [], Horizon = 3 });
        Assert.Contains("for a horizon of 4 the model, which forecasts 3 steps at once, needs column 'holiday' in 6 rows without targets " +
            "after 2024-03-20, 2 times 3 because 4 is more than it forecasts at once, found 3; add 3 more, or choose a horizon of at most 3.",
            Error(() => model.Forecast(Of(sales), 4)));
        Assert.Contains("in 3 rows without targets after 2024-03-20, found 2; add 1 more: a shorter horizon needs as many.",
            Error(() => model.Forecast(Of(sales[..82]), 2)));
    }

    [Fact]
    public void Other_data_are_measured_whole_and_rules_are_fitted_to_the_training_part_of_the_model()
    {
        double[] Values(int from, int count) => [.. Enumerable.Range(from, count).Select(t => 50 + 8 * Math.Sin(t * 0.7) + t * t * 7919 % 13)];
        Series trained = Series.Of("", Values(0, 200)), other = Series.Of("", Values(1000, 60));
        ForecastModel model = ForecastModel.Train(trained, s_quick with { Window = 24 });
        ForecastEvaluation whole = model.Evaluate([other], [trained]), bare = model.Evaluate([other]);
        Assert.Equal(60 - model.Description.FirstOrigin, whole.Windows);
        Assert.Equal(200 / 5, model.EvaluateTest([trained]).Windows);
        Assert.NotNull(whole.Columns[0].RmseOf("autoregression"));
        Assert.Null(bare.Columns[0].RmseOf("autoregression"));
        Assert.Equal(bare.Columns[0].RmseOf("persistence"), whole.Columns[0].RmseOf("persistence"));
        // Fitted to the model's training part: other values of its other parts change nothing.
        Series changed = Series.Of("", [.. Values(0, 120), .. Values(500, 80)]);
        Assert.Equal(whole.ToJson(), model.Evaluate([other], [changed]).ToJson());
    }

    [Fact]
    public async Task Predictions_of_one_model_on_many_threads_at_once_are_the_same_bits()
    {
        Series[] series = [.. Enumerable.Range(0, 6).Select(k =>
            Series.Of($"s{k}", [.. Enumerable.Range(0, 80 + k).Select(t => 10 * k + t % 4 + 1.0)]))];
        ForecastModel model = ForecastModel.Train(series, s_quick with { Bptt = [4, 8] });
        IReadOnlyList<ForecastPoint> alone = model.Forecast(series, 3);
        foreach (IReadOnlyList<ForecastPoint> one in await Task.WhenAll(Enumerable.Range(0, 24).Select(_ =>
            Task.Run(() => model.Forecast(series, 3)))))
            Assert.Equal(alone, one);
    }
}
