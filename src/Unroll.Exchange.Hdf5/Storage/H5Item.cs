namespace Unroll.Exchange.Hdf5.Storage;

/// <summary>What is written: a group of items, or a data set of 32-bit floats.</summary>
internal sealed class H5Item
{
    private readonly SortedDictionary<string, H5Item> _items = new(StringComparer.Ordinal);

    private H5Item(int[] shape, float[]? values) => (Shape, Values) = (shape, values);

    /// <summary>An empty group.</summary>
    public static H5Item Group() => new([], null);

    /// <summary>The elements, row-major; null: a group.</summary>
    public float[]? Values { get; }

    /// <summary>The sizes of a data set, slowest first.</summary>
    public int[] Shape { get; }

    /// <summary>What a group holds, by name, in the order in which HDF5 looks names up.</summary>
    public IReadOnlyDictionary<string, H5Item> Items => _items;

    /// <summary>The group of that path, made where there is none.</summary>
    public H5Item At(string path)
    {
        H5Item group = this;
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!group._items.TryGetValue(name, out H5Item? next)) group._items.Add(name, next = Group());
            group = next;
        }
        return group;
    }

    /// <summary>Adds a data set.</summary>
    public void Add(string name, ReadOnlySpan<int> shape, float[] values) => _items.Add(name, new H5Item(shape.ToArray(), values));
}
