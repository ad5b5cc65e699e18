using System.Text.Json;
using Unroll.Core;
using Unroll.Inspection.Flow;
using Unroll.Inspection.Report;
using Unroll.Numerics;

namespace Unroll.Inspection;

/// <summary>The inspection of a network on one sequence: gates, gradients and dependencies; as text, as JSON and as a page.</summary>
public sealed class InspectionResult
{
    private InspectionResult(InspectionSubject subject, Gates gates, IReadOnlyList<LayerGates> layers) =>
        (Subject, Gates, Layers) = (subject, gates, layers);

    /// <summary>What was inspected.</summary>
    public InspectionSubject Subject { get; }

    /// <summary>Gates, states and findings of every layer.</summary>
    public Gates Gates { get; }

    /// <summary>The layers that were asked for.</summary>
    public IReadOnlyList<LayerGates> Layers { get; }

    /// <summary>The findings of those layers, problems first.</summary>
    public IEnumerable<Finding> Findings => Gates.Findings.Where(finding => Layers.Any(layer => layer.Name == finding.Layer));

    /// <summary>
    /// The gradients of the total loss, and of the one output that was asked for where there are several; empty with quantized weights.
    /// </summary>
    public IReadOnlyList<GradientFlow> Flows { get; private init; } = [];

    /// <summary>Why gradients decay, for each layer that was asked for; empty for a sequence of one step, and with quantized weights.</summary>
    public IReadOnlyList<Decay> Decays { get; private init; } = [];

    /// <summary>Which inputs each output's loss depended on; null with quantized weights.</summary>
    public DependencyMap? Dependencies { get; private init; }

    /// <summary>
    /// Which inputs the outputs themselves depended on, of as many rows as take no longer than the other map; null with quantized weights.
    /// </summary>
    public DependencyMap? OutputDependencies { get; private init; }

    /// <summary>The row of <see cref="Dependencies"/> that was asked for, or the nearest that was computed; null where there is no map.</summary>
    public Saliency? Saliency { get; private init; }

    /// <summary>Runs the sequence and inspects it.</summary>
    /// <param name="subject">The network and the sequence. Weights and their gradients are as they were afterwards.</param>
    /// <param name="choices">What to show.</param>
    /// <param name="threads">The threads; their number changes no bit.</param>
    /// <exception cref="ShapeException">The subject's shapes do not fit.</exception>
    /// <exception cref="UserErrorException">There is no such layer or output; the message says which there are.</exception>
    public static InspectionResult Of(InspectionSubject subject, InspectionChoices choices, ThreadTeam threads)
    {
        subject.Check();
        int rows = subject.OutputRows, step = choices.Step ?? rows - 1;
        if (step >= rows)
            throw new UserErrorException($"step: expected 0 … {rows - 1} because the sequence has {rows} output{(rows == 1 ? "" : "s")}, got "
                + $"{step}.");
        Gates gates = Gates.Of(subject, threads);
        IReadOnlyList<LayerGates> layers = choices.Layer is null ? gates.Layers : [Chosen(gates, choices.Layer, subject)];
        if (subject.Network.Precision != WeightPrecision.Float32) return new InspectionResult(subject, gates, layers);
        DependencyMap map = DependencyMap.OfLoss(subject, threads, choices.MaxRows);
        int row = Enumerable.Range(0, map.Rows.Count).MinBy(r => Math.Abs(map.Rows[r] - step));
        GradientFlow whole = GradientFlow.Of(subject, threads);
        return new InspectionResult(subject, gates, layers)
        {
            Flows = rows == 1 ? [whole] : [whole, GradientFlow.Of(subject, threads, step)],
            Decays = [.. Decay.Of(subject, threads).Where(decay => layers.Any(layer => layer.Layer.Place == decay.Place))],
            Dependencies = map,
            OutputDependencies = DependencyMap.OfOutputs(subject, threads, maxRows: Math.Max(1, choices.MaxRows / subject.Network.OutputSize)),
            Saliency = new Saliency(map, row, subject.OutputLabel(map.Rows[row])),
        };
    }

    /// <summary>The result as lines for a terminal: findings first.</summary>
    public IEnumerable<string> Lines() =>
    [
        Subject.Title,
        .. InspectionText.Findings([.. Findings]),
        .. Decays.Select(decay => $"  {decay.Place}: {decay.Verdict}"),
        .. Layers.SelectMany(InspectionText.Statistics),
        .. Flows.SelectMany(flow => FlowText.Lines(flow, Shown(flow), Subject)),
        .. Saliency is { } saliency ? FlowText.Lines(saliency, Subject) : [],
        .. Flows.Count == 0 ? ["gradients: none, because quantized weights are for inference only; inspect the model with floats that this one "
            + "was made from"] : (string[])[],
    ];

    /// <summary>Writes the members of the result into an object that is open; docs/inspect.md lists them.</summary>
    /// <param name="json">Receives them.</param>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteString("title", Subject.Title);
        json.WriteNumber("steps", Subject.Labels.Count);
        InspectionJson.Texts(json, "labels", Subject.Labels);
        InspectionJson.Findings(json, [.. Findings]);
        InspectionJson.Layers(json, Layers);
        FlowJson.Flows(json, this);
        FlowJson.Decays(json, Decays);
        FlowJson.Dependencies(json, this);
    }

    /// <summary>The page; see <see cref="ReportPage.Save"/>.</summary>
    public ReportPage ToPage() => InspectionPage.Of(this);

    /// <summary>The layers of a flow that were asked for.</summary>
    internal IEnumerable<LayerFlow> Shown(GradientFlow flow) => flow.Layers.Where(one => Layers.Any(layer => layer.Layer.Place == one.Place));

    private static LayerGates Chosen(Gates gates, string name, InspectionSubject subject)
    {
        if (gates.Layers.FirstOrDefault(layer => layer.Name == name) is { } found) return found;
        string all = $"the recurrent layers are {string.Join(", ", gates.Layers.Select(layer => layer.Name))}";
        throw new UserErrorException(subject.Network.All.Any(layer => layer.Name == name) && gates.Layers.All(layer => layer.Layer.Name != name)
            ? $"layer: '{name}' has no gates because it is not recurrent; {all}."
            : $"layer: there is no recurrent layer '{name}'; {all}.");
    }
}
