using System.Globalization;
using Unroll.Files;
using Unroll.Inspection.Flow;

namespace Unroll.Inspection.Report;

/// <summary>What a run's <c>inspect.jsonl</c> shows on its page: gradients, gates and dead units over the updates.</summary>
public static class TrainingInspectionSection
{
    private const int MaxColumns = 160;

    /// <summary>One section a layer and direction; none where the file is missing or has fewer than two lines.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="Core.UserErrorException">The file system reported an error.</exception>
    public static IReadOnlyList<ReportSection> Read(string path)
    {
        TrainingSnapshot[] lines = [.. TextFile.ReadLines(path).Select(TrainingSnapshot.FromJson).OfType<TrainingSnapshot>()];
        lines = [.. lines.Where(line => line.Layers.Select(layer => layer.Place).SequenceEqual(lines[0].Layers.Select(layer => layer.Place)))];
        if (lines.Length < 2) return [];
        int stride = (lines.Length + MaxColumns - 1) / MaxColumns;
        TrainingSnapshot[] shown = [.. lines.Where((_, i) => (lines.Length - 1 - i) % stride == 0)];
        return [.. lines[0].Layers.Select((layer, l) => Section(layer.Place, shown, [.. shown.Select(line => line.Layers[l])]))];
    }

    private static ReportSection Section(string place, TrainingSnapshot[] lines, LayerSnapshot[] layers)
    {
        string[] updates = [.. lines.Select(line => line.Update.ToString(CultureInfo.InvariantCulture))];
        int[] steps = [.. layers[0].Steps];
        LineChart Over(string title, string caption, params Line[] curves) =>
            new(updates, curves) { Title = title, Caption = caption, XName = "update" };
        return new ReportSection($"Inside {place} during training",
        [
            new HeatmapChart(updates, [.. steps.Select(t => t.ToString(CultureInfo.InvariantCulture))],
                [.. steps.Select((_, row) => (IReadOnlyList<double>)[.. layers.Select(layer =>
                    row < layer.Norms.Count ? Math.Log10(layer.Norms[row]) : double.NaN)])])
            {
                Title = "Gradient of the last loss by step",
                Caption = "log₁₀ ‖∂L/∂h⟨t⟩‖ on one and the same sequence; empty where it is 0. A dark edge that moves down is a gradient that "
                    + "vanishes.",
                XName = "update", YName = "step t",
            },
            Over("Growth of the gradient a step back", "Below 1 it vanishes, above 1 it explodes.",
                new Line("growth", [.. layers.Select(layer => layer.Growth)])),
            Over("Gates near a bound", "The share of values within 0.05 of a bound, over steps and units.",
                [.. layers[0].Gates.SelectMany((gate, g) => new[]
            {
                new Line($"{gate.Gate} low", [.. layers.Select(layer => layer.Gates[g].NearLower)], Stroke.Dashed),
                new Line($"{gate.Gate} high", [.. layers.Select(layer => layer.Gates[g].NearUpper)]),
            })]) with { FromZero = true },
            Over("Size of the state", "The mean of |h| over steps and units.",
                new Line("mean |h|", [.. layers.Select(layer => layer.MeanAbsH)])) with { FromZero = true },
            Over("Dead units", $"Of {layers[0].Units}: the output does not move, and no gate gets a gradient.",
                new Line("dead units", [.. layers.Select(layer => (double)layer.DeadUnits)])) with { FromZero = true },
        ]);
    }
}
