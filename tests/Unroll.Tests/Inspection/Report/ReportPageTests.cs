using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Unroll.Inspection.Report;

namespace Unroll.Tests.Inspection.Report;

public sealed partial class ReportPageTests
{
    [GeneratedRegex("<script type=\"application/json\">(.*?)</script>", RegexOptions.Singleline)] private static partial Regex ChartData();

    private static string Html(params ReportBlock[] blocks)
    {
        StringWriter writer = new();
        new ReportPage { Title = "a <b> & c", Sections = [new ReportSection("s", blocks)] }.Write(writer);
        return writer.ToString();
    }

    private static JsonElement Data(ReportBlock chart) => JsonDocument.Parse(ChartData().Match(Html(chart)).Groups[1].Value).RootElement;

    [Fact]
    public void Text_is_escaped_wherever_it_stands()
    {
        const string hostile = "</script><script>alert(1)</script>\"'&";
        string html = Html(
            new TextBlock(hostile) { Title = hostile, Caption = hostile },
            new KeyFigureBlock(new KeyFigure(hostile, hostile, hostile)),
            new TableBlock([hostile], [[hostile]]),
            new LineChart([hostile], new Line(hostile, [1])) { Title = hostile, XName = hostile, YName = hostile, Marks = [new Mark(0, hostile)] },
            new HeatmapChart([hostile], [hostile], [[1]]),
            new BarChart([hostile], new Bars(hostile, 1)),
            new ParallelChart([new ParallelAxis(hostile) { Categories = [hostile] }], [hostile], [[0]]) { Title = hostile });
        Assert.DoesNotContain("<script>alert", html);
        Assert.Contains("<title>a &lt;b&gt; &amp; c</title>", html);
        Assert.Equal(hostile, Data(new BarChart([hostile], new Bars("", 1))).GetProperty("categories")[0].GetString());
    }

    [Fact]
    public void A_page_with_charts_carries_the_library_and_asks_the_network_for_nothing()
    {
        string html = Html(new BarChart(["a"], new Bars("b", 1)));
        Assert.Contains("default-src 'none'", html);
        Assert.DoesNotContain(" src=", ChartData().Replace(html, "")[..html.IndexOf("<footer>", StringComparison.Ordinal)]);
        Assert.InRange(html.Length, 1_000_000, 1_300_000);
    }

    [Fact]
    public void The_library_is_the_one_whose_version_is_committed()
    {
        StringWriter script = new();
        PageResources.CopyCharts(script);
        byte[] bytes = Encoding.UTF8.GetBytes(script.ToString()[..^1]);               // less the line break that the page adds
        Assert.Equal("b66b25aeb4df84e33199dc21694014d336d222cbd9deb0e5a7c14bd6aa0d0fd0", Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    [Fact]
    public void A_page_without_charts_is_small() => Assert.InRange(Html(new TextBlock("words")).Length, 1, 10_000);

    [Fact]
    public void What_is_not_finite_is_a_gap()
    {
        JsonElement values = Data(new LineChart(["1", "2", "3", "4"],
            new Line("a", [1, double.NaN, double.PositiveInfinity, 1e-5]))).GetProperty("lines")[0].GetProperty("values");
        Assert.Equal([JsonValueKind.Number, JsonValueKind.Null, JsonValueKind.Null, JsonValueKind.Number],
            values.EnumerateArray().Select(value => value.ValueKind));
        Assert.Equal(1e-5, values[3].GetDouble());
    }

    [Fact]
    public void A_logarithmic_axis_leaves_a_gap_where_a_value_is_not_positive() => Assert.Equal(
        JsonValueKind.Null,
        Data(new LineChart(["1"], new Line("a", [0])) { Logarithmic = true }).GetProperty("lines")[0].GetProperty("values")[0].ValueKind);

    [Fact]
    public void A_heat_map_without_limits_spans_its_finite_values()
    {
        JsonElement data = Data(new HeatmapChart(["1", "2"], ["a", "b"], [[-1, 2], [double.NaN, 0]]));
        Assert.Equal((-1, 2), (data.GetProperty("min").GetDouble(), data.GetProperty("max").GetDouble()));
        Assert.Equal(1, Data(new HeatmapChart(["1"], ["a"], [[0]])).GetProperty("max").GetDouble());       // one value only: still a scale
    }

    [Fact]
    public void Parallel_coordinates_and_intervals_are_written_as_they_are()
    {
        JsonElement data = Data(new ParallelChart(
            [new ParallelAxis("lr") { Logarithmic = true }, new ParallelAxis("cell") { Categories = ["gru", "rnn"] }], ["1", "2"],
            [[0.1, 0], [0.2, 1]]) { Highlight = 1 });
        Assert.Equal("[{\"name\":\"lr\",\"log\":true},{\"name\":\"cell\",\"log\":false,\"categories\":[\"gru\",\"rnn\"]}]",
            data.GetProperty("axes").GetRawText());
        Assert.Equal("[[0.1,0],[0.2,1]]", data.GetProperty("rows").GetRawText());
        Assert.Equal(1, data.GetProperty("highlight").GetInt32());
        JsonElement bars = Data(new BarChart(["a"], new Bars("b", 2) { Intervals = [(1, 3)] })).GetProperty("groups")[0];
        Assert.Equal(("[1]", "[3]"), (bars.GetProperty("low").GetRawText(), bars.GetProperty("high").GetRawText()));
    }

    [Theory]
    [InlineData(0), InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7)]
    public void Lengths_that_do_not_fit_are_refused_by_name(int which)
    {
        ReportBlock block = new ReportBlock[]
        {
            new LineChart(["1", "2"], new Line("odd", [1])),
            new LineChart(["1"]) { Bands = [new Band("odd", [1], [1, 2])] },
            new HeatmapChart(["1", "2"], ["a"], [[1]]) { Title = "odd" },
            new BarChart(["1"], new Bars("odd")),
            new TableBlock(["a", "b"], [["1"]]) { Title = "odd" },
            new BarChart(["1"], new Bars("odd", 1) { Intervals = [(0, 1), (0, 2)] }),
            new ParallelChart([new ParallelAxis("a")], ["1"], [[1], [2]]) { Title = "odd" },
            new ParallelChart([new ParallelAxis("a")], ["1"], [[1, 2]]) { Title = "odd" },
        }[which];
        Assert.Contains("'odd'", Assert.Throws<ArgumentException>(() => Html(block)).Message);
    }

    [Fact]
    public void Columns_of_numbers_are_set_flush_right()
    {
        string html = Html(new TableBlock(["name", "value"], [["a", "1,234.5"], ["b", "12 %"], ["c", "–"]]));
        Assert.Contains("<th class=\"number\">value</th>", html);
        Assert.Contains("<th>name</th>", html);
    }

    [Fact]
    public void Saving_writes_one_file_that_begins_as_html()
    {
        string folder = Directory.CreateTempSubdirectory("unroll-report-").FullName;
        try
        {
            string path = Path.Combine(folder, "report.html");
            TrainingReportTests.Example().ToPage().Save(path);
            Assert.StartsWith("<!doctype html>", File.ReadAllText(path));
            Assert.Equal([path], Directory.GetFiles(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
