namespace Unroll.Core;

//  lengths 3, 2, 1        step 0   step 1   step 2
//  sequence 0               0        3        5        ← row numbers in memory
//  sequence 1               1        4
//  sequence 2               2

/// <summary>
/// Where each step of each sequence of a ragged batch lies in memory: time-major, packed, longest sequence first, so that the sequences
/// alive at step t are always the first <see cref="Active"/>(t) rows of that step. Immutable; batches of the same shape share it.
/// </summary>
public sealed class SequenceLayout
{
    private readonly int[] _lengths, _order, _position, _offsets;

    private SequenceLayout(int[] lengths, int[] order, int[] position, int[] offsets) =>
        (_lengths, _order, _position, _offsets) = (lengths, order, position, offsets);

    /// <summary>Packs sequences of the given lengths by a stable sort, longest first.</summary>
    /// <param name="lengths">One length per sequence, in the caller's order; zero is allowed.</param>
    /// <exception cref="ArgumentOutOfRangeException">A length is negative, or there are more than 2³¹ − 1 rows.</exception>
    public static SequenceLayout FromLengths(params ReadOnlySpan<int> lengths)
    {
        int[] own = lengths.ToArray(), order = new int[own.Length];
        for (int i = 0; i < own.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(own[i], nameof(lengths));
            order[i] = i;
        }
        Array.Sort(order, (a, b) => own[a] != own[b] ? own[b].CompareTo(own[a]) : a.CompareTo(b));
        return Packed(own, order);
    }

    private static SequenceLayout Packed(int[] lengths, int[] order)
    {
        int[] position = new int[lengths.Length];
        for (int p = 0; p < order.Length; p++) position[order[p]] = p;
        int steps = lengths.Length == 0 ? 0 : lengths[order[0]];
        int[] offsets = new int[steps + 1];
        long rows = 0;
        int active = lengths.Length;
        for (int t = 0; t < steps; t++)
        {
            while (active > 0 && lengths[order[active - 1]] <= t) active--;
            rows += active;
            ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, int.MaxValue, nameof(lengths));
            offsets[t + 1] = (int)rows;
        }
        return new SequenceLayout(lengths, order, position, offsets);
    }

    /// <summary><paramref name="sequences"/> sequences of the same length.</summary>
    public static SequenceLayout Uniform(int sequences, int steps)
    {
        int[] lengths = new int[sequences];
        Array.Fill(lengths, steps);
        return FromLengths(lengths);
    }

    /// <summary>T: the length of the longest sequence.</summary>
    public int Steps => _offsets.Length - 1;

    /// <summary>B: the number of sequences, those of length zero included.</summary>
    public int Sequences => _lengths.Length;

    /// <summary>N: the number of rows, Σ lengths.</summary>
    public int Rows => _offsets[^1];

    /// <summary>n(t): how many sequences are longer than <paramref name="t"/>; never grows with t; 0 from <see cref="Steps"/> on.</summary>
    public int Active(int t) => t < Steps ? _offsets[t + 1] - _offsets[t] : 0;

    /// <summary>The first row of step <paramref name="t"/>, 0 … <see cref="Steps"/>.</summary>
    public int Offset(int t) => _offsets[t];

    /// <summary>Packed position → the caller's position.</summary>
    public ReadOnlySpan<int> Order => _order;

    /// <summary>The caller's position → packed position.</summary>
    public ReadOnlySpan<int> Position => _position;

    /// <summary>Lengths in the caller's order.</summary>
    public ReadOnlySpan<int> Lengths => _lengths;

    /// <summary>The length of the sequence at packed position <paramref name="position"/>.</summary>
    public int PackedLength(int position) => _lengths[_order[position]];

    /// <summary>Whether another layout packs sequences of the same lengths in the same order of the caller's.</summary>
    internal bool IsLike(SequenceLayout other) =>
        ReferenceEquals(this, other) || (Lengths.SequenceEqual(other.Lengths) && Order.SequenceEqual(other.Order));

    /// <summary>Some steps of every sequence as sequences of their own, packed in the same order: their rows lie together in memory.</summary>
    /// <param name="from">The first step.</param>
    /// <param name="to">The step after the last.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no such steps.</exception>
    public SequenceLayout Slice(int from, int to)
    {
        if (from < 0 || to < from || to > Steps) throw new ArgumentOutOfRangeException(nameof(from), $"steps {from} … {to} of {Steps}");
        int[] lengths = new int[Sequences], offsets = new int[to - from + 1];
        for (int s = 0; s < lengths.Length; s++) lengths[s] = Math.Clamp(_lengths[s] - from, 0, to - from);
        for (int t = 0; t < offsets.Length; t++) offsets[t] = _offsets[from + t] - _offsets[from];
        return new SequenceLayout(lengths, _order, _position, offsets);
    }

    /// <summary>Some sequences alone, packed in the same order.</summary>
    /// <param name="sequences">Their numbers here; their order there.</param>
    internal SequenceLayout Of(ReadOnlySpan<int> sequences)
    {
        int[] lengths = new int[sequences.Length], order = new int[sequences.Length], keys = new int[sequences.Length];
        for (int s = 0; s < lengths.Length; s++) (lengths[s], order[s], keys[s]) = (_lengths[sequences[s]], s, _position[sequences[s]]);
        Array.Sort(keys, order);
        return Packed(lengths, order);
    }

    /// <summary>The row of step <paramref name="t"/> of a sequence, given in the caller's order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The sequence has no such step.</exception>
    public int Row(int t, int sequence)
    {
        if ((uint)t >= (uint)_lengths[sequence])
            throw new ArgumentOutOfRangeException(nameof(t), t, $"sequence {sequence} has {_lengths[sequence]} steps");
        return _offsets[t] + _position[sequence];
    }
}
