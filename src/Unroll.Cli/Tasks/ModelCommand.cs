using System.CommandLine;
using System.Text;
using Unroll.Core;
using Unroll.Files;
using Unroll.Numerics;
using Unroll.Tasks;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Tasks;

/// <summary>
/// <c>unroll evaluate MODEL</c>, <c>predict</c> and <c>sample</c>: the model file says which task it belongs to, and only that task's options are
/// taken; those of other tasks are refused by name.
/// </summary>
internal sealed class ModelCommand
{
    private readonly string _name;
    private readonly Func<ITask, TaskVerb?> _verbOf;
    private readonly string[] _args;
    private readonly Terminal _terminal;
    private readonly Option<string> _output = Opt.String("--output", "FILE", "write the answer there (default: standard output)"),
        _picture = Opt.String("--picture", "FILE.html", "write a page about the answer there");

    private ModelCommand(string name, Func<ITask, TaskVerb?> verbOf, string[] args, Terminal terminal) =>
        (_name, _verbOf, _args, _terminal) = (name, verbOf, args, terminal);

    private bool Writes => _name != "evaluate";

    /// <summary>The command: with the options of the model's task where the arguments name a model, else with those of every task.</summary>
    /// <param name="name">The verb.</param>
    /// <param name="help">A sentence for all tasks.</param>
    /// <param name="verbOf">The verb of a task; null: it has none.</param>
    /// <param name="args">All arguments as typed.</param>
    /// <param name="terminal">Where to read and write.</param>
    internal static Command Make(string name, string help, Func<ITask, TaskVerb?> verbOf, string[] args, Terminal terminal)
    {
        if (args[0] != name) return new Command(name, help);            // beside other commands: its options are many
        ModelCommand own = new(name, verbOf, args, terminal);
        if (own.Named() is not { } view || verbOf(view.Task) is not { } verb) return own.OfAll(help);
        Command command = own.OfTask(view, verb);
        own.RefuseOthers(command, view, args[1]);
        return command;
    }

    /// <summary>The arguments with MODEL after the verb, where it stands behind options, one of which takes every file that follows it.</summary>
    internal static string[] InOrder(string[] args)
    {
        if (args.Length < 3 || args[0] is not ("evaluate" or "predict" or "sample" or "quantize") || !args[1].StartsWith('-')) return args;
        int[] models = [.. Enumerable.Range(2, args.Length - 2).Where(i => args[i].EndsWith(".safetensors", StringComparison.Ordinal)
            && !args[i].StartsWith('-') && args[i - 1] != "--output" && File.Exists(args[i]))];
        return models is [var at] ? [args[0], args[at], .. args[1..at], .. args[(at + 1)..]] : args;
    }

    // The help of a model shows its own task's options: MODEL is the first word after the verb that is a file.
    private ITaskView? Named()
    {
        if (_args.Length < 2 || _args[1].StartsWith('-') || !File.Exists(_args[1])) return null;
        try
        {
            return TaskViews.Of(_args[1]);
        }
        catch (UserErrorException)
        {
            return null;                                     // said when the command runs
        }
    }

    private Command OfAll(string help)
    {
        CommonOptions common = new(_terminal);
        Command command = new(_name, help) { common.Model };
        (ITaskView View, TaskVerb Verb)[] verbs =
            [.. TaskViews.Opened.Select(view => (view, verb: _verbOf(view.Task)!)).Where(one => one.verb is not null)];
        foreach (var same in verbs.SelectMany(one => one.Verb.Options.OfferedBy(one.View.Task.Name).Select(line => (one.View, one.Verb, line)))
            .GroupBy(one => one.line.Name))
        {
            (_, TaskVerb verb, OptionLine line) = same.First();
            string of = same.Count() < verbs.Length ? $" [{string.Join(", ", same.Select(one => one.View.Task.Name))}]" : "";
            string sentence = line.HelpWith(verb.Defaults) + of;
            command.Add(line.IsSwitch ? new Option<bool>("--" + same.Key) { Description = sentence } : new Option<string[]>("--" + same.Key)
            {
                HelpName = line.Value, Description = sentence, Arity = ArgumentArity.ZeroOrMore, AllowMultipleArgumentsPerToken = true,
            });
        }
        if (Writes) command.Add(_output);
        if (_name is "predict" or "evaluate") command.Add(_picture);
        common.AddTo(command).SetAction(parsed => Run(parsed.GetValue(common.Model)!));
        return command;
    }

