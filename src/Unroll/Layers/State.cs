using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers;

/// <summary>
/// The state of a recurrent layer for B sequences, in the caller's order: a leaf has h and perhaps c; a stack or a bidirectional layer has a
/// child for each of its parts. Of a cell with several further states, c is all of them side by side.
/// </summary>
public sealed class State
{
    private readonly State[] _children;
    private readonly PinnedBuffer _h, _c;

    /// <summary>A leaf.</summary>
    /// <param name="name">The layer's name, for messages and files.</param>
    /// <param name="sequences">B.</param>
    /// <param name="hidden">Width of h.</param>
    /// <param name="cell">Width of c, or of all further states side by side; 0 for none.</param>
    public State(string name, int sequences, int hidden, int cell)
    {
        (Name, Sequences, HiddenSize, CellSize, _children) = (name, sequences, hidden, cell, []);
        _h = new PinnedBuffer(ArraySize.Of(sequences, hidden));
        _c = new PinnedBuffer(ArraySize.Of(sequences, cell));
    }

    /// <summary>A state of several parts.</summary>
    public State(string name, int sequences, params State[] children)
    {
        (Name, Sequences, _children) = (name, sequences, children);
        _h = _c = new PinnedBuffer(0);
    }

    /// <summary>The layer's name.</summary>
    public string Name { get; }

    /// <summary>B.</summary>
    public int Sequences { get; }

    /// <summary>Marks a state while those of a step are counted.</summary>
    internal bool IsCounted { get; set; }

    /// <summary>Width of h; 0 where there are children.</summary>
    public int HiddenSize { get; }

    /// <summary>Width of c; 0 where there is none.</summary>
    public int CellSize { get; }

    /// <summary>[B, <see cref="HiddenSize"/>].</summary>
    public Span<float> H => _h.Span;

    /// <summary>
    /// [B, <see cref="CellSize"/>]: of each sequence c, or all further states side by side in the order of <see cref="StateNames"/>. In a checkpoint
    /// they are one array, which is called after all of them: <c>c+m</c>.
    /// </summary>
    public Span<float> C => _c.Span;

    /// <summary>The same numbers as <see cref="H"/>, for saving them with a checkpoint.</summary>
    public Memory<float> HMemory => _h.Memory;

    /// <summary>The same numbers as <see cref="C"/>.</summary>
    public Memory<float> CMemory => _c.Memory;

    /// <summary>The parts, in the order of the layer's.</summary>
    public IReadOnlyList<State> Children => _children;

    /// <summary>The states' names: the first, then those that lie in <see cref="C"/>; of a leaf.</summary>
    public IReadOnlyList<string> StateNames { get; internal init; } = ["h", "c"];

    /// <summary>One state of one sequence, by its name: of each of several further ones its own part of <see cref="C"/>.</summary>
    /// <param name="state">One of <see cref="StateNames"/>.</param>
    /// <param name="sequence">0 … B − 1.</param>
    /// <exception cref="ArgumentException">It has no such state.</exception>
    public Span<float> Of(string state, int sequence)
    {
        for (int k = 0; k < StateNames.Count; k++)
            if (StateNames[k] == state && (k == 0 ? HiddenSize : CellSize) > 0)
                return Row(k, sequence, k == 0 ? HiddenSize : CellSize / (StateNames.Count - 1));
        throw new ArgumentException($"state '{Name}': expected one of {string.Join(", ", StateNames)}, found '{state}'.", nameof(state));
    }

    /// <summary>One state of one sequence: 0 is h, whose width is <see cref="HiddenSize"/>.</summary>
    /// <param name="state">Which.</param>
    /// <param name="sequence">Which.</param>
    /// <param name="width">The width of every further state.</param>
    internal Span<float> Row(int state, int sequence, int width) => state == 0 ? H.Slice(sequence * HiddenSize, HiddenSize)
        : C.Slice(sequence * CellSize + (state - 1) * width, width);

    /// <summary>What <see cref="IRecurrentLayer.Step"/> needs between two calls; owned by the state so that a step allocates nothing.</summary>
    internal object? Scratch { get; set; }

    /// <summary>Every array of it with a name of its own, for saving them with a checkpoint.</summary>
    internal IEnumerable<(string Name, Memory<float> Values)> Leaves(string path)
    {
        if (HiddenSize > 0) yield return ($"{path}.{StateNames[0]}", HMemory);
        if (CellSize > 0) yield return ($"{path}.{string.Join('+', StateNames.Skip(1))}", CMemory);
        for (int i = 0; i < _children.Length; i++)
            foreach ((string, Memory<float>) leaf in _children[i].Leaves($"{path}.{i}")) yield return leaf;
    }

    /// <summary>Throws unless the state is one for so many sequences of a layer that has so many parts.</summary>
    internal void RequireParts(string layer, int sequences, int parts)
    {
        if (Sequences != sequences) ShapeException.Throw(Sequences, sequences, $"layer '{layer}' state sequences", "the batch has as many");
        if (_children.Length != parts)
            ShapeException.Throw(_children.Length, parts, $"layer '{layer}' state parts", "it has one for each of its recurrent layers");
    }

    /// <summary>Copies the rows of some sequences between this state and one of more or fewer sequences of the same layers.</summary>
    /// <param name="from">Where the rows come from.</param>
    /// <param name="sequences">Which of the larger state's rows are all of the smaller's, in order.</param>
    /// <param name="to">Whether this state is the larger one.</param>
    internal void CopyRows(State from, ReadOnlySpan<int> sequences, bool to)
    {
        for (int i = 0; i < sequences.Length; i++)
        {
            (int there, int here) = to ? (i, sequences[i]) : (sequences[i], i);
            from.H.Slice(there * HiddenSize, HiddenSize).CopyTo(H[(here * HiddenSize)..]);
            from.C.Slice(there * CellSize, CellSize).CopyTo(C[(here * CellSize)..]);
        }
        for (int i = 0; i < _children.Length; i++) _children[i].CopyRows(from._children[i], sequences, to);
    }

    /// <summary>Sets every number to zero.</summary>
    public void Clear()
    {
        H.Clear();
        C.Clear();
        foreach (State child in _children) child.Clear();
    }

    /// <summary>Overwrites this state with another of the same shape.</summary>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public void CopyFrom(State other)
    {
        if (Sequences != other.Sequences)
            ShapeException.Throw(other.Sequences, Sequences, $"state '{Name}' sequences", "that is what it was made for");
        if (HiddenSize != other.HiddenSize) ShapeException.Throw(other.HiddenSize, HiddenSize, $"state '{Name}' hidden size", "that is its layer's");
        if (CellSize != other.CellSize) ShapeException.Throw(other.CellSize, CellSize, $"state '{Name}' cell size", "that is its layer's");
        if (_children.Length != other._children.Length)
            ShapeException.Throw(other._children.Length, _children.Length, $"state '{Name}' parts", "that is its layer's");
        other.H.CopyTo(H);
        other.C.CopyTo(C);
        for (int i = 0; i < _children.Length; i++) _children[i].CopyFrom(other._children[i]);
    }
}
