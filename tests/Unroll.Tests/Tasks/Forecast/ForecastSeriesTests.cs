using System.Text.Json.Nodes;
using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;

namespace Unroll.Tests.Tasks.Forecast;

public sealed class ForecastSeriesTests
{
    private static (ForecastDescription Description, ForecastSeries Series) Of(string csv, ForecastOptions options)
    {
        ForecastData data = ForecastData.Read(options with { Data = ["y.csv"] }, DataFiles.Of("y.csv", csv));
        IReadOnlyList<Series> series = data.Series;
        ForecastDescription description = ForecastFit.Describe(data.Options, ref series, null);
        return (description, new ForecastSeries(description, data.Series[0]));
    }

    private static string Column(int rows, Func<int, double> value) =>
        "y\n" + string.Concat(Enumerable.Range(0, rows).Select(t => FormattableString.Invariant($"{value(t):R}\n")));

    [Theory]
    [InlineData(TransformChoice.None, AnchorChoice.Last, 1)]
    [InlineData(TransformChoice.Log, AnchorChoice.Mean, 3)]
    [InlineData(TransformChoice.Difference, AnchorChoice.Season, 2)]
    [InlineData(TransformChoice.LogDifference, AnchorChoice.Growth, 9)]
    public void Targets_undone_are_the_values_again(TransformChoice transform, AnchorChoice anchor, int horizon)
    {
        ForecastOptions options = new() { Transform = transform, Anchor = anchor, Horizon = horizon, Season = 4, Window = 6 };
        (ForecastDescription description, ForecastSeries series) = Of(Column(100, t => 20 + t + 5 * Math.Sin(t)), options);
        ForecastModel model = new(description);
        float[] targets = new float[horizon];
        for (int origin = description.FirstOrigin; origin + horizon <= 100; origin++)
        {
            series.Targets(origin, targets);
            for (int step = 1; step <= horizon; step++)
            {
                // a target is a float of at most about 10 scales, a scale at most about 20: rounding of 2⁻²⁴ · 200 = 1e-5, and room for e^x
                double value = series.Series.Targets[0].Values[origin + step - 1];
                Assert.Equal(value, model.ValueAt(series.At(origin), 0, step, targets[step - 1]), 1e-3);
            }
        }
    }

    [Fact]
    public void Features_of_the_training_part_have_mean_0_and_deviation_1()
    {
        (ForecastDescription description, ForecastSeries series) = Of(Column(200, t => 500 + 80 * Math.Sin(t * t)),
            new() { Transform = TransformChoice.None, Anchor = AnchorChoice.Last });
        double mean = 0, squares = 0;
        foreach (float v in series.Rows(0, 120)) (mean, squares) = (mean + v / 120, squares + v * v / 120.0);
        Assert.Equal(0, mean, 1e-5);
        Assert.Equal(1, squares, 1e-5);
        Assert.Equal(1, description.Features);
    }

    [Fact]
    public void A_row_sees_known_inputs_ahead_and_other_inputs_up_to_now()
    {
        string csv = "y,a,k\n" + string.Concat(Enumerable.Range(0, 60).Select(t => $"{t % 7},{100 + t},{1000 + t}\n"));
        (ForecastDescription description, ForecastSeries series) =
            Of(csv, new() { Column = ["y"], Input = ["a"], Known = ["k"], Horizon = 2, Transform = TransformChoice.None, Anchor = AnchorChoice.Last,
                Window = 3 });
        Assert.Equal(1 + 1 + 2, description.Features);
        ReadOnlySpan<float> row = series.Rows(10, 1);
        Standardizer a = description.Inputs[0], k = description.Known[0];
        Assert.Equal(110, row[1] * a.Deviation + a.Mean, 1e-3);
        Assert.Equal(1011, row[2] * k.Deviation + k.Mean, 1e-3);
        Assert.Equal(1012, row[3] * k.Deviation + k.Mean, 1e-3);
    }

