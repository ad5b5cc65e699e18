using System.Globalization;
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
        double[] initial = Initial(page);
        double[] computed = [.. new PageScript(page).Run()];
        Assert.Equal(initial.Length, computed.Length);
        Assert.All(initial.Zip(computed), pair => Assert.Equal(pair.First, pair.Second, 1e-12 * Math.Max(1, Math.Abs(pair.First))));
        Assert.Contains(initial, value => value != 0);
        Assert.Equal(ShownValue().Count(html), initial.Length - 1 - page.GetProperty("sums").EnumerateArray().Sum(sum =>
            page.GetProperty("parameters").GetProperty(sum.GetProperty("name").GetString()!).GetProperty("values").GetArrayLength()));
    }

    // A parameter NaN, an infinity, or a slope where one of them is compared.
    public static TheoryData<string, string, string> NotFinite => new()
    {
        { "k = log(W x)\nh = k + U h₋", "−1", "k is NaN at step 1, forward" },
        { "k = log(W x)\nm = max(k, 0.5 ⊙ h₋)\nh = tanh(m + U h₋)", "−1", "k is NaN at step 1, forward" },
        { "k = log(W x)\nm = min(0.5 ⊙ h₋, k)\nh = tanh(m + U h₋)", "−1", "k is NaN at step 1, forward" },
        { "k = log(W x)\nm = clip(k, −1, 1)\nh = tanh(m + U h₋)", "−1", "k is NaN at step 1, forward" },
        { "k = log(W x)\nm = relu(k) + hardsigmoid(k)\nh = tanh(m + U h₋)", "−1", "k is NaN at step 1, forward" },
        { "k = log(W x)\nm = softplus(k) ⊙ norm(k)\nh = σ(m + U h₋)", "−1", "k is NaN at step 1, forward" },
        { "k = log(W x)\nh = relu(k) + h₋", "0", "k is −∞ at step 1, forward" },
        { "k = 1 / (W x)\nl = exp(k)\nm = max(k, l)\nh = tanh(m + U h₋)", "0", "k is ∞ at step 1, forward" },
        { "k = exp(W x)\nh = exp(k) ⊙ (1 + h₋)", "500", "exp_k is ∞ at step 1, forward" },
        { "k = sqrt(W x)\nh = k ⊙ (1 + h₋)", "0", "δa_k is ∞ at step 1, backward" },
    };

    [Theory, MemberData(nameof(NotFinite))]
    public void What_is_no_finite_number_is_on_the_page_as_such_and_is_named(string equations, string x, string said)
    {
        CellDerivation cell = CellDerivation.Of(CellText.Read($"cell odd\n{equations}\n", "odd.cell"));
        CellNumbers numbers = CellNumbers.Of(cell, GivenNumbers.Read("W = 1; 1", "w") with { Steps = [[double.Parse(x.Replace('−', '-'),
            CultureInfo.InvariantCulture)], [1]] });
        string html = Html(numbers);
        JsonElement page = JsonDocument.Parse(Json().Match(html).Groups[1].Value).RootElement;
        Assert.Equal(Initial(page), new PageScript(page).Run(), (a, b) => a.Equals(b) || Math.Abs(a - b) <= 1e-12 * Math.Abs(a));
        Assert.StartsWith(said, numbers.NotFinite!.Sentence);
        Assert.Contains($"<p class=\"warning none\">{numbers.NotFinite.Sentence}</p>", html);
        Assert.Contains($">{(double.IsNaN(numbers.NotFinite.Value) ? "NaN" : numbers.NotFinite.Value > 0 ? "∞" : "−∞")}</td>", html);
    }

    [Theory]
    [InlineData("max(k, 0.5 ⊙ h₋)")]
    [InlineData("min(0.5 ⊙ h₋, k)")]
    [InlineData("relu(k)")]
    [InlineData("hardsigmoid(k)")]
    [InlineData("clip(k, −1, 1)")]
    public void No_slope_hides_what_is_no_number(string value)
    {
        CellDerivation cell = CellDerivation.Of(CellText.Read($"cell odd\nk = log(W x)\nh = {value} + U h₋\n", "odd.cell"));
        CellNumbers numbers = CellNumbers.Of(cell, GivenNumbers.Read("W = 1; 1", "w") with { Steps = [[-1]] });
        Assert.All(numbers.Backward.Where(row => row.Name is "δk" or "δx"), row => Assert.All(row.Steps[0], v => Assert.True(double.IsNaN(v))));
    }

    // The other rules of the script are held by PageScript, which is written like it.
    [Theory]
    [InlineData("max: (a, b) => Math.max(a, b), min: (a, b) => Math.min(a, b),")]
    [InlineData("relu: a => Math.max(0, a),")]
    [InlineData("'>': (a, b) => a > b ? 1 : a < b ? 0 : a - b, '>=': (a, b) => a < b ? 0 : a > b ? 1 : a - b + 1,")]
    [InlineData("Math.min(Math.max(v, two), three)")]
    public void The_script_of_the_page_compares_as_the_textbook_does(string rule) => Assert.Contains(rule, Html(Numbers("gru")));

    [Fact]
    public void A_field_writes_a_number_like_the_tables_with_all_its_digits()
    {
        CellDerivation cell = CellDerivation.Of(CellText.Read("cell a\nh = tanh(W x + U h₋)\n", "a"));
        string html = Html(CellNumbers.Of(cell, GivenNumbers.Read("W = 1e-9; 250000", "w") with { Steps = [[0.1234567]] }));
        Assert.All(["value=\"1e-9\"", "value=\"2.5e+5\"", "value=\"0.1234567\"", ">0.1235</td>"], part => Assert.Contains(part, html));
    }

    [Fact]
    public void A_number_that_the_reader_named_has_no_gradient_and_no_two_terms_of_one_have_the_same_name()
    {
        CellDerivation cell = CellDerivation.Of(CellText.Read(
            "cell a\ndt = 0.1\nh = h₋ + dt ⊙ tanh(W x + V tanh(P x) + b + dt ⊙ b)\n", "a"));
        CellNumbers numbers = CellNumbers.Of(cell, new());
        Assert.Contains(numbers.Forward, row => row.Name == "dt");
        Assert.DoesNotContain(numbers.Backward, row => row.Name == "δdt");
        string[] lines = [.. DerivationText.Lines(cell)];
        Assert.DoesNotContain(lines, line => line.Contains("δdt"));
        Assert.Contains(lines, line => line.Contains("δx") && line.EndsWith("through h (W)"));
        Assert.Contains(lines, line => line.EndsWith("through h (P)"));
    }

    [Theory]
    [InlineData("h = tanh(W x + U h₋ + U h₋)", "δh", "output", "next step")]
    [InlineData("h = tanh(W x + U h₋ + U h₋)", "δU", "through h (a_h) 1 of 2", "through h (a_h) 2 of 2")]
    [InlineData("h = tanh(W x + (U − Uᵀ) h₋ + U h₋) ⊙ max(h₋, 0.5)", "δU", "through h (U)", "through h (Uᵀ)", "through h (a_h)")]
    [InlineData("h = h₋ ⊙ tanh(W x) + tanh(h₋ + W x)", "δx", "through h (w)", "through h (a_h)")]
    public void Terms_of_one_gradient_have_names_of_their_own_and_the_page_s_numbers(string equations, string of, params string[] paths)
    {
        CellDerivation cell = CellDerivation.Of(CellText.Read($"cell a\n{equations}\n", "a"));
        PrintedDerivation printed = PrintedDerivation.Of(cell);
        PrintedEquation equation = printed.Deltas.Append(printed.Input).Concat(printed.Sums).Single(one =>
            FormulaWriter.Unicode.Write(one.Left) == of);
        Assert.Equal(paths, equation.Terms.Select(term => term.Path));
        JsonElement page = JsonDocument.Parse(Json().Match(Html(CellNumbers.Of(cell, new()))).Groups[1].Value).RootElement;
        Assert.Equal(Initial(page), new PageScript(page).Run(), (a, b) => Math.Abs(a - b) <= 1e-12);
    }

    private static double[] Initial(JsonElement page) => [.. page.GetProperty("initial").EnumerateArray().Select(value =>
        value.ValueKind == JsonValueKind.String ? double.Parse(value.GetString()!, CultureInfo.InvariantCulture) : value.GetDouble())];

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
