using Unroll.Core;

namespace Unroll.Tasks.Shared;

/// <summary>An option has an invalid value. The message begins with the option's name; a command line puts its dashes before it.</summary>
/// <param name="option">The option's name, without dashes: <c>hidden</c>.</param>
/// <param name="what">What was expected, what was found, and what to do.</param>
public sealed class OptionException(string option, string what) : UserErrorException($"{option}: {what}")
{
    /// <summary>The option's name, without dashes.</summary>
    public string Option { get; } = option;
}
