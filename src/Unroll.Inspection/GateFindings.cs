using System.Globalization;
using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Layers.Recurrent;

namespace Unroll.Inspection;

/// <summary>The findings of a layer, the worst first.</summary>
internal static class GateFindings
{
    private const double Nearly = 0.95, Much = 0.6, NearlyAll = 0.9, FewSteps = 1;

    public static IEnumerable<Finding> Of(LayerGates layer)
    {
        if (layer.Steps == 0) yield break;
        if (layer.Traces.FirstOrDefault(trace => !double.IsFinite(trace.Statistics.Mean)) is { } broken)
        {
            yield return NotFinite(layer, broken);
            yield break;
        }
        foreach (GateTrace trace in layer.Traces)
            if (OfGate(layer, trace) is { } finding) yield return finding;
        if (layer.DeadUnits.Count > 0)
            yield return new Finding(FindingKind.DeadUnits, layer.Name, "", IsProblem: true,
                $"layer {layer.Name}: {Units(layer, layer.DeadUnits)} dead: the output is constant over the sequence and no gradient reaches "
                    + "the weights.");
        int[] constant = [.. layer.ConstantUnits.Except(layer.DeadUnits)];
        if (constant.Length > 0)
            yield return new Finding(FindingKind.ConstantUnits, layer.Name, "", IsProblem: false,
                Invariant($"layer {layer.Name}: {Units(layer, constant)} constant: the output moves by less than {LayerGates.ConstantBelow} ")
                    + "over the sequence.");
        foreach (MemoryHalfLife memory in layer.HalfLives.Where(one => one.Mean < FewSteps && layer.Find(one.Gate)!.Statistics.NearLower < Nearly))
            yield return new Finding(FindingKind.ShortMemory, layer.Name, memory.Gate, IsProblem: false, Invariant(
                $"layer {layer.Name}: gate {memory.Gate} keeps little{Of(layer, memory)}: half of the memory is lost after {memory.Mean:G2} steps ")
                + Invariant($"(longest unit {memory.Longest:G3})."));
    }

    private static Finding? OfGate(LayerGates layer, GateTrace trace)
    {
        GateStatistics s = trace.Statistics;
        if (trace.Range == GateRange.Unbounded || trace.RangeIsGuessed
            && !layer.Layer.Cell.Gates.Contains(trace.Name, StringComparison.Ordinal)) return null;
        bool stuck = s.Units.All(unit => unit.NearLower == 1) || s.Units.All(unit => unit.NearUpper == 1);
        if (stuck || s.NearLower >= Nearly || s.NearUpper >= Nearly) return Stuck(layer, trace, stuck, upper: s.NearUpper > s.NearLower);
        bool tanh = trace.Range == GateRange.Tanh;
        if (s.Saturated < Much) return null;
        return new Finding(FindingKind.Saturation, layer.Name, trace.Name, IsProblem: tanh && s.Saturated >= NearlyAll,
            string.Create(CultureInfo.InvariantCulture,
            $"layer {layer.Name}: {Called(layer, trace)} is saturated in {s.Saturated:P0} of its values ({s.NearLower:P0} near "
                + $"{Bound(trace, false)}, {s.NearUpper:P0} near 1): ") +
            (tanh ? "its derivative is near 0 there, so little gradient passes" : "it switches more than it weighs, and learns slowly")
                + Cause(layer, trace) + ".");
    }

    private static Finding Stuck(LayerGates layer, GateTrace trace, bool whole, bool upper)
    {
        (string meaning, bool harm) = SlotFacts.Stuck(layer.Layer.Cell, trace.Name, upper);
        string how = whole ? "is stuck at" : "is nearly stuck at", where = whole
            ? $"in {AllUnits(trace.Units)} at {AllSteps(layer.Steps)}"
            : $"in {Percent(upper ? trace.Statistics.NearUpper : trace.Statistics.NearLower)} of its values";
        string halfLife = string.Concat(layer.HalfLives.Where(one => one.Gate == trace.Name)
            .Select(one => Invariant($"; half-life{Of(layer, one)} {Steps(one.Mean)}")));
        string guess = trace.RangeIsGuessed ? " (its range is guessed from its values)" : "";
        return new Finding(whole ? FindingKind.StuckGate : FindingKind.NearlyStuckGate, layer.Name, trace.Name, harm,
            $"layer {layer.Name}: {Called(layer, trace)} {how} {Bound(trace, upper)} {where}{guess}: {meaning}{halfLife}{Cause(layer, trace)}.");
    }

