using Unroll.Core;
using Unroll.Layers.Recurrent;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tests.Tasks;

public sealed class DescriptionTextTests
{
    [Fact]
    public void A_description_of_before_reads_to_what_it_meant_and_is_written_with_the_options_of_today()
    {
        ForecastDescription read = ForecastDescription.FromJson(Text, "m");
        Assert.Equal(Full.ToJson(), read.ToJson());
        Assert.Equal(Full.ToJson(), ForecastDescription.FromJson(Full.ToJson(), "m").ToJson());
        // All but the options has the same text.
        Assert.EndsWith(Text[Text.IndexOf("  \"axis\"", StringComparison.Ordinal)..], Full.ToJson());
    }

    [Fact]
    public void Options_that_are_not_set_are_left_out()
    {
        string text = ForecastOptions.Table.ToJson(new ForecastOptions());
        foreach (string name in (string[])["time", "group", "resample", "season", "window", "from", "epochs", "patience"])
            Assert.DoesNotContain($"\"{name}\"", text);
        Assert.Equal(text, ForecastOptions.Table.ToJson(ForecastOptions.Table.FromJson(text, new ForecastOptions(), "c.json")));
    }

    [Theory]
    [InlineData("\"seed\"", "\"sed\"", "c.json: not the options of such a run: there is no option 'sed'; did you mean 'seed'; begin")]
    [InlineData("\"hidden\": 8", "\"hiden\": 8, \"hidden\": 8", "there is no option 'hiden'; did you mean 'hidden'; begin")]
    [InlineData("\"hidden\": 8", "\"hidden\": \"8\"", "hidden is not what belongs there: expected a whole number, found \"8\"; begin")]
    [InlineData("\"hidden\": 8", "\"hidden\": 0", "hidden: expected a whole number from 1 to 16384, got 0")]
    [InlineData("\"cell\": \"lstm\"", "\"cell\": null", "cell is not what belongs there: expected a text, found null")]
    [InlineData("\"seed\": 18446744073709551615", "\"seed\": -1", "seed is not what belongs there: expected a whole number of at least 0, found -1")]
    [InlineData("\"horizon\": 2,", "\"horizon\": 2", "it is not JSON, line ")]
    public void Options_that_do_not_fit_are_refused_by_name(string part, string by, string expected)
    {
        string text = ForecastOptions.Table.ToJson(Full.Options);
        Assert.Contains(part, text);
        Assert.Contains(expected, Assert.ThrowsAny<UserErrorException>(() =>
            ForecastOptions.Table.FromJson(text.Replace(part, by), new ForecastOptions(), "c.json")).Message);
    }

    [Theory]
    [InlineData("0.3333333333333333", "\"x\"", "columns[0].input.mean is not what belongs there: expected a number, found \"x\"")]
    [InlineData("-2,", "true,", "calibration.errors[0][1] is not what belongs there: expected a number, found true")]
    [InlineData("\"seasonal\": null,", "", "the member 'seasonal' is missing in columns[1]")]
    [InlineData("\"kind\": \"Log\"", "\"kind\": \"Lag\"",
        "columns[0].transform.kind is not what belongs there: expected one of None, Log, Difference")]
    public void A_part_that_does_not_fit_is_refused_with_its_place(string part, string by, string expected)
    {
        Assert.Contains(part, Text);
        Assert.Contains(expected, Assert.Throws<UserErrorException>(() => ForecastDescription.FromJson(Text.Replace(part, by), "m")).Message);
    }

