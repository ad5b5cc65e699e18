using Unroll.Inspection.Report;

namespace Unroll.Tests.Inspection.Report;

public sealed class TrainingReportTests
{
    [Fact]
    public void A_run_shows_result_forecast_curves_and_settings()
    {
        ReportPage page = Example().ToPage();
        Assert.Equal(["Result", "Forecast and truth", "Training", "Settings"], page.Sections.Select(section => section.Heading));
        Assert.Equal(["Loss", "RMSE on the validation part", "Norm of the gradient before clipping", "Steps whose gradient was clipped",
            "Learning rate"],
            page.Sections[2].Blocks.Select(block => block.Title));
    }

    [Fact]
    public void What_was_not_measured_has_no_chart()
    {
        ReportPage page = new TrainingReport { Title = "x", Epochs = [new(1, 0.5), new(2, 0.4)] }.ToPage();
        ReportBlock loss = Assert.Single(Assert.Single(page.Sections).Blocks);
        Assert.Equal("training", Assert.Single(Assert.IsType<LineChart>(loss).Lines).Name);
    }

    [Fact]
    public void Losing_to_a_baseline_is_said_in_words()
    {
        TextBlock text = (TextBlock)Example().ToPage().Sections[0].Blocks[0];
        Assert.Equal("On the test part, lstm reaches RMSE 15.74, better than persistence, and worse than autoregression.",
            Assert.Single(text.Paragraphs));
        KeyFigureBlock figures = (KeyFigureBlock)Example().ToPage().Sections[0].Blocks[1];
        Assert.Equal([Verdict.None, Verdict.Good, Verdict.Bad, Verdict.None], figures.Figures.Select(figure => figure.Verdict));
        Assert.Equal("−17.4 %", figures.Figures[1].Value);
    }

    [Fact]
    public void Equal_is_neither_better_nor_worse_and_a_test_decides_where_there_is_one()
    {
        TextBlock text = (TextBlock)new TrainingReport
        {
            Title = "x", Measures = ["BLEU"], LargerIsBetter = true,
            Methods =
            [
                new("this model", 100), new("copy", 100), new("rule", 90),
                new MethodScores("word list", 99) { Against = "+1, 95 % −1 … +3: no difference shown", Verdict = Verdict.None },
            ],
        }.ToPage().Sections[0].Blocks[0];
        Assert.Equal("On the test part, this model reaches BLEU 100, better than rule, equal to copy, and with no difference shown from word list.",
            Assert.Single(text.Paragraphs));
    }

    [Fact]
    public void The_best_epoch_is_the_one_of_the_least_validation_loss()
    {
        LineChart loss = (LineChart)Example().ToPage().Sections[2].Blocks[0];
        double[] validation = [.. loss.Lines[1].Values];
        Assert.Equal(Array.IndexOf(validation, validation.Min()), Assert.Single(loss.Marks).Index);
    }

    [Fact]
    public void Coverage_counts_known_truths_within_the_interval()
    {
        ForecastFigures forecast = new("y", ["1", "2", "3", "4"], [1, 5, double.NaN, 3], [1, 1, 1, 1]);
        Assert.Equal(2.0 / 3, forecast.Coverage(new ForecastInterval(0.9, [0, 0, 0, 3], [2, 2, 2, 4])));
        Assert.Equal(double.NaN, forecast.Coverage(new ForecastInterval(0.9, [double.NaN, double.NaN, 0, double.NaN], [2, 2, 2, 4])));
    }

    /// <summary>Also what the page's look is judged by.</summary>
    internal static TrainingReport Example()
    {
        double[] truth = [.. Enumerable.Range(0, 240).Select(t => 60 + 55 * Math.Sin(t / 18.0) + 12 * Math.Sin(t * 1.7) * Math.Cos(t * 0.37))];
        double[] forecast = [.. truth.Select((_, t) => t == 0 ? double.NaN : 0.8 * truth[t - 1] + 12)];
        double[] Shifted(double by) => [.. forecast.Select(value => value + by)];
        return new TrainingReport
        {
            Title = "sunspots: one month ahead",
            Subtitle = "lstm, 1 layer of 32 units; 2 820 months from 1749 to 1983",
            MetricName = "RMSE",
            Measures = ["RMSE", "MAE", "sMAPE", "MASE"],
            Methods = [new("lstm", 15.74, 11.2, 0.312, 0.81), new("persistence", 19.05, 13.4, 0.35, 1),
                new("autoregression", 15.6, 11.1, 0.31, double.NaN)],
            Figures = [new("weights", "4 513", "sha256 9f3c02…")],
            Epochs = [.. Enumerable.Range(1, 40).Select(epoch => new EpochFigures(epoch, 0.9 * Math.Exp(-epoch / 9.0) + 0.12)
            {
                ValidationLoss = 0.8 * Math.Exp(-epoch / 9.0) + 0.15 + 0.00012 * epoch * epoch,
                Metric = 16 + 14 * Math.Exp(-epoch / 7.0),
                LearningRate = 0.003 * 0.5 * (1 + Math.Cos(Math.PI * epoch / 40)),
                GradientNorm = 2.2 * Math.Exp(-epoch / 12.0) + 0.2,
                ClippedShare = 0.6 * Math.Exp(-epoch / 8.0),
            })],
            Forecasts = [new("sunspots, one month ahead", [.. truth.Select((_, t) => $"{1964 + t / 12}-{t % 12 + 1:00}")], truth, forecast)
            {
                Intervals = [new(0.95, Shifted(-33), Shifted(33)), new(0.8, Shifted(-20), Shifted(20))],
                Unit = "mean number a month",
            }],
            Settings = [new("cell", "lstm"), new("hidden", "32"), new("optimizer", "adam"), new("lr", "0.003"), new("seed", "1")],
        };
    }
}
