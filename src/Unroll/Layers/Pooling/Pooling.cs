using Unroll.Core;

namespace Unroll.Layers.Pooling;

/// <summary>
/// A layer that makes one row of each sequence. Its output has a layout of its own with one step per sequence, in the caller's order; a sequence
/// of length zero has nothing to make a row of and stays without one.
/// </summary>
public interface IPooling : ILayer;

/// <summary>What every pooling layer keeps, or must check.</summary>
internal static class Pooling
{
    /// <summary>The layout of the output of a batch: length 1 where the sequence has steps, 0 elsewhere.</summary>
    public static SequenceLayout LayoutOf(SequenceLayout input)
    {
        int[] lengths = new int[input.Sequences];
        for (int s = 0; s < lengths.Length; s++) lengths[s] = Math.Min(1, input.Lengths[s]);
        return SequenceLayout.FromLengths(lengths);
    }

    public static PooledCache Begin(ILayer layer, in SequenceBatch x, in Pass pass)
    {
        if (x.Features != layer.InputSize)
            ShapeException.Throw(x.Features, layer.InputSize, $"layer '{layer.Name}' input features", "the layer below has that many");
        PooledCache cache = pass.Workspace.Cache<PooledCache>();
        cache.Begin(layer, x, pass.Workspace);
        return cache;
    }
}

internal sealed class PooledCache : Cache
{
    private SequenceLayout? _output;

    public SequenceBatch X { get; private set; }

    public SequenceLayout Input { get; private set; } = SequenceLayout.FromLengths();

    /// <summary>For each output the step that it comes from; where a layer chooses.</summary>
    public int[] Chosen { get; set; } = [];

    // A layout is made once and used for many batches: the one derived from it is rebuilt only when it changes.
    public void Begin(ILayer layer, in SequenceBatch x, Workspace workspace)
    {
        if (_output is null || !ReferenceEquals(x.Layout, Input)) (Input, _output) = (x.Layout, Pooling.LayoutOf(x.Layout));
        (Layer, X, Output) = (layer, x, workspace.Rent(_output, layer.OutputSize));
    }
}
