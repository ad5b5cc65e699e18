using Unroll.Core;
using Unroll.Files;
using Unroll.Formats;
using Unroll.Numerics;
using Unroll.Tests.Cli;
using Unroll.Tests.Formats;
using Unroll.Tests.Training;
using Unroll.Training;

namespace Unroll.Tests.Faults;

/// <summary>
/// The n-th operation of the file system fails, for every n of a training, a resumption and a save: afterwards no file opens that is not whole, the
/// former file or the new one is there, the error is one line, and the run goes on to the bits of one that nothing happened to.
/// </summary>
public sealed class FaultTests : IDisposable
{
    private static readonly TrainingOptions s_options = new()
    {
        Epochs = 2, CheckpointSteps = 3, Step = new() { Schedule = new PlateauSchedule { Rate = 0.05f, Patience = 0, Threshold = 0.5 } },
    };

    private readonly TempFolder _folder = new();
    private readonly ThreadTeam _threads = new(1);

    public void Dispose()
    {
        _threads.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<Fault> Faults => [.. Enum.GetValues<Fault>()];

    [Theory, MemberData(nameof(Faults))]
    public void A_training_whose_nth_operation_fails_goes_on_to_the_same_bits(Fault fault)
    {
        Train("whole", stopAt: null);
        int count = Count(() => Train("count", stopAt: null));
        Assert.InRange(count, 40, 200);
        for (int n = 0; n < count; n++)
        {
            string name = $"r{n}";
            Failing(n, fault, () => Train(name, stopAt: null));
            RequireWholeFiles(name);
            Complete(name);
            RequireSame(name, $"{fault} at operation {n}");
        }
    }

    [Theory, MemberData(nameof(Faults))]
    public void A_resumption_whose_nth_operation_fails_goes_on_to_the_same_bits(Fault fault)
    {
        Train("whole", stopAt: null);
        Train("count", stopAt: 5);
        int count = Count(() => Train("count", stopAt: null));
        Assert.InRange(count, 25, 200);
        for (int n = 0; n < count; n++)
        {
            string name = $"r{n}";
            Train(name, stopAt: 5);
            Failing(n, fault, () => Train(name, stopAt: null));
            RequireWholeFiles(name);
            Complete(name);
            RequireSame(name, $"{fault} at operation {n}");
        }
    }

    [Theory, MemberData(nameof(Faults))]
    public void A_save_whose_nth_operation_fails_leaves_the_former_file_or_the_new_one(Fault fault)
    {
        byte[] Bytes(float value)
        {
            TensorFile file = new();
            file.Add(Tensor.Of("w", [2], new float[] { value, value }));
            file.Write(_folder["m.safetensors"]);
            return File.ReadAllBytes(_folder["m.safetensors"]);
        }
        byte[] after = Bytes(2);
        int count = Count(() => Bytes(1));
        for (int n = 0; n < count; n++)
        {
            byte[] before = Bytes(1);
            bool failed = Failing(n, fault, () => Bytes(2));
            byte[] now = File.ReadAllBytes(_folder["m.safetensors"]);
            Assert.True(now.SequenceEqual(before) || now.SequenceEqual(after), $"{fault} at operation {n}");
            Assert.True(failed || now.SequenceEqual(after), $"{fault} at operation {n}: it was said to be written");
        }
    }

    [Theory, InlineData(Fault.DiskFull), InlineData(Fault.NoPermission), InlineData(Fault.DeviceError)]
    public void A_command_whose_nth_operation_fails_says_so_in_one_line_or_succeeds(Fault fault)
    {
        string[] Args(string name) => ["train", "forecast", "--data", "airline", "--hidden", "4", "--epochs", "1", "--threads", "1", "--json",
            "--runs", _folder["runs"], "--run", name];
        string? hash = CliRun.Of(Args("whole")).Json.GetProperty("weights_sha256").GetString();
        int count = Count(() => CliRun.Of(Args("count")));
        for (int n = 0; n < count; n += 5)                               // every fifth: each is a whole command
        {
            using FailingDisk disk = new(n, fault);
            CliRun run = CliRun.Of(Args($"r{n}"));
            disk.Dispose();
            if (run.Exit == 0)
            {
                Assert.Equal(hash, run.Json.GetProperty("weights_sha256").GetString());
                continue;
            }
            Assert.True(run.Exit == 2, $"{fault} at operation {n}, {disk.Operations[n]}: exit {run.Exit} {run.Error}");
            string error = Assert.Single(run.Error.TrimEnd('\n').Split('\n'), line => line.StartsWith("error: ", StringComparison.Ordinal));
            Assert.Contains("cannot ", error);
        }
    }

    // Runs, and asserts that what is thrown is what a user would be told in one line.
    private static bool Failing(int n, Fault fault, Action run)
    {
        using FailingDisk disk = new(n, fault);
        try
        {
            run();
            return false;
        }
        catch (UserErrorException e)
        {
            Assert.DoesNotContain('\n', e.Message);
            Assert.InRange(e.Message.Length, 20, 500);
            return true;
        }
        catch (KilledException)
        {
            return true;
        }
    }

    private static int Count(Action run)
    {
        using FailingDisk disk = new(-1, Fault.DeviceError);
        run();
        return disk.Operations.Count;
    }

    // Begins the run, or goes on with it where there is one.
    private void Train(string name, int? stopAt)
    {
        bool open = Directory.Exists(_folder[name]) && File.Exists(_folder[$"{name}/config.json"]);
        RunDirectory run = open ? RunDirectory.Open(_folder.Path, name) : RunDirectory.Create(_folder.Path, name, "{}");
        TrainingLoop<int[]> loop = new(new LineTask(), s_options, _threads, run);
        if (open) loop.Resume();
        using CancellationTokenSource stop = new();
        int steps = 0;
        foreach (TrainingProgress progress in loop.Run(stop.Token))
            if (progress.Step is not null && ++steps == stopAt) stop.Cancel();
    }

    // A dead process holds no lock, and no other has its number; this one lives on, so that both have to be brought about.
    private void Complete(string name)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        if (Directory.Exists(_folder[name]))
            foreach (string file in Directory.GetFiles(_folder[name], $"*.{Environment.ProcessId}.partial", SearchOption.AllDirectories))
                File.Move(file, file.Replace($".{Environment.ProcessId}.", ".2147483647."));
        Train(name, stopAt: null);
        Assert.Empty(Directory.GetFiles(_folder[name], "*.partial", SearchOption.AllDirectories));
    }

    private void RequireSame(string name, string what)
    {
        foreach (string file in (string[])["model.safetensors", "best.safetensors", "metrics.jsonl"])
            Assert.True(File.ReadAllBytes(_folder[$"whole/{file}"]).SequenceEqual(File.ReadAllBytes(_folder[$"{name}/{file}"])), $"{what}: {file}");
        Assert.Empty(Directory.GetFiles(_folder[name], ".running", SearchOption.AllDirectories));
    }

    // Whatever has the name of a file opens as one.
    private void RequireWholeFiles(string name)
    {
        if (!Directory.Exists(_folder[name])) return;
        foreach (string file in Directory.GetFiles(_folder[name], "*.safetensors", SearchOption.AllDirectories))
        {
            if (file.EndsWith(".checkpoint.safetensors", StringComparison.Ordinal)) Checkpoint.Read(file);
            else TensorFile.Read(file);
        }
        if (File.Exists(_folder[$"{name}/config.json"])) Assert.Equal("{}", File.ReadAllText(_folder[$"{name}/config.json"]));
    }
}
