using System.Text.Json;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Tasks.Shared;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Cli;

/// <summary>The options of the training step and of the first state, from the command line to what they change.</summary>
public sealed class StepOptionsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Plain gradient descent with a rate of 100 and without a limit runs away within an epoch.
    private CliRun RunAway(params string[] more) =>
        Train(["--optimizer", "sgd", "--lr", "100", "--clip", "0", "--schedule", "constant", "--epochs", "12", .. more]);

    private CliRun Train(params string[] more) => CliRun.Of([
        "train", "forecast", "--data", "airline", "--cell", "rnn", "--hidden", "4", "--epochs", "2", "--threads", "1", "--json",
        "--runs", _folder["runs"], "--run", "a", .. more]);

    [Fact]
    public void A_number_that_is_not_finite_stops_the_run_by_default_with_its_place()
    {
        CliRun run = RunAway();
        Assert.Equal(2, run.Exit);
        Assert.Matches(@"error: step \d+ \(epoch \d+, batch \d+\): .* first at .*layer '(encoder\.0|head)'.*, sequence \d+, step \d+; ", run.Error);
    }

    [Fact]
    public void Its_batches_are_passed_over_where_that_is_asked_for()
    {
        CliRun run = RunAway("--non-finite", "skip");
        Assert.True(run.Exit == 1, run.Error);                           // in the end no update is finite: it is not done
        Assert.Contains(File.ReadLines(Path.Combine(_folder["runs"], "a", "metrics.jsonl")),
            line => JsonDocument.Parse(line).RootElement.GetProperty("faults").GetInt32() > 0);
    }

    // The weights that the run began with are finite and validate better: the model is theirs.
    [Fact]
    public void After_epochs_that_run_away_the_model_is_the_one_that_the_run_began_with()
    {
        CliRun run = RunAway("--epochs", "2");
        Assert.True(run.Exit == 0, run.Error);
        Assert.Equal(0, run.Json.GetProperty("best_epoch").GetInt32());
        Assert.True(double.IsFinite(run.Json.GetProperty("rmse").GetDouble()));
    }

    [Fact]
    public void A_measure_that_is_not_finite_is_null_in_the_JSON() => Assert.Equal("""{"rmse":null,"mae":null,"mase":2}""", JsonText.Of(json =>
    {
        json.Number("rmse", double.NaN);
        json.Number("mae", double.PositiveInfinity);
        json.Number("mase", 2);
    }, indented: false));

    [Fact]
    public void Going_back_halves_the_rate_until_it_gives_up_after_five_times() =>
        Assert.Contains("after 5 returns to a checkpoint", RunAway("--non-finite", "back").Error);

    [Theory]
    [InlineData("--clip-by", "tensor")]
    [InlineData("--clip-by", "value")]
    [InlineData("--initial-state", "random")]
    [InlineData("--initial-state", "learned")]
    [InlineData("--optimizer", "sgd")]
    [InlineData("--optimizer", "sgd", "--momentum", "0.9")]
    [InlineData("--optimizer", "sgd", "--momentum", "0.9", "--nesterov")]
    [InlineData("--optimizer", "rmsprop", "--momentum", "0.9")]
    public void Each_choice_gives_weights_of_its_own_and_answers_from_its_file(params string[] choice)
    {
        CliRun run = Train(["--clip", "0.01", .. choice]),
            evaluated = CliRun.Of("evaluate", Path.Combine(_folder["runs"], "a", "model.safetensors"), "--json");
        Assert.True(run.Exit == 0, run.Error);
        Assert.Equal(run.Json.GetProperty("rmse").GetDouble(), evaluated.Json.GetProperty("rmse").GetDouble());
        string[] others =
            ["--clip 0.01", "--clip 0.01 --optimizer sgd", "--clip 0.01 --optimizer rmsprop", "--clip 0.01 --optimizer sgd --momentum 0.9"];
        Assert.DoesNotContain(run.Json.GetProperty("weights_sha256").GetString(), others
            .Where(other => other != "--clip 0.01 " + string.Join(' ', choice))
            .Select((other, i) => Train(["--run", $"other-{i}", .. other.Split(' ')]).Json.GetProperty("weights_sha256").GetString()));
    }

    [Theory]
    [InlineData("window")]
    [InlineData("bptt")]
    public void A_first_state_that_is_learned_leaves_zero(string way)
    {
        CliRun run = Train(["--initial-state", "learned", .. way == "bptt" ? ["--bptt", "16,32"] : Array.Empty<string>()]);
        Assert.True(run.Exit == 0, run.Error);
        TensorFile file = TensorFile.Read(Path.Combine(_folder["runs"], "a", "model.safetensors"));
        Assert.Contains(file.Find("encoder.h0_l0")!.Float32.ToArray(), value => value != 0);
    }

    [Theory]
    [InlineData("nesterov: it is a form of sgd", "--nesterov")]
    [InlineData("nesterov: expected a momentum above 0", "--nesterov", "--optimizer", "sgd")]
    [InlineData("momentum: adam has none", "--momentum", "0.9")]
    [InlineData("clip-by: ", "--clip-by", "layer")]
    public void What_does_not_go_together_is_refused(string part, params string[] options)
    {
        CliRun run = Train(options);
        Assert.Equal(2, run.Exit);
        Assert.Contains(part, run.Error);
        Assert.False(Directory.Exists(Path.Combine(_folder["runs"], "a")));
    }
}
