using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Inspection.Textbook;
using Unroll.Layers.Losses;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Inspection.Flow;

/// <summary>A network with drawn weights and one sequence, for the engine and for the textbook alike.</summary>
internal sealed class FlowCase
{
    private readonly TextbookParameters _parameters;
    private readonly IReadOnlyList<Vector> _x;
    private readonly IReadOnlyList<Vector?> _targets;

    private FlowCase(InspectionSubject subject, TextbookParameters parameters, IReadOnlyList<Vector> x, IReadOnlyList<Vector?> targets) =>
        (Subject, _parameters, _x, _targets) = (subject, parameters, x, targets);

    public InspectionSubject Subject { get; }

    public static NetworkSpec Spec(CellOptions cell, Direction direction = Direction.Forward, int layers = 1, int hidden = 5, bool last = false) =>
        new(3,
    [
        new RecurrentSpec { Name = "encoder", Cell = cell, Hidden = hidden, Layers = layers, Direction = direction },
        .. last ? (LayerSpec[])[new LastStepSpec { Name = "last" }] : [],
        new DenseSpec { Name = "head", Outputs = 2 },
    ]);

    public static FlowCase Of(NetworkSpec spec, int steps, float scale = 0.5f, ulong seed = 3)
    {
        Network network = Network.Build(spec, OwnCells.All);
        Rng rng = new(seed);
        using (Edit edit = network.Parameters.Edit())
            for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = scale * (float)rng.Normal((ulong)i);
        SequenceLayout layout = SequenceLayout.FromLengths(steps);
        SequenceLayout outputs = spec.Layers.Any(layer => layer is LastStepSpec) ? SequenceLayout.FromLengths(1) : layout;
        SequenceBatch x = SequenceBatch.Zeros(layout, spec.Inputs), targets = SequenceBatch.Zeros(outputs, network.OutputSize);
        for (int i = 0; i < x.All.Length; i++) x.All[i] = (float)rng.Normal(100_000_000 + (ulong)i);
        for (int i = 0; i < targets.All.Length; i++) targets.All[i] = (float)rng.Normal(200_000_000 + (ulong)i);
        InspectionSubject subject = new("a case", network, x, [.. Enumerable.Range(0, steps).Select(t => $"{t}")], new SquaredError(),
            Targets.Of(targets));
        Dictionary<string, double[]> values = network.Parameters.All.ToDictionary(p => p.Name, p =>
            p.Values.ToArray().Select(v => (double)v).ToArray());
        return new FlowCase(subject, new TextbookParameters(values), Rows(x), [.. Rows(targets)]);
    }

    /// <summary>Every term in double; <paramref name="step"/>: of the loss of that row alone.</summary>
    public TextbookGradient Textbook(int? step = null) =>
        new TextbookObjective(new TextbookNetwork(Subject.Network.Spec, _parameters, OwnCells.All), LossEquations.Of(Subject.Loss)).AddGradient(
            new TextbookExample(_x, [.. _targets.Select((target, t) => step is null || step == t ? target : null)], Given.Nothing));

    private static IReadOnlyList<Vector> Rows(SequenceBatch batch) =>
        [.. Enumerable.Range(0, batch.Layout.Rows).Select(t => new Vector([.. batch.Row(t, 0).ToArray().Select(v => (double)v)]))];
}
