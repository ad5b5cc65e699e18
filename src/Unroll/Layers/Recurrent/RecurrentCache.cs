using Unroll.Cells;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

/// <summary>Every gate and state of a forward pass of one recurrent layer, row by row as the batch is packed.</summary>
public sealed class RecurrentCache : Cache
{
    private ICell _cell = null!;
    private readonly KeptStates _kept = new();
    private PinnedBuffer _saved = null!, _h = null!, _c = null!;
    private int _width, _state, _further, _slots;

    /// <summary>The input, as it was given.</summary>
    public SequenceBatch Input { get; private set; }

    /// <summary>Which row is which step of which sequence.</summary>
    public SequenceLayout Layout => Input.Layout;

    /// <summary>The names under which <see cref="Saved"/> keeps things.</summary>
    public IReadOnlyList<string> SavedNames => _cell.Saved;

    /// <summary>
    /// Whether gates and cell states were kept: not after a pass of <see cref="Pass.InferenceOnly"/>, which leaves outputs and final states, or of
    /// <see cref="Pass.Recomputation"/>, where a backward pass computes them again.
    /// </summary>
    public bool IsComplete { get; private set; }

    /// <summary>The states that gates are computed from again; null where everything is kept, or nothing.</summary>
    internal KeptStates? Kept { get; private set; }

    /// <summary>Whether the sequence began with the layer's own initial state.</summary>
    internal bool OwnFirst { get; set; }

    /// <summary>The seed of the recurrent weights that were dropped; 0: none were.</summary>
    internal ulong Drop { get; set; }

    /// <summary>[rows, units rounded up to a multiple of 16]: a gate's activation or another saved thing, by name: <c>"f"</c>.</summary>
    /// <exception cref="ArgumentException">The cell keeps nothing of that name.</exception>
    /// <exception cref="InvalidOperationException">Gates were not kept.</exception>
    public MatrixView Saved(string name)
    {
        RefuseIncomplete();
        for (int slot = 0; slot < _cell.Saved.Count; slot++)
            if (_cell.Saved[slot] == name) return Slots.Part(0, Layout.Rows, slot * _width, _width);
        throw new ArgumentException($"cell '{_cell.Name}' keeps no '{name}'; it keeps {string.Join(", ", _cell.Saved)}", nameof(name));
    }

    /// <summary>[rows, state width rounded up to a multiple of 16]: h.</summary>
    public MatrixView H => States.Part(Layout.Sequences, Layout.Rows, 0, _state);

    /// <summary>[B, state width rounded up to a multiple of 16], packed order: the h that each sequence began with.</summary>
    public MatrixView FirstH => States.Part(0, Layout.Sequences, 0, _state);

    /// <summary>[rows, units rounded up to a multiple of 16]: c; no columns where the cell has none.</summary>
    /// <exception cref="InvalidOperationException">Cell states were not kept.</exception>
    public MatrixView C
    {
        get
        {
            RefuseIncomplete();
            return FurtherStates.Part(Layout.Sequences, Layout.Rows, 0, CellWidth);
        }
    }

    /// <summary>
    /// [B, units rounded up to a multiple of 16], packed order: the c that each sequence began with; no columns where the cell has none.
    /// </summary>
    /// <exception cref="InvalidOperationException">Cell states were not kept.</exception>
    public MatrixView FirstC
    {
        get
        {
            RefuseIncomplete();
            return FurtherStates.Part(0, Layout.Sequences, 0, CellWidth);
        }
    }

    /// <summary>[rows, width rounded up to a multiple of 16]: one of <see cref="StepPlan.States"/>; 0 is h.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The cell has no such state.</exception>
    /// <exception cref="InvalidOperationException">The states beside h were not kept.</exception>
    public MatrixView State(int state)
    {
        if (state == 0) return H;
        RefuseIncomplete();
        return FurtherStates.Part(Layout.Sequences, Layout.Rows, (state - 1) * _width, _width);
    }

    /// <summary>[B, width rounded up to a multiple of 16], packed order: the same of what each sequence began with.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The cell has no such state.</exception>
    /// <exception cref="InvalidOperationException">The states beside h were not kept.</exception>
    public MatrixView FirstState(int state)
    {
        if (state == 0) return FirstH;
        RefuseIncomplete();
        return FurtherStates.Part(0, Layout.Sequences, (state - 1) * _width, _width);
    }

    /// <summary>[B + rows, state width]: the initial states, then h of every row.</summary>
    internal MatrixView States => Matrix(_h, Layout.Sequences + Layout.Rows, _state);

