using Unroll.Tasks;

namespace Unroll.Cli;

/// <summary>The tasks that the program knows: one line each.</summary>
internal static class TaskVerbs
{
    internal static IReadOnlyList<ITaskVerbs> All { get; } =
    [
        new ForecastVerbs(),
        new LanguageVerbs(),
    ];

    /// <summary>The verbs of the task that a model file belongs to; only the file's metadata are read.</summary>
    /// <exception cref="Core.UserErrorException">It is no model, or one of a task that this program does not have.</exception>
    internal static ITaskVerbs Of(string path)
    {
        TaskEntry entry = TaskList.Of(path);
        return All.First(verbs => verbs.Task == entry);
    }
}
