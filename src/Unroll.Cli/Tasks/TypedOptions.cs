using System.CommandLine;
using Unroll.Cells;
using Unroll.Cli.Ranks;
using Unroll.Core;
using Unroll.Tasks;
using Unroll.Tasks.Networks;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Tasks;

/// <summary>From what was typed to the options of a training run.</summary>
/// <param name="task">The task.</param>
/// <param name="arguments">Its options on the command line.</param>
/// <param name="terminal">Where notes go.</param>
/// <param name="ranks">The processes that train together, for which other defaults hold; null: this one alone.</param>
internal sealed class TypedOptions(ITask task, OptionArguments arguments, Terminal terminal, RankSession? ranks = null)
{
    /// <summary>Those typed, over the defaults that go with them, or over those of the model that is trained on.</summary>
    internal (TaskOptions Options, ITaskModel? From) Of(ParseResult parsed)
    {
        TaskOptions typed = (TaskOptions)arguments.Over(task.Defaults, parsed, terminal.Say);
        ITaskModel? model = typed.From is { } path ? OpenFrom(path, typed) : null;
        return ((TaskOptions)arguments.Over(DefaultsOf(typed, model), parsed), model);
    }

    /// <summary>The defaults that options were typed over.</summary>
    /// <param name="options">The options: those that defaults depend on are read.</param>
    /// <param name="model">The model that is trained on; null: none.</param>
    internal TaskOptions DefaultsOf(TaskOptions options, ITaskModel? model) => RankOptions.Over(ranks, OwnDefaults(options, model));

    private TaskOptions OwnDefaults(TaskOptions options, ITaskModel? model)
    {
        if (model is null) return task.DefaultsFor(options);
        if (task.TakesFront(options, model)) return Fronted(task.DefaultsFor(options), model);
        return model.Options with { Epochs = null, Patience = null, Members = 1, MemberSeeds = null, TrainingSeed = null, FromMember = 1 };
    }

    /// <summary>The options that a run keeps, where those typed are the same.</summary>
    /// <param name="options">The run's.</param>
    /// <param name="parsed">What was typed.</param>
    /// <param name="name">The run.</param>
    /// <param name="config">The file that keeps them.</param>
    /// <exception cref="UserErrorException">Others were typed.</exception>
    internal (TaskOptions Options, ITaskModel? From) Kept(TaskOptions options, ParseResult parsed, string name, string config)
    {
        TaskOptions asked = (TaskOptions)arguments.Over(options, parsed);
        if (asked.Cell != options.Cell && asked.WithSettledCell().Cell is var cell && options.WithSettledCell().Cell is var kept)
            asked = cell == kept ? asked with { Cell = options.Cell } : throw new UserErrorException($"--resume: run '{name}' goes on with the cell "
                + $"it was started with, {CellChoice.Beside(kept, cell)}; '{asked.Cell}' is now {CellChoice.Beside(cell, kept)}; leave --cell out, "
                + "or begin a run of another name.");
        return task.Options.ToJson(asked) == task.Options.ToJson(options)
            ? (options, options.From is { } path ? OpenFrom(path, options) : null)
            : throw new UserErrorException($"--resume: run '{name}' goes on with the options it was started with, which are in '{config}'; " +
                "leave other options out.");
    }

    /// <summary>What a run of some data is called, before its number: <c>forecast-sales</c>.</summary>
    internal static string Stem(ITask task, TaskOptions options)
    {
        string data = options.Data.FirstOrDefault() ?? "none";
        string stem =
            string.Concat(Path.GetFileNameWithoutExtension(data.TrimEnd('/')).Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_').Take(40));
        return $"{task.Name}-{(stem.Length > 0 ? stem : "data")}";
    }

    /// <summary>The model to train on.</summary>
    /// <exception cref="UserErrorException">It is one of another task whose layers this one does not begin with.</exception>
    internal ITaskModel OpenFrom(string path, TaskOptions options)
    {
        ITaskModel model = TaskList.Open(path, note: terminal.Say);
        return model.Task == task.Name || (model.Front is not null && task.TakesFront(options, model))
            ? model : throw new UserErrorException(
                $"--from: '{path}' is a model of the task {model.Task}, and this is train {task.Name}" +
                $"{(model.Task == NetworkTask.Instance.Name ? ", which does not begin with another's layers; lm, classify, dna and tag do" : "")}; " +
                $"name one of {task.Name}.");
    }

    // What its layers need: cell, units and the size of the embedding.
    private TaskOptions Fronted(TaskOptions defaults, ITaskModel model)
    {
        TaskOptions options = defaults with { Cell = model.Options.Cell, Hidden = model.Options.Hidden };
        if (model is NetworkModel) options = options with { Layers = model.Options.Layers };          // what was imported is taken whole
        const string embedding = "embedding";
        return task.Options.Find(embedding) is not null && TaskList.Find(model.Task).Options.Find(embedding)?.Text(model.Options) is { } size
            ? (TaskOptions)task.Options.Parse(options, embedding, size) : options;
    }
}
