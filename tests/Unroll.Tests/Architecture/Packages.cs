using System.Diagnostics;

namespace Unroll.Tests.Architecture;

/// <summary>The packages, packed once from what the tests were built from into a folder of their own, and programs that know nothing else.</summary>
public sealed class Packages : IDisposable
{
    /// <summary>What is packed: the project's folder in <c>src</c>, and the package.</summary>
    internal static readonly (string Project, string Id)[] All =
    [
        ("Unroll", "Unroll"), ("Unroll.Inspection", "Unroll.Inspection"), ("Unroll.Tasks", "Unroll.Tasks"), ("Unroll.Exchange", "Unroll.Exchange"),
        ("Unroll.Exchange.Hdf5", "Unroll.Exchange.Hdf5"), ("Unroll.Mpi", "Unroll.Mpi"), ("Unroll.Serving", "Unroll.Serving"),
        ("Unroll.Cli", "Unroll.Tool"), ("Unroll.Serve", "Unroll.Serve"),
    ];

    public Packages()
    {
        File.WriteAllText(Path.Combine(Folder, "pack.proj"), AllProjects);
        File.WriteAllText(Path.Combine(Folder, "nuget.config"), Feeds);
        Run(Folder, SourceTree.Root, "msbuild", Path.Combine(Folder, "pack.proj"), "-nologo", "-v:q", "-m");
    }

    internal string Folder { get; } = Directory.CreateTempSubdirectory("unroll-packages-").FullName;

    internal string Version { get; } = $"0.0.0-test.{Environment.ProcessId}";

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    internal string PathOf(string id, string extension = "nupkg") => Path.Combine(Folder, $"{id}.{Version}.{extension}");

    /// <summary>Builds a console program that refers to one package alone, runs it, and returns what it prints.</summary>
    internal string Consume(string package, string program)
    {
        string consumer = Directory.CreateDirectory(Path.Combine(Folder, $"uses-{package}")).FullName;
        File.WriteAllText(Path.Combine(consumer, "Program.cs"), program);
        File.WriteAllText(Path.Combine(consumer, "Consumer.csproj"), Project(package));
        Run(Folder, consumer, "build", "--nologo", "-v", "q", "-o", Path.Combine(consumer, "out"), "--disable-build-servers");
        return Run(Folder, consumer, "exec", Path.Combine(consumer, "out", "Consumer.dll"));
    }

    /// <summary>Runs <c>dotnet</c>, or the program of that path, in the folder of the packages.</summary>
    internal string Run(params string[] arguments) => Run(Folder, Folder, arguments);

    // What `dotnet pack --no-build` does with each, in one run.
    private string AllProjects =>
        $"""
        <Project DefaultTargets="Pack">
          <Target Name="Pack">
            <MSBuild Targets="Pack" BuildInParallel="true"
              Projects="{string.Join(';', All.Select(one => SourceTree.At($"src/{one.Project}/{one.Project}.csproj")))}"
              Properties="_IsPacking=true;NoBuild=true;Configuration={Configuration};PackageVersion={Version};PackageOutputPath={Folder}" />
          </Target>
        </Project>
        """;

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Name;

    private string Project(string package) =>
        $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            <UseAppHost>false</UseAppHost>
            <InvariantGlobalization>true</InvariantGlobalization>
          </PropertyGroup>
          <ItemGroup><PackageReference Include="{package}" Version="[{Version}]" /></ItemGroup>
        </Project>
        """;

    // The packages come from the folder they were packed into and are unpacked there; what they depend on lies in the machine's cache already,
    // because the tests were built from it. No feed is asked.
    private string Feeds =>
        $"""
        <configuration>
          <config><add key="globalPackagesFolder" value="{Path.Combine(Folder, "packages")}" /></config>
          <fallbackPackageFolders><clear /><add key="cache" value="{Cache()}" /></fallbackPackageFolders>
          <packageSources><clear /><add key="local" value="{Folder}" /></packageSources>
        </configuration>
        """;

    private static string Cache() =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } own
            ? own : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static string Run(string home, string folder, params string[] arguments)
    {
        bool isProgram = Path.IsPathRooted(arguments[0]);
        ProcessStartInfo start = new(isProgram ? arguments[0] : "dotnet", isProgram ? arguments[1..] : arguments)
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        // Whoever runs the tests may be a build itself: its settings are not the consumer's.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name == "CI")
            .ToArray())
            start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        if (isProgram)
            start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../.."));
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{start.FileName} {string.Join(' ', arguments)}\n{output}{errors.Result}".Replace(home, "…"));
        return output;
    }
}
