using System.Diagnostics;

namespace Unroll.Tests.Architecture;

/// <summary>The library as its users get it: packed, then used by a project that knows nothing but the package.</summary>
[Trait("Category", "Slow")]
public sealed class PackageTests
{
    [Fact]
    public void A_project_that_refers_to_the_package_builds_and_runs_the_code_of_the_readme()
    {
        string folder = Directory.CreateTempSubdirectory("unroll-package-").FullName;
        try
        {
            string version = $"0.0.0-test.{Environment.ProcessId}", configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
            foreach (string package in (string[])["Unroll", "Unroll.Inspection", "Unroll.Tasks"])
                Run(SourceTree.Root, "pack", $"src/{package}", "--no-build", "-c", configuration, "-o", folder, $"-p:PackageVersion={version}", "--nologo");

            string code = File.ReadAllText(SourceTree.At("tests/Unroll.Tests/Readme/ForecastCode.cs"));
            File.WriteAllText(Path.Combine(folder, "Program.cs"), ReadmeTests.Regions(code)[0]);
            File.WriteAllText(Path.Combine(folder, "Consumer.csproj"), Project(version));
            File.WriteAllText(Path.Combine(folder, "nuget.config"), Feeds(folder));
            Run(folder, "build", "--nologo", "-v", "q", "-o", Path.Combine(folder, "out"), "--disable-build-servers");

            string output = Run(folder, "exec", Path.Combine(folder, "out", "Consumer.dll"));
            Assert.Equal(3, output.Split('\n').Count(line => line.Contains(", between ")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Project(string version) =>
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
          <ItemGroup><PackageReference Include="Unroll.Tasks" Version="[{version}]" /></ItemGroup>
        </Project>
        """;

    // The package comes from the folder it was packed into and is unpacked there; what it depends on lies in the machine's cache already,
    // because the tests were built from it. No feed is asked.
    private static string Feeds(string folder) =>
        $"""
        <configuration>
          <config><add key="globalPackagesFolder" value="{Path.Combine(folder, "packages")}" /></config>
          <fallbackPackageFolders><clear /><add key="cache" value="{Cache()}" /></fallbackPackageFolders>
          <packageSources><clear /><add key="local" value="{folder}" /></packageSources>
        </configuration>
        """;

    private static string Cache() =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } own
            ? own : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static string Run(string folder, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        // Whoever runs the tests may be a build itself: its settings are not the consumer's.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name == "CI").ToArray())
            start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}\n{output}{errors.Result}");
        return output;
    }
}
