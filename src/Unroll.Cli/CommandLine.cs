using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Unroll.Cli.Bench;
using Unroll.Cli.Exchange;
using Unroll.Cli.Lab;
using Unroll.Cli.Ranks;
using Unroll.Cli.Sweeps;
using Unroll.Core;
using Unroll.Numerics;
using Unroll.Cli.Tasks;
using Unroll.Tasks.Shared;
using Unroll.Tasks;

namespace Unroll.Cli;

/// <summary>
/// From arguments to an exit code: 0 done, 1 a check failed or a run diverged, 2 wrong input or option, 128 and the number of the signal after which
/// a training saved and ended; a bug keeps its stack trace.
/// </summary>
internal static class CommandLine
{
    internal const int Done = 0, Failed = 1, WrongInput = 2, Bug = 134;    // the last as if the exception had ended the process

    /// <summary>Runs one command.</summary>
    /// <param name="args">As typed.</param>
    /// <param name="terminal">Where to read and write.</param>
    /// <param name="stop">Asks a command that has something to save to save and end.</param>
    internal static int Run(string[] args, Terminal terminal, Interruption stop) => RankOptions.IsAsked(args)
        ? RankSession.Run(terminal, RankOptions.Patience(args), ranks => Run(args, ranks.Terminal, stop, ranks)) : Run(args, terminal, stop,
            ranks: null);

    private static int Run(string[] args, Terminal terminal, Interruption stop, RankSession? ranks)
    {
        string? config = null;
        List<string> fromConfig = [];
        try
        {
            if (Hardware.PathProblem is { } problem) throw new UserErrorException(problem);
            if (args.Length == 0) args = ["--help"];
            if (args[0] == "serve")
                throw new UserErrorException("unroll serve: the server is a program of its own, unroll-serve, because it needs ASP.NET Core; "
                    + "in a checkout './unroll serve MODEL …' builds and starts it.");
            args = ModelCommand.InOrder(args);
            Command root = Root(args, terminal, stop, ranks);
            ParseResult parsed = root.Parse(args);
            if (!IsHelp(parsed)) RefuseErrors(parsed);
            fromConfig = ConfigFile.Arguments(parsed);
            if (fromConfig.Count > 0)
            {
                config = ConfigFile.Path(parsed);
                parsed = root.Parse([.. args, .. fromConfig]);
                if (!IsHelp(parsed)) RefuseErrors(parsed, config);
            }
            return parsed.Invoke(Invocation(terminal));
        }
        catch (Exception e) when (e is UserErrorException or IOException or UnauthorizedAccessException)
        {
            string dashes = e is not OptionException { Option: var option } ? ""
                : fromConfig.Any(argument => argument.StartsWith($"--{option}=", StringComparison.Ordinal)) ? $"{config}: --" : "--";
            string line = $"error: {dashes}{e.Message}";
            if (ranks is not null) return ranks.End(line, WrongInput);
            terminal.Say(line);
            return WrongInput;
        }
    }

    /// <summary>How a command is run: it writes to the terminal, and its exceptions come through.</summary>
    internal static InvocationConfiguration Invocation(Terminal terminal) => new()
    {
        Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null,
    };

    // Not a RootCommand: that one is called after the file that runs, which is not what anyone types. Where a command is named first, no other is
    // made: they have a hundred options together, whose making is a good part of the time that a short command takes.
    private static Command Root(string[] args, Terminal terminal, Interruption stop, RankSession? ranks)
    {
        (string Name, Func<Command> Make)[] all =
        [
            ("train", () => TrainCommand.Make(args, terminal, stop, ranks)),
            ("sweep", () => SweepCommand.Make(args, terminal, stop, ranks)),
            ("evaluate", () => OfModel("evaluate", "Evaluate a model on data, compared with simple baselines.", task => task.Evaluate)),
            ("predict", () => OfModel("predict", "Predict with a model.", task => task.Predict)),
            ("sample", () => OfModel("sample", "Continue a text or compose a piece with a model.", task => task.Sample)),
            ("run", () => RunCommand.Make(terminal)),
            ("quantize", () => QuantizeCommand.Make(args, terminal)),
            ("combine", () => CombineCommand.Make(terminal)),
            ("import", () => ImportCommand.Make(terminal)),
            ("convert", () => ConvertCommand.Make(terminal)),
            ("info", () => InfoCommand.Make(terminal)),
            ("inspect", () => InspectCommand.Make(terminal)),
            ("gradcheck", () => GradcheckCommand.Make(terminal)),
            ("cell", () => CellCommand.Make(terminal)),
            ("textbook", () => TextbookCommand.Make(terminal)),
            ("data", () => DataCommand.Make(terminal)),
            ("lab", () => LabCommand.Make(terminal, args: args)),
            ("bench", () => BenchCommand.Make(terminal)),
            ("serve", () => new Command("serve", "Serve models over HTTP, step by step for many clients: a program of its own, unroll-serve.")),
        ];
        Command OfModel(string name, string help, Func<ITask, TaskVerb?> verb) => ModelCommand.Make(name, help, verb, args, terminal);
        Command root = new("unroll", "Recurrent networks: train, inspect and deploy them.") { new HelpOption(), new VersionOption() };
        int named = Array.FindIndex(all, command => command.Name == args[0]);
        foreach ((_, Func<Command> make) in named < 0 ? all : all[named..(named + 1)]) root.Add(make());
        return root;
    }

