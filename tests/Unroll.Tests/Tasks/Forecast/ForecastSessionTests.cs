using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks.Forecast;

public sealed class ForecastSessionTests
{
    private const int Rows = 110;
    private static readonly DateTime s_first = new(2024, 1, 1);

    private static double Value(int t) => 40 + 0.2 * t + 6 * Math.Sin(t * 0.9) + t % 4;

    private static double Other(int t) => 5 + t % 6;

    private static Series Upto(int rows, int future = 0) => Series.Groups(Enumerable.Range(0, rows + future), _ => "", t => s_first.AddDays(t),
        [new("y", t => t < rows ? Value(t) : double.NaN), new("x", t => t < rows ? Other(t) : double.NaN)],
        future > 0 ? [new("k", t => t % 7)] : [])[0];

    private static ForecastModel Model(ForecastOptions options, int future = 0) =>
        ForecastModel.Train(Upto(Rows, future), options with { Column = ["y"], Input = ["x"], Hidden = 5, Epochs = 2 });

    public static TheoryData<string, bool> Kinds => new()
    {
        { "window 6, seasonal", false }, { "both directions, differences", false }, { "gaussian, two layers", false }, { "bptt", false },
            { "bptt, lstm, growth", false },
        { "window 6, seasonal", true }, { "bptt", true },
    };

    private static ForecastOptions Options(string kind) => kind switch
    {
        "window 6, seasonal" => new() { Window = 6, Season = 4, Anchor = AnchorChoice.Season, Horizon = 3 },
        "both directions, differences" =>
            new() { Direction = ReadingDirection.Both, Window = 5, Transform = TransformChoice.LogDifference, Horizon = 2 },
        "gaussian, two layers" => new() { Loss = ForecastLoss.Gaussian, Layers = 2, Window = 7, Horizon = 2, Cell = "lstm" },
        "bptt" => new() { Bptt = [5, 10], Window = 6, Horizon = 2, Season = 1 },
        _ => new() { Bptt = [5, 10], Cell = "lstm", Layers = 2, Anchor = AnchorChoice.Growth, Season = 3, Window = 4, Horizon = 4 },
    };

    [Theory, MemberData(nameof(Kinds))]
    public void Each_step_forecasts_as_the_series_up_to_it_does_bit_for_bit(string kind, bool known)
    {
        ForecastOptions options = Options(kind);
        int future = known ? options.Horizon : 0;
        ForecastModel model = Model(options, future);
        ForecastSession session = model.NewSession();
        int asked = 0;
        for (int t = 0; t < 60; t++)
        {
            ForecastAnswer answer = session.Step([Value(t), Other(t)], s_first.AddDays(t),
                known ? [.. Enumerable.Range(t + 1, future).Select(ahead => (double[])[ahead % 7])] : null);
            if (answer.RowsNeeded > 0)
            {
                Assert.Equal(model.Description.FirstOrigin - t - 1, answer.RowsNeeded);
                Assert.Throws<UserErrorException>(() => model.Forecast(Upto(t + 1, future)));
            }
            else
            {
                Assert.Equal(model.Forecast(Upto(t + 1, future)), answer.Points);
                asked++;
            }
        }
        Assert.Equal(61 - model.Description.FirstOrigin, asked);
    }

    [Fact]
    public void Rows_without_times_are_counted_from_1_in_forecasts_and_labels()
    {
        ForecastSession session = Model(new() { Window = 6, Horizon = 3 }).NewSession();
        ForecastAnswer answer = session.Step([Value(0), Other(0)]);
        for (int t = 1; t < 36; t++) answer = session.Step([Value(t), Other(t)]);
        Assert.Equal("row 36", session.Subject()!.Labels[^1]);
        Assert.Equal(["row 37", "row 38", "row 39"], answer.Points.Select(point => point.Time));
    }

    [Theory]
    [InlineData("window 6, seasonal")]
    [InlineData("bptt, lstm, growth")]
    public void Snapshots_forks_and_rewinds_go_on_with_the_same_bits(string kind)
    {
        ForecastModel model = Model(Options(kind));
        ForecastSession session = model.NewSession(keepEvery: 10);
        ForecastAnswer Take(ForecastSession one, int t) => one.Step([Value(t), Other(t)], s_first.AddDays(t));
        for (int t = 0; t < 30; t++) Take(session, t);
        byte[] snapshot = session.State.Snapshot();
        ForecastSession fork = session.Fork();
        string next = Take(session, 30).ToJson();
        for (int t = 31; t < 40; t++) Take(session, t);
        Assert.Equal(next, Take(fork, 30).ToJson());
        session.State.Restore(snapshot);
        Assert.Equal(next, Take(session, 30).ToJson());
        session.State.Rewind(20);
        for (int t = 20; t < 30; t++) Take(session, t);
        Assert.Equal(next, Take(session, 30).ToJson());
        ForecastSession anew = model.NewSession();
        anew.State.Restore(snapshot);
        Assert.Equal((30, next), (anew.State.Position, Take(anew, 30).ToJson()));

        ForecastSession other = Model(Options(kind) with { Seed = 2 }).NewSession();
        Assert.Contains("of a model with other weights", Assert.Throws<UserErrorException>(() => other.State.Restore(snapshot)).Message);
        Assert.Throws<UserErrorException>(() => anew.State.Restore(snapshot[..^3]));
    }

