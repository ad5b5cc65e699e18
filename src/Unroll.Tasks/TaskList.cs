using System.Text.Json;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Language;
using Unroll.Tasks.Music;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Speech;
using Unroll.Tasks.Translation;

namespace Unroll.Tasks;

/// <summary>One task.</summary>
/// <param name="Name">In model files and on the command line: <c>forecast</c>.</param>
/// <param name="Kind">What a model of it is called: <c>forecasting model</c>.</param>
/// <param name="Open">Opens a model file of this task; throws a <see cref="UserErrorException"/> where it is damaged.</param>
public sealed record TaskEntry(string Name, string Kind, Func<string, ITaskModel> Open);

/// <summary>The tasks there are: one line each.</summary>
public static class TaskList
{
    /// <summary>Forecasting columns of a table.</summary>
    public static TaskEntry Forecast { get; } = new("forecast", "forecasting model", ForecastModel.Open);

    /// <summary>Characters or words of a text.</summary>
    public static TaskEntry Language { get; } = new(LanguageDescription.TaskName, "language model", LanguageModel.Open);

    /// <summary>A label for each sequence: sentiment, spam, images row by row.</summary>
    public static TaskEntry Classify { get; } = new("classify", "classifier", LabelModel.Open);

    /// <summary>A label for each window of nucleotides.</summary>
    public static TaskEntry Dna { get; } = new("dna", "DNA classifier", LabelModel.Open);

    /// <summary>A label for each step.</summary>
    public static TaskEntry Tag { get; } = new("tag", "tagger", LabelModel.Open);

    /// <summary>Words from sound.</summary>
    public static TaskEntry Speech { get; } = new("speech", "speech model", SpeechModel.Open);

    /// <summary>Tunes and chorales: what comes next.</summary>
    public static TaskEntry Music { get; } = new("music", "music model", MusicModel.Open);

    /// <summary>One sequence of symbols to another: sentences, spelling to sound.</summary>
    public static TaskEntry Translate { get; } = new("translate", "translation model", TranslationModel.Open);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<TaskEntry> All { get; } = [Forecast, Language, Classify, Dna, Tag, Speech, Music, Translate];

    /// <summary>The task that a model file belongs to; only the file's metadata are read.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="UserErrorException">It is no model, or one of a task that is not in the list.</exception>
    public static TaskEntry Of(string path)
    {
        using JsonDocument task = JsonDocument.Parse(ModelFile.ReadTaskJson(path));
        string? name = task.RootElement.ValueKind == JsonValueKind.Object && task.RootElement.TryGetProperty("task", out JsonElement word)
            && word.ValueKind == JsonValueKind.String ? word.GetString() : null;
        string words = string.Join(", ", All.Select(entry => entry.Name));
        return All.FirstOrDefault(entry => entry.Name == name) ?? throw new UserErrorException(name is null
            ? $"'{path}': its metadata do not say which task it is a model of; expected one of {words}; give a model that 'unroll train' wrote."
            : $"'{path}' is a model of the task '{name}', expected one of {words}; use a newer program.");
    }

    /// <summary>Opens a model file, whatever its task.</summary>
    /// <param name="path">What a training run wrote.</param>
    /// <exception cref="UserErrorException">It is no model, of no task in the list, or damaged.</exception>
    public static ITaskModel Open(string path) => Of(path).Open(path);
}
