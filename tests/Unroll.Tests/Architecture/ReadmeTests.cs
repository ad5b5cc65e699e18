using System.Text.RegularExpressions;

namespace Unroll.Tests.Architecture;

/// <summary>What the front page shows is code that compiles and runs, and commands that are run before every merge.</summary>
public sealed partial class ReadmeTests
{
    [GeneratedRegex(@"^```(\w+)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)] private static partial Regex MatrixView();
    [GeneratedRegex(@"^ *// README: (\w+)\n(.*?)^ *// end\n", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Region();

    private static string Readme => File.ReadAllText(SourceTree.At("README.md"));

    internal static string[] Blocks(string language, string markdown) =>
        [.. from Match block in MatrixView().Matches(markdown) where block.Groups[1].Value == language select block.Groups[2].Value];

    // The lines between the marks, moved to the left margin; parts of one name (usings, then statements) make one block.
    internal static string[] Regions(string code) =>
        [.. from Match region in Region().Matches(code)
            group Dedented(region.Groups[2].Value) by region.Groups[1].Value into parts
            select string.Join('\n', parts)];

    private static string Dedented(string text)
    {
        string[] lines = text.Split('\n');
        int margin = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart(' ').Length);
        return string.Join('\n', lines.Select(line => line.Length > 0 ? line[margin..] : line));
    }

    [Fact]
    public void Every_code_block_of_the_readme_is_a_region_that_the_tests_run()
    {
        string[] blocks = Blocks("csharp", Readme);
        Assert.NotEmpty(blocks);
        Assert.Equal(SourceTree.Sources("tests/Unroll.Tests/Readme").SelectMany(source => Regions(source.Text)), blocks);
    }

    [Theory]
    [InlineData("src/Unroll/README.md", "Docs/StreamCode")]
    [InlineData("src/Unroll.Inspection/README.md", "Docs/GatesCode")]
    [InlineData("src/Unroll.Tasks/README.md", "Readme/ForecastCode")]
    [InlineData("docs/use-it.md", "Docs/UseItCode", "../../samples/aspnet/Program", "../../samples/any-task/Program")]
    [InlineData("docs/forecasting.md", "Docs/ForecastSeriesCode", "Docs/ForecastSessionCode")]
    [InlineData("docs/pytorch.md", "Docs/PyTorchCode")]
    [InlineData("docs/onnx-export.md", "../Unroll.Exchange.Tests/Writing/OnnxExportCode")]
    [InlineData("docs/long-sequences.md", "Docs/LongSequencesCode")]
    [InlineData("docs/sweeps.md", "Docs/SweepCode")]
    [InlineData("docs/quantization.md", "Docs/QuantizationCode")]
    [InlineData("docs/ensembles.md", "Docs/EnsemblesCode")]
    [InlineData("docs/inspect.md", "Docs/GatesCode", "Docs/InspectCode")]
    [InlineData("docs/own-cell.md", "Docs/MinimalGatedUnit", "Docs/LightRecurrentUnit", "Docs/OwnCellCode", "Docs/OwnCellTaskCode")]
    [InlineData("docs/cell-language.md", "Docs/CellLanguageCode")]
    public void Every_code_block_of_a_page_is_a_region_that_the_tests_run(string page, params string[] sources) => Assert.Equal(
        sources.SelectMany(source => Regions(File.ReadAllText(SourceTree.At($"tests/Unroll.Tests/{source}.cs")))),
        Blocks("csharp", File.ReadAllText(SourceTree.At(page))));

    [Fact]
    public void The_first_commands_of_the_readme_are_what_the_continuous_integration_runs()
    {
        string[] commands = Blocks("sh", Readme)[0].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["./unroll train forecast", "dotnet test"], commands.Select(line => line.Split('#')[0].Trim()));
        string script = File.ReadAllText(SourceTree.At(".ci/run"));
        Assert.All(commands, line => Assert.Contains("\n" + line.Split('#')[0].Trim(), script));
    }

    [Fact]
    public void Every_relative_link_of_the_documentation_leads_somewhere()
    {
        string[] pages = [.. Directory.EnumerateFiles(SourceTree.At("docs"), "*.md", SearchOption.AllDirectories),
            .. Directory.EnumerateFiles(SourceTree.Root, "*.md")];
        Trespass.None(from page in pages
                     from Match link in Link().Matches(File.ReadAllText(page))
                     let target = link.Groups[1].Value.Split('#')[0]
                     where target.Length > 0 && !target.Contains("://") && !Path.Exists(Path.Combine(Path.GetDirectoryName(page)!, target))
                     select $"{Path.GetRelativePath(SourceTree.Root, page)}: {target}");
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")] private static partial Regex Link();

    [Fact]
    public void A_region_is_found_and_moved_to_the_margin() => Assert.Equal(
        ["using A;\n\nint a = 1;\n\nif (a == 1)\n    a++;\n"],
        Regions("// README: start\nusing A;\n// end\nclass C\n{\n    void M()\n    {\n        // README: start\n"
            + "        int a = 1;\n\n        if (a == 1)\n            a++;\n        // end\n    }\n}\n"));
}