    private int Run(string path)
    {
        ITaskView view = TaskViews.Of(path);
        TaskVerb verb = _verbOf(view.Task) ?? throw new UserErrorException(
            $"unroll {_name}: '{path}' is a {view.Task.ModelName}, for which there is no '{_name}'; "
                + $"there is for {Kinds(task => _verbOf(task) is not null)}.");
        Command command = OfTask(view, verb);
        RefuseOthers(command, view, path);
        ParseResult own = new Command("unroll") { command }.Parse(_args);
        CommandLine.RefuseErrors(own);
        return own.Invoke(CommandLine.Invocation(_terminal));
    }

    private Command OfTask(ITaskView view, TaskVerb verb)
    {
        CommonOptions common = new(_terminal);
        OptionArguments arguments = new(verb.Options, verb.Defaults, view.Task.Name);
        Command command = new(_name, verb.Help) { common.Model };
        arguments.AddTo(command);
        if (Writes) command.Add(_output);
        if (view.HasPicturesOf(_name)) command.Add(_picture);
        common.AddTo(command).SetAction(parsed => Ask(view, verb, arguments, common, parsed));
        return command;
    }

    private int Ask(ITaskView view, TaskVerb verb, OptionArguments arguments, CommonOptions common, ParseResult parsed)
    {
        ITaskModel model = TaskList.Open(parsed.GetValue(common.Model)!, note: _terminal.Say);
        TextWriter lines = common.Lines(parsed), answers = common.IsJson(parsed) ? lines : Writes ? _terminal.Answers : lines;
        string? output = Writes ? parsed.GetValue(_output) : null, picture = view.HasPicturesOf(_name) ? parsed.GetValue(_picture) : null;
        foreach (string path in new[] { output, picture }.OfType<string>()) AtomicFile.RequireWritable(path);
        object options = arguments.Over(verb.Defaults, parsed, _terminal.Say);
        using ThreadTeam? threads = common.Team(parsed);
        TaskAnswer? live = _name == "predict" ? view.Live(model, options, _terminal, answers) : null;
        TaskAnswer answer = live ?? verb.Ask(model, options, new TaskCall(_terminal.Files(), threads, Note: _terminal.Say));
        string? file = output ?? view.DefaultFile(answer);
        if (Writes && FormulaNote.Of(view, answer, file, _terminal.OnScreen) is { } formulas) _terminal.Say(formulas);
        if (file is not null) Write(view, answer, file, lines);
        else if (live is null)
        {
            foreach (string line in view.Lines(answer)) answers.WriteLine(line);
            foreach (string line in answer is TaskEvaluation measured ? MemberScores.Lines(measured) : []) answers.WriteLine(line);
            if (Writes && view.Summary(answer) is { } summary) _terminal.Error.WriteLine(summary);
        }
        if (picture is not null) view.Picture(model, answer).Save(picture);
        common.WriteJson(parsed, json =>
        {
            answer.WriteJson(json);
            if (answer is TaskEvaluation evaluation) MemberScores.WriteJson(json, evaluation);
            if (_name == "evaluate") json.WriteString("weights_sha256", model.WeightsSha256);
            if (file is not null) json.WriteString("file", file);
        });
        return CommandLine.Done;
    }

    private static void Write(ITaskView view, TaskAnswer answer, string path, TextWriter lines)
    {
        byte[] bytes = view.FileOf(answer, path) ?? Encoding.UTF8.GetBytes(string.Concat(view.Lines(answer).Select(line => line + "\n")));
        AtomicFile.Write(path, file => file.Write(bytes));
        lines.WriteLine(view.Summary(answer) is { } summary ? $"{summary}; in {path}" : $"in {path}");
        foreach (string line in view.Beside(answer)) lines.WriteLine(line);
    }

    private void RefuseOthers(Command own, ITaskView view, string path)
    {
        foreach (string word in _args)
        {
            string name = word.Split('=')[0];
            bool Has(ITask task) =>
                _verbOf(task)?.Options.OfferedBy(task.Name).Any(line => "--" + line.Name == name || "--" + line.Was == name) ?? false;
            if (name.StartsWith("--", StringComparison.Ordinal) && own.Options.All(option => option.Name != name)
                && TaskViews.Opened.Any(other => Has(other.Task)))
                throw new UserErrorException($"unroll {_name}: {name} belongs to {Kinds(Has)}; '{path}' is a {view.Task.ModelName}.");
        }
    }

    private static string Kinds(Func<ITask, bool> which) =>
        string.Join(", ", TaskViews.Opened.Select(view => view.Task).Where(which).Select(task => $"{task.ModelName}s"));
}
