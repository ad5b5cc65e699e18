namespace Unroll.Exchange.PyTorch;

//  What a pickle can become here, and nothing else:
//  null, bool, long, double, string, byte[]            as they are
//  PyInteger                                           an integer of more than 8 bytes
//  PyTuple, PyList, PyDict, PySet                      containers
//  PyGlobal                                            the name of something in Python; it is never looked up
//  PyBox                                               what a global would have made: its name, what it was given, and the state it would have got
//  PyStorage, PyTensor                                 numbers, described; they are read later

/// <summary>An integer that has no room in 8 bytes.</summary>
/// <param name="Bytes">Two's complement, little-endian.</param>
internal sealed record PyInteger(byte[] Bytes);

/// <summary>A tuple.</summary>
/// <param name="Items">Its elements.</param>
internal sealed record PyTuple(object?[] Items);

/// <summary>A list.</summary>
internal sealed class PyList
{
    public List<object?> Items { get; } = [];
}

/// <summary>A set: what it holds is not looked at.</summary>
internal sealed class PySet
{
    public int Count { get; set; }
}

/// <summary>A dictionary in the order in which keys came; a key that comes again replaces its value, as in Python.</summary>
internal sealed class PyDict
{
    private readonly Dictionary<string, int> _places = [];
    private readonly List<KeyValuePair<object?, object?>> _pairs = [];

    public IReadOnlyList<KeyValuePair<object?, object?>> Pairs => _pairs;

    public object? this[string key] => _places.TryGetValue(key, out int place) ? _pairs[place].Value : null;

    public bool Has(string key) => _places.ContainsKey(key);

    public void Set(object? key, object? value)
    {
        if (key is not string text) _pairs.Add(new(key, value));
        else if (_places.TryGetValue(text, out int place)) _pairs[place] = new(key, value);
        else
        {
            _places.Add(text, _pairs.Count);
            _pairs.Add(new(key, value));
        }
    }
}

/// <summary>The name of a class or function of Python.</summary>
/// <param name="Module">Its module.</param>
/// <param name="Name">Its name there.</param>
internal sealed record PyGlobal(string Module, string Name)
{
    public string Full => $"{Module}.{Name}";
}

/// <summary>What calling a global would have made: inert, but what it holds can be looked at.</summary>
/// <param name="of">The global.</param>
/// <param name="arguments">What it would have been called with.</param>
internal sealed class PyBox(PyGlobal of, object? arguments)
{
    public PyGlobal Of => of;

    public object? Arguments => arguments;

    /// <summary>The state that it would have been given; null: none.</summary>
    public object? State { get; set; }

    /// <summary>What was put into it as into a dictionary.</summary>
    public PyDict? Entries { get; set; }

    /// <summary>What was put into it as into a list.</summary>
    public PyList? Items { get; set; }
}

/// <summary>Numbers in a file that tensors are views of.</summary>
/// <param name="Key">The name under which the file has them.</param>
/// <param name="Type">The type of an element; null: bytes, and the tensor says what they are.</param>
/// <param name="Count">Elements, or bytes where there is no type.</param>
internal sealed record PyStorage(string Key, TorchType? Type, long Count)
{
    /// <summary>Where it begins in the storage of that name, in elements: old files have storages that are parts of others.</summary>
    public long Offset { get; init; }

    public long Bytes => checked(Count * (Type?.Bytes ?? 1));
}

/// <summary>A view of a storage.</summary>
/// <param name="Storage">The numbers.</param>
/// <param name="Type">The type of an element.</param>
/// <param name="Offset">The first element, counted in elements of <paramref name="Type"/>.</param>
/// <param name="Sizes">The sizes, slowest first.</param>
/// <param name="Strides">How far elements lie apart along each, in elements; 0: the same one again.</param>
internal sealed record PyTensor(PyStorage Storage, TorchType Type, long Offset, int[] Sizes, long[] Strides)
{
    /// <summary>The number of elements; the reader has checked that it has room in a long.</summary>
    public long Count => Sizes.Aggregate(1L, (product, size) => product * size);
}

/// <summary>A tensor of a kind that is not read: sparse, quantized ….</summary>
/// <param name="Kind">What it is.</param>
internal sealed record PyUnread(string Kind);
