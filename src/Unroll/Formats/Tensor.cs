using System.Runtime.InteropServices;

namespace Unroll.Formats;

/// <summary>The type of a tensor's elements in memory. Half precision exists in files only and is widened when it is read.</summary>
public enum TensorType
{
    /// <summary>32-bit IEEE 754 numbers, <c>float</c>.</summary>
    F32,

    /// <summary>64-bit IEEE 754 numbers, <c>double</c>.</summary>
    F64,

    /// <summary>64-bit signed integers, <c>long</c>.</summary>
    I64,

    /// <summary>32-bit signed integers, <c>int</c>.</summary>
    I32,

    /// <summary>Bytes.</summary>
    U8,

    /// <summary>8-bit signed integers, <c>sbyte</c>.</summary>
    I8,

    /// <summary>Another type of safetensors (truth values, small floats, unsigned integers …): kept as the file's bytes, not computed with.</summary>
    Other,
}

/// <summary>A named array of numbers with a shape, row-major, as files carry it. Its numbers do not change.</summary>
public sealed class Tensor
{
    private readonly byte[] _bytes;
    private readonly int[] _shape;

    private Tensor(string name, string type, ReadOnlySpan<int> shape, byte[] bytes)
    {
        (Name, TypeName, Type, _shape, _bytes) = (name, type, ElementCodec.InMemory(type), shape.ToArray(), bytes);
        long expected = shape.Contains(0) ? 0 : 1;
        foreach (int size in shape) expected = checked(expected * size);
        int bits = ElementCodec.BitsOf(type);
        if (shape.ContainsAnyExceptInRange(0, int.MaxValue) || checked(expected * bits) != 8L * bytes.Length)
            throw new ArgumentException(
                $"Tensor '{name}' of shape {ShapeText} needs {expected} values, got {8L * bytes.Length / bits}.", nameof(shape));
        Count = checked((int)expected);
    }

    /// <summary>The name, unique in its file, such as <c>encoder.weight_ih_l0</c>.</summary>
    public string Name { get; }

    /// <summary>The type of the elements.</summary>
    public TensorType Type { get; }

    /// <summary>What the type of the elements is called in safetensors files: <c>F32</c>, <c>BOOL</c>, <c>F8_E4M3</c> ….</summary>
    public string TypeName { get; }

    /// <summary>The sizes, slowest first; empty for a single number.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>The shape in readable form: <c>[512, 16]</c>.</summary>
    public string ShapeText => TextOf(_shape);

    /// <summary>The number of elements.</summary>
    public int Count { get; }

    /// <summary>The elements as little-endian bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The elements of an F32 tensor.</summary>
    /// <exception cref="InvalidOperationException">The tensor is of another type.</exception>
    public ReadOnlySpan<float> Float32 => View<float>(TensorType.F32);

    /// <summary>The elements of an F64 tensor.</summary>
    /// <exception cref="InvalidOperationException">The tensor is of another type.</exception>
    public ReadOnlySpan<double> Float64 => View<double>(TensorType.F64);

    /// <summary>The elements of an I64 tensor.</summary>
    /// <exception cref="InvalidOperationException">The tensor is of another type.</exception>
    public ReadOnlySpan<long> Int64 => View<long>(TensorType.I64);

    /// <summary>The elements of an I32 tensor.</summary>
    /// <exception cref="InvalidOperationException">The tensor is of another type.</exception>
    public ReadOnlySpan<int> Int32 => View<int>(TensorType.I32);

    /// <summary>The elements of an I8 tensor.</summary>
    /// <exception cref="InvalidOperationException">The tensor is of another type.</exception>
    public ReadOnlySpan<sbyte> Int8 => View<sbyte>(TensorType.I8);

    /// <summary>A tensor of floats; the values are copied.</summary>
    /// <param name="name">The name.</param>
    /// <param name="shape">The sizes, slowest first.</param>
    /// <param name="values">The elements, row-major.</param>
    /// <exception cref="ArgumentException">The number of values is not the product of the sizes.</exception>
    public static Tensor Of(string name, ReadOnlySpan<int> shape, ReadOnlySpan<float> values) => Copy(name, TensorType.F32, shape, values);

