using Unroll.Cli;
using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tests.Cli;
using Unroll.Tests.Formats;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>A training that ends after a time, with what was learned.</summary>
public sealed class TimeLimitTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("90", 90), InlineData("90s", 90), InlineData("30m", 1800), InlineData("1.5h", 5400), InlineData("1h30m", 5400)]
    [InlineData("1:30:00", 5400), InlineData("0:00:01", 1), InlineData("0.5", 0.5), InlineData("2M", 120), InlineData("1000h", 3_600_000)]
    public void Times_are_written_as_people_write_them(string text, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Duration.Parse(text));

    [Theory]
    [InlineData(""), InlineData("0"), InlineData("-5"), InlineData("5d"), InlineData("m"), InlineData("1:75:00"), InlineData("1e3"), InlineData("٣")]
    [InlineData("1001h"), InlineData("nan"), InlineData("30m\n"), InlineData("1h:3"), InlineData(" 5")]
    public void What_is_no_time_is_none(string text) => Assert.Null(Duration.Parse(text));

    [Theory, InlineData(1800, "30m"), InlineData(5400, "1h30m"), InlineData(90, "90s"), InlineData(3600, "1h"), InlineData(0.5, "0.5s")]
    public void A_time_is_said_as_it_may_be_written(double seconds, string text) => Assert.Equal(text, Duration.Text(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void A_loop_ends_after_its_time_and_resumed_ends_with_the_same_bits()
    {
        using ThreadTeam threads = new(1);
        TrainingLoop<int[]> Loop(string name, bool open, TimeSpan? limit) => new(
            new LineTask(), new TrainingOptions { Epochs = 4, TimeLimit = limit }, threads,
            open ? RunDirectory.Open(_folder.Path, name) : RunDirectory.Create(_folder.Path, name, "{}"));
        TrainingLoop<int[]> whole = Loop("whole", open: false, limit: null), limited = Loop("limited", open: false, TimeSpan.FromMilliseconds(700));
        foreach (TrainingProgress _ in whole.Run(TestContext.Current.CancellationToken)) { }
        int steps = 0;
        foreach (TrainingProgress _ in limited.Run(TestContext.Current.CancellationToken))
            if (++steps == 7) Thread.Sleep(800);
        Assert.Equal((TrainingOutcome.TimeLimit, 7), (limited.Outcome, steps));
        Assert.True(File.Exists(_folder["limited/model.safetensors"]));

        TrainingLoop<int[]> resumed = Loop("limited", open: true, limit: null);
        resumed.Resume();
        foreach (TrainingProgress _ in resumed.Run(TestContext.Current.CancellationToken)) { }
        Assert.Equal(TrainingOutcome.Finished, resumed.Outcome);
        foreach (string file in (string[])["model.safetensors", "best.safetensors", "metrics.jsonl"])
            Assert.Equal(File.ReadAllBytes(_folder[$"whole/{file}"]), File.ReadAllBytes(_folder[$"limited/{file}"]));
    }

    [Fact]
    public void Times_that_are_none_are_refused_where_they_are_set()
    {
        Assert.Contains("time limit in seconds: expected a number above 0",
            Assert.Throws<UserErrorException>(() => new TrainingOptions { TimeLimit = TimeSpan.Zero }).Message);
        TrainingOptions options = new() { TimeLimit = TimeSpan.FromMinutes(30) };
        Assert.Equal(options.TimeLimit, TrainingOptions.FromJson(options.ToJson()).TimeLimit);
        Assert.Contains("--time-limit: expected a time above 0", CliRun.Of("train", "forecast", "--time-limit", "soon").Refused());
    }

    [Fact]
    public void A_run_that_reached_its_limit_is_measured_and_says_how_to_go_on()
    {
        string[] args = ["train", "forecast", "--data", "airline", "--hidden", "4", "--epochs", "100000", "--patience", "100000", "--threads", "1",
            "--json", "--runs", _folder["runs"], "--run", "a", "--time-limit", "0.3s"];
        CliRun run = CliRun.Of(args);
        Assert.Equal(0, run.Exit);
        Assert.Contains("the time limit of 0.3s was reached after ", run.Error);
        Assert.Contains("; go on with: unroll train forecast --resume --run a --runs ", run.Error);
        Assert.True(run.Json.GetProperty("time_limit").GetBoolean());
        Assert.False(run.Json.GetProperty("interrupted").GetBoolean());
        Assert.True(run.Json.GetProperty("rmse").GetDouble() > 0);
        CliRun more = CliRun.Of("train", "forecast", "--resume", "--run", "a", "--runs", _folder["runs"], "--time-limit", "0.2s", "--json");
        Assert.True(more.Json.GetProperty("epochs").GetInt32() > run.Json.GetProperty("epochs").GetInt32(), more.Error);
    }
}
