using System.Text;
using System.Text.Json;
using Unroll.Cli;

namespace Unroll.Tests.Cli;

/// <summary>One run of the command line in this process.</summary>
internal sealed record CliRun(int Exit, string Out, string Error)
{
    public static CliRun Of(params string[] args) => Of("", CancellationToken.None, args);

    public static CliRun Of(string input, CancellationToken stop, params string[] args) => OfBytes(Encoding.UTF8.GetBytes(input), stop, args);

    /// <summary>With bytes on standard input.</summary>
    public static CliRun OfBytes(byte[] input, params string[] args) => OfBytes(input, CancellationToken.None, args);

    private static CliRun OfBytes(byte[] input, CancellationToken stop, string[] args)
    {
        StringWriter output = new(), error = new();
        using Interruption interruption = new(stop);
        int exit = CommandLine.Run(args, new Terminal(() => new MemoryStream(input), output, error, Live: false), interruption);
        return new CliRun(exit, output.ToString(), error.ToString());
    }

    /// <summary>The object on the last line of standard output.</summary>
    public JsonElement Json => JsonDocument.Parse(Out.TrimEnd().Split('\n')[^1]).RootElement;

    /// <summary>Asserts exit code 2, nothing on standard output, and one line that begins with "error: ".</summary>
    public string Refused()
    {
        Assert.Equal(2, Exit);
        string line = Assert.Single(Error.TrimEnd('\n').Split('\n'));
        Assert.StartsWith("error: ", line);
        Assert.Equal("", Out);
        return line;
    }
}
