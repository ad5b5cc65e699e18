using System.Globalization;
using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Bench;

/// <summary>The result of one case of training, inference, streaming or the character model.</summary>
/// <param name="Workload">What was timed.</param>
/// <param name="Case">On what.</param>
/// <param name="Rows">Steps of all sequences together.</param>
/// <param name="Measured">The times.</param>
/// <param name="Flops">Operations of a call's matrix products.</param>
internal sealed record BenchRow(string Workload, BenchCase Case, long Rows, Measured Measured, double Flops)
{
    private Times Times => Measured.Times;

    private double Peak => Measured.Peak;

    /// <summary>In how many seconds the weights would be read as floats, by measured reading of as many bytes; null: not measured.</summary>
    internal double? FloatFloor { get; init; }

    /// <summary>Of the last call.</summary>
    internal double? Loss { get; init; }

    /// <summary>Steps per second.</summary>
    internal double? TokensPerSecond { get; init; }

    /// <summary>The maximum memory that the process has held so far, in MiB.</summary>
    internal double? PeakMegabytes { get; init; }

    internal const string Head =
        "workload  cell                       B,T,I,H               median µs       min µs       max µs   GFLOP/s  of peak   bytes";

    /// <summary>The head of a table of single steps.</summary>
    internal const string StreamHead = Head + "  floats read, µs";

    private double Gflops => Flops / Times.Median / 1e9;

    internal void WriteTo(BenchOutput output) => output.Line(Workload, Text(), Members);

    private string Text()
    {
        string times = string.Create(CultureInfo.InvariantCulture,
            $"{Times.Median * 1e6,12:F1} {Times.Min * 1e6,12:F1} {Times.Max * 1e6,12:F1} {Gflops,9:F1} {100 * Gflops / Peak,7:F1}%");
        string floor = FloatFloor is { } seconds ? string.Create(CultureInfo.InvariantCulture, $" {seconds * 1e6,16:F1}") : "";
        string loss = Loss is null ? "" : string.Create(CultureInfo.InvariantCulture, $"  loss {Loss:G6}");
        string rate = TokensPerSecond is null ? ""
            : string.Create(CultureInfo.InvariantCulture, $"  {TokensPerSecond:F0} tokens/s, {PeakMegabytes:F0} MiB maximum");
        return $"{Workload,-9} {Case.Title,-26} {Case.Shape,-18} {times} {Times.AllocatedBytes,7}{floor}{loss}{rate}{Disturbed()}";
    }

    private string Disturbed()
    {
        double cores = (Measured.OtherCores + Measured.StolenCores) ?? 0;
        return cores < 0.1 ? "" : string.Create(CultureInfo.InvariantCulture, $"  (other processes used {cores:F1} cores)");
    }

    private static double? Rounded(double? cores) => cores is { } value ? Math.Round(value, 3) : null;

    private void Members(Utf8JsonWriter json)
    {
        Case.Members(json);
        json.WriteString("weights", Case.Weights.Name());
        json.WriteNumber("median_us", Math.Round(Times.Median * 1e6, 3));
        json.WriteNumber("min_us", Math.Round(Times.Min * 1e6, 3));
        json.WriteNumber("max_us", Math.Round(Times.Max * 1e6, 3));
        json.WriteNumber("samples", Times.Samples);
        json.WriteNumber("gflops", Math.Round(Gflops, 2));
        if (FloatFloor is { } floor) json.WriteNumber("float_floor_us", Math.Round(floor * 1e6, 3));
        if (Loss is not null) json.Number("loss", Loss);
        if (TokensPerSecond is { } tokens) json.WriteNumber("tokens_per_s", Math.Round(tokens));
        if (PeakMegabytes is { } megabytes) json.WriteNumber("rss_peak_mb", Math.Round(megabytes));
        json.WriteNumber("peak_gflops", Math.Round(Peak, 1));
        json.WriteNumber("share_of_peak", Math.Round(Gflops / Peak, 4));
        json.WriteNumber("alloc_bytes", Times.AllocatedBytes);
        json.WriteBoolean("ragged", Case.Ragged);
        json.WriteNumber("rows", Rows);
        json.Number("other_cores", Rounded(Measured.OtherCores));
        json.Number("stolen_cores", Rounded(Measured.StolenCores));
    }
}
