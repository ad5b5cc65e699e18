namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>Where the numbers of a tensor lie: its shape, and for each atom of its axes the elements from one index to the next.</summary>
internal sealed class AtomStrides
{
    private readonly Dictionary<Atom, int> _strides = [];

    /// <summary>The strides of a contiguous tensor.</summary>
    /// <param name="axes">Its axes.</param>
    /// <param name="sizeOf">How many indices an atom has now.</param>
    public AtomStrides(AxisList axes, Func<Atom, int> sizeOf)
    {
        Shape = new int[axes.Rank];
        int stride = 1;
        for (int axis = axes.Rank - 1; axis >= 0; axis--)
        {
            Shape[axis] = 1;
            foreach (Atom atom in axes[axis].Reverse())
            {
                _strides[atom] = stride;
                stride = checked(stride * sizeOf(atom));
                Shape[axis] *= sizeOf(atom);
            }
        }
        Count = stride;
    }

    /// <summary>The sizes of the axes.</summary>
    public int[] Shape { get; }

    /// <summary>The number of elements.</summary>
    public int Count { get; }

    /// <summary>The stride of an atom; 0 for none.</summary>
    public int Of(Atom? atom) => atom is null ? 0 : _strides.GetValueOrDefault(atom);

    /// <summary>Where the numbers of a row lie from its beginning, for the atoms of a row; null: one after the other.</summary>
    public int[]? Offsets(IReadOnlyList<Atom> features, Func<Atom, int> sizeOf)
    {
        int[] offsets = [0];
        foreach (Atom atom in features)
            offsets = [.. offsets.SelectMany(offset => Enumerable.Range(0, sizeOf(atom)).Select(index => offset + index * Of(atom)))];
        for (int i = 0; i < offsets.Length; i++)
            if (offsets[i] != i) return offsets;
        return null;
    }
}
