using System.Text.Json;
using Unroll.Cli;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Cli;

public sealed class SweepCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string[] Args(string name, params string[] more) => ["sweep", "train", "forecast", "--data", "airline", "--window", "6", "--epochs", "3",
        "--space", "lr=log:1e-3..1e-1", "--space", "hidden=3,4", "--trials", "4", "--jobs", "2", "--runs", _folder["runs"], "--run", name, .. more];

    private CliRun Run(string name, params string[] more) => CliRun.Of(Args(name, more));

    private string Table(string name) => File.ReadAllText(Path.Combine(_folder["runs"], name, "trials.csv"));

    [Fact]
    public void A_sweep_prints_the_command_of_the_best_trial_which_gives_the_same_weights_and_the_same_measures()
    {
        CliRun run = Run("one", "--json", "--output", _folder["best.safetensors"]);
        Assert.True(run.Exit == 0, run.Error);
        JsonElement json = run.Json;
        Assert.Equal(4, json.GetProperty("tried").GetInt32());
        int best = json.GetProperty("best").GetInt32();
        JsonElement[] trials = [.. json.GetProperty("trials").EnumerateArray()];
        Assert.Equal(trials.MinBy(one => one.GetProperty("score").GetDouble()).GetProperty("trial").GetInt32(), best);
        Assert.Equal("", run.Out.TrimEnd().Contains('\n') ? run.Out : "");
        Assert.Contains($"best of 4: trial {best:D4}, lr ", run.Error);
        Assert.Contains("which settings matter: fewer than 8 trials say nothing about it", run.Error);

        string command = json.GetProperty("command").GetString()!;
        Assert.StartsWith("unroll train forecast --data airline --window 6 --hidden ", command);
        CliRun again = CliRun.Of([.. command.Split(' ')[1..], "--runs", _folder["runs"], "--run", "again", "--json"]);
        Assert.True(again.Exit == 0, again.Error);
        string hash = json.GetProperty("weights_sha256").GetString()!;
        Assert.Equal(hash, again.Json.GetProperty("weights_sha256").GetString());
        Assert.Equal(hash, trials[best - 1].GetProperty("weights_sha256").GetString());
        Assert.Equal(json.GetProperty("test").GetProperty("columns").GetRawText(), again.Json.GetProperty("columns").GetRawText());
        Assert.True(File.Exists(_folder["best.safetensors"]));

        string page = File.ReadAllText(json.GetProperty("page").GetString()!);
        Assert.Contains("\"kind\":\"parallel\"", page);
        Assert.Contains("Being the best of 4, it owes part of its validation score to luck", page);
        Assert.Contains(command.Replace("'", "&#x27;"), page);
        Assert.True(File.Exists(json.GetProperty("report").GetString()));
    }

    [Fact]
    public void Stopped_by_a_signal_it_goes_on_to_the_same_table_and_refuses_another_space()
    {
        Assert.Equal(0, Run("whole").Exit);
        using CancellationTokenSource stop = new();
        StringWriter output = new(), error = new StopAfterLine(stop, "trial 0002");
        using (Interruption interruption = new(stop.Token))
            Assert.Equal(130, CommandLine.Run(Args("cut", "--jobs", "1"), new Terminal(() => new MemoryStream(), output, error, Live: false),
                interruption));
        Assert.Contains("interrupted after 2 of 4 trials", output.ToString());
        Assert.Contains($"go on with: unroll sweep train forecast --resume --run cut --runs {_folder["runs"]}", output.ToString());

        string[] resume = ["sweep", "train", "forecast", "--resume", "--run", "cut", "--runs", _folder["runs"]];
        Assert.StartsWith("error: --resume: sweep 'cut' goes on with the space and the trials it was started with, which are in ",
            CliRun.Of([.. resume, "--trials", "5"]).Refused());
        Assert.StartsWith("error: --resume: run 'cut' goes on with the options it was started with", CliRun.Of([.. resume, "--batch",
            "5"]).Refused());
        Assert.Equal("error: --resume: 'cut' is a sweep of the task forecast; go on with unroll sweep train forecast.",
            CliRun.Of("sweep", "train", "lm", "--resume", "--run", "cut", "--runs", _folder["runs"]).Refused());
        CliRun rest = CliRun.Of(resume);
        Assert.True(rest.Exit == 0, rest.Error);
        Assert.DoesNotContain("trial 0001", rest.Error);
        Assert.Equal(Table("whole"), Table("cut"));
    }

    [Fact]
    public void A_cell_in_a_file_is_one_of_the_values_and_is_kept_with_the_sweep()
    {
        string cell = _folder["own.cell"];
        File.WriteAllText(cell, "cell own\nf = σ(W_f x + U_f h₋ + b_f)\nn = tanh(W_n x + U_n (f ⊙ h₋) + b_n)\nh = (1 − f) ⊙ h₋ + f ⊙ n\n");
        string[] args = ["sweep", "train", "forecast", "--data", "airline", "--window", "6", "--epochs", "3", "--space", $"cell=gru,{cell}",
            "--search", "grid",
            "--halving", "--eta", "2", "--hidden", "3", "--runs", _folder["runs"], "--run", "cells", "--jobs", "1"];
        CliRun run = CliRun.Of(args);
        Assert.True(run.Exit == 0, run.Error);
        Assert.Contains("rungs: 2 trials to epoch 2, 1 to epoch 3", run.Out);
        File.Delete(cell);
        CliRun again = CliRun.Of("sweep", "train", "forecast", "--resume", "--run", "cells", "--runs", _folder["runs"]);
        Assert.True(again.Exit == 0, again.Error);
    }

    [Fact]
    public void Options_may_come_from_a_file_and_what_cannot_be_is_refused_in_one_line()
    {
        File.WriteAllText(_folder["c.json"], "{\"space\": \"lr=log:1e-3..1e-1; hidden=3,4\", \"trials\": 2, \"data\": \"airline\", \"epochs\": 1}");
        CliRun run = CliRun.Of("sweep", "train", "forecast", "--config", _folder["c.json"], "--runs", _folder["runs"], "--json");
        Assert.True(run.Exit == 0, run.Error);
        Assert.EndsWith("sweep-forecast-airline-1", run.Json.GetProperty("run").GetString());

        Assert.Equal("error: --space: the task forecast has no option 'lrr'; did you mean 'lr'?",
            CliRun.Of("sweep", "train", "forecast", "--space", "lrr=1,2").Refused());
        Assert.Equal("error: --space: expected an option of the task and what to try, such as lr=log:1e-4..1e-2, found nothing.",
            CliRun.Of("sweep", "train", "forecast").Refused());
        Assert.StartsWith("error: unroll sweep: expected one of train.", CliRun.Of("sweep").Refused());
        Assert.StartsWith("error: --jobs: expected a whole number from 1 to 1024, got 0.", Run("x", "--jobs", "0").Refused());
        Assert.StartsWith("error: --halving: rungs are counted in epochs, and their number goes by the data; give the option epochs.",
            CliRun.Of("sweep", "train", "forecast", "--space", "lr=0.1..0.2", "--halving").Refused());
        Assert.Equal("error: --resume: name the sweep to go on with by --run NAME.", CliRun.Of("sweep", "train", "forecast", "--resume").Refused());
    }
}
