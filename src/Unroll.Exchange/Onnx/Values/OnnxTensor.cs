using System.Runtime.InteropServices;
using Unroll.Core;

namespace Unroll.Exchange.Onnx.Values;

/// <summary>An array of numbers with a shape, row-major, the slowest size first. Its numbers do not change.</summary>
/// <remarks>
/// The elements are kept as little-endian bytes, so that weights are the bytes of the file itself and <c>Reshape</c> makes no copy.
/// </remarks>
public sealed class OnnxTensor : OnnxValue
{
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly int[] _shape;

    /// <summary>A tensor over bytes, which are kept and not copied.</summary>
    /// <param name="type">The type of the elements.</param>
    /// <param name="shape">The sizes; kept.</param>
    /// <param name="bytes">The elements; as many as the shape says.</param>
    internal OnnxTensor(OnnxType type, int[] shape, ReadOnlyMemory<byte> bytes)
    {
        (Type, _shape, _bytes) = (type, shape, bytes);
        long count = Shapes.Count(shape);
        if (count * type.Size() != bytes.Length)
            throw new ArgumentException($"A {type.Name()} tensor of shape {ShapeText} needs {count * type.Size()} bytes, got {bytes.Length}.");
        Count = (int)count;
    }

    /// <summary>The type of the elements.</summary>
    public OnnxType Type { get; }

    /// <summary>The sizes, slowest first; empty for a single number.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>The number of sizes.</summary>
    public int Rank => _shape.Length;

    /// <summary>The number of elements.</summary>
    public int Count { get; }

    /// <summary>The shape in readable form: <c>[2, 3]</c>.</summary>
    public string ShapeText => Shapes.Text(_shape);

    /// <summary>The elements as little-endian bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.Span;

    /// <summary>The elements as little-endian bytes, to be kept.</summary>
    internal ReadOnlyMemory<byte> Memory => _bytes;

    /// <inheritdoc/>
    public override string Text => $"{Type.Name()} {ShapeText}";

    /// <summary>A tensor of a copy of values.</summary>
    /// <typeparam name="T"><c>float</c>, <c>double</c>, <c>long</c>, <c>int</c>, <c>bool</c>, <c>byte</c> or <c>sbyte</c>.</typeparam>
    /// <param name="shape">The sizes, slowest first.</param>
    /// <param name="values">The elements, row-major.</param>
    /// <exception cref="ArgumentException">The number of values is not the product of the sizes.</exception>
    /// <exception cref="NotSupportedException">The elements are of another type.</exception>
    public static OnnxTensor Of<T>(ReadOnlySpan<int> shape, ReadOnlySpan<T> values) where T : unmanaged
    {
        OnnxType type = OnnxTypes.Of<T>();
        if (shape.ContainsAnyExceptInRange(0, int.MaxValue)) throw new ArgumentException($"A shape has no negative sizes: {Shapes.Text(shape)}.");
        return new(type, shape.ToArray(), MemoryMarshal.AsBytes(values).ToArray());
    }

    /// <summary>A tensor without sizes that holds one number.</summary>
    /// <inheritdoc cref="Of{T}(ReadOnlySpan{int}, ReadOnlySpan{T})"/>
    public static OnnxTensor Scalar<T>(T value) where T : unmanaged => Of([], [value]);

    /// <summary>The elements.</summary>
    /// <typeparam name="T">The .NET type of <see cref="Type"/>.</typeparam>
    /// <exception cref="InvalidOperationException">The elements are of another type.</exception>
    public ReadOnlySpan<T> Values<T>() where T : unmanaged => OnnxTypes.Of<T>() == Type
        ? MemoryMarshal.Cast<byte, T>(_bytes.Span)
        : throw new InvalidOperationException($"The tensor holds {Type.Name()}, not {OnnxTypes.Of<T>().Name()}.");

    /// <summary>The same numbers in another type; null where not every number is the same in it.</summary>
    /// <param name="type">The type; truth values are those of 0 and 1 in 8 bits, and no other numbers are.</param>
    public OnnxTensor? As(OnnxType type) => type == Type ? this : ExactCast.OrNull(this, type);

    /// <summary>The same elements in another shape of as many; nothing is copied.</summary>
    internal OnnxTensor Reshaped(int[] shape) => new(Type, shape, _bytes);

    /// <summary>A tensor to be filled once, before anyone else sees it.</summary>
    /// <param name="shape">The sizes; kept.</param>
    /// <param name="values">Its elements, zero.</param>
    internal static OnnxTensor New<T>(int[] shape, out Span<T> values) where T : unmanaged
    {
        OnnxType type = OnnxTypes.Of<T>();
        byte[] bytes = new byte[Shapes.Bytes(type, shape)];
        values = MemoryMarshal.Cast<byte, T>(bytes.AsSpan());
        return new(type, shape, bytes);
    }

    /// <summary>As <see cref="New{T}"/>, where the type is a value.</summary>
    internal static OnnxTensor New(OnnxType type, int[] shape, out Span<byte> bytes)
    {
        byte[] all = new byte[Shapes.Bytes(type, shape)];
        bytes = all;
        return new(type, shape, all);
    }
}