    private static bool IsHelp(ParseResult parsed) => parsed.Action is HelpAction || parsed.GetResult("--version") is { };

    /// <summary>Refuses what the parser could not read.</summary>
    internal static void RefuseErrors(ParseResult parsed, string? config = null)
    {
        // What is no option is taken for an argument, where one is still open; a file of such a name is written behind --.
        if (parsed.Tokens.All(token => token.Type != TokenType.DoubleDash) && parsed.CommandResult.Children.OfType<ArgumentResult>()
                .SelectMany(one => one.Tokens).FirstOrDefault(token => token.Value.StartsWith("--", StringComparison.Ordinal)) is { } taken)
            throw Unknown(taken.Value, parsed.CommandResult.Command);
        if (parsed.UnmatchedTokens.Count > 0) throw Unknown(parsed.UnmatchedTokens[0], parsed.CommandResult.Command);
        if (parsed.CommandResult.Command is { Action: null, Subcommands.Count: > 0 } command)
            throw new UserErrorException($"{Path(command)}: expected one of {string.Join(", ", command.Subcommands.Select(c => c.Name))}.");
        if (parsed.Errors.Count > 0) throw new UserErrorException((config is null ? "" : $"{config}: ") + Text(parsed.Errors[0], parsed));
    }

    // What was typed and is wrong says so itself; the library's own words for what was not typed do not say what to do.
    private static string Text(ParseError error, ParseResult parsed)
    {
        string path = Path(parsed.CommandResult.Command);
        return error.SymbolResult switch
        {
            OptionResult { Tokens.Count: 0, Option: var option } => $"{path}: expected {option.HelpName} after {option.Name}, found nothing; " +
                $"'{path} --help' says what it is.",
            ArgumentResult { Tokens.Count: 0, Argument: var argument } => Missing(argument),
            CommandResult { Command.Arguments: [var argument, ..] } => Missing(argument),
            _ => error.Message,
        };

        // An option that takes several words has taken the one that was meant.
        string Missing(Argument argument) => $"{path}: expected {argument.Name}, {argument.Description}; found nothing" +
            (parsed.Tokens.Count > 2 ? $" (it comes first: '{path} {argument.Name} --option …')." : ".");
    }

    private static UserErrorException Unknown(string word, Command command)
    {
        bool option = word.StartsWith('-');
        string[] names = option
            ? [.. Options(command).Select(o => o.Name)]
            : [.. command.Subcommands.Select(c => c.Name)];
        string all = option || names.Length == 0 ? $"'{Path(command)} --help' lists the options" : $"expected one of {string.Join(", ", names)}";
        string kind = option ? "option" : names.Length > 0 ? "command" : "further argument";
        return new UserErrorException($"{Path(command)}: there is no {kind} '{word}'{NearestName.Question(word.Split('=')[0], names, $"{all}.")}");
    }

    /// <summary>The options of a command, help excepted.</summary>
    internal static IEnumerable<Option> Options(Command command) => command.Options.Where(o => o is not HelpOption and not VersionOption);

    private static string Path(Command command) =>
        !command.Parents.Any() ? command.Name : $"{string.Join(' ', command.Parents.OfType<Command>().Take(1).Select(Path))} {command.Name}";
}
