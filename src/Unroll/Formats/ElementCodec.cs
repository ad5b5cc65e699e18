using System.Numerics;
using System.Runtime.InteropServices;

namespace Unroll.Formats;

/// <summary>The element types of safetensors files: their names, their sizes, and what they become in memory.</summary>
internal static class ElementCodec
{
    /// <summary>The types that can be read, for errors.</summary>
    public const string Known = "F64, F32, F16, BF16, F8, F6, F4, C64, I64, I32, I16, I8, U64, U32, U16, U8 and BOOL";

    /// <summary>Whether a type can be read.</summary>
    /// <param name="type">Its name in the file.</param>
    public static bool Knows(string type) => BitsOf(type) > 0;

    /// <summary>The bits of one element in the file; 0 for a type that is not known.</summary>
    /// <param name="type">Its name in the file.</param>
    public static int BitsOf(string type) => type switch
    {
        "F64" or "C64" or "I64" or "U64" => 64,
        "F32" or "I32" or "U32" => 32,
        "F16" or "BF16" or "I16" or "U16" => 16,
        "I8" or "U8" or "BOOL" or "F8_E4M3" or "F8_E5M2" or "F8_E8M0" or "F8_E4M3FNUZ" or "F8_E5M2FNUZ" => 8,
        "F6_E2M3" or "F6_E3M2" => 6,
        "F4" => 4,
        _ => 0,
    };

    /// <summary>How many times larger an element is in memory.</summary>
    /// <param name="type">Its name in the file.</param>
    public static int Widening(string type) => type is "F16" or "BF16" ? 2 : 1;

    /// <summary>The type in memory: halves become floats, which hold each of their values exactly; what is not computed with stays bytes.</summary>
    /// <param name="type">Its name in the file.</param>
    public static TensorType InMemory(string type) => type switch
    {
        "F32" or "F16" or "BF16" => TensorType.F32,
        "F64" => TensorType.F64,
        "I64" => TensorType.I64,
        "I32" => TensorType.I32,
        "I8" => TensorType.I8,
        "U8" => TensorType.U8,
        _ => TensorType.Other,
    };

    /// <summary>Widens the halves of a file to the floats of memory; other types pass as they are.</summary>
    /// <param name="type">The type's name in the file.</param>
    /// <param name="stored">The elements as the file holds them.</param>
    /// <returns>Little-endian bytes of the type in memory.</returns>
    public static byte[] Widen(string type, byte[] stored)
    {
        if (type is not ("F16" or "BF16")) return stored;
        byte[] wide = new byte[stored.Length * 2];
        ReadOnlySpan<ushort> halves = MemoryMarshal.Cast<byte, ushort>(stored);
        Span<float> floats = MemoryMarshal.Cast<byte, float>(wide.AsSpan());
        for (int i = 0; i < halves.Length; i++)
            floats[i] = type == "F16" ? (float)BitConverter.UInt16BitsToHalf(halves[i]) : BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
        return wide;
    }

    /// <summary>Looks for NaN and infinity: an exponent of all ones.</summary>
    /// <param name="tensor">The tensor to look through.</param>
    /// <returns>The index of the first such element, or -1; of types that are not computed with always -1.</returns>
    public static int FirstNonFinite(Tensor tensor) => tensor.Type switch
    {
        TensorType.F32 => First(MemoryMarshal.Cast<byte, uint>(tensor.Bytes), 0x7F80_0000u),
        TensorType.F64 => First(MemoryMarshal.Cast<byte, ulong>(tensor.Bytes), 0x7FF0_0000_0000_0000ul),
        _ => -1,
    };

    private static int First<T>(ReadOnlySpan<T> bits, T exponent) where T : unmanaged, IBinaryInteger<T>
    {
        int i = 0;
        Vector<T> exponents = new(exponent);
        while (i <= bits.Length - Vector<T>.Count && !Vector.EqualsAny(new Vector<T>(bits[i..]) & exponents, exponents)) i += Vector<T>.Count;
        for (; i < bits.Length; i++)
            if ((bits[i] & exponent) == exponent) return i;
        return -1;
    }
}
