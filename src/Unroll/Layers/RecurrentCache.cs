using Unroll.Cells;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers;

/// <summary>Every gate and state of a forward pass of one recurrent layer, row by row as the batch is packed.</summary>
public sealed class RecurrentCache : Cache
{
    private ICell _cell = null!;
    private PinnedBuffer _saved = null!, _hPrev = null!, _h = null!, _cPrev = null!, _c = null!, _lastH = null!, _lastC = null!;
    private int _width, _state;

    /// <summary>The input, as it was given.</summary>
    public SequenceBatch Input { get; private set; }

    /// <summary>Which row is which step of which sequence.</summary>
    public SequenceLayout Layout => Input.Layout;

    /// <summary>The names under which <see cref="Saved"/> keeps things.</summary>
    public IReadOnlyList<string> SavedNames => _cell.Saved;

    /// <summary>Whether the sequence began with the layer's own first state.</summary>
    internal bool OwnFirst { get; set; }

    /// <summary>[rows, units in whole sixteens]: a gate's activation or another saved thing, by name: <c>"f"</c>.</summary>
    /// <exception cref="ArgumentException">The cell keeps nothing of that name.</exception>
    public Block Saved(string name)
    {
        for (int slot = 0; slot < _cell.Saved.Count; slot++)
            if (_cell.Saved[slot] == name) return Slots.Slot(slot, _width, _width);
        throw new ArgumentException($"cell '{_cell.Name}' keeps no '{name}'; it keeps {string.Join(", ", _cell.Saved)}", nameof(name));
    }

    /// <summary>[rows, state width in whole sixteens]: h.</summary>
    public Block H => Matrix(_h, Layout.Rows, _state);

    /// <summary>h₋ of every row.</summary>
    public Block HPrev => Matrix(_hPrev, Layout.Rows, _state);

    /// <summary>[rows, units in whole sixteens]: c; no columns where the cell has none.</summary>
    public Block C => Matrix(_c, Layout.Rows, CellWidth);

    /// <summary>c₋ of every row.</summary>
    public Block CPrev => Matrix(_cPrev, Layout.Rows, CellWidth);

    /// <summary>[B, …] in packed order: the state after each sequence's last step.</summary>
    internal Block LastH => Matrix(_lastH, Layout.Sequences, _state);
    internal Block LastC => Matrix(_lastC, Layout.Sequences, CellWidth);
    internal Block Slots => Matrix(_saved, Layout.Rows, _cell.Saved.Count * _width);
    internal int Width => _width;

    private int CellWidth => _cell.HasCellState ? _width : 0;

    internal void Prepare(ICell cell, RecurrentWeights weights, in SequenceBatch x, Workspace workspace)
    {
        (_cell, _width, _state, Input) = (cell, weights.Padded, weights.PaddedState, x);
        int rows = x.Layout.Rows, sequences = x.Layout.Sequences;
        _saved = workspace.Rent(rows, cell.Saved.Count * _width);
        (_h, _hPrev) = (workspace.Rent(rows, _state), workspace.Rent(rows, _state));
        (_c, _cPrev) = (workspace.Rent(rows, CellWidth), workspace.Rent(rows, CellWidth));
        (_lastH, _lastC) = (workspace.Rent(sequences, _state), workspace.Rent(sequences, CellWidth));
        Output = weights.StateSize == _state
            ? new SequenceBatch(x.Layout, _state, _h.Memory)
            : workspace.Rent(x.Layout, weights.StateSize);
    }

    private static Block Matrix(PinnedBuffer buffer, int rows, int columns) => buffer.Block(0, rows, columns, columns);
}
