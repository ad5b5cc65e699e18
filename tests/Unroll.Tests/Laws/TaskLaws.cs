using Unroll.Tasks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Shared;
using Unroll.Tests.Formats;
using Unroll.Training;

namespace Unroll.Tests.Laws;

/// <summary>What must hold of every task in the list.</summary>
public sealed class TaskLaws : IDisposable
{
    // A value of every shared option that is not its default. Direction and pooling have the values that a task can have: see each task's own tests.
    private static readonly (string Name, string Value)[] s_shared =
    [
        ("split", "0.6,0.2"), ("cell", "gru-after"), ("hidden", "6"), ("layers", "2"), ("dropout", "0.125"), ("locked-dropout", "true"),
        ("initial-state", "learned"), ("epochs", "2"), ("patience", "3"), ("batch", "4"), ("shards", "2"), ("lr", "0.0625"), ("schedule", "plateau"),
        ("lr-factor", "0.5"),
        ("lr-patience", "1"), ("warmup", "0.5"), ("optimizer", "sgd"), ("momentum", "0.75"), ("nesterov", "true"), ("weight-decay", "0.03125"),
        ("clip", "0.5"), ("clip-by", "tensor"), ("non-finite", "skip"), ("average", "ema"), ("average-decay", "0.5"), ("average-epochs", "2"),
        ("average-wait", "1"), ("seed", "7"),
    ];

    private readonly TempFolder _folder = new();

