using Unroll.Core;
using Unroll.Exchange.Archives;

namespace Unroll.Exchange.Hdf5.Keras;

/// <summary>The zip archive that a <c>.keras</c> file is: an entry is unpacked in memory when it is asked for.</summary>
internal sealed class KerasArchive
{
    // As for the chunks of an HDF5 file: what is unpacked in all may be this much and that many times the archive.
    private const long AlwaysUnpacked = 64 << 20, MostUnpacked = 16;

    private readonly Dictionary<string, ZipRecord> _records;
    private readonly Stream _file;
    private readonly string _name;

    private KerasArchive(Stream file, string name, Dictionary<string, ZipRecord> records) => (_file, _name, _records) = (file, name, records);

    /// <summary>The entries' names.</summary>
    public IReadOnlyCollection<string> Names => _records.Keys;

    /// <summary>Whether bytes begin as a zip archive does.</summary>
    public static bool Is(ReadOnlySpan<byte> bytes) => bytes.StartsWith("PK\x3\x4"u8);

    /// <summary>Opens an archive that lies in memory.</summary>
    /// <exception cref="UserErrorException">It is damaged, or made to deceive.</exception>
    public static KerasArchive Open(byte[] bytes, string name)
    {
        MemoryStream file = new(bytes, writable: false);
        IReadOnlyList<ZipRecord> records = ZipDirectory.Read(file, name);
        UInt128 unpacked = 0;
        foreach (ZipRecord record in records) unpacked += (ulong)record.Size;
        if (unpacked > (ulong)(AlwaysUnpacked + MostUnpacked * bytes.Length))
            throw ZipDirectory.Bad(name, $"its records would be {unpacked} bytes when they are unpacked, and it has {bytes.Length}");
        return new KerasArchive(file, name, records.ToDictionary(record => record.Name));
    }

    /// <summary>An entry's bytes, or null where there is none of that name.</summary>
    public byte[]? Read(string entry) =>
        _records.TryGetValue(entry, out ZipRecord? found) ? ZipBytes.Read(_file, found, Array.MaxLength, _name) : null;
}