    private const string Text = """
        {
          "options": {
            "data": "sales \u00222024\u0022.csv",
            "column": [
              "a",
              "b"
            ],
            "input": [
              "i"
            ],
            "known": [
              "k"
            ],
            "time": "t",
            "group": "g",
            "resample": "1day",
            "missing": "carry",
            "split": [
              0.5,
              0.25
            ],
            "transform": "log",
            "anchor": "season",
            "season": 7,
            "window": 14,
            "horizon": 2,
            "cell": "lstm",
            "hidden": 8,
            "layers": 2,
            "bidirectional": true,
            "dropout": 0.1,
            "first-state": "learned",
            "loss": "huber",
            "interval": 0.8,
            "from": "m.safetensors",
            "epochs": 3,
            "batch": 16,
            "lr": 1E-07,
            "schedule": "step",
            "optimizer": "sgd",
            "momentum": 0.9,
            "nesterov": true,
            "clip": 0.5,
            "clip-by": "value",
            "non-finite": "skip",
            "bptt": [
              4,
              8
            ],
            "patience": 2,
            "seed": 18446744073709551615
          },
          "axis": {
            "kind": "DateTime",
            "step": {
              "count": 0.1,
              "unit": "Second",
              "season": 36000
            },
            "month-day": 31
          },
          "columns": [
            {
              "name": "a",
              "transform": {
                "kind": "Log",
                "lost": 0,
                "word": "log"
              },
              "input": {
                "column": "a",
                "mean": 0.3333333333333333,
                "deviation": 2,
                "constant": false
              },
              "seasonal": {
                "column": "a",
                "mean": 0,
                "deviation": 1,
                "constant": true,
                "note": "column \u0027a\u0027 is constant (0) in the training part, so that it can teach nothing"
              },
              "anchor": "Season",
              "level": {
                "column": "a",
                "mean": -1E+300,
                "deviation": 1E-300,
                "constant": false
              },
              "scales": [
                1,
                0.1
              ]
            },
            {
              "name": "b",
              "transform": {
                "kind": "Difference",
                "lost": 1,
                "word": "difference"
              },
              "input": {
                "column": "b",
                "mean": 0,
                "deviation": 1,
                "constant": false
              },
              "seasonal": null,
              "anchor": "Mean",
              "level": {
                "column": "b",
                "mean": 0,
                "deviation": 1,
                "constant": false
              },
              "scales": [
                1,
                2
              ]
            }
          ],
          "inputs": [
            {
              "column": "i",
              "mean": 5,
              "deviation": 6,
              "constant": false
            }
          ],
          "known": [
            {
              "column": "k",
              "mean": 7,
              "deviation": 8,
              "constant": false
            }
          ],
          "calibration": {
            "part": "validation",
            "errors": [
              [
                0.1,
                -2,
                3,
                4E-20
              ],
              [
                1,
                2,
                3,
                4
              ]
            ],
            "training-errors": [],
            "spreads": [
              {
                "base": 1,
                "slope": 0
              },
              {
                "base": 1,
                "slope": 0.5
              },
              {
                "base": 2,
                "slope": -0.1
              },
              {
                "base": 1,
                "slope": 0
              }
            ]
          },
          "task": "forecast"
        }
        """;

    private static ForecastDescription Full => new(
        new ForecastOptions
        {
            Data = ["sales \"2024\".csv"], Column = ["a", "b"], Input = ["i"], Known = ["k"], Time = "t", Group = "g", Resample = "1day",
                Missing = MissingValues.CarryForward,
            Split = [0.5, 0.25], Transform = TransformChoice.Log, Anchor = AnchorChoice.Season, Season = 7, Window = 14, Horizon = 2, Cell = "lstm",
                Hidden = 8, Layers = 2,
            Direction = ReadingDirection.Both, Dropout = 0.1, InitialState = InitialState.Learned, Loss = ForecastLoss.Huber, Interval = 0.8,
                From = "m.safetensors", Epochs = 3, Batch = 16,
            LearningRate = 1e-7, Schedule = ScheduleKind.Step, Optimizer = OptimizerKind.Sgd, Momentum = 0.9, Nesterov = true, Clip = 0.5,
                ClipBy = ClipBy.Value, NonFinite = NonFinitePolicy.SkipBatch,
            Bptt = [4, 8], Patience = 2, Seed = ulong.MaxValue,
        },
        new TimeAxis(TimeKind.DateTime, new TimeStep(0.1, TimeUnit.Second), 31),
        [
            new ForecastColumn("a", new Transform(TransformKind.Log), new Standardizer("a", 1.0 / 3, 2), new Standardizer("a", 0, 1, true),
                AnchorKind.Season, new Standardizer("a", -1e300, 1e-300), [1, 0.1]),
            new ForecastColumn("b", new Transform(TransformKind.Difference), new Standardizer("b", 0, 1), null,
                AnchorKind.Mean, new Standardizer("b", 0, 1), [1, 2]),
        ],
        [new Standardizer("i", 5, 6)], [new Standardizer("k", 7, 8)],
        new IntervalCalibration("validation", [[0.1f, -2, 3, 4e-20f], [1, 2, 3, 4]], [], [new(1, 0), new(1, 0.5), new(2, -0.1), new(1, 0)]));
}
