using System.Diagnostics;
using System.Net.Sockets;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Unroll.Serving.Tests.Http;

/// <summary>
/// The commands of <c>docs/serving.md</c>, run in their order against a server that was started as it says: each prints what stands below it. With
/// <c>UNROLL_ACCEPT_SERVING=1</c> what they print is written there.
/// </summary>
[Trait("Category", "Slow")]
public sealed partial class DocsTests : IDisposable
{
    private const string Address = "http://127.0.0.1:8080";
    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-serving-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [GeneratedRegex(@"```sh\n(?<commands>(?:.+\n)+?)```(?:\n```(?:json|text)\n(?<output>(?:.*\n)*?)```)?", RegexOptions.Multiline)]
    private static partial Regex Blocks();

    [Fact]
    public async Task Every_command_of_the_page_prints_what_the_page_says()
    {
        Assert.SkipWhen(!File.Exists("/usr/bin/curl"), "there is no curl on this machine");
        string root = Root(), path = Path.Combine(root, "docs", "serving.md"), page = await File.ReadAllTextAsync(path);
        Directory.CreateSymbolicLink(Path.Combine(_folder, "samples"), Path.Combine(root, "samples"));
        string own = $"http://127.0.0.1:{FreePort()}";
        Match[] blocks = [.. Blocks().Matches(page).Cast<Match>()];
        string[] start = blocks[0].Groups["commands"].Value.TrimEnd().Split('\n');
        Assert.True(start.Length > 1);
        Shell(string.Join('\n', start[..^1]).Replace("./unroll", $"dotnet exec {Built("Unroll.Cli.dll")}"));
        using Process server = Start(start[^1].Replace("./unroll serve", $"exec dotnet exec {Built("Unroll.Serve.dll")}") + $" --urls {own}");
        try
        {
            await Answers(own, server);
            StringBuilder accepted = new();
            int copied = 0;
            foreach (Match block in blocks[1..])
            {
                string printed = Timeless(Shell(block.Groups["commands"].Value.Replace(Address, own)).TrimEnd('\n'));
                Group output = block.Groups["output"];
                if (!output.Success || !Accepts) Assert.Equal(Timeless(output.Value.TrimEnd('\n')), printed);
                else
                {
                    accepted.Append(page, copied, output.Index - copied).Append(printed).Append('\n');
                    copied = output.Index + output.Length;
                }
            }
            if (Accepts) await File.WriteAllTextAsync(path, accepted.Append(page, copied, page.Length - copied).ToString());
        }
        finally
        {
            Process.Start("kill", ["-TERM", $"{server.Id}"]).WaitForExit();
            await server.WaitForExitAsync();
        }
        Assert.Equal(0, server.ExitCode);
        Assert.True(blocks.Length > 10);
    }

    // What is another at every time: when, and names that were drawn.
    private static string Timeless(string text) =>
        Names().Replace(Times().Replace(text, "\"created\":1796130000"), "cmpl-0123456789abcdef0123456789abcdef");

    [GeneratedRegex("\"created\":[0-9]{10}")]
    private static partial Regex Times();

    [GeneratedRegex("cmpl-[0-9a-f]{32}")]
    private static partial Regex Names();

    private static bool Accepts => Environment.GetEnvironmentVariable("UNROLL_ACCEPT_SERVING") == "1";

    private static string Built(string program) => Path.Combine(AppContext.BaseDirectory, program);

    private string Shell(string commands) => CommandLine.Run(_folder, "/bin/sh", "set -e\n" + commands, ["-s"]);

    private Process Start(string command) =>
        Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { WorkingDirectory = _folder, RedirectStandardOutput = true })!;

    private static async Task Answers(string address, Process server)
    {
        using HttpClient client = new();
        while (!server.HasExited)
            try
            {
                await client.GetStringAsync($"{address}/health");
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50);
            }
        Assert.Fail($"the server ended with {server.ExitCode}");
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Root()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Unroll.slnx"))) return folder.FullName;
        throw new DirectoryNotFoundException("these tests read the checkout they were built from");
    }
}
