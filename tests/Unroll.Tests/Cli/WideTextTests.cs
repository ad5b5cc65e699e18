using System.Text.RegularExpressions;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Inspection.Report;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Tests.Cli;

/// <summary>Chinese, Japanese and Korean letters take two cells of a terminal: what stands in columns must do so with them too.</summary>
public sealed class WideTextTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-宽-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string name, IEnumerable<string> lines)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, string.Join('\n', lines) + "\n");
        return path;
    }

    // Where a word ends, in cells from the left.
    private static int End(string line, string word) => TextColumns.Cells(line[..(line.IndexOf(word, StringComparison.Ordinal) + word.Length)]);

    [Theory]
    [InlineData("", 0), InlineData("abc", 3), InlineData("ä–∂", 3), InlineData("c̃", 1), InlineData("门控循环单元", 12), InlineData("ＧＲＵ", 6)]
    [InlineData("かな", 4), InlineData("가", 2), InlineData("\u1112\u1161\u11ab", 2), InlineData("，。", 4), InlineData("\u3000", 2)]
    [InlineData("𠮷", 2), InlineData("🙂", 2), InlineData("☂", 1), InlineData("☔", 2), InlineData("⏎", 1), InlineData("a\u200db", 2)]
    [InlineData("ー\u3099", 2), InlineData("ᄀ", 2), InlineData("\u303f", 1), InlineData("㉈", 1), InlineData("㉐", 2), InlineData("＀", 1)]
    public void A_text_takes_the_cells_of_its_letters(string text, int cells) => Assert.Equal(cells, TextColumns.Cells(text));

    [Fact]
    public void Blanks_fill_a_column_and_what_is_wider_stays_whole()
    {
        Assert.Equal("记忆  |", TextColumns.Left("记忆", 6) + "|");
        Assert.Equal("  记忆", TextColumns.Right("记忆", 6));
        Assert.Equal("长短期记忆", TextColumns.Left("长短期记忆", 6));
    }

    [Theory]
    [InlineData("长短期记忆", 10, "长短期记忆"), InlineData("长短期记忆", 9, "长短期记…"), InlineData("长短期记忆", 8, "长短期…")]
    [InlineData("𠮷𠮷", 3, "𠮷…"), InlineData("𠮷𠮷", 2, "…"), InlineData("c̃abc", 3, "c̃a…")]
    public void A_shortened_text_never_takes_more_cells_than_it_has(string text, int cells, string expected)
    {
        Assert.Equal(expected, TextColumns.Shorten(text, cells));
        Assert.InRange(TextColumns.Cells(TextColumns.Shorten(text, cells)), 0, cells);
    }

    [Fact]
    public void The_table_of_data_with_Chinese_columns_stands_in_columns()
    {
        string file = Write("销量.csv", Enumerable.Range(0, 30).Select(t => $"{new DateOnly(2020, 1, 1).AddMonths(t):yyyy-MM-dd},{t},{t * 2}")
            .Prepend("日期,冰淇淋销量,kg"));
        string[] lines = CliRun.Of("data", file).Out.Split('\n');
        string[] rows = [.. lines.SkipWhile(line => !line.Contains("deviation")).Take(3)];
        Assert.Contains("冰淇淋销量", rows[1]);
        Assert.Equal(TextColumns.Cells(rows[0]), TextColumns.Cells(rows[1]));
        Assert.Equal(End(rows[1], "2020-01-01"), End(rows[2], "2020-01-01"));
    }

    [Fact]
    public void Scores_of_Chinese_labels_stand_in_columns()
    {
        string file = Write("评论.tsv", Enumerable.Range(0, 60).Select(i => i % 2 == 0 ? $"这部电影很好{i}\t好" : $"这部电影很差{i}\t不值得花时间去看的一部电影")
            .Prepend("text\tlabel"));
        CliRun run = CliRun.Of("train", "classify", "--data", file, "--unit", "char", "--epochs", "1", "--hidden", "4", "--embedding", "4",
            "--runs", Path.Combine(_folder, "运行"), "--threads", "1");
        Assert.True(run.Exit == 0, run.Error);
        string[] lines = run.Out.Split('\n');
        int at = Array.FindIndex(lines, line => line.StartsWith("  label ", StringComparison.Ordinal));
        Assert.Single(lines.Skip(at + 1).Take(2), line => line.Contains("不值得花时间去看的一部电影"));
        Assert.All(lines.Skip(at + 1).Take(2), line => Assert.Equal(lines[at].Length, TextColumns.Cells(line)));
        string always = Assert.Single(lines, line => line.StartsWith("  always", StringComparison.Ordinal));
        string own = Assert.Single(lines, line => line.StartsWith("  this model", StringComparison.Ordinal));
        Assert.Equal(End(own, " %"), End(always, " %"));
        Assert.NotEmpty(Directory.GetFiles(_folder, "report.html", SearchOption.AllDirectories));
    }

    [Fact]
    public void Steps_named_by_Chinese_words_stand_in_columns()
    {
        NetworkSpec spec = new(Inputs: 1, [new RecurrentSpec { Name = "core", Hidden = 4 }, new DenseSpec { Name = "head", Outputs = 1 }]);
        Network network = Network.Build(spec);
        Initialization.Apply(network.Parameters, spec, new InitializationOptions(), new Rng(Seed: 1));
        SequenceBatch x = SequenceBatch.FromSequences(1, [0.5f, -1f, 0.25f, 1f]);
        InspectionSubject subject = new("四步", network, x, ["a", "门", "一个很长很长的词", "c̃"], new SquaredError(),
            Targets.Of(SequenceBatch.FromSequences(1, [1f, 0f, 1f, 0f])));
        string[] lines = [.. InspectionResult.Of(subject, new InspectionChoices(), ThreadTeam.Default).Lines()];
        string[] rows = [.. lines.SkipWhile(line => !line.StartsWith("   step ", StringComparison.Ordinal)).Take(5)];
        Assert.Contains("一个很长很…", rows[2]);
        Assert.All(rows, row => Assert.Equal(TextColumns.Cells(rows[0]), TextColumns.Cells(row)));
    }

    // A page is laid out by a browser, which measures; by hand a width must be measured too, and no letter may be left to chance.
    [Fact]
    public void A_page_measures_its_texts_and_names_fonts_that_have_Chinese_letters()
    {
        string script = PageResources.ChartScript() + PageResources.Script();
        Assert.Contains("measureText", script);
        Assert.DoesNotMatch(@"\d\.\d+\s*\*[^;\n]*\.length", script);
        string style = PageResources.Style();
        string[] lists = [.. Regex.Matches(style, @"(?:font-family: |font: [^;]*?(?=ui-sans|var))([^;]+);").Select(match => match.Groups[1].Value)];
        Assert.True(lists.Length + Regex.Count(style, @"font: [^;]*var\(--mono\)") >= 3, style);
        Assert.All(lists.Where(list => list != "inherit"), list => Assert.Matches(@"var\(--(han|song|mono)\)", list));
        Assert.All(["PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Songti SC"], font => Assert.Contains(font, style));
    }
}
