using Unroll.Inspection.Flow;

namespace Unroll.Inspection.Report;

/// <summary>The parts of an inspection's page that show which inputs counted.</summary>
internal static class DependencySections
{
    private const int Decades = 8;                          // what is a hundred millionth of the largest cannot be told from nothing

    public static ReportSection Saliency(InspectionResult result)
    {
        Saliency saliency = result.Saliency!;
        InspectionSubject subject = result.Subject;
        string title = $"‖∂L/∂x⟨k⟩‖ for output {saliency.Row} ({FlowText.Quoted(saliency.Label)})",
            caption = string.Join(" ", FlowText.Lines(saliency, subject)) + ".";
        ReportBlock block = IsText(subject.Labels)
            ? new ShadedText([.. subject.Labels.Select(Visible)], saliency.Values) { Spaced = subject.Labels.Any(label => label.Length > 2),
                Title = title, Caption = caption }
            : new LineChart(subject.Labels, new Line("‖∂L/∂x‖", saliency.Values)) { Title = title, Caption = caption, XName = "step", Wide = true,
                FromZero = true };
        return new ReportSection("Which inputs mattered", block);
    }

    public static IEnumerable<ReportSection> Map(InspectionResult result)
    {
        ReportBlock[] maps = [.. Maps(result)];
        if (maps.Length > 0) yield return new ReportSection("Dependency map", maps);
    }

    private static IEnumerable<ReportBlock> Maps(InspectionResult result)
    {
        if (result.Dependencies is { Rows.Count: > 1 } losses)
            yield return Map(losses, result.Subject, "log₁₀ ‖∂L⟨t⟩/∂x⟨k⟩‖: how the loss of output t (down) depended on input k (across)");
        if (result.OutputDependencies is { Rows.Count: > 1 } outputs)
            yield return Map(outputs, result.Subject, "log₁₀ ‖∂y⟨t⟩/∂x⟨k⟩‖: how output t (down) depended on input k (across)");
    }

    private static HeatmapChart Map(DependencyMap map, InspectionSubject subject, string title)
    {
        double[] logs = [.. map.Values.SelectMany(row => row).Where(value => value > 0 && double.IsFinite(value)).Select(Math.Log10)];
        double largest = logs.Length > 0 ? logs.Max() : 0, smallest = logs.Length > 0 ? Math.Max(logs.Min(), largest - Decades) : -1;
        return new HeatmapChart(subject.Labels, [.. map.Rows.Select(row => $"{row}: {FlowText.Quoted(subject.OutputLabel(row))}")],
            [.. map.Values.Select(row => (IReadOnlyList<double>)[.. row.Select(value => value > 0 ? Math.Log10(value) : double.NaN)])])
        {
            Title = title,
            Caption = (map.Causal ? "An output depends on inputs up to its own step: a triangle. "
                : "A layer looks ahead: outputs depend on later inputs too. ") +
                (map.With == "input" ? "" : $"An index has no derivative: x is what the layer '{map.With}' makes of it. ")
                    + "A dark column is an input that is remembered for long.",
            XName = "input",
            YName = "output",
            Minimum = smallest,
            Maximum = largest,
            Wide = true,
        };
    }

    // Dates and numbers have digits; of a text most words and characters have none.
    private static bool IsText(IReadOnlyList<string> labels) => labels.Count(label => !label.Any(char.IsAsciiDigit)) > labels.Count / 2;

    // In a text a blank can be seen by its shade, and a line ends where it ended.
    private static string Visible(string label) => label switch { "␣" => " ", "⏎" or "\n" => "⏎\n", _ => label.ReplaceLineEndings("⏎") };
}
