using System.Globalization;
using Unroll.Cells;

namespace Unroll.Inspection;

/// <summary>What was found in a network, as lines for a terminal.</summary>
internal static class InspectionText
{
    /// <summary>The findings.</summary>
    public static IEnumerable<string> Findings(IReadOnlyList<Finding> findings)
    {
        int problems = findings.Count(finding => finding.IsProblem);
        yield return findings.Count == 0 ? "findings: none; no gate is stuck, no unit is dead"
            : $"findings: {problems} that {(problems == 1 ? "is" : "are")} likely to be harmful, " +
            $"{findings.Count - problems} for information";
        foreach (Finding finding in findings) yield return $"  {(finding.IsProblem ? "!" : "-")} {finding.Text}";
    }

    /// <summary>A layer and its gates, a line each.</summary>
    public static IEnumerable<string> Statistics(LayerGates layer)
    {
        yield return $"{Title(layer)}";
        yield return $"  {"",-3} {"mean",8} {"near low",9} {"near high",9} {"stuck units",12} {"smallest",9} {"largest",9}";
        foreach (GateTrace trace in layer.Traces)
        {
            GateStatistics s = trace.Statistics;
            bool bounded = trace.Range != GateRange.Unbounded;
            yield return Invariant($"  {trace.Name,-3} {s.Mean,8:F3} {(bounded ? Percent(s.NearLower) : ""),9} ")
                + Invariant($"{(bounded ? Percent(s.NearUpper) : ""),9} ") +
                Invariant($"{(bounded ? $"{s.StuckUnits} of {trace.Units}" : ""),12} {s.Smallest,9:F3} {s.Largest,9:F3}  {RangeOf(trace)}");
        }
        foreach (MemoryHalfLife memory in layer.HalfLives) yield return $"  {HalfLife(layer, memory)}";
        yield return $"  units: {layer.ConstantUnits.Count} constant, of which {layer.DeadUnits.Count} dead";
    }

    /// <summary>What the layer is.</summary>
    public static string Title(LayerGates layer) =>
        $"layer {layer.Name}: {layer.Layer.Cell.Name}, {layer.Layer.HiddenSize} units, {layer.Steps} "
            + $"steps{(layer.Layer.Reverse ? ", from the last step to the first" : "")}";

    /// <summary>How long its units remember.</summary>
    public static string HalfLife(LayerGates layer, MemoryHalfLife memory) =>
        $"memory half-life{GateFindings.Of(layer, memory)} (from {memory.Gate}): {GateFindings.Steps(memory.Mean)} on average, "
        + $"median {GateFindings.Steps(memory.Median)}, longest {GateFindings.Steps(memory.Longest)}";

    /// <summary>The bounds of a trace.</summary>
    public static string RangeOf(GateTrace trace) =>
        (trace.Range switch { GateRange.Logistic => "0 … 1", GateRange.Tanh => "−1 … 1", _ => "" })
            + (trace.RangeIsGuessed && trace.Range != GateRange.Unbounded ? ", by its values" : "");

    /// <summary>A share in percent.</summary>
    public static string Percent(double share) => double.IsFinite(share) ? share.ToString("P1", CultureInfo.InvariantCulture) : "–";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
