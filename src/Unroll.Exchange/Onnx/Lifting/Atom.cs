namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>
/// What one index of a value counts: steps, sequences, directions, units. An axis of a tensor is a product of atoms, the slowest first, so that a
/// reshape groups them anew and a transpose reorders the groups. Two atoms are the same only if they are one object.
/// </summary>
/// <param name="name">In messages: <c>x[0]</c>.</param>
/// <param name="size">How many there are.</param>
internal sealed class Atom(string name, Extent size)
{
    /// <summary>In messages.</summary>
    public string Name => name;

    /// <summary>How many there are.</summary>
    public Extent Size => size;

    /// <summary>The atom that this one is a part of; null: it is whole.</summary>
    public Atom? Whole { get; private init; }

    /// <summary>Of a part: its first index in <see cref="Whole"/>.</summary>
    public int First { get; private init; }

    /// <summary>Whether it stands in for an axis of size 1 that was repeated: all its indices show the same.</summary>
    public bool Repeats { get; init; }

    /// <summary>Whether it makes no difference where it stands.</summary>
    public bool IsOne => size.Is(1);

    /// <summary>Some of its indices.</summary>
    public Atom Part(int first, int count) =>
        new($"{name}[{first}:{first + count}]", Extent.Of(count)) { Whole = Whole ?? this, First = First + first };

    /// <inheritdoc/>
    public override string ToString() => $"{name}({size})";
}
