using System.Text.Json;
using System.Text.RegularExpressions;
using Unroll.Inspection.Report;

namespace Unroll.Tests.Inspection.Report;

/// <summary>The blocks of a page that an inspection brings: maps of units, shaded text, lists; and large matrices, which are packed.</summary>
public sealed partial class UnitMapsTests
{
    [GeneratedRegex("<script type=\"application/json\">(.*?)</script>", RegexOptions.Singleline)] private static partial Regex ChartData();

    private static string Html(params ReportBlock[] blocks)
    {
        StringWriter writer = new();
        new ReportPage { Title = "page", Sections = [new ReportSection("s", blocks)] }.Write(writer);
        return writer.ToString();
    }

    private static JsonElement Data(ReportBlock chart) => JsonDocument.Parse(ChartData().Match(Html(chart)).Groups[1].Value).RootElement;

    private static double[] Unpacked(JsonElement packed)
    {
        byte[] bytes = packed.GetProperty("packed").GetBytesFromBase64();
        double min = packed.GetProperty("min").GetDouble(), max = packed.GetProperty("max").GetDouble();
        return [.. Enumerable.Range(0, bytes.Length / 2).Select(i => bytes[2 * i] | bytes[2 * i + 1] << 8)
            .Select(k => k == 65535 ? double.NaN : min + k * (max - min) / 65534)];
    }

    [Fact]
    public void The_values_of_a_map_are_packed_step_by_step_to_half_a_step_of_sixteen_bits()
    {
        UnitMap map = new("c", [[-2, 0.25f, float.NaN], [2, 1, 7]], [2, 0, 1]) { Title = "cell state", Minimum = -2, Maximum = 2, IsBounded = false };
        JsonElement data = Data(new UnitMapsChart(["a", "b"], map)), one = data.GetProperty("maps")[0];
        Assert.Equal("units", data.GetProperty("kind").GetString());
        Assert.Equal([2, 0, 1], one.GetProperty("order").EnumerateArray().Select(unit => unit.GetInt32()));
        Assert.Equal((true, false), (one.GetProperty("diverging").GetBoolean(), one.GetProperty("bounded").GetBoolean()));
        double half = 4.0 / 65534 / 2;
        foreach ((double expected, double actual) in new[] { -2, 0.25, double.NaN, 2, 1, 2 }.Zip(Unpacked(one)))      // 7 lies beyond the scale
            Assert.Equal(expected, actual, half * 1.001);
    }

    [Fact]
    public void A_large_heat_map_is_packed_and_a_small_one_is_not()
    {
        double[][] rows = [.. Enumerable.Range(0, 101).Select(row => Enumerable.Range(0, 100).Select(column => (double)row - column).ToArray())];
        string[] names = [.. Enumerable.Range(0, 101).Select(i => $"{i}")];
        JsonElement large = Data(new HeatmapChart(names[..100], names, rows));
        Assert.False(large.TryGetProperty("values", out _));
        double[] values = Unpacked(large);
        Assert.Equal(10_100, values.Length);
        Assert.Equal(rows[70][3], values[70 * 100 + 3], 200.0 / 65534);
        Assert.Equal(10_000, Data(new HeatmapChart(names[..100], names[..100], rows[..100])).GetProperty("values").EnumerateArray().Sum(row =>
            row.GetArrayLength()));
    }

    [Fact]
    public void Maps_and_weights_that_do_not_fit_are_refused_by_name()
    {
        ReportBlock[] blocks =
        [
            new UnitMapsChart(["1", "2"], new UnitMap("odd", [[1]], [0])),
            new UnitMapsChart(["1"], new UnitMap("odd", [[1, 2]], [0])),
            new ShadedText(["a", "b"], [1]) { Title = "odd" },
        ];
        Assert.All(blocks, block => Assert.Contains("'odd'", Assert.Throws<ArgumentException>(() => Html(block)).Message));
    }

    [Fact]
    public void Words_are_shaded_by_their_share_of_the_largest_weight()
    {
        string html = Html(new ShadedText(["a", "b", "c"], [1, 4, double.NaN]));
        Assert.Contains("<span style=\"--a:25%\" title=\"0: 1\">a</span>", html);
        Assert.Contains("<span style=\"--a:100%\" title=\"1: 4\">b</span>", html);
        Assert.Contains("<span style=\"--a:0%\"", html);
        Assert.Contains("--a:0%", Html(new ShadedText(["a"], [0])));
    }

    [Fact]
    public void Text_of_the_new_blocks_is_escaped()
    {
        const string hostile = "</script><script>alert(1)</script>\"'&";
        Assert.DoesNotContain("<script>alert", Html(
            new ListBlock(new ListItem(hostile, Verdict.Bad)), new ShadedText([hostile], [1]),
            new UnitMapsChart([hostile], new UnitMap(hostile, [[1]], [0]) { Title = hostile }) { Title = hostile, XName = hostile }));
    }
}
