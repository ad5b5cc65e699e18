using System.Text;

namespace Unroll.Exchange.Tests.Conformance;

/// <summary>The results in <c>docs/conformance.md</c> are those that these tests measure.</summary>
public sealed class ConformancePageTests
{
    private const string Begin = "<!-- results: measured by the tests -->", End = "<!-- end of results -->";
    private static readonly string s_page = Path.Combine(ConformanceCase.Root(), "docs", "conformance.md");

    [Fact]
    public void The_page_shows_the_results_that_are_measured()
    {
        ConformanceCase[] all = [.. ConformanceCase.Own(), .. ConformanceCase.Official()];
        string results = Results([.. all.Select(one => Verdict.Of(one, Runtimes.Unroll))], [.. all.Select(one => Runtimes.EndsOnnxRuntime(one)
            ? new(one, Outcome.Ended, "the process ends") : Verdict.Of(one, Runtimes.OnnxRuntime))]);
        string page = File.ReadAllText(s_page);
        int from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, to = page.IndexOf(End, StringComparison.Ordinal);
        Assert.True(from >= Begin.Length && to > from, "docs/conformance.md has lost the marks around its results");
        if (Environment.GetEnvironmentVariable("UNROLL_ACCEPT_CONFORMANCE") == "1")
            File.WriteAllText(s_page, page = page[..from] + results + page[(from = to)..]);
        else
            Assert.Equal(Portable(results), Portable(page[from..to]));
    }

    [Fact]
    public void The_page_explains_every_case_in_which_ONNX_Runtime_differs()
    {
        string page = File.ReadAllText(s_page);
        string explained = page[page.IndexOf(End, StringComparison.Ordinal)..];
        string[] wrong =
        [
            .. ConformanceCase.Own().Where(one => !Runtimes.EndsOnnxRuntime(one)).Select(one => Verdict.Of(one, Runtimes.OnnxRuntime))
                .Where(verdict => verdict.Outcome == Outcome.Wrong && verdict.Case.Group != "tiny").Select(verdict => verdict.Case.Name),
        ];
        Assert.True(wrong.Length > 10, "ONNX Runtime 1.31.1 differs in 22 cases: has a newer one been measured?");
        Assert.All(wrong, name => Assert.Contains($"`{name}`", explained));
    }

    // How ONNX Runtime rounds the smallest numbers depends on the processor.
    private static string Portable(string results) =>
        string.Join('\n', results.Split('\n').Select(line => line.TrimEnd('\r'))
            .Where(line => !line.StartsWith("| tiny", StringComparison.Ordinal) && !line.StartsWith("| **all**", StringComparison.Ordinal)));

    private static string Results(Verdict[] ours, Verdict[] theirs)
    {
        StringBuilder text = new("\n\n| cases | | Unroll: passed | refused | wrong | ONNX Runtime: passed | refused | wrong |\n");
        text.Append("|---|--:|--:|--:|--:|--:|--:|--:|\n");
        foreach (string group in ours.Select(verdict => verdict.Case.Group).Distinct())
            Row(text, group, [.. ours.Where(verdict => verdict.Case.Group == group)], [.. theirs.Where(verdict => verdict.Case.Group == group)]);
        Row(text, "**all**", ours, theirs);
        return text.Append('\n').ToString();
    }

    private static void Row(StringBuilder text, string name, Verdict[] ours, Verdict[] theirs)
    {
        int ended = theirs.Count(verdict => verdict.Outcome == Outcome.Ended);
        text.Append($"| {name} | {ours.Length} |");
        foreach (Verdict[] verdicts in (Verdict[][])[ours, theirs])
            foreach (Outcome outcome in (Outcome[])[Outcome.Passed, Outcome.Refused, Outcome.Wrong])
                text.Append(verdicts.Count(verdict => verdict.Outcome == outcome) is var count && count == 0 ? " |" : $" {count} |");
        text.Length -= 2;
        text.Append(ended > 0 ? $", {ended} ended the process |\n" : " |\n");
    }
}
