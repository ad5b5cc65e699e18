using System.Globalization;

namespace Unroll.Fuzz;

/// <summary>
/// Every reader against changed files. <c>UNROLL_FUZZ_INPUTS=100000</c> gives as many to each, without a limit of time; else each has some seconds.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Few = 500;
    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(1);
    private static readonly Lazy<IReadOnlyList<FuzzTarget>> s_all =
        new(() => [.. CellTargets.All, .. DataTargets.All, .. FileTargets.All, .. KerasTargets.All, .. OnnxTargets.All, .. PyTorchTargets.All]);

    internal static IReadOnlyList<FuzzTarget> All => s_all.Value;

    // UNROLL_FUZZ_ONLY=npy,gzip: those whose names hold one of these words.
    public static TheoryData<string> Targets => [.. s_all.Value.Select(target => target.Name).Where(name =>
        Environment.GetEnvironmentVariable("UNROLL_FUZZ_ONLY") is not { } only || only.Split(',').Any(word => name.Contains(word,
            StringComparison.Ordinal)))];

    [Theory, MemberData(nameof(Targets))]
    public void Whatever_the_bytes_a_reader_answers_or_refuses_in_one_line(string name)
    {
        FuzzTarget target = s_all.Value.Single(one => one.Name == name);
        int? many = int.TryParse(Environment.GetEnvironmentVariable("UNROLL_FUZZ_INPUTS"), out int count) ? count : null;
        FuzzResult result = FuzzRun.Of(target, many ?? Few, many is null ? s_short : null);
        string line = string.Create(CultureInfo.InvariantCulture, $"{name}: {result.Inputs:N0} inputs, {result.Refused:N0} refused, at most ")
            + string.Create(CultureInfo.InvariantCulture, $"{result.Slowest.TotalMilliseconds:F0} ms and {result.MostBytes / 1048576.0:F1} MB, ")
            + $"{result.Findings.Count} findings";
        output.WriteLine(line);
        if (Environment.GetEnvironmentVariable("UNROLL_FUZZ_REPORT") is { } report) File.AppendAllLines(report, [line,
            .. result.Findings.Select(finding => "  " + finding)]);
        Assert.True(result.Findings.Count == 0, string.Join('\n', [line, .. result.Findings]));
        Assert.True(result.Inputs > 0 && result.Refused < result.Inputs, "some changed files must still be read: " + line);
    }
}
