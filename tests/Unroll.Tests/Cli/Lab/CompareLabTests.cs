using Unroll.Tests.Laws;
using Unroll.Core;
using Unroll.Cli;
using System.Text.Json;
using Unroll.Cli.Lab.Compare;
using Unroll.Cli.Lab.Statistics;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Cli.Lab;

public sealed class CompareLabTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--data", "airline", "--window", "12", "--runs", "*")]
    [InlineData("--task", "lm", "--data", "*", "--batch", "4", "--runs", "*")]
    [InlineData("--task", "classify", "--data", "*", "--runs", "*")]
    [InlineData("--task", "recall", "--length", "3")]
    [InlineData("--task", "adding", "--examples", "64")]
    public void A_tiny_run_has_tables_and_verdicts_that_do_not_depend_on_the_number_of_threads(params string[] task)
    {
        (JsonElement one, JsonElement two) = (Run(["--threads", "1", .. Named(task)]), Run(["--threads", "2", .. Named(task)]));
        Assert.Equal(Rows(one, "epochs to the best"), Rows(two, "epochs to the best"));
        JsonElement results = Table(one, "results");
        Assert.Equal(2, results.GetProperty("rows").GetArrayLength());
        long[] parameters = [.. results.GetProperty("rows").EnumerateArray().Select(row => row[2].GetInt64())];
        Assert.InRange(Math.Abs(parameters[0] - parameters[1]) / (double)parameters.Max(), 0, 0.15);     // a unit of so few is a tenth of the weights
        Assert.Equal("[[\"rnn\",4,", Rows(one, "parameters at equal hidden size")[..10]);
        JsonElement ratio = one.GetProperty("verdicts").EnumerateArray().Last();
        Assert.True(ratio.GetProperty("holds").GetBoolean(), ratio.GetProperty("found").GetString());
    }

    // Files of the test in place of the stars.
    private string[] Named(string[] task) => [.. task.Select((word, i) => word != "*" ? word
        : task[i - 1] == "--runs" ? _folder["runs"] : task[1] == "lm" ? Text() : Records())];

    private string Text()
    {
        File.WriteAllText(_folder["text.txt"], string.Concat(Enumerable.Range(0, 60).Select(i => $"{i % 7} and {i % 5} are {i % 7 + i % 5}.\n")));
        return _folder["text.txt"];
    }

    private string Records()
    {
        File.WriteAllLines(_folder["words.tsv"], ["text\tlabel", .. Enumerable.Range(0, 80).Select(i =>
            i % 2 == 0 ? $"good {i % 9} day {i / 9}\tfine" : $"poor {i % 9} night {i / 9}\tbad")]);
        return _folder["words.tsv"];
    }

    private JsonElement Run(string[] more)
    {
        CliRun run = CliRun.Of(["lab", "compare", "--cells", "lstm,gru", "--seeds", "2", "--hidden", "4", "--epochs", "2", "--json", "--output",
            _folder["c.html"], .. more]);
        Assert.Equal("", run.Exit == 0 ? "" : run.Error);
        return run.Json;
    }

    private static JsonElement Table(JsonElement json, string name) =>
        json.GetProperty("tables").EnumerateArray().Single(table => table.GetProperty("name").GetString() == name);

    private static string Rows(JsonElement json, string name) => Table(json, name).GetProperty("rows").GetRawText();

    [Theory]
    [InlineData("--cells", "lstm", "--cells: expected at least two cells to compare")]
    [InlineData("--cells", "lstm,lstm-peephole", "--cells: the task forecast takes lstm, gru, gru-after, rnn, residual, lstm-ln, gru-ln, "
        + "cells of the zoo and files, got 'lstm-peephole'.")]
    [InlineData("--seeds", "1", "--seeds: expected a whole number from 2 to 1000")]
    [InlineData("--equal", "size", "--equal: expected parameters or hidden, got 'size'.")]
    [InlineData("--task", "chess", "--task: there is no 'chess'; expected one of forecast, lm, classify, adding")]
    [InlineData("--length", "3", "--length: the task forecast has the length and the number of its data")]
    [InlineData("--split", "0.8,0.2", "there is no test part to compare on; leave one with --split.")]
    [InlineData("--resume", "true", "--resume: name the comparison to go on with by --run NAME.")]
    [InlineData("--data", "-", "--data: expected a data set or a file because it is read once for each training")]
    public void What_cannot_be_compared_is_refused_before_the_work(string option, string value, string message) =>
        Assert.Contains(message, CliRun.Of("lab", "compare", option, value, "--output", _folder["c.html"]).Refused());

    [Fact]
    public void What_is_of_a_task_is_not_of_a_made_up_problem() =>
        Assert.Contains("--run: the trainings of the problem adding take seconds and are not kept; leave it out.",
            CliRun.Of("lab", "compare", "--task", "adding", "--run", "one", "--output", _folder["c.html"]).Refused());

    // A result that is there is taken as it is, one that is not is trained again, to the same figures; and other options are refused.
    [Fact]
    public void A_comparison_goes_on_with_what_is_not_done_yet()
    {
        string[] typed = ["--task", "lm", "--data", Text(), "--batch", "4", "--runs", _folder["runs"], "--run", "one"];
        JsonElement whole = Run([.. typed, "--jobs", "2"]);
        string trials = _folder["runs/one/trials"];
        Assert.Equal(4, Directory.GetDirectories(trials).Length);
        Directory.Delete(Path.Combine(trials, "0002"), recursive: true);
        Assert.Equal(Measured(whole), Measured(Run([.. typed, "--resume"])));
        Assert.True(File.Exists(Path.Combine(trials, "0002", "result.json")));

        string kept = Path.Combine(trials, "0003", "result.json"), result = File.ReadAllText(kept);
        File.WriteAllText(kept, System.Text.RegularExpressions.Regex.Replace(result, "\"test\":[0-9.]+", "\"test\":77"));
        Assert.Contains("77 (", Measured(Run([.. typed, "--resume"])));
        Assert.Contains("--resume: comparison 'one' goes on with the options it was started with", CliRun.Of(["lab", "compare", "--cells", "lstm,gru",
            "--seeds", "2", "--hidden", "4", "--epochs", "3", "--output", _folder["c.html"], .. typed, "--resume"]).Refused());
        string Measured(JsonElement json) => Rows(json, "test nats per character (best epoch)");
    }

    // Which data are whose is decided by the seed alone, first weights and order by the training seed.
    [Theory, InlineData("lm"), InlineData("classify")]
    public void Each_training_is_the_run_that_train_makes_of_its_settings(string task)
    {
        string data = task == "lm" ? Text() : Records();
        Run(["--task", task, "--data", data, "--seed", "5", "--runs", _folder["runs"], "--run", "one", "--equal", "hidden"]);
        CliRun train = CliRun.Of("train", task, "--data", data, "--cell", "gru", "--hidden", "4", "--epochs", "2", "--seed", "5", "--training-seed",
            "6", "--runs", _folder["runs"], "--run", "alone", "--json");
        Assert.Equal("", train.Exit == 0 ? "" : train.Error);
        using JsonDocument trial = JsonDocument.Parse(File.ReadAllText(_folder["runs/one/trials/0004/result.json"]));
        Assert.Equal(train.Json.GetProperty("weights_sha256").GetString(), trial.RootElement.GetProperty("weights_sha256").GetString());
        double test = trial.RootElement.GetProperty("test").GetDouble();
        JsonElement said = train.Json.TryGetProperty("test", out JsonElement part) ? part : train.Json;
        Assert.Equal(task == "lm" ? said.GetProperty("nats").GetDouble() : 100 * (1 - said.GetProperty("accuracy").GetDouble()), test, 1e-9);
    }

    // Pairs by hand: a is below b by 1 ± 0.1 in every seed, c lies across both.
    [Fact]
    public void The_advice_names_one_cell_only_where_it_beats_every_other()
    {
        CompareCell a = Cell("lstm", 1.0, 1.1, 0.9, 1.0, 1.05), b = Cell("gru", 2.0, 2.0, 2.0, 2.0, 2.0), c = Cell("rnn", 0.1, 3.0, 1.2, 0.4, 2.9);
        LabVerdictOf(a, b, out bool? holds, out string found);
        Assert.True(holds);
        Assert.StartsWith("take the lstm", found);
        LabVerdictOf(a, c, out holds, out found);
        Assert.Null(holds);
        Assert.StartsWith("no difference found in error between lstm and rnn", found);
        Assert.Contains("Without a network, guessing has 1.2: no higher than rnn.", found);
        IReadOnlyList<CompareCell> three = [a, b, c];
        Assert.StartsWith("gru found worse than another; no difference found in error between lstm and rnn; of these the lstm has the lowest mean",
            CompareVerdicts.Advice(three, ComparePair.Of(three, outcome => outcome.Test), new Guessing()).Found);
        ComparePair pair = Assert.Single(ComparePair.Of([a, b], outcome => outcome.Test));
        Assert.StartsWith("lstm is better than gru by 0.99 [0.8979, 1.082] error, p < 0.001 after Holm's correction, 5 seeds.",
            CompareVerdicts.Sentence(pair, "error"));
        Assert.Equal(StudentT.Quantile(0.95, 4) * Math.Sqrt(0.0055 / 5), pair.Difference.High - pair.Difference.Mean, 1e-12);
    }

    [Fact]
    public void Trainings_that_were_best_at_their_end_are_said_to_have_been_short()
    {
        CompareCell a = Cell("lstm", 1.0, 1.1, 0.9), b = Cell("gru", 2.0, 2.1, 2.0);
        b = b with { Outcomes = [.. b.Outcomes.Select((one, i) => one with { Best = i == 0 ? 3 : 5 })] };
        LabVerdictOf(a, b, out _, out string found);
        Assert.EndsWith("Most trainings of gru were best at their last epoch: with more --epochs the order may be another.", found);
        LabVerdictOf(a, a, out _, out found);
        Assert.DoesNotContain("last epoch", found);
    }

    [Fact]
    public void Cells_of_ones_own_are_compared_with_a_built_in_one()
    {
        using TempFolder folder = new();
        StringWriter lines = new(), messages = new();
        Terminal terminal = new(() => Stream.Null, lines, messages, false);
        string[] typed =
        [
            "compare", "--task", "adding", "--length", "6", "--cells", "lstm,mgu,light-ru", "--seeds", "3", "--hidden", "4", "--epochs", "1",
            "--output", folder["compare.html"],
        ];
        int code = Unroll.Cli.Lab.LabCommand.Make(terminal, OwnCells.All).Parse(typed)
            .Invoke(CommandLine.Invocation(terminal));
        Assert.Equal(CommandLine.Done, code);
        Assert.Contains("light-ru", lines.ToString());
        Assert.Contains("mgu", File.ReadAllText(folder["compare.html"]));
        Assert.Throws<UserErrorException>(() => Unroll.Cli.Lab.LabCells.Find("light-ru"));
        Assert.True(Unroll.Cli.Lab.LabCells.Find("mgu-chrono", OwnCells.All).KeepsByAGate);
        Assert.False(Unroll.Cli.Lab.LabCells.Find("rnn-relu", OwnCells.All).KeepsByAGate);
    }

    [Fact]
    public void A_forecast_compares_a_file_and_a_cell_of_the_zoo()
    {
        string file = _folder["leaky.cell"];
        File.WriteAllText(file, "cell leaky\nh = 0.5 * h_prev + 0.5 * tanh(W x + U h_prev + b)\n");
        CliRun run = CliRun.Of("lab", "compare", "--cell", $"lstm,janet,{file}", "--data", "airline", "--window", "12", "--seeds", "2", "--hidden",
            "4", "--epochs", "1", "--json", "--runs", _folder["runs"], "--output", _folder["c.html"]);
        Assert.Equal("", run.Exit == 0 ? "" : run.Error);
        string page = File.ReadAllText(_folder["c.html"]);
        Assert.Contains("unroll lab compare --seed 1 --cells lstm,janet,", page);
        Assert.Contains(" --seeds 2 --hidden 4", page);
        Assert.Contains(" --window 12", page);
        Assert.Equal(["lstm", "janet", file], Table(run.Json, "results").GetProperty("rows").EnumerateArray().Select(row => row[0].GetString()));
    }

    private static void LabVerdictOf(CompareCell first, CompareCell second, out bool? holds, out string found)
    {
        var verdict = CompareVerdicts.Advice([first, second], ComparePair.Of([first, second], outcome => outcome.Test), new Guessing());
        (holds, found) = (verdict.Holds, verdict.Found);
    }

    private static CompareCell Cell(string name, params double[] test) =>
        new(Unroll.Cli.Lab.LabCells.Find(name), 4, 100, [.. test.Select(value => new CompareOutcome(value, 3, 5))], 0.5);

    private sealed class Guessing : IComparison
    {
        public string Title => "a task";
        public string Measure => "error";
        public IReadOnlyList<(string Name, double Value)> Baselines => [("guessing", 1.2)];
        public string Training => "";
        public Network Network(Unroll.Cli.Lab.LabNamedCell cell, int hidden) => throw new NotSupportedException();
        public IReadOnlyList<IReadOnlyList<CompareOutcome>> Train(
            IReadOnlyList<(Unroll.Cli.Lab.LabNamedCell Cell, int Hidden)> cells, int seeds, Unroll.Cli.Lab.LabRun run) =>
            throw new NotSupportedException();
        public ComparedTraining Begin(Unroll.Cli.Lab.LabNamedCell cell, int hidden, ulong seed, ThreadTeam alone) =>
            throw new NotSupportedException();
    }
}