    /// <summary>
    /// [B + rows, further states side by side], as <see cref="States"/>; where they are not kept [2 B, …]: those of steps of even and of odd number.
    /// </summary>
    internal MatrixView FurtherStates => Matrix(_c, Layout.Sequences + (IsComplete ? Layout.Rows : Layout.Sequences), _further * _width);

    /// <summary>[rows, all that the cell saves]; of some steps only where it is not kept.</summary>
    internal MatrixView Slots => _saved.MatrixView(0, _saved.Length / SlotsWidth, SlotsWidth, SlotsWidth);

    internal int Width => _width;

    private int SlotsWidth => _slots * _width;

    private int CellWidth => _further > 0 ? _width : 0;

    /// <summary>Takes memory.</summary>
    /// <param name="weights">The layer's weights.</param>
    /// <param name="x">The input.</param>
    /// <param name="pass">The pass.</param>
    /// <param name="reverse">Whether the loop goes from the last step to the first.</param>
    /// <param name="chunkRows">Rows whose gates are needed at a time, all workers together, where they are not kept.</param>
    internal void Prepare(RecurrentWeights weights, in SequenceBatch x, in Pass pass, bool reverse, int chunkRows)
    {
        (_cell, _width, _state, _further, _slots) = (weights.Cell, weights.Padded, weights.PaddedState, weights.Further, weights.Slots);
        int rows = x.Layout.Rows, sequences = x.Layout.Sequences;
        bool recomputes = !pass.InferenceOnly && pass.Recomputation is { } choice && _kept.Divide(weights, x.Layout, reverse, choice);
        (Input, IsComplete, Kept, Drop) = (x, !pass.InferenceOnly && !recomputes, recomputes ? _kept : null, 0);
        Kept?.Rent(_further * _width, pass.Workspace);
        _saved = pass.Workspace.Rent(IsComplete ? rows : chunkRows, SlotsWidth);
        _h = pass.Workspace.Rent(sequences + rows, _state);
        _c = pass.Workspace.Rent(sequences + (IsComplete ? rows : sequences), _further * _width);
        Output = weights.StateSize == _state
            ? new SequenceBatch(x.Layout, _state, _h.Memory[(sequences * _state)..])
            : pass.Workspace.Rent(x.Layout, weights.StateSize);
    }

    /// <summary>Where the further states of a run's rows lie.</summary>
    internal int FurtherAt(in StepRun run, int t) => IsComplete ? Layout.Sequences + run.Row : FurtherAt(run.Position, t);

    /// <summary>Where those of the step before lie.</summary>
    internal int FurtherBefore(in StepRun run, int t) => IsComplete ? run.Before : FurtherAt(run.Position, t + 1);

    /// <summary>Sets a state that a sequence begins with; the numbers beyond are zero.</summary>
    internal void SetFirst(int state, int position, ReadOnlySpan<float> values)
    {
        if (state == 0) Set(States.Row(position), values);
        else
        {
            for (int row = position; row < (IsComplete ? Layout.Sequences : 2 * Layout.Sequences); row += Layout.Sequences)
                Set(FurtherStates.Row(row).Slice((state - 1) * _width, _width), values);
            if (Kept is { } kept) Set(kept.First.Row(position).Slice((state - 1) * _width, _width), values);
        }

        static void Set(Span<float> to, ReadOnlySpan<float> values)
        {
            values.CopyTo(to);
            to[values.Length..].Clear();
        }
    }

    /// <summary>The final state of the sequence at a packed position; 0 is h.</summary>
    internal ReadOnlySpan<float> LastOf(int state, int position, bool reverse)
    {
        int length = Layout.PackedLength(position), t = reverse ? 0 : length - 1;
        int row = length == 0 ? position : Layout.Sequences + Layout.Offset(t) + position;
        if (state == 0) return States.Row(row);
        return FurtherStates.Row(IsComplete || length == 0 ? row : FurtherAt(position, t)).Slice((state - 1) * _width, _width);
    }

    private int FurtherAt(int position, int t) => t % 2 * Layout.Sequences + position;

    /// <summary>Throws where gates are neither there nor to be had again.</summary>
    internal void RefuseInference()
    {
        if (Kept is null) RefuseIncomplete();
    }

    internal void RefuseIncomplete()
    {
        if (!IsComplete)
            throw new InvalidOperationException($"layer '{Layer?.Name}' kept no gates in this pass: run it without "
                + $"{nameof(Pass)}.{(Kept is null ? nameof(Pass.InferenceOnly) : nameof(Pass.Recomputation))}");
    }

    private static MatrixView Matrix(PinnedBuffer buffer, int rows, int columns) => buffer.MatrixView(0, rows, columns, columns);
}
