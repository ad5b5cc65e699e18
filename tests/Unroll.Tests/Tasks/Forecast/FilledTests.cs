using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks.Forecast;

/// <summary>What was filled in is counted and named; nobody is measured by it, and nothing learns it.</summary>
public sealed class FilledTests
{
    private const int Days = 280;
    private static readonly ForecastOptions s_quick = new()
    {
        Data = ["p.csv"], Hidden = 4, Epochs = 1, Window = 6, Season = 1, Transform = TransformChoice.None, Anchor = AnchorChoice.Last,
    };

    // A wandering price, of which every seventh day has no row and every eleventh row no value.
    private static double Price(int day) => 100 + 3 * Math.Sin(day * day * 0.37) + day % 5;

    private static bool HasRow(int day) => day == 0 || day == Days - 1 || day % 7 != 3;

    private static bool Measured(int day) => HasRow(day) && (day == 0 || day == Days - 1 || day % 11 != 5);

    private static string Csv() => "day,price\n" + string.Concat(Enumerable.Range(0, Days).Where(HasRow).Select(day => FormattableString.Invariant(
        $"{new DateOnly(2024, 1, 1).AddDays(day):yyyy-MM-dd},{(Measured(day) ? Price(day) : double.NaN)}\n")));

    private static (ForecastRun Run, List<string> Notes) Run(ForecastOptions options)
    {
        List<string> notes = [];
        ForecastRun run = ForecastRun.Begin(options with { Resample = "1day" }, DataFiles.Of("p.csv", Csv()), new RunSettings { Note = notes.Add });
        ((ITaskRun)run).Train();
        return (run, notes);
    }

    [Fact]
    public void A_carried_value_is_looked_back_on_and_never_scored()
    {
        (ForecastRun run, List<string> notes) = Run(s_quick with { Missing = MissingValues.CarryForward });
        ForecastEvaluation evaluation = run.Finish()!;
        int from = (int)Math.Round(0.8 * Days);
        double[] errors = [.. Enumerable.Range(from, Days - from).Where(Measured).Select(day =>
            Price(day) - Price(Enumerable.Range(0, day).Last(Measured)))];
        Assert.Equal(errors.Length, evaluation.Windows);
        Assert.Equal(Math.Sqrt(errors.Average(e => e * e)), evaluation.Columns[0].RmseOf("persistence")!.Value, 1e-9);
        Assert.Equal(errors.Length, evaluation.Curves[0].Actual.Count);
        int rows = Enumerable.Range(0, Days).Count(HasRow), filled = Days - Enumerable.Range(0, Days).Count(Measured);
        Assert.Contains($"note: p.csv: {rows} rows were put on a grid of 1 day: 280 periods, {Days - rows} of them without a row, 0 rows averaged " +
            "with others of their period.", notes);
        Assert.Contains(notes, note => note.StartsWith($"note: p.csv: column 'price': {filled} of 280 values ({filled / 280.0:P1}) are missing and " +
            "were carried on from the last one, the first at 2024-01-04;", StringComparison.Ordinal));
    }

    // The straight line to Monday knows Monday: a forecast from within it would be measured by what it has seen.
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void No_forecast_from_an_interpolated_value_is_scored(int horizon)
    {
        (ForecastRun run, _) = Run(s_quick with { Missing = MissingValues.Interpolate, Horizon = horizon });
        int test = (int)Math.Round(0.8 * Days);
        double[] errors =
        [
            .. from origin in Enumerable.Range(test, Days - test - horizon + 1)
               where Measured(origin - 1)
               from step in Enumerable.Range(0, horizon)
               where Measured(origin + step)
               select Price(origin + step) - Price(origin - 1),
        ];
        Assert.Equal(Math.Sqrt(errors.Average(e => e * e)), run.Finish()!.Columns[0].RmseOf("persistence")!.Value, 1e-9);
        int training = (int)Math.Round(0.6 * Days);
        Assert.Equal(Enumerable.Range(6, training - 6 - horizon + 1).Count(origin =>
            Measured(origin - 1) && Enumerable.Range(origin, horizon).Any(Measured)), run.Examples);
    }

    [Theory]
    [InlineData(ForecastLoss.Mse)]
    [InlineData(ForecastLoss.Mae)]
    [InlineData(ForecastLoss.Huber)]
    [InlineData(ForecastLoss.Gaussian)]
    [InlineData(ForecastLoss.Quantile)]
    [InlineData(ForecastLoss.StudentT)]
    [InlineData(ForecastLoss.Poisson)]
    [InlineData(ForecastLoss.NegativeBinomial)]
    public void What_was_not_measured_has_no_loss_no_gradient_and_no_count(ForecastLoss kind)
    {
        ILoss loss = new ForecastHead(kind, 0.9, [1, 1], [1, 1]).Loss;
        int width = loss.OutputsFor(1);
        SequenceLayout three = SequenceLayout.Uniform(1, 3), two = SequenceLayout.Uniform(1, 2);
        SequenceBatch y = SequenceBatch.Zeros(three, 2 * width), truth = SequenceBatch.Zeros(three, 2), dy = SequenceBatch.Zeros(three, 2 * width);
        for (int i = 0; i < y.All.Length; i++) y.All[i] = 0.3f * i % 1.1f - 0.4f;
        ((float[])[1, float.NaN, float.NaN, 2, float.NaN, float.NaN]).CopyTo(truth.All);
        dy.All.Fill(7);
        using ThreadTeam alone = new(1);
        Pass pass = new(new Workspace(), alone, new Rng(1), Training: true);
        LossSum sum = loss.Compute(y, Targets.Of(truth), dy, pass);

        SequenceBatch left = SequenceBatch.Zeros(two, width), leftTruth = SequenceBatch.Zeros(two, 1), dLeft = SequenceBatch.Zeros(two, width);
        y.All[..width].CopyTo(left.All);
        y.All.Slice(3 * width, width).CopyTo(left.All[width..]);
        (leftTruth.All[0], leftTruth.All[1]) = (1, 2);
        Assert.Equal(loss.Compute(left, Targets.Of(leftTruth), dLeft, pass), sum);
        Assert.Equal([.. dLeft.All[..width], .. new float[2 * width], .. dLeft.All[width..], .. new float[2 * width]], dy.All.ToArray());
    }

    [Fact]
    public void Series_in_memory_say_what_was_filled_too_and_the_last_horizon_comes_with_its_interval()
    {
        List<string> notes = [];
        Series[] series = [.. "ab".Select(name => Series.Of($"{name}",
            [.. Enumerable.Range(0, 90).Select(t => t > 0 && t % (name == 'a' ? 9 : 30) == 4 ? double.NaN : Price(t))],
            missing: MissingValues.CarryForward))];
        ForecastRun run = ForecastRun.Begin(s_quick with { Data = [], Horizon = 2 }, series, new RunSettings { Note = notes.Add });
        ((ITaskRun)run).Train();
        run.Finish();
        Assert.Contains("note: data in memory: column 'value': 13 of 180 values (7.2 %) are missing and were carried on from the last one, " +
            "most of them in series 'a' (10 of 90); the network sees them, but neither learns to forecast them nor is measured by them.",
            notes.Select(Plain));
        Assert.All(run.Model.Forecast(series, 5), p => Assert.True(p.Lower <= p.Forecast && p.Forecast <= p.Upper, $"{p}"));
        Assert.Equal(run.Model.Description.ToJson(), ForecastDescription.FromJson(run.Model.Description.ToJson(), "m").ToJson());
    }

    private static string Plain(string text) => text.Replace('\u00A0', ' ');
}