    [Fact]
    public void No_feature_and_no_anchor_of_a_window_sees_what_is_forecast()
    {
        const int origin = 80;
        ForecastOptions options = new() { Horizon = 3, Season = 4, Window = 5, Transform = TransformChoice.Difference, Anchor = AnchorChoice.Growth };
        (ForecastDescription description, ForecastSeries series) = Of(Column(100, t => 30 + t % 4 + 0.1 * t), options);
        series.Series.Targets[0].Values.AsSpan(origin).Fill(-1e6f);
        ForecastSeries changed = new(description, series.Series);
        Assert.True(series.Rows(origin - 5, 5).SequenceEqual(changed.Rows(origin - 5, 5)));
        for (int step = 1; step <= 3; step++)
            Assert.Equal(series.At(origin).Relative(0, step, 0), changed.At(origin).Relative(0, step, 0));
    }

    [Fact]
    public void A_description_reads_back_to_the_same_text()
    {
        (ForecastDescription description, _) = Of(Column(100, t => 20 + t + Math.Sin(t)), new() { Season = 4, Horizon = 2 });
        string json = description.ToJson();
        Assert.Equal(json, ForecastDescription.FromJson(json, "m").ToJson());
    }

    [Theory]
    [InlineData("{}", "is not a forecasting model")]
    [InlineData("[1]", "is not a forecasting model")]
    [InlineData("{\"task\": \"music\"}", "is not a forecasting model")]
    [InlineData("{\"task\": \"forecast\"}", "damaged")]
    [InlineData("{\"task\": \"forecast\", \"options\": {\"cell\": 3}}", "damaged")]
    [InlineData("null", "is not a forecasting model")]
    public void Another_or_a_damaged_description_is_refused(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<UserErrorException>(() => ForecastDescription.FromJson(json, "m")).Message);

    [Fact]
    public void A_description_that_lacks_any_part_is_refused_by_name()
    {
        (ForecastDescription description, _) = Of(Column(100, t => 20 + t + Math.Sin(t)), new() { Season = 4, Horizon = 2 });
        foreach ((string name, _) in Parsed()["options"]!.AsObject())
        {
            // those that came later may be absent: files of before do not have them
            if (ForecastOptions.Table.All.Single(line => line.Key == name && !line.IsOld) is { MayBeAbsent: true } &&
                name is not ("window" or "season")) continue;
            JsonObject json = Parsed();
            json["options"]!.AsObject().Remove(name);
            string message = Assert.Throws<UserErrorException>(() => ForecastDescription.FromJson(json.ToJsonString(), "m")).Message;
            Assert.Contains(name is "window" or "season" or "time" ? "the window, the season, the time" : $"the option '{name}' is missing", message);
        }
        foreach (string name in (string[])["axis", "columns", "inputs", "known"])
        {
            JsonObject json = Parsed();
            json.Remove(name);
            Refused(json, $"'{name}' is missing");
            json[name] = null;
            Refused(json, $"{name} is not what belongs there");
        }
        JsonObject empty = Parsed(), flat = Parsed();
        empty["columns"] = new JsonArray((JsonNode?)null);
        Refused(empty, "columns[0] is not what belongs there: expected an object, found null");
        flat["columns"]![0]!["level"]!["deviation"] = 0;
        Refused(flat, "a deviation is not above 0");
        foreach (string spread in (string[])["-1", "0", "1e308"])
        {
            JsonObject wide = Parsed();
            wide["calibration"] = JsonNode.Parse("{\"part\":\"validation\",\"errors\":[],\"training-errors\":[],\"spreads\":[" +
                $"{{\"base\":{spread},\"slope\":0}},{{\"base\":1,\"slope\":0}}]}}");
            Refused(wide, "a spread is not above 0");
        }

        JsonObject Parsed() => JsonNode.Parse(description.ToJson())!.AsObject();
        void Refused(JsonObject json, string expected) =>
            Assert.Contains(expected, Assert.Throws<UserErrorException>(() => ForecastDescription.FromJson(json.ToJsonString(), "m")).Message);
    }
}
