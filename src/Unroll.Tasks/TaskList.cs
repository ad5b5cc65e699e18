using System.Text.Json;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Language;
using Unroll.Tasks.Music;
using Unroll.Tasks.Networks;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Speech;
using Unroll.Tasks.Translation;

namespace Unroll.Tasks;

/// <summary>The tasks there are: one line each.</summary>
public static class TaskList
{
    /// <summary>All that are trained.</summary>
    public static IReadOnlyList<ITask> All { get; } =
    [
        ForecastTask.Instance,
        LanguageTask.Instance,
        LabelTask.Classify,
        LabelTask.Dna,
        LabelTask.Tag,
        SpeechTask.Instance,
        MusicTask.Instance,
        TranslationTask.Instance,
    ];

    /// <summary>All whose models are opened: those that are trained, and networks by themselves, which come from other programs.</summary>
    public static IReadOnlyList<ITask> Opened { get; } = [.. All, NetworkTask.Instance];

    /// <summary>The task of that name, of those in <see cref="Opened"/>.</summary>
    /// <exception cref="UserErrorException">There is none; names those there are.</exception>
    public static ITask Find(string name) => Opened.FirstOrDefault(task => task.Name == name)
        ?? throw new UserErrorException(
            $"there is no task '{name}'{NearestName.Question(name, All.Select(task => task.Name), $"expected one of {Names}.")}");

    /// <summary>The task that a model file belongs to; only the file's metadata are read.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="UserErrorException">It is no model, or one of a task that is not in the list.</exception>
    public static ITask Of(string path) => Of(ModelFile.ReadTaskJson(path), path);

    /// <summary>Opens a model file, whatever its task.</summary>
    /// <param name="path">What a training run wrote.</param>
    /// <param name="cells">The cells that its network may name; null: the built-in ones.</param>
    /// <param name="note">Told what a user should know of the file, <c>note: …</c>, such as that it is of an early version; null: nobody.</param>
    /// <exception cref="UserErrorException">It is no model, of no task in the list, of a cell that is not among those, or damaged.</exception>
    public static ITaskModel Open(string path, CellCatalog? cells = null, Action<string>? note = null)
    {
        ITask task = Of(path);
        ModelFile file = ModelFile.Load(path, cells);
        if (file.Note is { } text) note?.Invoke($"note: {text}");
        ITaskModel model = task.Open(file);
        return model.Members.Count == file.Members ? model : throw new UserErrorException(
            $"'{path}' has {file.Members} members, and this program opens models of {task.Name} with one; use a newer program.");
    }

    /// <summary>The options of a run's <c>config.json</c>.</summary>
    /// <param name="task">The task.</param>
    /// <param name="json">The text.</param>
    /// <param name="where">The file, for errors.</param>
    /// <exception cref="UserErrorException">It is no such text.</exception>
    public static TaskOptions OptionsOf(ITask task, string json, string where)
    {
        try
        {
            return (TaskOptions)JsonRecord.Parse(json, root => task.Options.Read(root, task.Defaults));
        }
        catch (Exception e) when (e is JsonException or UserErrorException)
        {
            throw new UserErrorException($"{where}: not the options of a run of {task.Name}: {e.Message.TrimEnd('.')}; begin a run of another name.",
                e);
        }
    }

    private static string Names => string.Join(", ", All.Select(task => task.Name));

    private static ITask Of(string taskJson, string path)
    {
        string? name = TaskWord.In(taskJson);
        return Opened.FirstOrDefault(entry => entry.Name == name) ?? throw new UserErrorException(name is null
            ? $"'{path}': its metadata do not say which task it is a model of; expected one of {Names}; give a model that a training run wrote."
            : $"'{path}' is a model of the task '{name}', expected one of {Names}; use a newer program.");
    }
}
