using System.Text.RegularExpressions;
using Unroll.Tests.Architecture;

namespace Unroll.Tests.Docs;

/// <summary>The Chinese pages say what the English ones say: the same figures, commands, equations and places in the code.</summary>
public sealed partial class ChinesePagesTests
{
    [GeneratedRegex(@"\d+(?:[.,]\d+)*")] private static partial Regex Number();
    [GeneratedRegex(@"`([^`\n]+)`")] private static partial Regex Code();
    [GeneratedRegex(@"(?:^\|.*\n)+", RegexOptions.Multiline)] private static partial Regex Table();
    [GeneratedRegex(@"^\| (S\d\d) \|", RegexOptions.Multiline)] private static partial Regex Id();
    [GeneratedRegex(@"/(src/[^)\s]+\.(?:cs|cell))\)")] private static partial Regex Source();
    [GeneratedRegex("[\u3400-\u9fff\u3000-\u303f\uff00-\uffef]")] private static partial Regex Chinese();

    private static string Page(string path) => File.ReadAllText(SourceTree.At(path));

    private static string English => Page("README.md");

    private static string Front => Page("README.zh-CN.md");

    private static string[] Numbers(string text) => [.. Number().Matches(text).Select(match => match.Value)];

    private static string Dense(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));

    // What the tables measure, whatever language their words are in: all figures in their order, and the commands.
    private static string[] Tables(string page) =>
    [
        .. Table().Matches(page).Select(table => string.Join(' ', Numbers(table.Value)) + " " +
            string.Join(' ', Code().Matches(table.Value).Select(code => code.Groups[1].Value))),
    ];

    private static IEnumerable<string> TablesThatDiffer(string chinese, string english) =>
        Tables(chinese).Where(table => !Tables(english).Contains(table)).Select(table => $"no table of the English page has: {table}");

    [Fact]
    public void Each_front_page_links_to_the_other()
    {
        Assert.Contains("[简体中文](README.zh-CN.md)", English[..200]);
        Assert.Contains("[English](README.md)", Front[..200]);
    }

    [Fact]
    public void The_tables_of_the_front_page_hold_the_figures_and_commands_of_the_English_ones()
    {
        Assert.Equal(2, Tables(Front).Length);
        Trespass.None(TablesThatDiffer(Front, English));
    }

    [Fact]
    public void Every_figure_of_the_front_page_stands_on_the_English_one() => Assert.Subset(
        Numbers(English).Concat(["49", "01", "51"]).ToHashSet(),        // besides, how many capabilities there are
        Numbers(Front).ToHashSet());

    [Fact]
    public void The_code_of_the_front_page_is_that_of_the_English_one_and_its_first_commands_too()
    {
        Assert.Equal(ReadmeTests.Blocks("csharp", English)[0], Assert.Single(ReadmeTests.Blocks("csharp", Front)));
        Assert.Equal(
            ReadmeTests.Blocks("sh", English).Take(3).Select(Commands), ReadmeTests.Blocks("sh", Front).Select(Commands));

        static string Commands(string block) => string.Join('\n', block.TrimEnd().Split('\n').Select(line => line.Split('#')[0].Trim()));
    }

    [Theory, Trait("Category", "Slow")]
    [InlineData("docs/zh/gradients.md")]
    [InlineData("docs/zh/from-notes-to-program.md")]
    public void Every_quoted_figure_is_what_the_command_prints(string page)
    {
        Assert.True(ReadmeTests.Blocks("text", Page(page)).Length >= 4);
        Trespass.None(GradientPagesTests.FiguresThatAreNotPrinted(Page(page)));
    }

    // The parts of a line are set apart by blanks; a part with Chinese words explains.
    private static IEnumerable<string> EquationsThatDiffer(string chinese, params string[] english)
    {
        string all = Dense(string.Concat(english));
        return from line in chinese.Split('\n')
               where line.StartsWith("    ", StringComparison.Ordinal)
               from part in Regex.Split(line.Trim(), " {5,}")
               where part.Contains('=') && !Chinese().IsMatch(part) && !all.Contains(Dense(part))
               select part;
    }

    [Fact]
    public void Every_equation_stands_on_a_page_that_derives_it()
    {
        string page = Page("docs/zh/gradients.md");
        string[] english = [.. new[] { "rnn", "lstm", "gru" }.Select(name => Page($"docs/gradients/{name}.md"))];
        Assert.True(page.Split('\n').Count(line => line.StartsWith("    ", StringComparison.Ordinal)) > 30);
        Trespass.None(EquationsThatDiffer(page, english));
        Assert.Equal(["δz = δa ⊙ (1 − a)"], EquationsThatDiffer(page.Replace("δz = δa ⊙ (1 − a²)", "δz = δa ⊙ (1 − a)"), english));
    }

    private static Dictionary<string, string> Rows(string page) =>
        page.Split('\n').Where(line => Id().IsMatch(line)).ToDictionary(line => Id().Match(line).Groups[1].Value, line => line);

    [Fact]
    public void Every_capability_is_shown_where_the_index_says_that_it_is()
    {
        Dictionary<string, string> index = Rows(Page("docs/notes-index.md")), chinese = Rows(Page("docs/zh/from-notes-to-program.md"));
        Assert.Equal(index.Keys, chinese.Keys);
        Trespass.None(from row in chinese
                      let files = Source().Matches(row.Value).Select(match => match.Groups[1].Value).ToArray()
                      from problem in files.Where(file => !index[row.Key].Contains(file)).Append(files.Length == 0 ? "no file" : null)
                      where problem is not null
                      select $"{row.Key}: {problem}");
        Assert.All(chinese.Values, row => Assert.Equal(5, row.Trim('|').Split(" | ").Length));
    }

    [Fact]
    public void What_was_measured_is_what_the_page_of_the_experiments_says()
    {
        HashSet<string> measured = [.. Numbers(Page("docs/lab.md"))];
        string[] lines = [.. Page("docs/zh/from-notes-to-program.md").Split('\n').Where(line => line.StartsWith("- 实测", StringComparison.Ordinal))];
        Assert.True(lines.Length >= 5);
        Assert.All(lines, line => Assert.Subset(measured, Numbers(Regex.Replace(line, @"S\d\d", "")).ToHashSet()));
    }

    [Fact]
    public void The_glossary_has_more_than_eighty_terms_and_every_name_of_it_is_one_of_the_code()
    {
        string[][] rows = [.. Page("docs/zh/glossary.md").Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)
            && !line.StartsWith("| 中文", StringComparison.Ordinal)).Select(line => line.Trim('|', ' ').Split(" | "))];
        Assert.True(rows.Length > 80);
        Assert.All(rows, row => Assert.Equal(3, row.Length));
        Assert.Equal(rows.Length, rows.Select(row => row[0]).Distinct().Count());
        string code = string.Concat(SourceTree.Sources("src").Select(source => source.Text));
        Trespass.None(from row in rows
                      from Match name in Code().Matches(row[2])
                      from word in name.Groups[1].Value.Split(' ')
                      where !code.Contains(word.StartsWith("--", StringComparison.Ordinal) ? $"\"{word[2..]}\"" : word)
                          && !code.Contains($"\"{word}\"")
                      select $"{row[0]}: {word}");
    }

    [Fact]
    public void A_changed_figure_of_a_table_is_found() => Assert.Single(TablesThatDiffer(Front.Replace("| **17.91** |", "| **17.90** |"), English));
}
