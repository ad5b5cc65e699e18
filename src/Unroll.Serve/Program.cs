using System.CommandLine;
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
            if (parsed.Errors.Count > 0 && parsed.Action is not System.CommandLine.Help.HelpAction)
                throw new UserErrorException(parsed.Errors[0].Message);
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception e) when (e is UserErrorException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"error: {e.Message}");
            return WrongInput;
        }
    }
}
