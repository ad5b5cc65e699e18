using System.Text;
using System.Text.Json;
using Unroll.Core;
using Unroll.Files;
using Unroll.Formats;
using Unroll.Networks;
using Unroll.Tasks;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Sweeps;
using Unroll.Training;

namespace Unroll.Fuzz;

/// <summary>Readers of weights, models, options, checkpoints and snapshots.</summary>
internal static class FileTargets
{
    private static readonly string[] s_json = ["{", "}", "[", "]", ":", ",", "\"", "null", "-1", "0", "1e308", "2147483647", "\"\\ud800\"", "true"];

    private static SmallTask[] Tasks => [DataTargets.Forecast, DataTargets.Texts, DataTargets.Tags, DataTargets.Genome, DataTargets.Language,
        DataTargets.Rolls, DataTargets.Pairs, DataTargets.Speech];

    public static IEnumerable<FuzzTarget> All =>
    [
        new("npy", [typeof(Npy)], [Seeds.Npy()], bytes => Npy.Read(new MemoryStream(bytes), "x.npy")) { Words = ["'descr'", "'<f8'", "'>f4'", "True",
            "(", ",)", "'|O'"] },
        new("safetensors", [typeof(TensorFile)], [Seeds.Tensors()], bytes => TensorFile.Read(new MemoryStream(bytes), "x.safetensors"))
            { Words = [.. s_json, "\"F16\"", "\"BF16\"", "\"BOOL\"", "\"data_offsets\"", "\"shape\""] },
        new("PyTorch's weights", [typeof(PyTorchWeights)], [Seeds.Tensors()],
            bytes => PyTorchWeights.From(TensorFile.Read(new MemoryStream(bytes), "x.safetensors"), "x.safetensors"))
            { Words = [.. s_json, "weight_hh_l0", "_reverse", "weight_hr_l0", "weight_ih_l1"] },
        new("gzip", [typeof(InputFile)], [Seeds.Gzipped(Seeds.Words()), [.. Seeds.Gzipped(Seeds.Words(3)), .. Seeds.Gzipped(Seeds.Words(4))]],
            bytes => InputFile.Unpacked(bytes, "x.gz")),
        new("result of a trial", [typeof(TrialResult)], [Encoding.UTF8.GetBytes(Trial.ToJson())],
            bytes => TrialResult.FromJson(Encoding.UTF8.GetString(bytes), "result.json")) { Words = s_json, IsJson = true },
        new("options of a sweep", [typeof(SweepConfig)], [Encoding.UTF8.GetBytes(Sweep.ToJson())],
            bytes => SweepConfig.FromJson(Encoding.UTF8.GetString(bytes), "config.json")) { Words = s_json, IsJson = true },
        .. Tasks.SelectMany(OfModel),
        .. Tasks.Where(task => task.Model.NewSession() is not null).SelectMany(OfSession),
    ];

    private static TrialResult Trial => new()
    {
        Trial = 7, Outcome = TrialOutcome.Diverged, Rungs = [new RungResult(3, 2, 0.25, 0.125), new RungResult(9, 0, double.NaN, 1)],
        WeightsSha256 = "00ff", Why = "the loss is not finite",
    };

    private static SweepConfig Sweep => new("forecast", new SweepOptions { Space = "lr=log:1e-4..1e-2; cell=gru,own.cell", Trials = 9,
        Halving = true },
        "{\"hidden\":8}", new Dictionary<string, string> { ["own.cell"] = "cell own\nh = tanh(W x + U h₋ + b)\n" });

