using Unroll.Numerics;

namespace Unroll.Core;

/// <summary>
/// Receives what backward passes otherwise discard: ∂L/∂(states and gate arguments) of every row of every recurrent layer. Pass it with
/// <see cref="Pass.Trace"/>; it changes no bit of what a pass computes, and a pass without one does no work for it.
/// </summary>
/// <remarks>Its memory is reused by the next passes; not safe for use by several passes at once.</remarks>
public sealed class GradientTrace
{
    private readonly List<LayerTrace> _all = [];
    private int _count;

    /// <summary>What was traced since the last <see cref="Reset"/>, in the order of the backward pass: the last layer first.</summary>
    public IReadOnlyList<LayerTrace> Layers => _all.GetRange(0, _count);

    /// <summary>Discards everything that was traced; arrays returned earlier may be overwritten from now on.</summary>
    public void Reset() => _count = 0;

    /// <summary>The latest backward pass of a layer, or null.</summary>
    /// <param name="layer">A recurrent layer of one direction.</param>
    public LayerTrace? Find(object layer)
    {
        for (int i = _count - 1; i >= 0; i--)
            if (ReferenceEquals(_all[i].Layer, layer)) return _all[i];
        return null;
    }

    internal LayerTrace Next()
    {
        if (_count == _all.Count) _all.Add(new LayerTrace());
        return _all[_count++];
    }
}

/// <summary>
/// The gradients inside one recurrent layer, row by row as the batch is packed. Columns are rounded up to a multiple of 16; what lies beyond the
/// units is zero.
/// </summary>
public sealed class LayerTrace
{
    private PinnedBuffer _dh = new(0), _dOutput = new(0), _carryC = new(0), _da = new(0);
    private int _state, _cells, _units;

    /// <summary>The layer's name.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Which row is which step of which sequence.</summary>
    public SequenceLayout Layout { get; private set; } = SequenceLayout.FromLengths();

    /// <summary>
    /// The names under which <see cref="DArgument"/> keeps things: the gates, one letter each, then each product that is kept apart.
    /// </summary>
    public IReadOnlyList<string> Arguments { get; private set; } = [];

    /// <summary>[rows, state]: ∂L/∂h, from the output and from the next step together.</summary>
    public MatrixView DH => Matrix(_dh, _state);

    /// <summary>[rows, state]: ∂L/∂(output), the part of <see cref="DH"/> that comes from above.</summary>
    public MatrixView DOutput => Matrix(_dOutput, _state);

    /// <summary>
    /// [rows, units]: ∂L/∂c as it arrives from the next step, without the path through h of the same step; no columns where there is no c. Further
    /// states lie side by side.
    /// </summary>
    public MatrixView CarryC => Matrix(_carryC, _cells);

    internal object? Layer { get; private set; }

    /// <summary>[rows, units]: ∂L/∂(argument) of a gate, or of a product that is kept apart (<c>"hn"</c>).</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public MatrixView DArgument(string name)
    {
        for (int slot = 0; slot < Arguments.Count; slot++)
            if (Arguments[slot] == name) return Argument(slot);
        throw new ArgumentException($"layer '{Name}' has no argument '{name}'; it has {string.Join(", ", Arguments)}", nameof(name));
    }

    internal MatrixView Argument(int slot) => _da.MatrixView(slot * Layout.Rows * _units, Layout.Rows, _units, _units);

    internal void Begin(object layer, string name, SequenceLayout layout, IReadOnlyList<string> arguments, int state, int units, int further)
    {
        (Layer, Name, Layout, Arguments, _state, _units, _cells) = (layer, name, layout, arguments, state, units, further * units);
        Take(ref _dh, layout.Rows, _state);
        Take(ref _dOutput, layout.Rows, _state);
        Take(ref _carryC, layout.Rows, _cells);
        Take(ref _da, layout.Rows, arguments.Count * units);
    }

    private MatrixView Matrix(PinnedBuffer buffer, int columns) => buffer.MatrixView(0, Layout.Rows, columns, columns);

    private static void Take(ref PinnedBuffer buffer, int rows, int columns)
    {
        int floats = ArraySize.Of(rows, columns);
        if (buffer.Length < floats) buffer = new PinnedBuffer(floats);
    }
}
