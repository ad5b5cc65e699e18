using System.Text.RegularExpressions;
using Unroll.Cells.Definitions;
using Unroll.Inspection.Worked;
using Unroll.Tests.Architecture;
using Unroll.Tests.Cli;

namespace Unroll.Tests.Docs;

/// <summary>The pages that derive the gradients quote lines of code and figures that a command prints; both are held against the real ones.</summary>
public sealed partial class GradientPagesTests
{
    private const string Folder = "docs/gradients";

    [GeneratedRegex(@"\]\((?<file>[^)\s]+\.(cs|cell))\)|^```(csharp|cell)\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FileOrCode();

    public static TheoryData<string> Names => [.. WorkedExamples.Names];

    private static string Page(string name) => File.ReadAllText(SourceTree.At($"{Folder}/{name}.md"));

    private static string[] Lines(string text) => [.. text.TrimEnd('\n').Split('\n').Select(line => line.Trim())];

    private static bool Occurs(string[] part, string[] whole) =>
        Enumerable.Range(0, Math.Max(0, whole.Length - part.Length + 1)).Any(at => whole.AsSpan(at, part.Length).SequenceEqual(part));

    // Each block is looked for in the file that was linked to last before it; indents do not count.
    private static IEnumerable<string> CodeThatIsNotThere(string page)
    {
        string? file = null;
        foreach (Match match in FileOrCode().Matches(page))
            if (match.Groups["file"].Success) file = match.Groups["file"].Value;
            else if (file is null || !Occurs(Lines(match.Groups["code"].Value), Lines(File.ReadAllText(Path.Combine(SourceTree.At(Folder), file)))))
                yield return $"not in {file ?? "any file"}: {Lines(match.Groups["code"].Value)[0]}";
    }

    // A block begins with its command; between lines of dots stand lines that follow each other in what the command prints.
    internal static IEnumerable<string> FiguresThatAreNotPrinted(string page)
    {
        Dictionary<string, string[]> outputs = [];
        foreach (string block in ReadmeTests.Blocks("text", page))
        {
            string[] lines = Lines(block);
            if (!outputs.TryGetValue(lines[0], out string[]? printed)) outputs.Add(lines[0], printed = Lines(Printed(lines[0].Split(' ')[2..])));
            foreach (string part in string.Join('\n', lines[1..]).Split('…', StringSplitOptions.RemoveEmptyEntries))
                if (part.Trim().Length > 0 && !Occurs(Lines(part.Trim('\n')), printed)) yield return $"{lines[0]}: {part.Trim()}";
        }
    }

    // An experiment writes a page too.
    private static string Printed(string[] command)
    {
        if (command[0] != "lab") return CliRun.Of(command).Out;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("unroll-quoted-");
        try
        {
            return CliRun.Of([.. command, "--output", Path.Combine(folder.FullName, "lab.html")]).Out;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Every_quoted_line_of_code_stands_in_the_file_that_is_linked_to(string name)
    {
        string page = Page(name);
        // of a cell every equation, else each pass
        if (BuiltInDefinitions.Find(name) is { } cell)
            Assert.Equal(cell.Definition.Assignments.Select(one => $"{one.Name} = {CellText.Format(one.Value)}"),
                Lines(Assert.Single(ReadmeTests.Blocks("cell", page))));
        else Assert.True(ReadmeTests.Blocks("csharp", page).Length >= 3, "a derivation shows its lines forward and backward");
        Trespass.None(CodeThatIsNotThere(page));
    }

    [Theory, MemberData(nameof(Names))]
    public void Every_figure_is_what_the_command_of_the_page_prints(string name)
    {
        string[] blocks = ReadmeTests.Blocks("text", Page(name));
        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => Assert.Matches($@"\A\$ unroll textbook {name}( --derive)?\n", block));
        Trespass.None(FiguresThatAreNotPrinted(Page(name)));
    }

    [Theory]
    [InlineData("rnn")]
    [InlineData("residual")]
    [InlineData("lstm")]
    [InlineData("lstm-peephole")]
    [InlineData("gru")]
    [InlineData("gru-after")]
    public void The_page_of_a_cell_shows_what_is_derived_from_its_definition(string name) =>
        Assert.Contains($"$ unroll textbook {name} --derive\n", Page(name));

    [Fact]
    public void The_page_on_derivations_quotes_what_is_printed()
    {
        string page = File.ReadAllText(SourceTree.At("docs/derivations.md"));
        Assert.True(ReadmeTests.Blocks("text", page).Length >= 3);
        Trespass.None(FiguresThatAreNotPrinted(page));
    }

    [Fact]
    public void Every_page_is_in_the_list_and_every_worked_example_beside_its_command()
    {
        Assert.All(Directory.EnumerateFiles(SourceTree.At(Folder), "*.md").Select(path => Path.GetFileName(path)).Where(page => page != "README.md"),
            page => Assert.Contains($"]({page})", Page("README")));
        Assert.All(WorkedExamples.Names, name => Assert.Contains($"]({name}.md) | `unroll textbook {name}` |", Page("README")));
    }

    [Fact]
    public void A_changed_line_and_a_changed_figure_are_found()
    {
        string page = Page("rnn");
        Assert.Single(CodeThatIsNotThere(page.Replace("h = tanh(W x + U h₋ + b)", "h = tanh(W x − U h₋ + b)")));
        Assert.Single(FiguresThatAreNotPrinted(page.Replace("-0.04523    0.46554\n  δx", "-0.04524    0.46554\n  δx")));
    }
}
