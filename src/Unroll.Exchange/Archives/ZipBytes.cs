using System.IO.Compression;
using Unroll.Core;
using Unroll.Files;

namespace Unroll.Exchange.Archives;

/// <summary>The bytes of records, unpacked and checked.</summary>
public static class ZipBytes
{
    /// <summary>All bytes of a record.</summary>
    /// <param name="file">The archive.</param>
    /// <param name="record">One of its directory.</param>
    /// <param name="most">How many bytes it may have.</param>
    /// <param name="name">What errors call the archive.</param>
    /// <exception cref="UserErrorException">It is larger, cut short, or its checksum is another one.</exception>
    public static byte[] Read(Stream file, ZipRecord record, long most, string name)
    {
        if (record.Size > most)
            throw new UserErrorException($"'{name}': its record '{record.Name}' has {record.Size:N0} bytes, and {most:N0} is the most read here.");
        // Deflate makes at most 1032 bytes of one (RFC 1951: 258 bytes of two bits): more room than that is never needed.
        if (record.Deflated && record.Size / 1032 > record.Packed + 8)
            throw ZipDirectory.Bad(name, $"its record '{record.Name}' would become {record.Size} bytes out of {record.Packed}");
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)record.Size);
        file.Position = record.Start;
        if (record.Deflated) Inflate(file, record, bytes, name);
        else if (file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) != bytes.Length)
            throw ZipDirectory.Bad(name, $"its record '{record.Name}' is cut short");
        if (record.Crc == 0) return bytes;                  // PyTorch writes no checksums after set_crc32_options(False)
        Crc32 crc = new();
        crc.Add(bytes);
        return crc.Value == record.Crc ? bytes : throw ZipDirectory.Bad(name, $"the checksum of its record '{record.Name}' is another one");
    }

    private static void Inflate(Stream file, ZipRecord record, byte[] into, string name)
    {
        byte[] packed = new byte[record.Packed];
        if (file.ReadAtLeast(packed, packed.Length, throwOnEndOfStream: false) != packed.Length)
            throw ZipDirectory.Bad(name, $"its record '{record.Name}' is cut short");
        try
        {
            using DeflateStream unpacked = new(new MemoryStream(packed), CompressionMode.Decompress);
            int read = unpacked.ReadAtLeast(into, into.Length, throwOnEndOfStream: false);
            if (read == into.Length && unpacked.ReadByte() < 0) return;
        }
        catch (InvalidDataException)
        {
            // said below
        }
        throw ZipDirectory.Bad(name, $"its record '{record.Name}' does not become {record.Size} bytes");
    }
}
