using Unroll.Cli.Tasks;
using Unroll.Core;
using Unroll.Tasks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks.Forecast;

public sealed class BacktestTests
{
    private static readonly ForecastOptions s_options = new() { Hidden = 4, Epochs = 2, Horizon = 3, Season = 4, Window = 8 };

    private static readonly Series s_series = Series.Of("", [.. Enumerable.Range(0, 160).Select(t => 20 + 5 * Math.Sin(t * Math.PI / 2) + t % 3)]);

    private static ForecastModel Model { get; } = ForecastModel.Train(s_series, s_options);

    [Fact]
    public void Each_cut_off_is_one_window_and_all_together_are_the_measure_of_the_same_rows()
    {
        BacktestRun run = new(Model, null, null);
        ForecastBacktest backtest = run.Same([s_series], 4, ForecastMeasure.TrainingOf([s_series], Model.Options), own: true);
        Assert.Equal(["row 149", "row 152", "row 155", "row 158"], backtest.Origins.Select(origin => origin.From));
        Assert.All(backtest.Origins, origin => Assert.Equal(1, origin.Windows));
        ColumnReport all = backtest.Together.Columns[0];
        Assert.Equal(12, all.Model.Count);
        Assert.Equal(Math.Sqrt(backtest.Origins.Average(origin => Math.Pow(origin.Columns[0].Model.Rmse, 2))), all.Model.Rmse, 1e-12);
        BaselineReport naive = all.Baselines.Single(rule => rule.Name == "seasonal-naive(4)");
        Assert.Equal(Math.Sqrt(backtest.Origins.Average(origin => Math.Pow(origin.Columns[0].RmseOf("seasonal-naive")!.Value, 2))), naive.Scores.Rmse,
            1e-12);
        Assert.Contains("backtest", backtest.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void Cut_offs_in_what_the_model_was_trained_on_are_refused()
    {
        string said = Assert.Throws<UserErrorException>(() => new BacktestRun(Model, null, null).Same([s_series], 12, null, own: true)).Message;
        Assert.Contains("at most 10, or refit", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refit_knows_only_what_came_before_its_cut_off()
    {
        ForecastBacktest backtest = new BacktestRun(Model, null, null).Refitted([s_series], 2, default);
        Assert.True(backtest.Refitted);
        double[] changed = [.. s_series.Targets[0].Values];
        changed[^1] += 1000;                                              // of the last cut-off's own horizon: no model has seen it
        ForecastBacktest other = new BacktestRun(Model, null, null).Refitted([Series.Of("", changed)], 2, default);
        Assert.Equal(backtest.Origins[0].Columns[0].Model.Rmse, other.Origins[0].Columns[0].Model.Rmse);
        Assert.Equal(backtest.Origins[1].Curves[0].Forecast, other.Origins[1].Curves[0].Forecast);
    }

    [Fact]
    public void A_refit_without_a_backtest_is_refused()
    {
        ITask task = ForecastTask.Instance;
        object question = task.Evaluate.Options.Parse(task.Evaluate.Defaults, "refit", "true");
        Assert.Contains("refit", Assert.Throws<OptionException>(() => task.Evaluate.Options.Check(question)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void There_are_pages_and_lines_of_evaluations_backtests_and_forecasts()
    {
        ForecastView view = new();
        IReadOnlyList<TrainingPart> training = ForecastMeasure.TrainingOf([s_series], Model.Options);
        ForecastBacktest backtest = new BacktestRun(Model, null, null).Same([s_series], 3, training, own: true);
        string[] Sections(TaskAnswer answer) => [.. view.Picture(Model, answer).Sections.Select(section => section.Heading)];
        Assert.Equal(["Each cut-off", "Beside the rules", "Whole horizons", "Error by step ahead"], Sections(backtest));
        Assert.Equal(["Beside the rules", "Whole horizons", "Error by step ahead"], Sections(Model.EvaluateTest([s_series])));
        ForecastAnswer answer = ForecastAnswer.Of(Model, Model.Forecast(s_series)) with { Paths = Model.Paths([s_series], 2) };
        Assert.Equal(["Forecasts"], Sections(answer));
        Assert.EndsWith(",path 1,path 2", view.Lines(answer).First(), StringComparison.Ordinal);
        Assert.Contains("paths", answer.ToJson(), StringComparison.Ordinal);
        Assert.Contains(view.Lines(backtest), line => line.Contains("3 cut-offs", StringComparison.Ordinal));
    }
}
