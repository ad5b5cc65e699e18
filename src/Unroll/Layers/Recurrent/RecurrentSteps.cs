using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

/// <summary>
/// A recurrent layer under a loop of someone else's, who must do more in a step than the layer: attend, feed back. The arithmetic and the gradients
/// are the layer's own. Every worker does some sequences, from the first step to the last; nobody waits.
/// </summary>
internal sealed class RecurrentSteps
{
    private RecurrentLayer _layer = null!;
    private RecurrentForward _forward = null!;
    private RecurrentBackward _backward = null!;

    /// <summary>Every gate of every step.</summary>
    public RecurrentCache Cache { get; private set; } = null!;

    /// <summary>What the layer multiplies: the rows of a step must be there when the step is done.</summary>
    public SequenceBatch X { get; private set; }

    /// <summary>∂L/∂h of every row from above; the rows of a step must be there when the step is done.</summary>
    public SequenceBatch DY { get; private set; }

    /// <summary>∂L/∂x: the rows of the steps that are done.</summary>
    public SequenceBatch DX => _backward.DX;

    /// <summary>[B, numbers rounded up to a multiple of 16], packed order: after the last step back, ∂L/∂(a first state); 0 is h.</summary>
    public MatrixView DFirst(int state) => _backward.Carry(state);

    /// <summary>Takes memory; the initial states are the caller's to write, by <see cref="RecurrentCache.SetFirst"/>.</summary>
    public void Begin(RecurrentLayer layer, SequenceLayout layout, in Pass pass)
    {
        if (pass.Training) layer.RequireTrainable();
        (_layer, X) = (layer, pass.Workspace.Rent(layout, layer.InputSize));
        _forward = pass.Workspace.Cache<RecurrentForward>();
        _forward.Prepare(layer.Weights, layout, reverse: false, pass.Threads);
        Cache = pass.Workspace.Cache<RecurrentCache>();
        Cache.Layer = layer;
        Cache.Prepare(layer.Weights, X, pass with { InferenceOnly = false, Recomputation = null }, reverse: false, _forward.ChunkRows);
        Cache.OwnFirst = false;
        _forward.Begin(Cache);
    }

    /// <summary>One step of some sequences.</summary>
    public void Forward(int t, int from, int to) => _forward.Step(t, Rows(from, to));

    /// <summary>[rows, state]: h of some rows of the batch.</summary>
    public ReadOnlySpan<float> H(int row) => Cache.States.Row(Cache.Layout.Sequences + row)[.._layer.OutputSize];

    /// <summary>Makes ready to go back.</summary>
    public void BeginBack(in Pass pass, int workers)
    {
        _layer.RequireTrainable();
        DY = pass.Workspace.Rent(Cache.Layout, _layer.OutputSize);
        _backward = pass.Workspace.Cache<RecurrentBackward>();
        _backward.PrepareSteps(_layer.Weights, Cache, DY, pass, workers);
    }

    /// <summary>One step back of some sequences.</summary>
    public void Backward(int t, int from, int to) => _backward.Step(t, Rows(from, to));

    /// <summary>A worker's part of the weight gradients, after all steps.</summary>
    public void AddWeightGradients(int worker) => _backward.AddWeightGradients(worker);

    /// <summary>After all of them.</summary>
    public void FinishBack() => _backward.Finish();

    private Share Rows(int from, int to) => new(from, to, 0, _layer.Weights.Padded / 16, 0, _layer.Weights.PaddedState / 16);
}
