using System.Collections;

namespace Unroll.Inspection.Textbook;

/// <summary>Vectors by their names in the notes, in the order of their computation: gates, states, δ’s, or the terms of one gradient.</summary>
public sealed class NamedVectors : IEnumerable<KeyValuePair<string, Vector>>
{
    private readonly OrderedDictionary<string, Vector> _all = [];

    /// <summary>The vector of that name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Vector this[string name] => Find(name) ?? throw new KeyNotFoundException($"no '{name}' among: {string.Join(", ", Names)}");

    /// <summary>The names, in order.</summary>
    public IEnumerable<string> Names => _all.Keys;

    /// <summary>Appends a vector.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name, Vector vector)
    {
        if (!_all.TryAdd(name, vector)) throw new ArgumentException($"'{name}' is there already", nameof(name));
    }

    /// <summary>The vector of that name, or null.</summary>
    public Vector? Find(string name) => _all.GetValueOrDefault(name);

    /// <summary>The sum of all: the terms of a gradient added up to the gradient.</summary>
    /// <param name="length">The length of the sum, which is zero where there is no term.</param>
    public Vector Sum(int length)
    {
        Vector sum = Vector.Zeros(length);
        foreach ((string _, Vector vector) in _all) sum.Add(vector);
        return sum;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Vector>> GetEnumerator() => _all.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
