using System.Globalization;
using Unroll.Inspection.Flow;

namespace Unroll.Inspection.Report;

/// <summary>The parts of an inspection's page that show gradients over time and why they decay.</summary>
internal static class FlowSections
{
    public static IEnumerable<ReportBlock> Verdicts(InspectionResult result)
    {
        if (result.Flows.Count == 0)
            yield return new ListBlock(new ListItem("Quantized weights are for inference only: there are no gradients to show. Inspect the model "
                + "with floats that this one was made from."));
        if (result.Decays.Count > 0)
            yield return new ListBlock([.. result.Decays.Select(decay => new ListItem($"Layer {decay.Place}: {decay.Verdict}"))]);
    }

    public static IEnumerable<ReportSection> Flow(InspectionResult result)
    {
        foreach (GradientFlow flow in result.Flows)
        {
            string of = FlowText.Of(flow, result.Subject);
            yield return new ReportSection($"Gradient flow of {of}",
                [.. result.Shown(flow).SelectMany(layer => FlowText.States(layer).Select(state => Chart(layer, state, result.Subject.Labels)))]);
        }
    }

    private static LineChart Chart(LayerFlow layer, StateFlow state, IReadOnlyList<string> labels) => new(labels,
        [new Line("total", state.Total.Norms), .. state.Terms.Select(term => new Line(term.Name, term.Norms, Stroke.Dashed))])
    {
        Title = $"{layer.Place}: ‖∂L/∂{state.State}‖ and its terms",
        Caption = (layer.Reverse ? "The layer goes from the last step to the first: gradients flow to the right. " : "Gradients flow to the left. ") +
            $"The terms add up to the engine's own gradient; the largest difference is {FlowText.Short(state.LargestDifference)} of the largest "
                + $"term of a step.",
        XName = "step",
        Logarithmic = true,
        Wide = true,
    };

    public static IEnumerable<ReportSection> Decay(InspectionResult result)
    {
        if (result.Decays.Count > 0) yield return new ReportSection("Why gradients decay", [.. result.Decays.SelectMany(Blocks)]);
    }

    private static IEnumerable<ReportBlock> Blocks(Decay decay)
    {
        string state = decay.Cell == "lstm" ? "(h, c)" : "h";
        List<Line> lines = [Curve("whole", point => point.LogNorm)];
        if (decay.UnsaturatedGrowth is not null) lines.Add(Curve("without saturation", point => point.LogUnsaturated ?? double.NaN));
        if (decay.DirectGrowth > 0) lines.Add(Curve("direct path, best unit", point => point.LogDirect));
        yield return new LineChart([.. decay.Curve.Select(point => point.Steps.ToString(CultureInfo.InvariantCulture))], lines)
        {
            Title = $"{decay.Place}: ‖∂{state}⟨t⟩/∂{state}⟨t−d⟩‖",
            Caption = "The norm of the product of Jacobians from the last step back by d. Without saturation every activation has its largest "
                + "slope: " +
                "what remains is due to the recurrent matrices, and the distance to the whole is due to the activations.",
            XName = "steps back, d",
            Logarithmic = true,
        };
        yield return new TableBlock(["", ""],
        [
            ["growth per step, whole", FlowText.Short(decay.Growth)],
            ["without saturation", decay.UnsaturatedGrowth is double growth ? FlowText.Short(growth) : "–"],
            ["activations' part", decay.SaturationFactor is double factor ? FlowText.Short(factor) : "–"],
            ["direct path, best unit", FlowText.Short(decay.DirectGrowth)],
            [$"norm over {decay.Steps} steps", FlowText.Short(decay.Norm)],
            ["its spectral radius", FlowText.Short(Math.Exp(decay.LogSpectralRadius))],
            .. decay.Matrices.Select(matrix => (string[])[$"recurrent matrix of {matrix.Gate}: norm", FlowText.Short(matrix.Norm)]),
            .. decay.Matrices.Where(matrix => matrix.SpectralRadius is not null)
                .Select(matrix => (string[])[$"recurrent matrix of {matrix.Gate}: spectral radius", FlowText.Short(matrix.SpectralRadius!.Value)]),
        ])
        { Title = decay.Place, Caption = decay.Verdict };

        Line Curve(string name, Func<DecayPoint, double> log) => new(name, [.. decay.Curve.Select(point => Math.Exp(log(point)))]);
    }
}
