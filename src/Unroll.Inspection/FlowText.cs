using System.Globalization;
using Unroll.Core;
using Unroll.Inspection.Flow;

namespace Unroll.Inspection;

/// <summary>Gradients and dependencies, as lines for a terminal.</summary>
internal static class FlowText
{
    private const int ShownSteps = 7, ShownInputs = 5;

    public static IEnumerable<string> Lines(GradientFlow flow, IEnumerable<LayerFlow> layers, InspectionSubject subject)
    {
        string of = Of(flow, subject);
        foreach (LayerFlow layer in layers)
            foreach (StateFlow state in States(layer))
            {
                yield return $"gradient flow, layer {layer.Place}: ‖∂L/∂{state.State}‖ of {of}";
                yield return "  " + $"{"step",5} {"",-12}" + $"{"engine",10} {"sum",10}"
                    + string.Concat(state.Terms.Select(term => $" {TextColumns.Right(term.Name, 12)}"));
                foreach (int t in Steps(state.Total.Norms))
                    yield return "  " + $"{t,5} {Label(subject.Labels[t])}" + $"{Short(state.Total.Norms[t]),10} {Short(SumNorm(state, t)),10}" +
                        string.Concat(state.Terms.Select(term => $" {Short(term.Norms[t]),12}"));
                yield return $"  the terms add up to the engine's gradient: largest difference {Short(state.LargestDifference)} of the largest "
                    + $"term of a step";
            }
    }

    public static IEnumerable<string> Lines(Saliency saliency, InspectionSubject subject)
    {
        string most = string.Join(", ", saliency.Largest(ShownInputs).Select(one =>
            $"{Quoted(subject.Labels[one.Step])} (step {one.Step}) {Percent(one.Share)}"));
        yield return most.Length == 0
            ? $"inputs: the loss of output {saliency.Row} ({Quoted(saliency.Label)}) depends on none of them"
            : $"inputs: the loss of output {saliency.Row} ({Quoted(saliency.Label)}) depended most on {most}; " +
                $"nine tenths of it on {saliency.Reach(0.9)} of {saliency.Values.Count} steps, the last of them step {saliency.Last}";
    }

    /// <summary>Which loss it is.</summary>
    public static string Of(GradientFlow flow, InspectionSubject subject) => flow.Step is int step
        ? $"the loss of output {step} ({Quoted(subject.OutputLabel(step))})"
        : subject.OutputRows == 1 ? "the loss" : "the total loss";

    /// <summary>h, c where there is one, and the further states of a defined cell.</summary>
    public static IEnumerable<StateFlow> States(LayerFlow layer) => layer.States;

    /// <summary>The norm of the sum of the terms at a step.</summary>
    public static double SumNorm(StateFlow state, int step)
    {
        double sum = 0;
        for (int u = 0; u < state.Total.At(step).Length; u++)
        {
            double unit = 0;
            foreach (FlowTerm term in state.Terms) unit += term.At(step)[u];
            sum += unit * unit;
        }
        return Math.Sqrt(sum);
    }

    /// <summary>Three digits, for any size.</summary>
    public static string Short(double value) => value == 0 ? "0" : value.ToString(Math.Abs(value) is >= 1e-3 and < 1e5 ? "G3" : "0.0E+0",
        CultureInfo.InvariantCulture);

    /// <summary>A label in a sentence: a blank or a line break would not be visible.</summary>
    public static string Quoted(string label) => label.Trim().Length is 0 or 1 ? $"'{label.Replace("\n", "\\n")}'" : label;

    private static string Label(string label) => TextColumns.Left(TextColumns.Shorten(label.ReplaceLineEndings("\\n"), 12), 12);

    private static string Percent(double share) => share.ToString("P0", CultureInfo.InvariantCulture);

    // Between the first and the last step that any gradient reaches: those two, and some evenly between.
    private static IEnumerable<int> Steps(IReadOnlyList<double> norms)
    {
        int first = 0, last = norms.Count - 1;
        while (last > 0 && norms[last] == 0) last--;
        while (first < last && norms[first] == 0) first++;
        int count = Math.Min(last - first + 1, ShownSteps);
        for (int i = count - 1; i >= 0; i--) yield return count == 1 ? last : first + (int)((last - first) * (long)i / (count - 1));
    }
}
