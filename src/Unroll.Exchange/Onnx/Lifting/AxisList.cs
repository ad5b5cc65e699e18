using System.Collections.Immutable;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>The axes of a value, slowest first, each a product of atoms; an axis without atoms has size 1.</summary>
internal sealed class AxisList
{
    private readonly ImmutableArray<ImmutableArray<Atom>> _axes;

    /// <summary>Axes.</summary>
    public AxisList(params IEnumerable<ImmutableArray<Atom>> axes) => _axes = [.. axes];

    /// <summary>How many there are.</summary>
    public int Rank => _axes.Length;

    /// <summary>The atoms of an axis.</summary>
    public ImmutableArray<Atom> this[int axis] => _axes[axis];

    /// <summary>All atoms, slowest first.</summary>
    public IEnumerable<Atom> Atoms => _axes.SelectMany(axis => axis);

    /// <summary>The size of an axis.</summary>
    public Extent Size(int axis) => _axes[axis].Aggregate(Extent.One, (size, atom) => size.Times(atom.Size)!);

    /// <summary>An axis as it is given, from −rank; null where there is none.</summary>
    public int? Place(long axis) => axis >= -Rank && axis < Rank ? (int)(axis < 0 ? axis + Rank : axis) : null;

    /// <summary>The atoms of an axis that make a difference.</summary>
    public IEnumerable<Atom> Real(int axis) => _axes[axis].Where(atom => !atom.IsOne);

    /// <summary>The axis that consists of that one atom; −1: none does.</summary>
    public int Of(Atom atom) => _axes.IndexOf(_axes.FirstOrDefault(axis => axis.Where(each => !each.IsOne || each == atom).SequenceEqual([atom])));

    /// <summary>The axes in another order.</summary>
    public AxisList Transposed(IEnumerable<int> order) => new(order.Select(axis => _axes[axis]));

    /// <summary>Without some axes.</summary>
    public AxisList Without(IReadOnlyCollection<int> axes) => new(_axes.Where((_, axis) => !axes.Contains(axis)));

    /// <summary>With another axis in that place.</summary>
    public AxisList With(int axis, params ImmutableArray<Atom> atoms) => new(_axes.SetItem(axis, atoms));

    /// <summary>With axes of size 1 in those places of the result.</summary>
    public AxisList Unsqueezed(IReadOnlyCollection<int> places)
    {
        Queue<ImmutableArray<Atom>> own = new(_axes);
        return new(Enumerable.Range(0, Rank + places.Count).Select(place => places.Contains(place) ? [] : own.Dequeue()));
    }

    /// <summary>With an atom in another's place everywhere.</summary>
    public AxisList Replaced(Atom old, params ImmutableArray<Atom> atoms) =>
        new(_axes.Select(axis => axis.SelectMany(atom => atom == old ? atoms : [atom]).ToImmutableArray()));

    /// <summary>Whether another has the same atoms in the same axes; those of size 1 make no difference.</summary>
    public bool IsLike(AxisList other) => Rank == other.Rank && Enumerable.Range(0, Rank).All(axis => Real(axis).SequenceEqual(other.Real(axis)));

    /// <summary>The same atoms grouped to axes of other sizes; null where no grouping has them.</summary>
    /// <param name="sizes">One may be −1: what is left.</param>
    public AxisList? Reshaped(IReadOnlyList<Extent> sizes)
    {
        LinkedList<Atom> atoms = new(Atoms);
        int open = sizes.ToList().FindIndex(size => size.Is(-1)), end = open < 0 ? sizes.Count : open;
        ImmutableArray<Atom>[] axes = new ImmutableArray<Atom>[sizes.Count];
        for (int axis = 0; axis < end; axis++)
            if (Take(atoms, sizes[axis], front: true) is not { } taken) return null;
            else axes[axis] = taken;
        for (int axis = sizes.Count - 1; axis > end; axis--)
            if (Take(atoms, sizes[axis], front: false) is not { } taken) return null;
            else axes[axis] = taken;
        if (open >= 0) axes[open] = [.. atoms];
        else if (atoms.Any(atom => !atom.IsOne)) return null;
        else if (axes.Length > 0) axes[^1] = [.. axes[^1], .. atoms];
        return new(axes);
    }

    // Atoms of size 1 belong to the axis of size 1 that is asked for beside them.
    private static ImmutableArray<Atom>? Take(LinkedList<Atom> atoms, Extent size, bool front)
    {
        List<Atom> taken = [];
        Extent? product = Extent.One;
        while (!size.Equals(product) || (size.Is(1) && taken.Count == 0 && Next()?.Value.IsOne == true))
        {
            if (Next() is not { } next || product is null) return null;
            taken.Insert(front ? taken.Count : 0, next.Value);
            product = product.Times(next.Value.Size);
            atoms.Remove(next);
        }
        return [.. taken];

        LinkedListNode<Atom>? Next() => front ? atoms.First : atoms.Last;
    }

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(", ", _axes.Select(axis => axis.Length == 0 ? "1" : string.Join('·', axis)))}]";
}
