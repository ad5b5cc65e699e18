using System.CommandLine;
using System.CommandLine.Parsing;

namespace Unroll.Cli;

/// <summary>The options of a task's training run on the command line: one for each property of its options record.</summary>
/// <typeparam name="TOptions">The task's options, a record.</typeparam>
internal sealed class TaskArguments<TOptions>
{
    private readonly List<(Option Option, Func<ParseResult, TOptions, TOptions> Apply)> _all = [];

    /// <summary>Adds an option.</summary>
    /// <param name="option">The option.</param>
    /// <param name="set">The options with the value typed.</param>
    /// <param name="whenEmpty">The value where the option was typed without one.</param>
    internal void Add<T>(Option<T> option, Func<TOptions, T, TOptions> set, T? whenEmpty = default) =>
        _all.Add((option, (parsed, options) =>
        parsed.GetResult(option) is { Implicit: false } ? set(options, (parsed.GetValue(option) ?? whenEmpty)!) : options));

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">Receives them.</param>
    /// <param name="except">The names of options that the command has no use for, or has as its own.</param>
    internal void AddTo(Command command, params string[] except)
    {
        foreach ((Option option, _) in _all)
            if (!except.Contains(option.Name)) command.Add(option);
    }

    /// <summary>The options typed, over others.</summary>
    internal TOptions Over(TOptions others, ParseResult parsed) => _all.Aggregate(others, (options, one) => one.Apply(parsed, options));

    /// <summary>The words of an option in its help.</summary>
    internal static string Words(IReadOnlyList<string> words, string usual) => $"{string.Join("|", words)} (default {usual})";
}
