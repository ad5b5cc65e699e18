using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection.Flow;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Inspection;

/// <summary>
/// Every gate, state and output of every recurrent layer over one sequence, by name, with what can be said of them: saturation, memory, dead units
/// and stuck gates (study notes, S24, S25, S30, S37). It works for a custom cell, whose names come from <see cref="Cells.ICell.Saved"/>.
/// </summary>
public sealed class Gates
{
    private Gates(IReadOnlyList<LayerGates> layers) =>
        (Layers, Findings) = (layers, [.. layers.SelectMany(GateFindings.Of).OrderByDescending(finding => finding.IsProblem).ThenBy(finding =>
            finding.Kind)]);

    /// <summary>Each recurrent layer and direction, from input to output.</summary>
    public IReadOnlyList<LayerGates> Layers { get; }

    /// <summary>The findings, problems first; empty if there are none.</summary>
    public IReadOnlyList<Finding> Findings { get; }

    /// <summary>Reads what a forward pass left; gradients are not known then, so no unit is reported as dead.</summary>
    /// <param name="layer">A recurrent layer, a bidirectional one, a stack of layers, or <c>network.Layers</c>; others have no gates.</param>
    /// <param name="cache">What its <c>Forward</c> returned.</param>
    /// <param name="sequence">Which sequence of the batch, in the caller's order.</param>
    /// <exception cref="ArgumentOutOfRangeException">The batch has no such sequence.</exception>
    /// <exception cref="InvalidOperationException">The pass kept no gates (<see cref="Pass.InferenceOnly"/>).</exception>
    public static Gates Of(ILayer layer, Cache cache, int sequence = 0)
    {
        List<LayerGates> layers = [];
        Add(layers, layer, cache, sequence, withGradients: false);
        return new Gates(layers);
    }

    /// <summary>Runs a sequence forward and, where the network has gradients, backward, and reads the gates.</summary>
    /// <param name="subject">The sequence. The gradients in its network's parameters are the same afterwards.</param>
    /// <param name="threads">The threads.</param>
    /// <exception cref="ShapeException">The subject's shapes do not fit.</exception>
    public static Gates Of(InspectionSubject subject, ThreadTeam threads)
    {
        subject.Check();
        Pass pass = new(new Workspace(), threads, new Rng(0), Training: false);
        Cache cache = subject.Network.Forward(subject.Input, null, pass);
        bool gradients = subject.Network.Precision == WeightPrecision.Float32;
        List<LayerGates> layers = [];
        using (new KeptGradients(subject.Network.Parameters))
        {
            if (gradients) Backward(subject, cache, pass);
            Add(layers, subject.Network.Layers, cache, sequence: 0, gradients);
        }
        return new Gates(layers);
    }

    private static void Backward(InspectionSubject subject, Cache cache, in Pass pass)
    {
        SequenceBatch dy = SequenceBatch.Zeros(cache.Output.Layout, cache.Output.Features);
        subject.Loss.Compute(cache.Output, subject.Targets, dy, pass);
        subject.Network.Parameters.ClearGradients();
        subject.Network.Backward(dy, cache, pass);
    }

    private static void Add(List<LayerGates> layers, ILayer layer, Cache cache, int sequence, bool withGradients)
    {
        switch (layer)
        {
            case Stack stack:
                for (int k = 0; k < stack.Layers.Count; k++) Add(layers, stack.Layers[k], stack.Part(cache, k), sequence, withGradients);
                break;
            case Bidirectional both:
                Add(layers, both.ForwardLayer, both.ForwardPart(cache), sequence, withGradients);
                Add(layers, both.ReverseLayer, both.ReversePart(cache), sequence, withGradients);
                break;
            case RecurrentLayer one:
                RecurrentCache own = (RecurrentCache)cache;
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)sequence, (uint)own.Layout.Sequences, nameof(sequence));
                layers.Add(new LayerGates(one, own, sequence, withGradients ? BiasGradients(one) : null));
                break;
        }
    }

    // The bias of every gate has the gradient of its argument, summed over steps: none where no gate of the unit gets any.
    private static float[] BiasGradients(RecurrentLayer layer)
    {
        float[] largest = new float[layer.HiddenSize];
        if (layer.Cell is IPlannedCell)
        {
            MatrixGradients(layer, largest);
            return largest;
        }
        ReadOnlySpan<float> bias = layer.InputBias.Gradients;
        for (int row = 0; row < bias.Length; row++)
            largest[row % largest.Length] = MathF.Max(largest[row % largest.Length], MathF.Abs(bias[row]));
        return largest;
    }

    // Of a cell with a plan of its own, an argument need have no bias: the largest gradient of its row of weights.
    private static void MatrixGradients(RecurrentLayer layer, float[] largest)
    {
        foreach (Parameter matrix in layer.Parameters.Take(layer.Plan.Matrices.Count))
        {
            int columns = matrix.Shape[1];
            for (int row = 0; row < matrix.Shape[0]; row++)
                foreach (float value in matrix.Gradients.Slice(row * columns, columns))
                    largest[row % largest.Length] = MathF.Max(largest[row % largest.Length], MathF.Abs(value));
        }
    }
}
