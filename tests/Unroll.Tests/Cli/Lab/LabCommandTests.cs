using System.Text.Json;
using Unroll.Cli.Lab;

namespace Unroll.Tests.Cli.Lab;

public sealed class LabCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-lab-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Page => Path.Combine(_folder, "page.html");

    private string[] Tiny(params string[] more) =>
        ["lab", "residual", "--hidden", "3", "--steps", "4", "--draws", "2", "--output", Page, .. more];

    [Fact]
    public void Without_a_name_every_experiment_is_listed_with_the_notes_that_it_tests()
    {
        CliRun run = CliRun.Of("lab", "--json");
        Assert.Equal(0, run.Exit);
        Assert.Equal(LabList.All.Select(lab => lab.Name), run.Json.GetProperty("labs").EnumerateArray().Select(lab =>
            lab.GetProperty("name").GetString()));
        foreach (ILab lab in LabList.All)
        {
            Assert.Contains(lab.Summary, CliRun.Of("lab").Out);
            Assert.Matches(@"^S\d\d", lab.Notes);
        }
    }

    [Fact]
    public void A_mistyped_name_is_refused_with_the_nearest_one() =>
        Assert.Contains("there is no command 'residul'; did you mean 'residual'?", CliRun.Of("lab", "residul").Refused());

    [Fact]
    public void A_page_that_could_not_be_written_is_refused_before_the_work() =>
        Assert.Contains("there is no '", CliRun.Of("lab", "residual", "--output", Path.Combine(_folder, "none", "page.html")).Refused());

    [Fact]
    public void A_size_out_of_range_is_refused() =>
        Assert.Contains("--hidden: expected a whole number from 1 to 256, got 0", CliRun.Of("lab", "residual", "--hidden", "0").Refused());

    [Fact]
    public void The_json_has_verdicts_and_tables_and_the_same_digits_for_every_number_of_threads()
    {
        CliRun one = CliRun.Of(Tiny("--json", "--threads", "1")), two = CliRun.Of(Tiny("--json", "--threads", "2"));
        Assert.Equal(0, one.Exit);
        JsonElement json = one.Json;
        Assert.Equal("residual", json.GetProperty("lab").GetString());
        foreach (JsonElement verdict in json.GetProperty("verdicts").EnumerateArray())
        {
            Assert.Matches(@"^S\d\d", verdict.GetProperty("notes").GetString());
            Assert.Contains(verdict.GetProperty("holds").ValueKind, (JsonValueKind[])[JsonValueKind.True, JsonValueKind.False, JsonValueKind.Null]);
        }
        foreach (JsonElement table in json.GetProperty("tables").EnumerateArray())
            foreach (JsonElement row in table.GetProperty("rows").EnumerateArray())
                Assert.Equal(table.GetProperty("columns").GetArrayLength(), row.GetArrayLength());
        foreach (string part in (string[])["verdicts", "tables"])
            Assert.Equal(json.GetProperty(part).GetRawText(), two.Json.GetProperty(part).GetRawText());
    }

    [Fact]
    public void The_page_is_one_file_that_fetches_nothing()
    {
        CliRun run = CliRun.Of(Tiny());
        Assert.Equal(0, run.Exit);
        Assert.Contains($"page: {Page}", run.Out);
        string html = File.ReadAllText(Page);
        Assert.Contains("default-src 'none'", html);
        Assert.DoesNotMatch(@"(src|href)\s*=\s*[""']?https?:", html);
    }

    [Theory]
    [InlineData(0, "0"), InlineData(0.0001234567, "1.235e-4"), InlineData(0.97, "0.97"), InlineData(1048576, "1048576")]
    [InlineData(double.NaN, "–"), InlineData(double.PositiveInfinity, "∞"), InlineData(6.7274999, "6.727"), InlineData(1e9, "1e+9")]
    public void Numbers_are_shown_with_four_digits(double value, string shown) => Assert.Equal(shown, LabCell.Short(value));

    [Fact]
    public void A_span_of_equal_numbers_is_one()
    {
        Assert.Equal("0.1 … 0.4", LabCell.Span([0.4, 0.1, 0.2]));
        Assert.Equal("1", LabCell.Span([1, 1.000001]));
    }
}
