namespace Unroll.Inspection.Report;

/// <summary>The page of an inspection: findings first, then their evidence.</summary>
internal static class InspectionPage
{
    public static ReportPage Of(InspectionResult result) => new()
    {
        Title = result.Subject.Title,
        Subtitle = $"{string.Join(", ", result.Layers.Select(layer => layer.Name))}; {result.Subject.Labels.Count} steps",
        Sections =
        [
            new ReportSection("Findings", [GateSections.Findings([.. result.Findings]), .. FlowSections.Verdicts(result)]),
            .. result.Saliency is null ? [] : (ReportSection[])[DependencySections.Saliency(result)],
            .. result.Subject.Sections,
            .. result.Layers.Select(layer => GateSections.Layer(layer, result.Subject.Labels)),
            .. FlowSections.Flow(result),
            .. FlowSections.Decay(result),
            .. DependencySections.Map(result),
            .. Legend(result.Layers),
        ],
    };

    private static IEnumerable<ReportSection> Legend(IEnumerable<LayerGates> layers)
    {
        ReportBlock[] cells = [.. layers.DistinctBy(layer => layer.Layer.Cell.Name).Where(layer =>
            layer.Layer.Cell.Description.Equations.Count > 0).Select(GateSections.Legend)];
        if (cells.Length > 0) yield return new ReportSection("What the letters mean", cells);
    }
}
