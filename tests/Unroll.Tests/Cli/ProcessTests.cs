using System.Diagnostics;
using System.Text.Json;
using Unroll.Cli;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Cli;

/// <summary>The program as a process: signals, and two of them at one run.</summary>
public sealed class ProcessTests : IDisposable
{
    private static readonly string[] s_endless = ["train", "forecast", "--data", "airline", "--hidden", "4", "--epochs", "1000000", "--patience",
        "1000000", "--threads", "1"];
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private Process Start(params string[] args) => Start(path: null, args);

    private Process Start(string? path, string[] args)
    {
        ProcessStartInfo start = new(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
            ["exec", typeof(CommandLine).Assembly.Location, .. args])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder.Path,
        };
        if (path is not null) start.Environment["UNROLL_PATH"] = path;
        return Process.Start(start)!;
    }

    private static void Signal(Process process, string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", $"{process.Id}"]);
        kill.WaitForExit();
    }

    private static bool IsIgnored(int number) => File.Exists("/proc/self/status")
        && File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))[7..].Trim() is var mask
        && (Convert.ToUInt64(mask, 16) >> (number - 1) & 1) == 1;

    private static async Task UntilAsync(StreamReader reader, string beginning)
    {
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            if (line.StartsWith(beginning, StringComparison.Ordinal)) return;
        Assert.Fail($"it ended without '{beginning}'");
    }

    private static async Task<int> EndAsync(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken),
            error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        CancellationToken stop = TestContext.Current.CancellationToken;
        await process.WaitForExitAsync(stop).WaitAsync(TimeSpan.FromSeconds(20), stop);
        await Task.WhenAll(output, error);
        return process.ExitCode;
    }

    [Fact]
    public async Task A_path_that_the_processor_does_not_have_is_refused_in_one_line()
    {
        using Process process = Start("vector64", ["cell", "list"]);
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, await EndAsync(process));
        Assert.Matches(@"^error: UNROLL_PATH: there is no path 'vector64'; expected one of [a-z0-9, ]*portable\.\n$", error.ReplaceLineEndings("\n"));
    }

    [Theory, InlineData("INT", 130), InlineData("TERM", 143), InlineData("HUP", 129)]
    public async Task A_signal_makes_a_training_save_and_end(string signal, int code)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals of Unix");
        Assert.SkipWhen(IsIgnored(code - 128), "whoever started this process lets it and its children ignore the signal, as nohup does");
        using Process process = Start([.. s_endless, "--run", "a"]);
        await UntilAsync(process.StandardError, "epoch    2/");
        Signal(process, signal);
        Assert.Equal(code, await EndAsync(process));
        CliRun resumed = CliRun.Of("train", "forecast", "--resume", "--run", "a", "--runs", _folder["runs"], "--time-limit", "0.1s", "--json");
        Assert.True(resumed.Exit == 0 && resumed.Json.GetProperty("epochs").GetInt32() >= 2, resumed.Error);
    }

    [Fact]
    public async Task A_signal_ends_a_command_that_has_nothing_to_save_at_once()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals of Unix");
        string model = CliRun.Of("train", "forecast", "--data", "airline", "--hidden", "4", "--epochs", "1", "--runs", _folder["runs"], "--json")
            .Json.GetProperty("model").GetString()!;
        string[][] commands = [["predict", model, "--data", "-"], ["bench", "--workload", "train", "--seconds", "100"], ["lab", "memory"]];
        foreach (string[] command in commands)
        {
            using Process process = Start(command);
            await Task.Delay(1000, TestContext.Current.CancellationToken);
            Signal(process, "TERM");
            Stopwatch clock = Stopwatch.StartNew();
            Assert.Equal(143, await EndAsync(process));
            Assert.InRange(clock.Elapsed.TotalSeconds, 0, 60);           // a second where nothing else runs; bench would take 100
        }
    }

    [Fact]
    public async Task Two_processes_do_not_train_one_run_and_a_killed_one_holds_nobody_up()
    {
        using Process process = Start([.. s_endless, "--run", "a"]);
        await UntilAsync(process.StandardError, "epoch    2/");
        string error = CliRun.Of("train", "forecast", "--resume", "--run", "a", "--runs", _folder["runs"]).Refused();
        Assert.Contains($"run 'a': it is being trained in '{_folder["runs/a"]}' by process {process.Id}, since 2", error);
        process.Kill();
        await EndAsync(process);
        JsonElement json = CliRun.Of("train", "forecast", "--resume", "--run", "a", "--runs", _folder["runs"], "--time-limit", "0.1s", "--json").Json;
        int lines = File.ReadAllLines(_folder["runs/a/metrics.jsonl"]).Length;
        Assert.Equal(json.GetProperty("epochs").GetInt32(), lines);
    }
}