    public static TheoryData<string> Tasks => [.. TaskList.All.Select(task => task.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Tasks))]
    public void Every_shared_option_is_accepted_saved_and_resumed_to_the_same_bits(string name)
    {
        (ITask task, TaskOptions options, DataFiles files) = Case(name);
        foreach ((string option, string value) in s_shared) options = (TaskOptions)task.Options.Parse(options, option, value);

        ITaskRun whole =
            task.Begin(options, files, new RunSettings { Folder = () => RunDirectory.Create(_folder["whole"], "r", task.Options.ToJson(options)) });
        whole.Train();

        RunDirectory run = RunDirectory.Create(_folder["stopped"], "r", task.Options.ToJson(options));
        ITaskRun stopped = task.Begin(options, files, new RunSettings { Folder = () => run });
        using CancellationTokenSource stop = new();
        foreach (TrainingProgress progress in stopped.Loop.Run(stop.Token))
            if (progress.Epoch is { Epoch: 1 }) stop.Cancel();
        Assert.Equal(TrainingOutcome.Interrupted, stopped.Loop.Outcome);
        TaskOptions read = TaskList.OptionsOf(task, run.ReadConfig()!, run.Config);
        Assert.Equal(task.Options.ToJson(options), task.Options.ToJson(read));
        ITaskRun resumed = task.Begin(read, files, new RunSettings { Folder = () => run });
        resumed.Loop.Resume();
        resumed.Train();
        Assert.Equal(whole.Model.WeightsSha256, resumed.Model.WeightsSha256);

        string path = _folder["model.safetensors"];
        whole.Model.Save(path);
        ITaskModel opened = TaskList.Open(path);
        Assert.Equal(whole.Model.WeightsSha256, opened.WeightsSha256);
        foreach ((string option, string value) in s_shared) Assert.Equal((option, value), (option, task.Options.Find(option)!.Text(opened.Options)));
    }

    [Theory, MemberData(nameof(Tasks))]
    public void Every_option_is_read_back_from_its_JSON_and_from_its_text(string name)
    {
        (ITask task, TaskOptions options, _) = Case(name);
        Assert.Equal(task.Options.ToJson(options), task.Options.ToJson(TaskList.OptionsOf(task, task.Options.ToJson(options), "here")));
        foreach (OptionLine line in task.Options.OfferedBy(name))
        {
            if (line.Text(options) is { } text) Assert.Equal(text, line.Text(line.Parse(options, text)));
            Assert.False(line.Name.StartsWith('-') || line.Help.Contains("--", StringComparison.Ordinal), line.Name);
        }
    }

    [Theory, MemberData(nameof(Tasks))]
    public void A_run_that_is_asked_to_stop_keeps_what_it_has_and_measures_nothing(string name)
    {
        (ITask task, TaskOptions options, DataFiles files) = Case(name);
        ITaskRun run = task.Begin(options with { Epochs = 3 }, files);
        using CancellationTokenSource stop = new();
        stop.Cancel();
        Assert.Null(run.Train(null, stop.Token));
        Assert.Equal(TrainingOutcome.Interrupted, run.Loop.Outcome);
    }

    [Theory, MemberData(nameof(Tasks))]
    public void A_model_is_trained_on_with_its_own_network_and_refuses_another(string name)
    {
        (ITask task, TaskOptions options, DataFiles files) = Case(name);
        ITaskRun first = task.Begin(options with { Epochs = 1 }, files);
        first.Train();
        TaskOptions same = first.Model.Options with { Epochs = 1, Seed = 3 };
        ITaskRun more = task.Begin(same, files, new RunSettings { From = first.Model });
        Assert.Equal(first.Model.WeightsSha256, more.Model.WeightsSha256);
        more.Train();
        OptionException wrong = Assert.Throws<OptionException>(
            () => task.Begin(same with { Hidden = options.Hidden + 1 }, files, new RunSettings { From = more.Model }));
        Assert.Equal("hidden", wrong.Option);
        Assert.Contains("cannot be changed by training on", wrong.Message);
    }

    // Small data in memory, and options that make a run of it last for moments.
    internal static (ITask, TaskOptions, DataFiles) Case(string name)
    {
        ITask task = TaskList.Find(name);
        string[] words = ["red", "green", "blue", "north", "south", "west"];
        string Line(int i) => $"{words[i % 6]} {words[i / 2 % 6]} {words[i / 3 % 6]}";
        string Bases(int i) => string.Concat(Enumerable.Range(0, 12).Select(t => "ACGT"[(i * 7 + t * t + i / 3) % 4]));
        IEnumerable<int> many = Enumerable.Range(0, 40);
        (string data, string text) = name switch
        {
            "lm" => ("text.txt", GrammarText.Generate(60)),
            "classify" => ("texts.tsv", string.Concat(many.Select(i => $"{(i % 2 == 0 ? "a" : "b")}\t{Line(i)} {i}\n"))),
            "dna" => ("sites.csv", "label,sequence\n" + string.Concat(many.Select(i => $"{(i % 2 == 0 ? "site" : "other")},{Bases(i)}\n"))),
            "tag" => ("tags.txt", string.Concat(many.Select(i => $"{words[i % 6]}{i} X\n{words[i % 5]} Y\n\n"))),
            "music" =>
                ("rolls.json", "[" + string.Join(',', many.Select(i => $"[[{60 + i % 12}],[{62 + i % 7},{65 + i % 3}],[{60 + i % 5}]]")) + "]"),
            "translate" => ("pairs.tsv", string.Concat(many.Select(i => $"{Line(i)} {i}\t{Line(i + 1)}\n"))),
            _ => ("", ""),
        };
        TaskOptions options = task.Defaults with { Hidden = 5, Layers = 1, Batch = 8, Epochs = 2 };
        foreach ((string option, string value) in name switch
        {
            "forecast" => [("data", "airline"), ("window", "6")],
            "lm" => [("embedding", "4"), ("bptt", "8")],
            "speech" => [("mels", "8"), ("cepstra", "0"), ("deltas", "0"), ("hop", "25")],
            "dna" => [],
            _ => ((string, string)[])[("embedding", "4")],
        }) options = (TaskOptions)task.Options.Parse(options, option, value);
        return text.Length == 0 ? (task, options, DataFiles.Disk) : (task, options with { Data = [data] }, DataFiles.Of(data, text));
    }
}
