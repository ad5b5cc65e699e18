using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Unroll.Core;

namespace Unroll.Serve;

/// <summary>The entry point: 0 stopped, 2 wrong input or option; a bug keeps its stack trace.</summary>
internal static class Program
{
    private const int WrongInput = 2;

    private static async Task<int> Main(string[] args)
    {
        if (args is ["serve", .. var own]) args = own;       // as `unroll serve` passes it on
        try
        {
            ParseResult parsed = ServeCommand.Make().Parse(args);
            if (parsed.Action is not HelpAction && parsed.GetResult("--version") is null) Refuse(parsed);
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception e) when (e is UserErrorException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"error: {e.Message}");
            return WrongInput;
        }
    }

    // What is no option is taken for a model's file; one of such a name is written behind --.
    private static void Refuse(ParseResult parsed)
    {
        string? unknown = parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash) ? null
            : parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(one => one.Tokens).Select(token => token.Value)
                .Concat(parsed.UnmatchedTokens).FirstOrDefault(word => word.StartsWith("--", StringComparison.Ordinal));
        if (unknown is not null) throw new UserErrorException($"there is no option '{unknown}'; 'unroll serve --help' lists all.");
        if (parsed.Errors.Count > 0) throw new UserErrorException(parsed.Errors[0].Message);
    }
}
