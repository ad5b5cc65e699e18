namespace Unroll.Exchange.Hdf5.Storage;

/// <summary>Kinds of elements.</summary>
internal enum H5Kind
{
    /// <summary>Whole numbers.</summary>
    Integer,
    /// <summary>IEEE 754 numbers, or bfloat16.</summary>
    Float,
    /// <summary>Text of a fixed number of bytes.</summary>
    Text,
    /// <summary>Text of its own length, which lies in a global heap.</summary>
    LongText,
    /// <summary>Bytes without a meaning.</summary>
    Opaque,
    /// <summary>What is not read.</summary>
    Other,
}

/// <summary>The type of the elements of a data set or attribute: HDF5's datatype message.</summary>
/// <param name="Kind">What they are.</param>
/// <param name="Size">Bytes of one.</param>
/// <param name="BigEndian">Whether the first byte is the highest.</param>
/// <param name="Signed">Whether whole numbers have a sign.</param>
/// <param name="Mantissa">Bits after the point of floats: 10 of binary16, 7 of bfloat16, 23, 52.</param>
internal sealed record H5Type(H5Kind Kind, int Size, bool BigEndian, bool Signed, int Mantissa)
{
    /// <summary>In errors: <c>float32</c>.</summary>
    public override string ToString() => Kind switch
    {
        H5Kind.Float => Size == 2 && Mantissa == 7 ? "bfloat16" : $"float{8 * Size}",
        H5Kind.Integer => $"{(Signed ? "" : "u")}int{8 * Size}",
        H5Kind.Text or H5Kind.LongText => "text",
        H5Kind.Opaque => $"opaque values of {Size} bytes",
        _ => "a type that is not read",
    };

    //  class and version 1, bits 3, size 4, then what the class needs
    //  floats: offset 2, precision 2, exponent's place 1 and size 1, mantissa's place 1 and size 1, bias 4
    /// <summary>Reads the message.</summary>
    public static H5Type Read(ref H5Cursor at, H5Bytes file, string what)
    {
        byte head = at.U8();
        ReadOnlySpan<byte> bits = at.Take(3);
        uint size = at.U32();
        if (size is 0 or > 1 << 24) throw file.Damaged($"{what} has elements of {size} bytes");
        bool big = (bits[0] & 1) != 0, signed = (bits[0] & 8) != 0;
        H5Kind kind = (head & 15) switch
        {
            0 => H5Kind.Integer,
            1 => H5Kind.Float,
            3 => H5Kind.Text,
            5 => H5Kind.Opaque,
            9 when (bits[0] & 15) == 1 => H5Kind.LongText,
            _ => H5Kind.Other,
        };
        int mantissa = 0;
        if (kind == H5Kind.Float)
        {
            (int offset, int precision) = (at.U16(), at.U16());
            (byte exponentAt, byte exponent, byte mantissaAt, byte bitsOfMantissa, uint bias) = (at.U8(), at.U8(), at.U8(), at.U8(), at.U32());
            mantissa = bitsOfMantissa;
            // IEEE 754's halves, singles and doubles, and bfloat16; sign first, then exponent, then mantissa with a hidden 1.
            bool known = (size, exponent, mantissa, bias) is (2, 5, 10, 15) or (2, 8, 7, 127) or (4, 8, 23, 127) or (8, 11, 52, 1023);
            if (!known || offset != 0 || precision != 8 * size || mantissaAt != 0 || exponentAt != mantissa || bits[1] != 8 * size - 1
                || (bits[0] & 0x30) != 0x20 || (bits[0] & 0x40) != 0)
                kind = H5Kind.Other;
        }
        if (kind == H5Kind.Integer)
        {
            (int offset, int precision) = (at.U16(), at.U16());
            if (size is not (1 or 2 or 4 or 8) || offset != 0 || precision != 8 * size) kind = H5Kind.Other;
        }
        if (kind == H5Kind.LongText && size != 16) kind = H5Kind.Other;
        return new H5Type(kind, (int)size, big, signed, mantissa);
    }
}

/// <summary>The sizes of a data set or attribute: HDF5's dataspace message.</summary>
internal static class H5Space
{
    //  version 1, rank 1, flags 1, [kind 1 in version 2, else reserved 5], sizes 8 each, perhaps largest sizes 8 each
    /// <summary>Reads the message.</summary>
    /// <returns>The sizes, slowest first; empty for one number; null for no number at all.</returns>
    public static long[]? Read(ref H5Cursor at, H5Bytes file, string what)
    {
        byte version = at.Version(1, 2), rank = at.U8();
        at.U8();
        byte kind = at.U8();
        if (version == 1) at.Skip(4);
        if (version == 2 && kind == 2) return null;
        if (rank > 32) throw file.Damaged($"{what} has {rank} axes, and 32 are the most");
        long[] sizes = new long[rank];
        UInt128 count = 1;
        for (int i = 0; i < rank; i++)
        {
            ulong size = at.U64();
            count *= size;
            if (size > int.MaxValue || count > int.MaxValue)
                throw file.Refused($"{what} has {string.Join(" x ", sizes.Take(i).Append((long)Math.Min(size, long.MaxValue)))} elements or more, "
                    + $"and {int.MaxValue} are the most", "save a smaller model");
            sizes[i] = (long)size;
        }
        return sizes;
    }
}
