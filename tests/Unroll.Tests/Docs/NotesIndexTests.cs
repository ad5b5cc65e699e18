using System.Text.RegularExpressions;
using Unroll.Tests.Architecture;
using Unroll.Tests.Cli;

namespace Unroll.Tests.Docs;

/// <summary>The index of the study notes' capabilities names each once, and nothing that does not exist.</summary>
public sealed partial class NotesIndexTests
{
    [GeneratedRegex(@"^\| (S\d\d) \|", RegexOptions.Multiline)] private static partial Regex Id();
    [GeneratedRegex(@"`(\w+)\.(\w+)`")] private static partial Regex Test();
    [GeneratedRegex(@"`unroll ([^`]+)`")] private static partial Regex Command();

    private static string Index => File.ReadAllText(SourceTree.At("docs/notes-index.md"));

    private static IEnumerable<string[]> Rows(string index) =>
        from line in index.Split('\n')
        where Id().IsMatch(line)
        select line.Trim('|').Split('|', StringSplitOptions.TrimEntries);

    private static IEnumerable<string> TestsThatDoNotExist(string index)
    {
        Dictionary<string, string> files = SourceTree.Sources("tests/Unroll.Tests").GroupBy(source => source.Name)
            .ToDictionary(group => group.Key, group => string.Join('\n', group.Select(source => source.Text)));
        foreach (string[] row in Rows(index))
            foreach (Match test in Test().Matches(row[3]))
                if (!files.TryGetValue($"{test.Groups[1].Value}.cs", out string? text) || !text.Contains($" {test.Groups[2].Value}("))
                    yield return $"{row[0]}: {test.Value}";
    }

    // A command is known by its name in the help of the one above it; what follows one without commands of its own is its
    // arguments; capitals stand for any.
    private static IEnumerable<string> CommandsThatDoNotExist(string page)
    {
        foreach (string command in Command().Matches(page).Select(match => match.Groups[1].Value).Distinct())
        {
            string[] words = [.. command.Split(' ').TakeWhile(word => !word.StartsWith('-') && word.Any(char.IsLower))];
            for (int k = 0; k < words.Length; k++)
            {
                string help = CliRun.Of([.. words[..k], "--help"]).Out;
                if (!help.Contains("Commands:")) break;
                if (Regex.IsMatch(help[help.IndexOf("Commands:")..], $@"^\s+{Regex.Escape(words[k])}\b", RegexOptions.Multiline)) continue;
                yield return command;
                break;
            }
        }
    }

    [Fact]
    public void Every_id_has_one_row_and_no_cell_of_it_is_empty()
    {
        string[][] rows = [.. Rows(Index)];
        Assert.Equal(Enumerable.Range(1, 51).Where(id => id is not 34 and not 38).Select(id => $"S{id:D2}"), rows.Select(row => row[0]));
        Assert.All(rows, row => Assert.Equal(5, row.Length));
        Assert.All(rows, row => Assert.All(row, cell => Assert.NotEqual("", cell)));
        Assert.All(rows, row => Assert.True(
            row[2] == "not yet" || row[2].Contains("]("), $"{row[0]} links to where it is implemented, or says not yet"));
        Assert.All(rows, row => Assert.True(row[3] == "not yet" || Test().IsMatch(row[3]), $"{row[0]} names its test, or says not yet"));
    }

    [Fact]
    public void Every_test_that_is_named_exists() => Trespass.None(TestsThatDoNotExist(Index));

    [Fact]
    public void Every_command_that_a_page_names_is_one_of_the_program() => Trespass.None(
        from page in Directory.EnumerateFiles(SourceTree.At("docs"), "*.md", SearchOption.AllDirectories).Append(SourceTree.At("samples/README.md"))
        from command in CommandsThatDoNotExist(File.ReadAllText(page))
        select $"{Path.GetRelativePath(SourceTree.Root, page)}: unroll {command}");

    [Fact]
    public void What_does_not_exist_is_found()
    {
        Assert.Equal(
            ["S99: `NotesIndexTests.That_there_is_none`", "S99: `NoTests.At_all`"],
            TestsThatDoNotExist("| S99 | a | b | `NotesIndexTests.That_there_is_none`, `NoTests.At_all` | c |"));
        Assert.Equal(
            ["notebook rnn", "lab unheard"],
            CommandsThatDoNotExist("`unroll notebook rnn`, `unroll lab unheard`, `unroll textbook rnn`, `unroll lab residual`, `unroll --version`"));
    }
}
