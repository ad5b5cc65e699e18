using System.Collections;
using Unroll.Core;

namespace Unroll.Inspection.Textbook;

/// <summary>
/// A column of doubles, written as the notes write it: <c>+</c>, <c>-</c> and <c>*</c> work element by element, so that <c>f * c</c> is f ⊙ c.
/// May be a view into a longer array: what is written through it is seen there.
/// </summary>
public sealed class Vector : IReadOnlyList<double>
{
    private readonly double[] _values;
    private readonly int _offset;

    /// <summary>The whole array, not copied.</summary>
    /// <param name="values">The elements.</param>
    public Vector(params double[] values) : this(values, 0, values.Length) { }

    /// <summary>Part of an array, not copied.</summary>
    /// <param name="values">The array.</param>
    /// <param name="offset">Where the vector begins in it.</param>
    /// <param name="length">How many elements.</param>
    /// <exception cref="ShapeException">The array is too short.</exception>
    public Vector(double[] values, int offset, int length)
    {
        if (values.Length < offset + length) ShapeException.Throw(values.Length, offset + length, "vector", "its offset and length say so");
        (_values, _offset, Count) = (values, offset, length);
    }

    /// <summary>Zeros.</summary>
    /// <param name="length">How many, at least 0.</param>
    public static Vector Zeros(int length) => new(new double[length]);

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc cref="IReadOnlyList{T}.this"/>
    public double this[int k]
    {
        get => _values[_offset + k];
        set => _values[_offset + k] = value;
    }

    /// <summary>a + b.</summary>
    public static Vector operator +(Vector a, Vector b) => Combine(a, b, (x, y) => x + y);

    /// <summary>a − b.</summary>
    public static Vector operator -(Vector a, Vector b) => Combine(a, b, (x, y) => x - y);

    /// <summary>a ⊙ b.</summary>
    public static Vector operator *(Vector a, Vector b) => Combine(a, b, (x, y) => x * y);

    /// <summary>s − a for every element, as in 1 − z.</summary>
    public static Vector operator -(double s, Vector a) => a.Map(x => s - x);

    /// <summary>s · a.</summary>
    public static Vector operator *(double s, Vector a) => a.Map(x => s * x);

    /// <summary>−a.</summary>
    public static Vector operator -(Vector a) => a.Map(x => -x);

    /// <summary>A new vector of f(element).</summary>
    public Vector Map(Func<double, double> f)
    {
        Vector result = Zeros(Count);
        for (int k = 0; k < Count; k++) result[k] = f(this[k]);
        return result;
    }

    /// <summary>Adds <paramref name="other"/> to the elements of this vector.</summary>
    public void Add(Vector other)
    {
        Check(this, other);
        for (int k = 0; k < Count; k++) this[k] += other[k];
    }

    /// <summary>A copy of <paramref name="length"/> elements from <paramref name="start"/> on.</summary>
    public Vector Part(int start, int length)
    {
        Vector result = Zeros(length);
        for (int k = 0; k < length; k++) result[k] = this[start + k];
        return result;
    }

    /// <summary>[this; below]: one on top of the other.</summary>
    public Vector Above(Vector below) => new([.. this, .. below]);

    /// <inheritdoc/>
    public IEnumerator<double> GetEnumerator()
    {
        for (int k = 0; k < Count; k++) yield return this[k];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static Vector Combine(Vector a, Vector b, Func<double, double, double> f)
    {
        Check(a, b);
        Vector result = Zeros(a.Count);
        for (int k = 0; k < a.Count; k++) result[k] = f(a[k], b[k]);
        return result;
    }

    private static void Check(Vector a, Vector b)
    {
        if (a.Count != b.Count) ShapeException.Throw(b.Count, a.Count, "vector", $"the vector it meets has {a.Count} elements");
    }
}
