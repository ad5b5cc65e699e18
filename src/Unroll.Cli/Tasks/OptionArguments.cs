using System.CommandLine;
using Unroll.Core;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Tasks;

/// <summary>An option of a table, by its name or by one that it had.</summary>
internal interface ITableOption
{
    /// <summary>The name of what it sets: the one that it has now.</summary>
    string Setting { get; }

    /// <summary>Whether it takes several values.</summary>
    bool TakesList { get; }
}

/// <summary>An option that takes a value.</summary>
internal sealed class TableOption(string name, string setting, bool takesList) : Option<string>(name), ITableOption
{
    public string Setting => setting;

    public bool TakesList => takesList;
}

/// <summary>A switch: alone, or with true or false after '='.</summary>
internal sealed class TableSwitch(string name, string setting) : Option<bool>(name), ITableOption
{
    public string Setting => setting;

    public bool TakesList => false;
}

/// <summary>
/// The options of a table on the command line: each line of the table is an option with two dashes, and its earlier name one that says so.
/// </summary>
internal sealed class OptionArguments
{
    private readonly IOptionTable _table;
    private readonly List<(OptionLine Line, Option Option, string? Now)> _all = [];

    /// <summary>Makes them.</summary>
    /// <param name="table">The table.</param>
    /// <param name="defaults">Whose values the help names.</param>
    /// <param name="task">The task whose options are offered.</param>
    internal OptionArguments(IOptionTable table, object defaults, string task)
    {
        _table = table;
        OptionLine[] offered = [.. table.OfferedBy(task)];
        foreach (OptionLine line in offered) _all.Add((line, Make(line, "--" + line.Name, "--" + line.Name, line.HelpWith(defaults)), null));
        HashSet<string> names = [.. offered.Select(line => line.Name)];
        foreach (OptionLine line in table.All)
        {
            if (line.IsOld && names.Add(line.Name)) Hide(line, line.Name, $"--{line.Help.Split(':')[0]}");
            if (line.Was is { } was && offered.Contains(line) && names.Add(was)) Hide(line, was, $"--{line.Name}");
        }
    }

    /// <summary>Adds them to a command.</summary>
    internal void AddTo(Command command, params string[] except)
    {
        foreach ((_, Option option, _) in _all)
            if (!except.Contains(option.Name)) command.Add(option);
    }

    /// <summary>The options that were typed, over others.</summary>
    /// <param name="options">A record of the table.</param>
    /// <param name="parsed">What was typed.</param>
    /// <param name="note">Told of names that have changed; null: nobody.</param>
    /// <exception cref="OptionException">A value is none of the option's.</exception>
    internal object Over(object options, ParseResult parsed, Action<string>? note = null)
    {
        var typed = _all.Where(one => parsed.GetResult(one.Option) is { Implicit: false }).ToArray();
        foreach (var same in typed.GroupBy(one => ((ITableOption)one.Option).Setting).Where(same => same.Count() > 1))
            throw new UserErrorException(
                $"{string.Join(" and ", same.Select(one => one.Option.Name))}: they are one option, "
                + $"{(same.First().Now ?? same.First().Option.Name).Split(' ')[0]}; give it once.");
        foreach ((OptionLine line, Option option, string? now) in typed)
        {
            if (now is not null) note?.Invoke($"note: {option.Name} is now {now}.");
            options = line.Parse(options, option is TableSwitch one ? (parsed.GetValue(one) ? "true" : "false")
                : parsed.GetValue((TableOption)option) ?? line.Alone!);
        }
        return options;
    }

    /// <summary>Whether any of them was typed.</summary>
    internal bool Any(ParseResult parsed) => _all.Any(one => parsed.GetResult(one.Option) is { Implicit: false });

    /// <summary>What was typed for one of them, of several values the first; null: nothing.</summary>
    /// <param name="name">With dashes.</param>
    /// <param name="parsed">What was typed.</param>
    internal string? Typed(string name, ParseResult parsed) =>
        _all.Where(one => one.Option.Name == name && one.Option is TableOption && parsed.GetResult(one.Option) is { Implicit: false })
            .Select(one => parsed.GetValue((TableOption)one.Option) is { } text && one.Line.IsList ? text.Split(',')[0]
                : parsed.GetValue((TableOption)one.Option)).FirstOrDefault();

    private void Hide(OptionLine line, string name, string now)
    {
        Option option = Make(line, "--" + name, now.Split(' ')[0], "");
        option.Hidden = true;
        _all.Add((line, option, now));
    }

    // An option typed twice has the value typed last. A switch takes no word that follows it, only --name=true or --name=false.
    private static Option Make(OptionLine line, string name, string setting, string help) => line.IsSwitch ? new TableSwitch(name, setting)
    {
        Description = help,
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result =>
        {
            if (result.Tokens.Count == 0) return true;
            string text = result.Tokens[^1].Value;
            if (!bool.TryParse(text, out bool on)) result.AddError($"{name}: expected true or false, found '{text}'.");
            return on;
        },
    } : new TableOption(name, setting, line.IsList)
    {
        HelpName = line.Value,
        Description = help,
        AllowMultipleArgumentsPerToken = line.TakesSeveral,
        Arity = line.Alone is not null ? ArgumentArity.ZeroOrOne : ArgumentArity.OneOrMore,
        CustomParser = result =>
        {
            if (result.Tokens.Count == 0) return line.Alone!;
            return line.TakesSeveral ? string.Join(',', result.Tokens.Select(token => token.Value)) : result.Tokens[^1].Value;
        },
    };
}
