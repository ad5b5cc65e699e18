using System.IO.Compression;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Unroll.Tests.Architecture;

/// <summary>The library as its users get it: packed, then used by projects that know nothing but a package.</summary>
[Trait("Category", "Slow")]
public sealed partial class PackageTests(Packages packages) : IClassFixture<Packages>
{
    public static TheoryData<string, string> All => [.. Packages.All];

    private static string Code(string path) => ReadmeTests.Regions(File.ReadAllText(SourceTree.At($"tests/Unroll.Tests/{path}")))[0];

    private string[] Entries(string id, string extension = "nupkg")
    {
        using ZipArchive package = ZipFile.OpenRead(packages.PathOf(id, extension));
        return [.. package.Entries.Select(entry => entry.FullName)];
    }

    private XElement Specification(string id)
    {
        using ZipArchive package = ZipFile.OpenRead(packages.PathOf(id));
        using Stream stream = package.GetEntry($"{id}.nuspec")!.Open();
        return XElement.Load(stream).Elements().Single();
    }

    private static IEnumerable<string> Values(XElement above, string name, string attribute) =>
        from element in above.Descendants()
        where element.Name.LocalName == name
        select element.Attribute(attribute)!.Value;

    [Fact]
    public void A_program_that_refers_to_the_engine_alone_streams_an_LSTM()
    {
        string output = packages.Consume("Unroll", Code("Docs/StreamCode.cs"));
        Assert.Equal(5, output.Split('\n').Count(line => line.StartsWith("step ")));
        Assert.Equal(
            ["Consumer.dll", "Unroll.dll"],
            Directory.EnumerateFiles(Path.Combine(packages.Folder, "uses-Unroll", "out"), "*.dll").Select(Path.GetFileName)
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_program_that_refers_to_the_tasks_runs_the_first_code_of_the_readme() =>
        Assert.Equal(3, packages.Consume("Unroll.Tasks", Code("Readme/ForecastCode.cs") + "foreach (string line in lines) Console.WriteLine(line);\n")
            .Split('\n').Count(line => line.Contains(", between ")));

    [Fact]
    public void The_command_line_is_installed_as_a_tool()
    {
        string tools = Path.Combine(packages.Folder, "tools");
        packages.Run("tool", "install", "Unroll.Tool", "--version", packages.Version, "--tool-path", tools, "--add-source", packages.Folder);
        string program = Path.Combine(tools, OperatingSystem.IsWindows() ? "unroll.exe" : "unroll");
        Assert.Contains("train", packages.Run(program, "--help"));
        Assert.Contains("i, f, o = σ", packages.Run(program, "textbook", "lstm"));
    }

    [Theory]
    [InlineData("Unroll")]
    [InlineData("Unroll.Inspection", "Unroll")]
    [InlineData("Unroll.Tasks", "CsvHelper", "Unroll", "Unroll.Inspection")]
    [InlineData("Unroll.Exchange", "Google.Protobuf", "Unroll")]
    [InlineData("Unroll.Exchange.Hdf5", "Google.Protobuf", "Unroll.Exchange")]
    [InlineData("Unroll.Mpi", "Unroll")]
    [InlineData("Unroll.Serving", "CsvHelper", "Microsoft.Data.Sqlite", "Unroll.Tasks")]
    public void A_package_depends_on_what_is_named_here(string id, params string[] others) =>
        Assert.Equal(others, Values(Specification(id), "dependency", "id").Order(StringComparer.Ordinal));

    [Fact]
    public void The_engine_is_at_most_a_megabyte() => Assert.InRange(new FileInfo(packages.PathOf("Unroll")).Length, 1, 1_000_000);

    [Theory, MemberData(nameof(All))]
    public void A_package_brings_its_page_its_icon_its_license_and_its_symbols(string project, string id)
    {
        string[] entries = Entries(id);
        Assert.All((string[])["README.md", "icon.png", "LICENSE"], name => Assert.Contains(name, entries));
        Assert.Contains(Entries(id, "snupkg"), name => name.EndsWith($"/{project}.pdb"));

        XElement specification = Specification(id);
        Dictionary<string, string> facts = specification.Elements().ToDictionary(element => element.Name.LocalName, element => element.Value);
        Assert.Equal(("README.md", "icon.png", "Apache-2.0"), (facts["readme"], facts["icon"], facts["license"]));
        Assert.True(facts["description"].Length > 50);
        Assert.DoesNotContain(facts["tags"], c => c == ';');
    }

    [Theory]
    [InlineData("Unroll")]
    [InlineData("Unroll.Inspection")]
    [InlineData("Unroll.Tasks")]
    [InlineData("Unroll.Exchange")]
    [InlineData("Unroll.Exchange.Hdf5")]
    [InlineData("Unroll.Mpi")]
    [InlineData("Unroll.Serving")]
    public void A_library_brings_its_documentation(string id) =>
        Assert.All((string[])["dll", "xml"], extension => Assert.Contains($"lib/net10.0/{id}.{extension}", Entries(id)));

    [Theory, MemberData(nameof(All))]
    public void A_page_of_a_package_has_no_link_that_leads_nowhere_from_there(string project, string id)
    {
        string page = File.ReadAllText(SourceTree.At($"src/{project}/README.md"));
        Assert.StartsWith($"# {id}\n", page);
        Trespass.None(from Match link in Link().Matches(page) where !link.Groups[1].Value.StartsWith("https://") select link.Value);
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)|src=""([^""]+)""")] private static partial Regex Link();

    [Fact]
    public void Every_version_is_written_in_one_place()
    {
        string[] projects = [.. Directory.EnumerateFiles(SourceTree.Root, "*.csproj", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(SourceTree.At("src"), "*.props"))
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}artifacts{Path.DirectorySeparatorChar}"))];
        Assert.NotEmpty(projects);
        Trespass.None(from path in projects
                     where VersionOfItsOwn().IsMatch(File.ReadAllText(path))
                     select $"{Path.GetRelativePath(SourceTree.Root, path)}: versions stand in Directory.Build.props and Directory.Packages.props");
        Assert.Matches(VersionOfItsOwn(), "<Version>1.0</Version>");
        Assert.Matches(VersionOfItsOwn(), """<PackageReference Include="X" Version="1.0" />""");
    }

    [GeneratedRegex(@"<(?:Package|Assembly|File)?Version(?:Prefix|Suffix)?>|<PackageReference[^>]*\bVersion=")]
    private static partial Regex VersionOfItsOwn();
}
