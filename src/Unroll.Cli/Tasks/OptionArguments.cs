using System.CommandLine;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Tasks;

/// <summary>
/// The options of a table on the command line: each line of the table is an option with two dashes, and its earlier name one that says so.
/// </summary>
internal sealed class OptionArguments
{
    private readonly IOptionTable _table;
    private readonly List<(OptionLine Line, Option<string> Option, string? Now)> _all = [];

    /// <summary>Makes them.</summary>
    /// <param name="table">The table.</param>
    /// <param name="defaults">Whose values the help names.</param>
    /// <param name="task">The task whose options are offered.</param>
    internal OptionArguments(IOptionTable table, object defaults, string task)
    {
        _table = table;
        OptionLine[] offered = [.. table.OfferedBy(task)];
        foreach (OptionLine line in offered) _all.Add((line, Make(line, "--" + line.Name, line.HelpWith(defaults)), null));
        HashSet<string> names = [.. offered.Select(line => line.Name)];
        foreach (OptionLine line in table.All)
        {
            if (line.IsOld && names.Add(line.Name)) _all.Add((line, Hidden(line, line.Name), $"--{line.Help.Split(':')[0]}"));
            if (line.Was is { } was && offered.Contains(line) && names.Add(was)) _all.Add((line, Hidden(line, was), $"--{line.Name}"));
        }
    }

    /// <summary>Adds them to a command.</summary>
    internal void AddTo(Command command, params string[] except)
    {
        foreach ((_, Option<string> option, _) in _all)
            if (!except.Contains(option.Name)) command.Add(option);
    }

    /// <summary>The options that were typed, over others.</summary>
    /// <param name="options">A record of the table.</param>
    /// <param name="parsed">What was typed.</param>
    /// <param name="note">Told of names that have changed; null: nobody.</param>
    /// <exception cref="OptionException">A value is none of the option's.</exception>
    internal object Over(object options, ParseResult parsed, Action<string>? note = null)
    {
        foreach ((OptionLine line, Option<string> option, string? now) in _all)
        {
            if (parsed.GetResult(option) is not { Implicit: false }) continue;
            if (now is not null) note?.Invoke($"note: {option.Name} is now {now}.");
            options = line.Parse(options, parsed.GetValue(option) ?? line.Alone ?? "true");
        }
        return options;
    }

    /// <summary>Whether any of them was typed.</summary>
    internal bool Any(ParseResult parsed) => _all.Any(one => parsed.GetResult(one.Option) is { Implicit: false });

    private static Option<string> Hidden(OptionLine line, string name)
    {
        Option<string> option = Make(line, "--" + name, "");
        option.Hidden = true;
        return option;
    }

    // An option typed twice has the value typed last.
    private static Option<string> Make(OptionLine line, string name, string help) => new(name)
    {
        HelpName = line.IsSwitch ? null : line.Value,
        Description = help,
        AllowMultipleArgumentsPerToken = line.TakesSeveral,
        Arity = line.IsSwitch || line.Alone is not null ? ArgumentArity.ZeroOrOne : ArgumentArity.OneOrMore,
        CustomParser = result =>
        {
            if (result.Tokens.Count == 0) return line.Alone ?? "true";
            string text = line.TakesSeveral ? string.Join(',', result.Tokens.Select(token => token.Value)) : result.Tokens[^1].Value;
            // A switch takes no word that follows it, only --name=true or --name=false.
            if (line.IsSwitch && !bool.TryParse(text, out _)) result.AddError($"{name}: expected true or false, found '{text}'.");
            return text;
        },
    };
}
