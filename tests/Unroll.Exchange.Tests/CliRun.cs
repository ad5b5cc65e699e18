using System.Text;
using System.Text.Json;
using Unroll.Cli;

namespace Unroll.Exchange.Tests;

/// <summary>One run of the command line in this process.</summary>
internal sealed record CliRun(int Exit, string Out, string Error)
{
    public static CliRun Of(params string[] args)
    {
        StringWriter output = new(), error = new();
        using Interruption interruption = new(CancellationToken.None);
        int exit = CommandLine.Run(args, new Terminal(() => new MemoryStream(), output, error, Live: false), interruption);
        return new CliRun(exit, output.ToString(), error.ToString());
    }

    /// <summary>The object on the last line of standard output.</summary>
    public JsonElement Json => JsonDocument.Parse(Out.TrimEnd().Split('\n')[^1]).RootElement;

    /// <summary>Asserts that it was done, and gives what it wrote to standard output.</summary>
    public string Done()
    {
        Assert.True(Exit == 0, Error);
        return Out;
    }

    /// <summary>Asserts exit code 2, nothing on standard output, and one line that begins with "error: ", after notes.</summary>
    public string Refused()
    {
        Assert.Equal(2, Exit);
        string line = Assert.Single(Error.TrimEnd('\n').Split('\n'), one => !one.StartsWith("note: ", StringComparison.Ordinal));
        Assert.StartsWith("error: ", line);
        Assert.Equal("", Out);
        return line;
    }
}

/// <summary>A folder of its own for one test, gone afterwards.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("unroll-exchange-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(this[name], bytes);
        return this[name];
    }

    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
