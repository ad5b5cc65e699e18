using System.Globalization;
using Unroll.Cells;

namespace Unroll.Inspection.Report;

/// <summary>The part of an inspection page that shows gates.</summary>
internal static class GateSections
{
    public static ReportBlock Findings(IReadOnlyList<Finding> findings) => findings.Count == 0
        ? new ListBlock(new ListItem("No gate is stuck and no unit is dead.", Verdict.Good))
        : new ListBlock([.. findings.Select(finding => new ListItem(Capital(finding.Text), finding.IsProblem ? Verdict.Bad : Verdict.None))]);

    public static ReportSection Layer(LayerGates layer, IReadOnlyList<string> labels) => new(Capital(InspectionText.Title(layer)),
        new UnitMapsChart(labels, [.. layer.Traces.Where(trace => !IsTwice(layer, trace)).Select(trace => Map(layer, trace))])
        {
            XName = "step",
            Caption = "A row is a unit, the most saturated at the top; a column is a step. Click on a unit for its curves. Ctrl and the wheel "
                + "zoom in time, " +
                "shift and the wheel in units; drag to move.",
        },
        Table(layer), Memory(layer));

    public static ReportBlock Legend(LayerGates layer) => new TableBlock(["", "", "study notes"],
        [.. layer.Layer.Cell.Description.Equations.Select(line => (IReadOnlyList<string>)[line.Equation, line.Meaning, line.Notes])])
    {
        Title = layer.Layer.Cell.Name,
        Wide = true,
        Caption = "h₋ and c₋ are of the previous step, ⊙ is the elementwise product, σ is the logistic function. In the weights, W is weight_ih and "
            + "U is "
            + "weight_hh. Numbers such as S30 refer to the statements of the study notes that docs/notes-index.md lists.",
    };

    // The output of a plain RNN is its one gate.
    private static bool IsTwice(LayerGates layer, GateTrace trace) =>
        trace.Name == "h" && layer.Layer.Cell.Saved.Any(slot => SlotFacts.IsState(layer.Layer.Cell, slot));

    private static UnitMap Map(LayerGates layer, GateTrace trace)
    {
        GateStatistics s = trace.Statistics;
        double reach = s.Units.SelectMany(unit => (double[])[Math.Abs(unit.Smallest),
            Math.Abs(unit.Largest)]).Where(double.IsFinite).DefaultIfEmpty(1).Max();
        if (reach == 0) reach = 1;
        bool bounded = trace.Range != GateRange.Unbounded;
        (double minimum, double maximum) = trace.Range switch
        {
            GateRange.Logistic => (0, 1),
            GateRange.Tanh => (-1, 1),
            _ => (s.Smallest < 0 ? -reach : 0, reach),
        };
        return new UnitMap(trace.Name, trace.Values, Order(trace))
        {
            Title = SlotFacts.Called(layer.Layer.Cell, trace.Name) + (bounded ? $": {InspectionText.Percent(s.Saturated)} saturated" : ""),
            Minimum = minimum,
            Maximum = maximum,
            IsBounded = bounded || reach <= 1,
        };
    }

    // The most saturated first, and of those alike the larger; without bounds, the one that goes farthest.
    private static int[] Order(GateTrace trace)
    {
        IReadOnlyList<UnitStatistics> units = trace.Statistics.Units;
        double Rank(int unit) => trace.Range == GateRange.Unbounded ? Math.Max(Math.Abs(units[unit].Smallest), Math.Abs(units[unit].Largest))
            : units[unit].Saturated;
        return [.. Enumerable.Range(0, units.Count).OrderByDescending(Rank).ThenByDescending(unit => units[unit].Mean)];
    }

    private static TableBlock Table(LayerGates layer) => new(["", "mean", "near the lower bound", "near the upper bound", "stuck units", "smallest",
        "largest", "bounds"],
        [.. layer.Traces.Select(trace => (IReadOnlyList<string>)Row(layer, trace))])
    {
        Title = "Gates and states over all steps and units",
        Caption = "Near a bound means within 0.05 of it: below 0.05 or above 0.95 for σ, below −0.95 or above 0.95 for tanh. A stuck unit is "
            + "near one bound at every step.",
        Wide = true,
    };

    private static string[] Row(LayerGates layer, GateTrace trace)
    {
        GateStatistics s = trace.Statistics;
        bool bounded = trace.Range != GateRange.Unbounded;
        return
        [
            SlotFacts.Called(layer.Layer.Cell, trace.Name), Short(s.Mean), bounded ? InspectionText.Percent(s.NearLower) : "", bounded
                ? InspectionText.Percent(s.NearUpper) : "",
            bounded ? s.StuckUnits.ToString(CultureInfo.InvariantCulture) : "", Short(s.Smallest), Short(s.Largest), InspectionText.RangeOf(trace),
        ];
    }

    private static KeyFigureBlock Memory(LayerGates layer)
    {
        List<KeyFigure> figures = [];
        foreach (MemoryHalfLife memory in layer.HalfLives)
            figures.AddRange([
                new KeyFigure("memory half-life" + GateFindings.Of(layer, memory), GateFindings.Steps(memory.Mean),
                    $"from {memory.Gate}, at the mean rate of all units"),
                new KeyFigure("of half the units, at least", GateFindings.Steps(memory.Median)),
                new KeyFigure("of the longest unit", GateFindings.Steps(memory.Longest))]);
        figures.Add(new KeyFigure("constant units", $"{layer.ConstantUnits.Count}", $"of {layer.Layer.HiddenSize}"));
        figures.Add(new KeyFigure("dead units", $"{layer.DeadUnits.Count}", "constant, and without gradient", layer.DeadUnits.Count > 0
            ? Verdict.Bad : Verdict.None));
        return new KeyFigureBlock(figures);
    }

    private static string Short(double value) => double.IsFinite(value) ? value.ToString("0.000", CultureInfo.InvariantCulture) : "–";

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
