using System.Buffers.Binary;
using System.IO.Compression;

namespace Unroll.Exchange.Hdf5.Storage;

/// <summary>A filter that chunks go through: deflate, shuffle and Fletcher's checksum; others are refused by name.</summary>
/// <param name="Id">As HDF5 numbers it.</param>
/// <param name="Element">Shuffle: bytes of an element; else 0.</param>
internal sealed record H5Filter(int Id, int Element)
{
    private const int Deflate = 1, Shuffle = 2, Fletcher = 3;

    //  version 1, filters 1, [reserved 6]; of each: number 2, [bytes of its name 2], flags 2, values 2, [name], values 4 each, [4 if odd]
    /// <summary>Reads the message.</summary>
    public static List<H5Filter> Read(ref H5Cursor cursor, H5Bytes file, string what)
    {
        byte version = cursor.Version(1, 2), count = cursor.U8();
        if (count > 32) throw file.Damaged($"{what} has {count} filters, and 32 are the most");
        if (version == 1) cursor.Skip(6);
        List<H5Filter> filters = [];
        for (int i = 0; i < count; i++)
        {
            int id = cursor.U16(), name = version == 1 || id >= 256 ? cursor.U16() : 0;
            cursor.Skip(2);
            int values = cursor.U16();
            int padded = version == 1 ? (name + 7) / 8 * 8 : name;
            string named = name > 0 ? $" '{H5Text.Of(cursor.Take(padded)).TrimEnd('\0')}'" : "";
            uint first = values > 0 ? cursor.U32() : 0;
            cursor.Skip(4 * (Math.Max(values, 1) - 1) + (version == 1 && values % 2 == 1 ? 4 : 0));
            if (id is not (Deflate or Shuffle or Fletcher))
                throw file.Refused($"{what} goes through the filter {id}{named}, and deflate, shuffle and fletcher32 are read",
                    "copy the file with h5repack, or save the model again");
            if (id == Shuffle && first is 0 or > 1 << 16) throw file.Damaged($"{what} is shuffled by elements of {first} bytes");
            filters.Add(new H5Filter(id, id == Shuffle ? (int)first : 0));
        }
        return filters;
    }

    /// <summary>A chunk as it was before the filters, the last first.</summary>
    /// <param name="filters">In the order in which they were applied.</param>
    /// <param name="mask">A bit for each that was left out.</param>
    /// <param name="stored">The chunk as it is stored.</param>
    /// <param name="bytes">What it must be in the end.</param>
    /// <param name="element">Bytes of an element.</param>
    /// <param name="file">The file.</param>
    /// <param name="what">The data set.</param>
    public static byte[] Undo(IReadOnlyList<H5Filter> filters, uint mask, ReadOnlySpan<byte> stored, int bytes, int element, H5Bytes file,
        string what)
    {
        byte[] data = stored.ToArray();
        // What deflate gave may have gone on to Fletcher's checksum before: 4 bytes more.
        int most = bytes + 4 * filters.Count;
        for (int i = filters.Count - 1; i >= 0; i--)
            if ((mask >> i & 1) == 0)
                data = filters[i].Id switch
                {
                    Deflate => Inflated(data, most, file, what),
                    Shuffle => Unshuffled(data, filters[i].Element),
                    _ => Checked(data, file, what),
                };
        return data.Length == bytes ? data : throw file.Damaged($"a chunk of {what} has {data.Length} bytes, expected {bytes} ({element} each)");
    }

    private static byte[] Inflated(byte[] data, int most, H5Bytes file, string what)
    {
        byte[] all = new byte[most];
        try
        {
            using ZLibStream stream = new(new MemoryStream(data), CompressionMode.Decompress);
            int read = stream.ReadAtLeast(all, most, throwOnEndOfStream: false);
            if (read == most && stream.ReadByte() >= 0) throw file.Damaged($"a chunk of {what} becomes larger than its {most} bytes");
            return all[..read];
        }
        catch (InvalidDataException e)
        {
            throw file.Damaged($"a chunk of {what} cannot be unpacked: {e.Message.TrimEnd('.')}");
        }
    }

    // All first bytes, then all second bytes …; what does not fill an element stays last.
    private static byte[] Unshuffled(byte[] data, int element)
    {
        int count = data.Length / element;
        byte[] all = new byte[data.Length];
        for (int b = 0; b < element; b++)
            for (int i = 0; i < count; i++) all[i * element + b] = data[b * count + i];
        data.AsSpan(count * element).CopyTo(all.AsSpan(count * element));
        return all;
    }

    //  s₁ = Σ w, s₂ = Σ s₁ over words of 16 bits, high byte first, each folded by s = s mod 2¹⁶ + ⌊s ÷ 2¹⁶⌋; checksum s₂ · 2¹⁶ + s₁
    private static byte[] Checked(byte[] data, H5Bytes file, string what)
    {
        if (data.Length < 4) throw file.Damaged($"a chunk of {what} lacks its checksum");
        ReadOnlySpan<byte> own = data.AsSpan(0, data.Length - 4);
        uint one = 0, two = 0;
        for (int i = 0; i < own.Length; i += 2)
        {
            one += (uint)(own[i] << 8) + (i + 1 < own.Length ? own[i + 1] : 0u);
            one = (one & 0xFFFF) + (one >> 16);
            two += one;
            two = (two & 0xFFFF) + (two >> 16);
        }
        uint sum = two << 16 | one, stored = BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(data.Length - 4));
        return sum == stored ? own.ToArray() : throw file.Damaged($"a chunk of {what} has another checksum than was stored");
    }
}
