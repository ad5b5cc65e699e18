using System.Collections.Immutable;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>What has been found out of a graph so far.</summary>
internal sealed class LiftContext
{
    private readonly Dictionary<string, LiftValue> _values = [];
    private readonly Dictionary<string, InputRows> _inputs = [];
    private readonly Dictionary<(Rows, PoolKind), PooledRows> _pools = [];
    private readonly Dictionary<RecurrentRows, StateSlot> _joined = [];
    private Atom? _unsorted;

    /// <summary>The atom that counts the steps; null: not known yet, or every sequence has one.</summary>
    public Atom? Steps { get; private set; }

    /// <summary>The atom that counts the sequences; null: not known yet, or there is one.</summary>
    public Atom? Sequences { get; private set; }

    /// <summary>Of a graph that sorts the sequences by length: the atom that counts them in that order.</summary>
    public Atom? Sorted { get; private set; }

    /// <summary>Whether a recurrent node has been read, so that it is settled what counts steps and sequences.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>The input that has the sequences' lengths; null: none.</summary>
    public InputValue? Lengths { get; private set; }

    /// <summary>How many sequences a constant state was written for, so that the graph itself takes no other number; null: any.</summary>
    public int? FixedSequences { get; set; }

    /// <summary>The value of that name.</summary>
    public LiftValue this[string name]
    {
        get => _values.TryGetValue(name, out LiftValue? value) ? value : new UnknownValue($"nothing makes '{name}'");
        set => _values[name] = value;
    }

    /// <summary>Settles what counts steps and sequences, or compares with what was settled; null: it fits, else what does not.</summary>
    public string? Settle(IEnumerable<Atom> steps, IEnumerable<Atom> sequences)
    {
        Atom[] t = [.. steps], b = [.. sequences];
        if (t.Length > 1 || b.Length > 1) return "its steps or its sequences are made of several axes";
        Atom? step = t.FirstOrDefault(), sequence = b.FirstOrDefault() is { } own ? UnsortedOf(own) ?? own : null;
        if (!IsSettled) (Steps, Sequences, IsSettled) = (step, sequence, true);
        return step != Steps ? "its steps are not those of the recurrent layer before it"
            : sequence != Sequences ? "its sequences are not those of the recurrent layer before it"
            : null;
    }

    /// <summary>The atom of the sequences in the order of their lengths; null: others are sorted already.</summary>
    /// <param name="sequences">The atom that counts them as they were given.</param>
    public Atom? SortedOf(Atom sequences)
    {
        if (Sorted is null) (Sorted, _unsorted) = (new Atom($"{sequences.Name} by length", sequences.Size), sequences);
        return _unsorted == sequences ? Sorted : null;
    }

    /// <summary>The atom that the one of the sequences in order stands for; null where it is another.</summary>
    public Atom? UnsortedOf(Atom sorted) => sorted == Sorted ? _unsorted : null;

    /// <summary>Notes which input has the lengths; false: another has them already.</summary>
    public bool Note(InputValue lengths)
    {
        if (Lengths is { } before && before.Port.Name != lengths.Port.Name) return false;
        Lengths = lengths;
        return true;
    }

    /// <summary>An input of the graph as the network's; null: its features were others before.</summary>
    public InputRows? Input(InputValue value, ImmutableArray<Atom> features, string title)
    {
        if (!_inputs.TryGetValue(value.Port.Name, out InputRows? rows))
            _inputs[value.Port.Name] = rows = new InputRows(value.Port, value.Declared, features, title);
        return rows.Features.SequenceEqual(features) ? rows : null;
    }

    /// <summary>One row a sequence of some rows: the same object for the same question.</summary>
    public PooledRows Pool(Rows of, PoolKind kind, string title)
    {
        if (!_pools.TryGetValue((of, kind), out PooledRows? rows)) _pools[(of, kind)] = rows = new PooledRows(of, kind, title);
        return rows;
    }

    /// <summary>Notes that a layer of one direction has become a part of one of two.</summary>
    public void Join(RecurrentRows part, RecurrentRows both, int direction) => _joined[part] = new(both, direction);

    /// <summary>A layer's direction where it is now.</summary>
    public StateSlot Now(StateSlot slot) => _joined.TryGetValue(slot.Layer, out StateSlot now) ? now : slot;
}