    /// <summary>A tensor of doubles; the values are copied.</summary>
    /// <inheritdoc cref="Of(string, ReadOnlySpan{int}, ReadOnlySpan{float})"/>
    public static Tensor Of(string name, ReadOnlySpan<int> shape, ReadOnlySpan<double> values) => Copy(name, TensorType.F64, shape, values);

    /// <summary>A tensor of long integers; the values are copied.</summary>
    /// <inheritdoc cref="Of(string, ReadOnlySpan{int}, ReadOnlySpan{float})"/>
    public static Tensor Of(string name, ReadOnlySpan<int> shape, ReadOnlySpan<long> values) => Copy(name, TensorType.I64, shape, values);

    /// <summary>A tensor of integers; the values are copied.</summary>
    /// <inheritdoc cref="Of(string, ReadOnlySpan{int}, ReadOnlySpan{float})"/>
    public static Tensor Of(string name, ReadOnlySpan<int> shape, ReadOnlySpan<int> values) => Copy(name, TensorType.I32, shape, values);

    /// <summary>A tensor of bytes; the values are copied.</summary>
    /// <inheritdoc cref="Of(string, ReadOnlySpan{int}, ReadOnlySpan{float})"/>
    public static Tensor Of(string name, ReadOnlySpan<int> shape, ReadOnlySpan<byte> values) => Copy(name, TensorType.U8, shape, values);

    /// <summary>A tensor of small integers; the values are copied.</summary>
    /// <inheritdoc cref="Of(string, ReadOnlySpan{int}, ReadOnlySpan{float})"/>
    public static Tensor Of(string name, ReadOnlySpan<int> shape, ReadOnlySpan<sbyte> values) => Copy(name, TensorType.I8, shape, values);

    /// <summary>A tensor of truth values, <c>BOOL</c> in files; the values are copied.</summary>
    /// <inheritdoc cref="Of(string, ReadOnlySpan{int}, ReadOnlySpan{float})"/>
    public static Tensor Of(string name, ReadOnlySpan<int> shape, ReadOnlySpan<bool> values) =>
        new(name, "BOOL", shape, MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>A shape in readable form: <c>[512, 16]</c>.</summary>
    /// <param name="shape">The sizes, slowest first.</param>
    internal static string TextOf(ReadOnlySpan<int> shape) => $"[{string.Join(", ", shape.ToArray())}]";

    /// <summary>A tensor over bytes that the caller gives away.</summary>
    /// <param name="name">The name.</param>
    /// <param name="type">
    /// What the type of the elements in memory is called in safetensors files: <c>F32</c>, <c>BOOL</c> …; halves are F32 already.
    /// </param>
    /// <param name="shape">The sizes, slowest first.</param>
    /// <param name="bytes">The elements, little-endian; kept, not copied, and not to be changed.</param>
    /// <exception cref="ArgumentException">The number of bytes is not that of the shape.</exception>
    public static Tensor Over(string name, string type, ReadOnlySpan<int> shape, byte[] bytes) => new(name, type, shape, bytes);

    /// <summary>The same elements under another name; they are shared, not copied.</summary>
    /// <param name="name">The name.</param>
    public Tensor Named(string name) => new(name, TypeName, _shape, _bytes);

    private static Tensor Copy<T>(string name, TensorType type, ReadOnlySpan<int> shape, ReadOnlySpan<T> values) where T : unmanaged =>
        new(name, type.ToString(), shape, MemoryMarshal.AsBytes(values).ToArray());

    private ReadOnlySpan<T> View<T>(TensorType asked) where T : unmanaged => Type == asked
        ? MemoryMarshal.Cast<byte, T>(_bytes)
        : throw new InvalidOperationException($"Tensor '{Name}' holds {Type}, not {asked}.");
}
