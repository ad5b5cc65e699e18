namespace Unroll.Exchange.Onnx.Lifting;

//  an extent = factor · n₁ n₂ … + plus,      nᵢ: sizes that are known only when the graph runs, at least 1

/// <summary>A whole number that a graph computes from the sizes of its inputs: a size, a place, or a plain number.</summary>
internal sealed class Extent : IEquatable<Extent>
{
    private readonly string[] _names;
    private readonly long _factor, _plus;

    // A plain number is all plus.
    private Extent(long factor, string[] names, long plus) =>
        (_factor, _names, _plus) = names.Length == 0 || factor == 0 ? (0, [], plus) : (factor, names, plus);

    /// <summary>1.</summary>
    public static Extent One { get; } = Of(1);

    /// <summary>A plain number.</summary>
    public static Extent Of(long number) => new(0, [], number);

    /// <summary>A size that is known only when the graph runs, by its name.</summary>
    public static Extent Of(string name) => new(1, [name], 0);

    /// <summary>The number; null where it depends on sizes.</summary>
    public long? Number => _names.Length == 0 ? _plus : null;

    /// <summary>Whether it is that number, whatever the sizes are.</summary>
    public bool Is(long number) => Number == number;

    /// <summary>Whether it cannot be that number, whatever the sizes are.</summary>
    public bool IsNot(long number) => Number is { } own ? own != number : _factor > 0 && number < _factor + _plus;

    /// <summary>The product; null where it is no extent.</summary>
    public Extent? Times(Extent other)
    {
        if (Number is { } a) return other.ScaledBy(a);
        if (other.Number is { } b) return ScaledBy(b);
        return _plus == 0 && other._plus == 0 && Product(_factor, other._factor) is { } factor
            ? new(factor, [.. _names.Concat(other._names).Order(StringComparer.Ordinal)], 0) : null;
    }

    /// <summary>The sum, or with a sign of −1 the difference; null where it is no extent.</summary>
    public Extent? Plus(Extent other, int sign = 1)
    {
        Int128 plus = (Int128)_plus + sign * (Int128)other._plus, factor = (Int128)_factor + sign * (Int128)other._factor;
        if (Int128.Max(Int128.Abs(plus), Int128.Abs(factor)) > long.MaxValue) return null;
        return other._names.Length == 0 || _names.SequenceEqual(other._names) ? new((long)factor, _names, (long)plus)
            : _names.Length == 0 ? new((long)factor, other._names, (long)plus) : null;
    }

    /// <summary>The quotient; null where it is no extent, or a remainder is left.</summary>
    public Extent? Over(Extent other)
    {
        if (other.Number is 0) return null;
        if (other.Number is { } number) return _plus % number == 0 && _factor % number == 0 ? new(_factor / number, _names, _plus / number) : null;
        if (_plus != 0 || other._plus != 0 || _names.Length == 0 || _factor % other._factor != 0) return null;
        List<string> left = [.. _names];
        return !other._names.All(left.Remove) ? null : left.Count == 0 ? Of(_factor / other._factor) : new(_factor / other._factor, [.. left], 0);
    }

    /// <inheritdoc/>
    public bool Equals(Extent? other) =>
        other is not null && _factor == other._factor && _plus == other._plus && _names.SequenceEqual(other._names);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Extent);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_factor, _plus, _names.Length);

    /// <inheritdoc/>
    public override string ToString() => Number is { } number ? $"{number}"
        : $"{(_factor == 1 ? "" : $"{_factor}·")}{string.Join('·', _names)}{(_plus == 0 ? "" : $"{_plus:+0;-0}")}";

    private Extent? ScaledBy(long by) =>
        Product(_factor, by) is { } factor && Product(_plus, by) is { } plus ? new(factor, _names, plus) : null;

    private static long? Product(long a, long b) => Int128.Abs((Int128)a * b) <= long.MaxValue ? a * b : null;
}
