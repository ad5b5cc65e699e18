using Unroll.Tasks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Fuzz;

/// <summary>A task on small data of its own: what readers are fuzzed through, and where models, checkpoints and snapshots to change come
/// from.</summary>
/// <param name="Task">The task.</param>
/// <param name="Options">Options that make a run last for moments.</param>
/// <param name="Name">What the data are called; the ending says what they are.</param>
/// <param name="Data">The data.</param>
internal sealed record SmallTask(ITask Task, TaskOptions Options, string Name, byte[] Data)
{
    private ITaskModel? _model;

    /// <summary>Further data by name, which stay as they are: of another label where the label is a file's name, labels, sounds.</summary>
    public IReadOnlyList<(string Name, byte[] Data)> Beside { get; init; } = [];

    /// <summary>Whether <see cref="Beside"/> is named as data too, rather than found beside them.</summary>
    public bool BesideIsData { get; init; }

    /// <summary>A model trained on the data.</summary>
    public ITaskModel Model
    {
        get
        {
            if (_model is not null) return _model;
            ITaskRun run = Run(Data);
            run.Train();
            return _model = run.Model;
        }
    }

    /// <param name="task">The task's name.</param>
    /// <param name="name">What the data are called.</param>
    /// <param name="data">Good data.</param>
    /// <param name="options">Further options, by name.</param>
    public static SmallTask Of(string task, string name, byte[] data, params ReadOnlySpan<(string Name, string Value)> options)
    {
        ITask found = TaskList.Find(task);
        TaskOptions own = found.Defaults with { Hidden = 4, Layers = 1, Epochs = 1, Batch = 64 };
        foreach ((string option, string value) in options) own = (TaskOptions)found.Options.Parse(own, option, value);
        return new SmallTask(found, own, name, data);
    }

    /// <summary>Reads data as a run does: up to the network, without training it.</summary>
    public void Begin(byte[] data) => Run(data);

    /// <summary>A run on data that could begin.</summary>
    public ITaskRun Run(byte[] data, Func<RunDirectory>? folder = null) => Task.Begin(
        Options with { Data = BesideIsData ? [Name, .. Beside.Select(one => one.Name)] : [Name] }, Files(data), new RunSettings { Note = _ => { },
            Folder = folder });

    /// <summary>What names stand for where the data have been exchanged.</summary>
    public DataFiles Files(byte[] data) =>
        Beside.Aggregate(DataFiles.Disk.With(Name, data), (files, one) => files.With(one.Name, one.Data));

    /// <summary>Asks the model about data.</summary>
    public void Predict(byte[] data, ITaskModel? model = null) => Ask(Task.Predict, data, model);

    /// <summary>Measures the model on data.</summary>
    public void Evaluate(byte[] data) => Ask(Task.Evaluate, data, null);

    private void Ask(TaskVerb verb, byte[] data, ITaskModel? model) => verb.Ask(model ?? Model, verb.Options.Parse(verb.Defaults, "data", Name),
        new TaskCall(Files(data), Note: _ => { })).ToJson();
}
