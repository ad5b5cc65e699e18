using System.Globalization;
using Unroll.Numerics;

namespace Unroll.Cli.Bench;

/// <summary><c>limits</c>: the limits of the machine: fused multiply-adds, and reading from each level of memory.</summary>
internal static class LimitsBench
{
    private const int Tries = 7;
    private static readonly (string Name, int Bytes)[] Levels =
    [
        ("read_24KiB", 24 << 10), ("read_512KiB", 512 << 10), ("read_2MiB", 2 << 20), ("read_8MiB", 8 << 20), ("read_32MiB", 32 << 20),
        ("read_256MiB", 256 << 20),
    ];

    internal static void Run(BenchRun run)
    {
        run.Machine.WarmUp("limits", () => MachineLimits.MultiplyAdds(run.Machine.Team, 1));
        run.Output.Head("workload  what                   median      min      max");
        Row(run, "fma", "GFLOP/s", () => MachineLimits.MultiplyAdds(run.Machine.Team, 1));
        foreach ((string name, int bytes) in run.Each(Levels))
            Row(run, name, "GB/s", () => MachineLimits.ReadBandwidth(run.Machine.Team, bytes, 1));
    }

    private static void Row(BenchRun run, string what, string unit, Func<double> measure)
    {
        double[] found = [.. Enumerable.Range(0, Tries).Select(_ => measure()).Order()];
        (double median, double min, double max) = (found[Tries / 2], found[0], found[^1]);
        string text = string.Create(CultureInfo.InvariantCulture, $"limits    {what,-18} {median,10:F1} {min,8:F1} {max,8:F1} {unit}");
        run.Output.Line("limits", text, json =>
        {
            json.WriteString("what", what);
            json.WriteString("unit", unit);
            json.WriteNumber("median", Math.Round(median, 1));
            json.WriteNumber("min", Math.Round(min, 1));
            json.WriteNumber("max", Math.Round(max, 1));
        });
    }
}
