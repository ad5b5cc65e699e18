using System.Text.Json;
using Unroll.Numerics;

namespace Unroll.Inspection.Report;

/// <summary>All that is to be seen of a network on one sequence: as a page, as lines, as JSON.</summary>
public sealed class InspectionReport
{
    private InspectionReport(InspectionSubject subject, Gates gates) => (Subject, Gates) = (subject, gates);

    /// <summary>What was looked at.</summary>
    public InspectionSubject Subject { get; }

    /// <summary>Gates, states and findings.</summary>
    public Gates Gates { get; }

    /// <summary>Runs the sequence and looks.</summary>
    /// <param name="subject">The network and the sequence.</param>
    /// <param name="threads">Who does the work.</param>
    /// <exception cref="Core.ShapeException">The subject's shapes do not fit.</exception>
    public static InspectionReport Of(InspectionSubject subject, ThreadTeam threads) => new(subject, Gates.Of(subject, threads));

    /// <summary>The report as lines for a terminal: findings first.</summary>
    public IEnumerable<string> Lines()
    {
        yield return Subject.Title;
        foreach (string line in InspectionText.Findings(Gates.Findings)) yield return line;
        foreach (LayerGates layer in Gates.Layers)
            foreach (string line in InspectionText.Statistics(layer)) yield return line;
    }

    /// <summary>Writes the report's members into an object that is open: docs/inspect.md lists them.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteString("title", Subject.Title);
        json.WriteNumber("steps", Subject.Labels.Count);
        InspectionJson.Texts(json, "labels", Subject.Labels);
        InspectionJson.Findings(json, Gates.Findings);
        InspectionJson.Layers(json, Gates.Layers);
    }

    /// <summary>The page; see <see cref="ReportPage.Save"/>.</summary>
    public ReportPage ToPage() => new()
    {
        Title = Subject.Title,
        Sections =
        [
            new ReportSection("Findings", GateSections.Findings(Gates.Findings)),
            .. Gates.Layers.Select(layer => GateSections.Layer(layer, Subject.Labels)),
            new ReportSection("What the letters mean", [.. Gates.Layers.DistinctBy(layer => layer.Layer.Cell.Name).Select(GateSections.Legend)]),
        ],
    };
}