    private static IEnumerable<FuzzTarget> OfModel(SmallTask task)
    {
        string name = task.Task.Name;
        ITaskModel model = task.Model;
        byte[] saved = Bytes(model.Save);
        ModelFile file = FromBytes(saved, ModelFile.Load);
        string options = task.Task.Options.ToJson(task.Options);
        byte[] checkpoint = Checkpoint(task);
        return
        [
            new($"model of {name}", [typeof(ModelFile), typeof(TaskList), task.Task.GetType()], [saved], bytes => FromBytes(bytes, path =>
                TaskList.Open(path))) { Words = s_json },
            new($"description of {name}", [typeof(ModelFile), typeof(EncoderDecoderSpec), model.GetType()], [Encoding.UTF8.GetBytes(file.TaskJson)],
                bytes => Described(task, file, bytes)) { Words = s_json, IsJson = true },
            new($"options of {name}", [typeof(TaskList), task.Task.GetType()], [Encoding.UTF8.GetBytes(options)],
                bytes => TaskList.OptionsOf(task.Task, Encoding.UTF8.GetString(bytes), "config.json")) { Words = s_json, IsJson = true },
            new($"checkpoint of {name}", [typeof(Checkpoint)], [checkpoint], bytes => FromBytes(bytes, Training.Checkpoint.Read)) { Words = s_json },
            .. name == "translate" ? (FuzzTarget[])[] :               // two networks, in the description
            [
                new($"network of {name}", [typeof(NetworkSpec)], [Encoding.UTF8.GetBytes(file.Spec.ToJson())],
                bytes => Specified(file, bytes)) { Words = [.. s_json, "\"lstm\"", "\"gru\"", "\"dropout\"", "\"embedding\""], IsJson = true }
            ],
        ];
    }

    private static IEnumerable<FuzzTarget> OfSession(SmallTask task)
    {
        ITaskSession session = task.Model.NewSession()!;
        byte[] step = Encoding.UTF8.GetBytes(task.Task.Name switch { "forecast" => "{\"row\":[50.5,1]}", "music" => "[60,64]", _ => "\"red\"" });
        return
        [
            new($"snapshot of {task.Task.Name}", [typeof(SessionState)], [session.State.Snapshot()], bytes =>
                task.Model.NewSession()!.State.Restore(bytes)),
            new($"step of {task.Task.Name}", [session.GetType()], [step], bytes => Stepped(task.Model.NewSession()!, bytes)) { Words = s_json,
                IsJson = true },
        ];
    }

    // A description is hashed with the file, so that the one that is changed has to be saved anew: only then is it read at all.
    private static void Described(SmallTask task, ModelFile file, byte[] json)
    {
        byte[] saved;
        try
        {
            saved = Bytes(path => ModelFile.Save(path, file.Spec, Encoding.UTF8.GetString(json), task.Model.Parameters));
        }
        catch (JsonException)
        {
            return;                                          // what the function says that it throws
        }
        ITaskModel opened = FromBytes(saved, path => TaskList.Open(path));
        if (task == DataTargets.Speech) (task with { Name = "a.wav" }).Predict(Seeds.Wav(), opened);
        else task.Predict(task.Data, opened);
    }

    private static void Specified(ModelFile file, byte[] json)
    {
        NetworkSpec spec;
        try
        {
            spec = NetworkSpec.FromJson(Encoding.UTF8.GetString(json));
        }
        catch (JsonException)
        {
            return;                                          // what the function says that it throws
        }
        Network network = Network.Build(spec, file.Cells);
        file.CopyInto(network.Parameters);
    }

    private static void Stepped(ITaskSession session, byte[] json)
    {
        if (!IsJson(json)) return;
        using JsonDocument step = JsonDocument.Parse(json);
        session.Step(step.RootElement);
        session.Step(step.RootElement).ToJson();
    }

    private static bool IsJson(byte[] bytes)
    {
        try
        {
            JsonDocument.Parse(bytes).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static byte[] Checkpoint(SmallTask task)
    {
        string folder = Directory.CreateTempSubdirectory("unroll-fuzz").FullName;
        try
        {
            ITaskRun run = task.Run(task.Data, () => RunDirectory.Create(folder, "run", "{}"));
            run.Train();
            return File.ReadAllBytes(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).First(file => file.Contains("checkpoint",
                StringComparison.Ordinal)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static byte[] Bytes(Action<string> write)
    {
        string path = Path.GetTempFileName();
        try
        {
            write(path);
            return File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static T FromBytes<T>(byte[] bytes, Func<string, T> read)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, bytes);
            return read(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
    private static ModelFile FromBytes(byte[] bytes, Func<string, Cells.CellCatalog?, ModelFile> read) => FromBytes(bytes, path => read(path, null));
}