    // Only a gate has an argument of its own; m = tanh(c) is what c makes it.
    private static string Cause(LayerGates layer, GateTrace trace)
    {
        if (layer.Layer.Cell is DefinedCell cell) return DefinedArgument.Of(layer, cell, trace.Name)?.Text ?? "";
        if (!layer.Layer.Cell.Gates.Contains(trace.Name, StringComparison.Ordinal))
            return layer.Find("c") is { } c && layer.Layer.Cell.Description.Find(trace.Name)?.Role == GateRole.Shown
                ? Invariant($"; c runs from {c.Statistics.Smallest:G3} to {c.Statistics.Largest:G3}") : "";
        GateArgument a = layer.Argument(trace.Name);
        string rows = $"rows {a.FirstRow} … {a.LastRow} ({trace.Name})",
            parts = Invariant($"{a.Bias:+0.0;−0.0;0.0} from the bias, {a.Input:+0.0;−0.0;0.0} from the input, ") +
            Invariant($"{a.State:+0.0;−0.0;0.0} from the state");
        RecurrentLayer w = layer.Layer;
        double largest = Math.Max(Math.Abs(a.Bias), Math.Max(Math.Abs(a.Input), Math.Abs(a.State)));
        string look = largest == Math.Abs(a.Bias) ? Invariant($"look at {w.InputBias.Name} and {w.HiddenBias.Name}, {rows}: together ")
            + Invariant($"{a.Bias:0.0;−0.0;0.0} on average")
            : largest == Math.Abs(a.Input) ? $"look at {w.InputToHidden.Name}, {rows}, and at the scale of the input"
            : $"look at {w.HiddenToHidden.Name}, {rows}";
        return $". Its argument is, on average, {parts}: {look}";
    }

    private static Finding NotFinite(LayerGates layer, GateTrace trace)
    {
        int t = Enumerable.Range(0, layer.Steps).First(step => trace.Values[step].Any(value => !float.IsFinite(value)));
        int unit = Array.FindIndex(trace.Values[t], value => !float.IsFinite(value));
        return new Finding(FindingKind.NotFinite, layer.Name, trace.Name, IsProblem: true,
            $"layer {layer.Name}: {Called(layer, trace)} is {(float.IsNaN(trace.Values[t][unit]) ? "NaN" : "infinite")} from step {t} on, first "
                + $"in unit {unit}: " +
            "look for weights or inputs that are not finite or very large.");
    }

    private static string Called(LayerGates layer, GateTrace trace) => trace.Name is "h" or "c" ? $"state {trace.Name}"
        : layer.Layer.Cell.Gates.Contains(trace.Name, StringComparison.Ordinal) ? $"gate {trace.Name}"
            : SlotFacts.Called(layer.Layer.Cell, trace.Name);

    private static string Bound(GateTrace trace, bool upper) => upper ? "1" : trace.Range == GateRange.Tanh ? "−1" : "0";

    /// <summary>Which state a half-life is of, where there are several: <c>" of z"</c>.</summary>
    internal static string Of(LayerGates layer, MemoryHalfLife memory) => layer.HalfLives.Count > 1 ? $" of {memory.State}" : "";

    private static string AllUnits(int units) => units == 1 ? "its one unit" : $"all {units} units";

    private static string AllSteps(int steps) => steps == 1 ? "the one step" : $"all {steps} steps";

    /// <summary>So many steps, in words.</summary>
    internal static string Steps(double steps) => double.IsInfinity(steps) ? "without end" : Invariant($"{steps:G2} steps");

    private static string Percent(double share) => share.ToString("P0", CultureInfo.InvariantCulture);

    private static string Units(LayerGates layer, IReadOnlyList<int> units)
    {
        const int most = 12;
        string list = string.Join(", ", units.Take(most)) + (units.Count > most ? ", …" : "");
        return $"{units.Count} of {layer.Layer.HiddenSize} units ({list}) {(units.Count == 1 ? "is" : "are")}";
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
