using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Inspection.Flow;

/// <summary>
/// How the gradient of a loss flows back through the steps of one sequence: ∂L/∂h⟨t⟩ and ∂L/∂c⟨t⟩ of every recurrent layer and direction, as the
/// engine has them, and the named terms that they consist of (study notes, S03, S29, S30, S41).
/// </summary>
/// <remarks>Weights and their gradients are left as they were. The loss is the sum over the rows that count, not their mean (S06).</remarks>
public sealed class GradientFlow
{
    private GradientFlow(LossSum? loss, int? step, IReadOnlyList<LayerFlow> layers) =>
        (Loss, Step, Layers, LargestDifference) = (loss, step, layers, layers.SelectMany(Differences).Append(0).Max());

    /// <summary>The loss of the whole sequence; null where a gradient of the output was given instead.</summary>
    public LossSum? Loss { get; }

    /// <summary>The only output row whose loss flows back; null for all of them.</summary>
    public int? Step { get; }

    /// <summary>From input to output; of a bidirectional layer the forward direction first.</summary>
    public IReadOnlyList<LayerFlow> Layers { get; }

    /// <summary>The largest <see cref="StateFlow.LargestDifference"/> of all: at most about 10⁻⁶.</summary>
    public double LargestDifference { get; }

    /// <summary>The flow of the loss of a network's outputs.</summary>
    /// <param name="subject">The network, the sequence, the loss.</param>
    /// <param name="threads">The threads; their number changes no bit.</param>
    /// <param name="step">The output row whose loss alone flows back; null for all.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such output row.</exception>
    /// <exception cref="ShapeException">The subject's shapes do not fit.</exception>
    /// <exception cref="UserErrorException">The network has quantized weights, or a target is not allowed.</exception>
    public static GradientFlow Of(InspectionSubject subject, ThreadTeam threads, int? step = null)
    {
        subject.Check();
        Pass pass = PassOf(threads, out GradientTrace trace);
        ILayer layers = subject.Network.Layers;
        Cache cache = layers.Forward(subject.Input, pass);
        SequenceBatch dy = pass.Workspace.Rent(cache.Output.Layout, cache.Output.Features);
        using KeptGradients kept = new(subject.Network.Parameters);
        LossSum loss = subject.Loss.Compute(cache.Output, subject.Targets, dy, pass);
        if (step is int only) KeepRow(dy, only);
        layers.Backward(dy, cache, pass);
        return new GradientFlow(loss, step, Split(layers, cache, trace));
    }

    /// <summary>The flow of a given ∂L/∂(output) through any layer: one of your own cell, two directions, a stack.</summary>
    /// <param name="layers">The layer.</param>
    /// <param name="input">One sequence.</param>
    /// <param name="dOutput">∂L/∂(output), of the shape of the layer's output.</param>
    /// <param name="threads">The threads.</param>
    /// <exception cref="ShapeException">There is not one sequence, or a shape does not fit.</exception>
    /// <exception cref="ArgumentException">The layer has no recurrent part.</exception>
    public static GradientFlow Of(ILayer layers, in SequenceBatch input, in SequenceBatch dOutput, ThreadTeam threads)
    {
        if (input.Layout.Sequences != 1) ShapeException.Throw(input.Layout.Sequences, 1, "sequences to inspect", "only one can be inspected at a "
            + "time");
        Pass pass = PassOf(threads, out GradientTrace trace);
        Cache cache = layers.Forward(input, pass);
        IReadOnlyList<(RecurrentLayer Layer, RecurrentCache Cache)> parts = RecurrentParts.Of(layers, cache);
        if (parts.Count == 0) throw new ArgumentException($"layer '{layers.Name}' has no recurrent part whose gradients could be inspected",
            nameof(layers));
        using (new KeptGradients(parts[0].Layer.Store)) layers.Backward(dOutput, cache, pass);
        return new GradientFlow(null, null, Split(layers, cache, trace));
    }

    private static Pass PassOf(ThreadTeam threads, out GradientTrace trace) =>
        new(new Workspace(), threads, default, Training: false) { Trace = trace = new GradientTrace() };

    private static IReadOnlyList<LayerFlow> Split(ILayer layers, Cache cache, GradientTrace trace) =>
        [.. RecurrentParts.Of(layers, cache).Select(part => Split(part.Layer, part.Cache, trace.Find(part.Layer)!))];

    private static LayerFlow Split(RecurrentLayer layer, RecurrentCache cache, LayerTrace trace) => DefinedSplit.Of(layer, cache, trace) ?? new(
        layer.Place, layer.Cell.Name, layer.Reverse, new GradientSplit(layer, cache, trace).Run(),
        layer.Cell.HasCellState ? new CellStateSplit(layer, cache, trace).Run() : null);

    private static void KeepRow(in SequenceBatch dy, int only)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)only, (uint)dy.Layout.Rows, nameof(only));
        Span<float> all = dy.All;
        all[..(only * dy.Features)].Clear();
        all[((only + 1) * dy.Features)..].Clear();
    }

    private static IEnumerable<double> Differences(LayerFlow layer) =>
        layer.States.Select(state => state.LargestDifference);
}