    [Fact]
    public void A_row_of_JSON_is_a_row()
    {
        ForecastModel model = Model(Options("window 6, seasonal"));
        ForecastSession typed = model.NewSession();
        ITaskSession json = ((ITaskModel)model).NewSession()!;
        string a = "", b = "";
        for (int t = 0; t < 20; t++)
        {
            a = typed.Step([Value(t), Other(t)], s_first.AddDays(t)).ToJson();
            string row = t % 2 == 0 ? FormattableString.Invariant($"{{\"x\": {Other(t):R}, \"y\": {Value(t):R}}}")
                : FormattableString.Invariant($"[{Value(t):R}, {Other(t):R}]");
            b = json.Step(Parse($"{{\"row\": {row}, \"time\": \"{s_first.AddDays(t):yyyy-MM-dd}\"}}")).ToJson();
        }
        Assert.Equal(a, b);
        Assert.Contains("2024-01-21", a);
    }

    [Theory]
    [InlineData("[1, 2]", "expected an object with a member 'row'")]
    [InlineData("{\"row\": [1]}", "row: expected 2 numbers (y, x), got 1")]
    [InlineData("{\"row\": {\"y\": 1}}", "the column 'x' is missing")]
    [InlineData("{\"row\": {\"y\": 1, \"x\": 2, \"z\": 3}}", "there is no column 'z'")]
    [InlineData("{\"row\": [1, null]}", "column 'x': expected a number, found a missing value")]
    [InlineData("{\"row\": [1, \"2\"]}", "'x': expected a number, found \"2\"")]
    [InlineData("{\"row\": [1, 2], \"time\": \"2024-01-04\"}", "expected 2024-01-03, one step (1 day) after 2024-01-02, got 2024-01-04")]
    [InlineData("{\"row\": [1, 2], \"time\": \"soon\"}", "time: expected a date")]
    [InlineData("{\"row\": [1, 2], \"time\": 3}", "time: expected one written like 2024-01-02")]
    [InlineData("{\"row\": [1, 2], \"known\": [[1]]}", "known: the model has no inputs that are known in the future")]
    public void What_is_no_row_is_refused_and_the_session_stays_as_it_was(string json, string expected)
    {
        ForecastSession session = Model(Options("window 6, seasonal")).NewSession();
        for (int t = 0; t < 2; t++) session.Step([Value(t), Other(t)], s_first.AddDays(t));
        byte[] before = session.State.Snapshot();
        Assert.Contains(expected, Assert.Throws<UserErrorException>(() => session.Step(Parse(json))).Message);
        Assert.Equal(before, session.State.Snapshot());
    }

    [Fact]
    public void A_missing_value_is_carried_on_where_that_is_the_policy_of_the_model()
    {
        ForecastModel model = Model(Options("bptt") with { Missing = MissingValues.CarryForward });
        ForecastSession carried = model.NewSession(), said = model.NewSession();
        Assert.Contains("there is none before it", Assert.Throws<UserErrorException>(() => carried.Step([double.NaN, 1])).Message);
        for (int t = 0; t < 20; t++)
            Assert.Equal(said.Step([Value(t == 9 ? 8 : t), Other(t)]).ToJson(), carried.Step([t == 9 ? double.NaN : Value(t), Other(t)]).ToJson());
    }

    [Fact]
    public void Without_times_rows_are_numbered()
    {
        Series series = Series.Of("", [.. Enumerable.Range(0, 90).Select(t => t % 5 + 1.0)]);
        ForecastModel model = ForecastModel.Train(series, new ForecastOptions { Hidden = 3, Epochs = 1, Window = 4 });
        ForecastSession session = model.NewSession();
        ForecastAnswer answer = session.Step(1);
        for (int t = 1; t < 90; t++) answer = session.Step(t % 5 + 1.0);
        Assert.Equal(model.Forecast(series), answer.Points);
        Assert.Contains("have no times", Assert.Throws<UserErrorException>(() => session.Step(1, s_first)).Message);
    }

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}
