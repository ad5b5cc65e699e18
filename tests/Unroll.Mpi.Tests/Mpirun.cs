using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Unroll.Cli;

[assembly: CollectionBehavior(DisableTestParallelization = true)]       // ranks need the cores

namespace Unroll.Mpi.Tests;

/// <summary>An mpirun of this machine.</summary>
internal sealed record Mpirun(MpiKind Kind, string Program)
{
    private static readonly Lazy<Mpirun[]> s_installed = new(() => [.. Find()]);

    /// <summary>Those that are installed.</summary>
    public static IReadOnlyList<Mpirun> Installed => s_installed.Value;

    /// <summary>The one of a family; without it the test is skipped.</summary>
    public static Mpirun Of(MpiKind kind)
    {
        Mpirun? found = Installed.FirstOrDefault(one => one.Kind == kind);
        Assert.SkipWhen(found is null, $"{kind}: there is no mpirun of it on this machine");
        return found!;
    }

    /// <summary>Any; without one the test is skipped.</summary>
    public static Mpirun Any()
    {
        Assert.SkipWhen(Installed.Count == 0, "there is no mpirun on this machine");
        return Installed[0];
    }

    /// <summary>Runs the program of these tests as ranks.</summary>
    public RankRun Play(int ranks, params string[] args) => Run([$"-n {ranks} dotnet exec {At("Unroll.Mpi.Host.dll")} {string.Join(' ', args)}"]);

    /// <summary>Runs the command line as ranks.</summary>
    public RankRun Unroll(int ranks, string folder, string args) => Run([$"-n {ranks} dotnet exec {At("Unroll.Cli.dll")} {args}"], folder);

    /// <summary>Starts ranks and waits for their end.</summary>
    /// <param name="parts">What each part of the ranks is: <c>-n 2 PROGRAM ARGUMENTS</c>, separated by blanks.</param>
    /// <param name="folder">Where they run.</param>
    /// <param name="variables">Of the environment, beside those of this process.</param>
    /// <param name="meanwhile">Called while they run, with what they have written so far.</param>
    public RankRun Run(string[] parts, string? folder = null, (string Name, string Value)[]? variables = null, Action<Func<string>>? meanwhile = null)
    {
        string launch = Kind == MpiKind.OpenMpi ? "--oversubscribe --mca mpi_yield_when_idle 1 " : "";
        ProcessStartInfo start = new(Program, launch + string.Join(" : ", parts))
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
                WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        start.Environment["OMPI_ALLOW_RUN_AS_ROOT"] = start.Environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1";
        foreach ((string name, string value) in variables ?? []) start.Environment[name] = value;
        StringBuilder output = new(), errors = new();
        using Process process = new() { StartInfo = start };
        process.OutputDataReceived += (_, line) => Add(output, line.Data);
        process.ErrorDataReceived += (_, line) => Add(errors, line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Stopwatch clock = Stopwatch.StartNew();
        if (meanwhile is not null)
        {
            meanwhile(() => Text(output) + Text(errors));
            clock.Restart();
        }
        if (!process.WaitForExit(TimeSpan.FromSeconds(90)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"the ranks hang:\n{Text(output)}{Text(errors)}");
        }
        process.WaitForExit();
        return new RankRun(process.ExitCode, Text(output), Text(errors), clock.Elapsed);
    }

    /// <summary>The command line in this process, as one that no launcher started.</summary>
    public static RankRun InThisProcess(params string[] args)
    {
        StringWriter output = new(), error = new();
        using Interruption interruption = new(CancellationToken.None);
        int exit = CommandLine.Run(args, new Terminal(() => Stream.Null, output, error, Live: false), interruption);
        return new RankRun(exit, output.ToString(), error.ToString(), default);
    }

    /// <summary>What starts the command line as a rank.</summary>
    public static string Unroller => $"dotnet exec {At("Unroll.Cli.dll")}";

    /// <summary>A file beside these tests.</summary>
    public static string At(string name) => Path.Combine(AppContext.BaseDirectory, name);

    /// <summary>Sends a signal: <c>KILL</c>, <c>STOP</c>, <c>TERM</c>.</summary>
    public static void Send(string signal, int process)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{process}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Waits for something that ranks will have done soon.</summary>
    /// <param name="find">Null: not yet; so is a file that is not there.</param>
    /// <param name="said">What the ranks have written so far.</param>
    public static T Soon<T>(Func<T?> find, Func<string> said) where T : class
    {
        for (long until = Environment.TickCount64 + 60_000; Environment.TickCount64 < until; Thread.Sleep(20))
        {
            try
            {
                if (find() is { } found) return found;
            }
            catch (IOException)
            {
                // not yet
            }
        }
        Assert.Fail($"it has not come:\n{said()}");
        throw new InvalidOperationException();
    }

    private static void Add(StringBuilder text, string? line)
    {
        if (line is not null) lock (text) text.Append(line).Append('\n');
    }

    private static string Text(StringBuilder text)
    {
        lock (text) return text.ToString();
    }

    // Debian calls them after their libraries; elsewhere the one that is called mpirun says what it is.
    private static IEnumerable<Mpirun> Find()
    {
        if (OperatingSystem.IsWindows()) yield break;
        foreach (string name in (string[])["mpirun.openmpi", "mpirun.mpich", "mpirun"])
        {
            string? path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, name))
                .FirstOrDefault(File.Exists);
            if (path is null) continue;
            ProcessStartInfo start = new(path, ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            string said = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
            process.WaitForExit();
            bool isOpen = ((string[])["Open MPI", "OpenRTE", "PRRTE", "prte"]).Any(word => said.Contains(word, StringComparison.Ordinal));
            MpiKind kind = isOpen ? MpiKind.OpenMpi : MpiKind.Mpich;
            if (name != "mpirun") yield return new Mpirun(kind, path);
            else if (!File.Exists(path + ".openmpi") && !File.Exists(path + ".mpich")) yield return new Mpirun(kind, path);
        }
    }
}

/// <summary>How ranks ended.</summary>
/// <param name="Exit">The launcher's exit code.</param>
/// <param name="Out">Standard output of all.</param>
/// <param name="Error">Standard error of all, and what the launcher said.</param>
/// <param name="Took">From the beginning, or from the end of what was done meanwhile.</param>
internal sealed record RankRun(int Exit, string Out, string Error, TimeSpan Took)
{
    /// <summary>The lines that the ranks wrote as errors.</summary>
    public string[] Errors => [.. Error.Split('\n').Where(line => line.Contains("error: ", StringComparison.Ordinal))];

    /// <summary>Asserts exit code 0.</summary>
    public RankRun Done()
    {
        Assert.True(Exit == 0, $"exit code {Exit}\n{Out}{Error}");
        return this;
    }

    /// <summary>Asserts exit code 2 and one line of an error.</summary>
    public string Refused()
    {
        Assert.True(Exit == 2, $"exit code {Exit}\n{Out}{Error}");
        return Assert.Single(Errors);
    }
}
