using Unroll.Tasks;
using Unroll.Tasks.Shared;

namespace Unroll.Cli;

/// <summary>The tasks that the program knows: one line each.</summary>
internal static class TaskVerbs
{
    internal static IReadOnlyList<ITaskVerbs> All { get; } =
    [
        new ForecastVerbs(),
        new LanguageVerbs(),
        new LabelVerbs(TaskList.Classify, "Train a model that gives a text, or a sequence of numbers, one of some labels."),
        new LabelVerbs(TaskList.Dna, "Train a model that gives a window of nucleotides one of some labels."),
        new MusicVerbs(),
        new LabelVerbs(TaskList.Tag, "Train a model that gives each step one of some labels."),
        new SpeechVerbs(),
        new TranslateVerbs(),
    ];

    /// <summary>The verbs of the task that a model file belongs to; only the file's metadata are read.</summary>
    /// <exception cref="Core.UserErrorException">It is no model, or one of a task that this program does not have.</exception>
    internal static ITaskVerbs Of(string path)
    {
        TaskEntry entry = TaskList.Of(path);
        return All.First(verbs => verbs.Task == entry);
    }
}
