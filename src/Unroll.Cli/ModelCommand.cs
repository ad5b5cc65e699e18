using System.CommandLine;
using Unroll.Core;

namespace Unroll.Cli;

/// <summary>
/// A verb on a model: <c>unroll evaluate MODEL …</c>. The model file says which task it belongs to, and the task's own verb takes over: its options are
/// known, those of other tasks are refused.
/// </summary>
internal sealed class ModelCommand
{
    private readonly string _name;
    private readonly Func<ITaskVerbs, ModelVerb?> _verbOf;
    private readonly string[] _args;
    private readonly Terminal _terminal;

    private ModelCommand(string name, Func<ITaskVerbs, ModelVerb?> verbOf, string[] args, Terminal terminal) =>
        (_name, _verbOf, _args, _terminal) = (name, verbOf, args, terminal);

    /// <summary>The command with the options of every task.</summary>
    /// <param name="name">The verb.</param>
    /// <param name="help">A sentence for all tasks.</param>
    /// <param name="verbOf">The verb of a task; null: it has none.</param>
    /// <param name="args">All arguments as typed: they are read again once the task is known.</param>
    /// <param name="terminal">Where to read and write.</param>
    internal static Command Make(string name, string help, Func<ITaskVerbs, ModelVerb?> verbOf, string[] args, Terminal terminal)
    {
        ModelCommand own = new(name, verbOf, args, terminal);
        CommonOptions common = new(terminal);
        Command command = new(name, help) { common.Model };
        foreach (IGrouping<string, (ITaskVerbs Task, Option Option)> same in own.AllOptions().GroupBy(one => one.Option.Name))
        {
            Option option = same.Select(one => one.Option).OrderByDescending(one => one.AllowMultipleArgumentsPerToken).First();
            if (same.Count() < TaskVerbs.All.Count) option.Description += $" [{string.Join(", ", same.Select(one => one.Task.Task.Name))}]";
            command.Add(option);
        }
        common.AddTo(command).SetAction(parsed => own.Run(parsed, parsed.GetValue(common.Model)!));
        return command;
    }

    private IEnumerable<(ITaskVerbs Task, Option Option)> AllOptions() =>
        TaskVerbs.All.SelectMany(task => _verbOf(task)?.Options.Select(option => (task, option)) ?? []);

    private int Run(ParseResult all, string path)
    {
        ITaskVerbs task = TaskVerbs.Of(path);
        ModelVerb verb = _verbOf(task) ?? throw new UserErrorException(
            $"unroll {_name}: '{path}' is a {task.Task.Kind}, for which there is no '{_name}'; there is for {Kinds(other => _verbOf(other) is not null)}.");
        CommonOptions common = new(_terminal);
        Command command = new(_name, verb.Help) { common.Model };
        foreach (Option option in verb.Options) command.Add(option);
        common.AddTo(command).SetAction(parsed => verb.Run(new ModelCall(_terminal, common, parsed)));
        RefuseOthers(all, command, task, path);

        ParseResult own = new Command("unroll") { command }.Parse(_args);
        CommandLine.RefuseErrors(own);
        return own.Invoke(CommandLine.Invocation(_terminal));
    }

    private void RefuseOthers(ParseResult all, Command own, ITaskVerbs task, string path)
    {
        foreach (Option option in CommandLine.Options(all.CommandResult.Command))
            if (all.GetResult(option) is { Implicit: false } && own.Options.All(o => o.Name != option.Name))
                throw new UserErrorException($"unroll {_name}: {option.Name} belongs to " +
                    $"{Kinds(other => _verbOf(other)?.Options.Any(o => o.Name == option.Name) ?? false)}; '{path}' is a {task.Task.Kind}.");
    }

    private static string Kinds(Func<ITaskVerbs, bool> which) => string.Join(", ", TaskVerbs.All.Where(which).Select(task => $"{task.Task.Kind}s"));
}
