using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;

namespace Unroll.Exchange.Onnx.Recurrent;

/// <summary>What a recurrent node keeps from run to run, for one thread at a time.</summary>
internal sealed class EngineScratch
{
    private readonly State?[] _states = new State?[2];
    private SequenceLayout? _layout;

    /// <summary>Memory of the layers.</summary>
    public Workspace Workspace { get; } = new();

    /// <summary>Where sequences of these lengths lie.</summary>
    public SequenceLayout LayoutOf(int[] lengths) =>
        _layout is { } kept && kept.Lengths.SequenceEqual(lengths) ? kept : _layout = SequenceLayout.FromLengths(lengths);

    /// <summary>A state of one direction; its numbers are whatever was there.</summary>
    public State StateOf(RecurrentLayer[] layers, int direction, int sequences) =>
        _states[direction] is { } kept && kept.Sequences == sequences ? kept : _states[direction] = layers[direction].NewState(sequences);
}
