using System.Text.Json;
using System.Text.RegularExpressions;
using Unroll.Cells.Definitions;
using Unroll.Inspection.Derivation;

namespace Unroll.Tests.Inspection.Derivation;

/// <summary>The page on which numbers can be moved: what its script computes with gives the numbers that the page begins with.</summary>
public sealed partial class LiveCellTests
{
    [GeneratedRegex("<script type=\"application/json\">(.*?)</script>", RegexOptions.Singleline)] private static partial Regex Json();
    [GeneratedRegex("<td class=\"v\">([^<]*)</td>")] private static partial Regex ShownValue();

    public static TheoryData<string> Cells => DerivationTextTests.Cells;

    private static CellNumbers Numbers(string name)
    {
        CellDefinition definition = BuiltInDefinitions.Find(name)?.Definition ?? CellText.Read(CellZoo.Text(name), name);
        return CellNumbers.Of(CellDerivation.Of(definition), new GivenNumbers());
    }

    private static string Html(CellNumbers numbers)
    {
        StringWriter writer = new();
        DerivationPage.Of(numbers).Write(writer);
        return writer.ToString();
    }

    [Theory, MemberData(nameof(Cells))]
    public void The_trees_in_the_page_give_the_numbers_in_the_page(string name)
    {
        string html = Html(Numbers(name));
        JsonElement page = JsonDocument.Parse(Json().Match(html).Groups[1].Value).RootElement;
        double[] initial = [.. page.GetProperty("initial").EnumerateArray().Select(value => value.GetDouble())];
        double[] computed = [.. new PageScript(page).Run()];
        Assert.Equal(initial.Length, computed.Length);
        Assert.All(initial.Zip(computed), pair => Assert.Equal(pair.First, pair.Second, 1e-12 * Math.Max(1, Math.Abs(pair.First))));
        Assert.Contains(initial, value => value != 0);
        Assert.Equal(ShownValue().Count(html), initial.Length - 1 - page.GetProperty("sums").EnumerateArray().Sum(sum =>
            page.GetProperty("parameters").GetProperty(sum.GetProperty("name").GetString()!).GetProperty("values").GetArrayLength()));
    }

    [Fact]
    public void The_page_needs_no_network_and_no_chart_library()
    {
        string html = Html(Numbers("gru"));
        Assert.Contains("default-src 'none'", html);
        Assert.DoesNotContain("http", html.Replace("http-equiv", ""));
        Assert.InRange(html.Length, 10_000, 60_000);
        Assert.Equal(2, html.Split("<script").Length - 1);                       // the data, and what computes with them
    }

    [Fact]
    public void Names_and_comments_are_escaped()
    {
        CellDefinition hostile = CellText.Read("# <script>alert(1)</script>\ncell a\nh = tanh(W x + U h₋)\nh: a <b>, state", "a");
        string html = Html(CellNumbers.Of(CellDerivation.Of(hostile), new()));
        Assert.DoesNotContain("<script>alert", html);
        Assert.DoesNotContain("a <b>", html);
    }
}
