using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Unroll.Core;

namespace Unroll.Formats;

//  '<f4'   byte order (< little, > big, = | that of the machine or none), kind, bytes
/// <summary>The element type of an <c>.npy</c> file and how it becomes one of ours: exactly, or it is refused.</summary>
/// <param name="Kind">The kind, a letter, with the bytes of an element: <c>f4</c>.</param>
/// <param name="BigEndian">Whether the most significant byte comes first.</param>
internal sealed record NpyType(string Kind, bool BigEndian)
{
    /// <summary>The bytes of an element in the file.</summary>
    public int Size => Kind[1] - '0';

    /// <summary>Reads a <c>descr</c>.</summary>
    /// <param name="descr">Without its quotes.</param>
    /// <param name="file">The file's name, for errors.</param>
    /// <exception cref="UserErrorException">It is none that is read here.</exception>
    public static NpyType Parse(string descr, string file)
    {
        char order = descr.Length > 1 ? descr[0] : ' ';
        string kind = order is '<' or '>' or '=' or '|' ? descr[1..] : descr;
        if (kind is "f2" or "f4" or "f8" or "i1" or "i2" or "i4" or "i8" or "u1" or "u2" or "u4" or "u8" or "b1") return new(kind, order == '>');
        string what = kind switch
        {
            ['O', ..] => "objects of Python",
            ['c', ..] => "complex numbers",
            ['U', ..] or ['S', ..] or ['a', ..] or ['T', ..] => "texts",
            ['M', ..] or ['m', ..] => "times",
            ['V', ..] => "records",
            _ => "numbers of another type",
        };
        throw new UserErrorException($"'{file}' holds {what}, {descr}; read here are floats of 2, 4 and 8 bytes, integers and truth values: "
            + "save array.astype(numpy.float32).");
    }

    /// <summary>The elements as a tensor: half floats and small integers widened to a type that has each of their values.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="bytes">The elements in C order, as the file has them. Overwritten where they are swapped.</param>
    /// <param name="file">The file's name, for errors.</param>
    /// <exception cref="UserErrorException">An unsigned number is too large for a signed one of as many bytes.</exception>
    public Tensor Read(string name, ReadOnlySpan<int> shape, byte[] bytes, string file)
    {
        if (BigEndian) Swap(bytes);
        return Kind switch
        {
            "f4" => Tensor.Over(name, "F32", shape, bytes),
            "f8" => Tensor.Over(name, "F64", shape, bytes),
            "f2" => Tensor.Over(name, "F32", shape, ElementCodec.Widen("F16", bytes)),
            "i1" => Tensor.Over(name, "I8", shape, bytes),
            "i4" => Tensor.Over(name, "I32", shape, bytes),
            "i8" => Tensor.Over(name, "I64", shape, bytes),
            "u1" or "b1" => Tensor.Over(name, "U8", shape, bytes),
            "i2" => Tensor.Of(name, shape, Wide<short, int>(bytes)),
            "u2" => Tensor.Of(name, shape, Wide<ushort, int>(bytes)),
            "u4" => Tensor.Of(name, shape, Wide<uint, long>(bytes)),
            _ => MemoryMarshal.Cast<byte, long>(bytes).ContainsAnyExceptInRange(0, long.MaxValue)
                ? throw new UserErrorException($"'{file}' holds unsigned numbers above {long.MaxValue}; save array.astype(numpy.float64).")
                : Tensor.Over(name, "I64", shape, bytes),
        };
    }

    private static TWide[] Wide<TStored, TWide>(byte[] bytes) where TStored : unmanaged, System.Numerics.INumber<TStored>
        where TWide : unmanaged, System.Numerics.INumber<TWide>
    {
        ReadOnlySpan<TStored> stored = MemoryMarshal.Cast<byte, TStored>(bytes);
        TWide[] wide = new TWide[stored.Length];
        for (int i = 0; i < wide.Length; i++) wide[i] = TWide.CreateChecked(stored[i]);
        return wide;
    }

    private void Swap(Span<byte> bytes)
    {
        if (Size == 2) Swap<ushort>(bytes, BinaryPrimitives.ReverseEndianness);
        else if (Size == 4) Swap<uint>(bytes, BinaryPrimitives.ReverseEndianness);
        else if (Size == 8) Swap<ulong>(bytes, BinaryPrimitives.ReverseEndianness);
    }

    private static void Swap<T>(Span<byte> bytes, Func<T, T> swapped) where T : unmanaged
    {
        foreach (ref T one in MemoryMarshal.Cast<byte, T>(bytes)) one = swapped(one);
    }
}
