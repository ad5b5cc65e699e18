using Unroll.Core;
using Unroll.Tasks;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Tasks;

/// <summary>The tasks as the program shows them: one line each.</summary>
internal static class TaskViews
{
    internal static IReadOnlyList<ITaskView> All { get; } =
    [
        new ForecastView(),
        new LanguageView(),
        new LabelView(LabelTask.Classify),
        new LabelView(LabelTask.Dna),
        new LabelView(LabelTask.Tag),
        new SpeechView(),
        new MusicView(),
        new TranslationView(),
    ];

    /// <summary>All whose models are opened, also those of networks by themselves, which are not trained.</summary>
    internal static IReadOnlyList<ITaskView> Opened { get; } = [.. All, new NetworkView()];

    /// <summary>The view of the task that a model file belongs to; only the file's metadata are read.</summary>
    /// <exception cref="UserErrorException">It is no model, or one of a task that this program does not have.</exception>
    internal static ITaskView Of(string path)
    {
        ITask task = TaskList.Of(path);
        return Opened.First(view => view.Task == task);
    }
}
