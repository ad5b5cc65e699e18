using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Unroll.Core;

namespace Unroll.Exchange.Hdf5.Keras;

/// <summary>
/// The zip archive that a <c>.keras</c> file is (APPNOTE.TXT of PKWARE, 4.3): its directory is checked against every entry, and an entry is
/// unpacked when it is asked for. Nothing is ever written to the disk.
/// </summary>
internal sealed class KerasArchive
{
    // As for the chunks of an HDF5 file: what is unpacked in all may be this much and that many times the archive.
    private const long AlwaysUnpacked = 64 << 20, MostUnpacked = 16;
    private const int MostEntries = 10_000, EndSize = 22, DirectorySize = 46, LocalSize = 30;
    private static readonly uint[] s_crc = [.. Enumerable.Range(0, 256).Select(i =>
        Enumerable.Range(0, 8).Aggregate((uint)i, (crc, _) => (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1))];

    private readonly Dictionary<string, Entry> _entries = [];
    private readonly byte[] _bytes;
    private readonly string _name;

    private KerasArchive(byte[] bytes, string name) => (_bytes, _name) = (bytes, name);

    /// <summary>The entries' names.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    /// <summary>Whether bytes begin as a zip archive does.</summary>
    public static bool Is(ReadOnlySpan<byte> bytes) => bytes.StartsWith("PK\x3\x4"u8);

    //  "PK\5\6", disks 2 + 2, entries here 2 and in all 2, bytes of the directory 4, its place 4, bytes of the comment 2
    /// <summary>Opens an archive that lies in memory.</summary>
    /// <exception cref="UserErrorException">It is damaged, or made to deceive.</exception>
    public static KerasArchive Open(byte[] bytes, string name)
    {
        KerasArchive archive = new(bytes, name);
        ReadOnlySpan<byte> all = bytes;
        int end = all[Math.Max(0, all.Length - EndSize - ushort.MaxValue)..].LastIndexOf("PK\x5\x6"u8) + Math.Max(0, all.Length - EndSize - ushort.MaxValue);
        if (end < 0 || !all[end..].StartsWith("PK\x5\x6"u8) || end + EndSize > all.Length) throw archive.Damaged("it has no directory of its entries");
        ReadOnlySpan<byte> last = all[end..];
        int count = BinaryPrimitives.ReadUInt16LittleEndian(last[10..]);
        (uint size, uint at) = (U32(last[12..]), U32(last[16..]));
        if (count > MostEntries || (long)at + size != end || BinaryPrimitives.ReadUInt16LittleEndian(last[20..]) != all.Length - end - EndSize)
            throw archive.Damaged($"its directory of {count} entries does not end where it should");
        archive.ReadDirectory((int)at, end, count);
        return archive;
    }

    /// <summary>An entry's bytes, or null where there is none of that name.</summary>
    public byte[]? Read(string entry) => _entries.TryGetValue(entry, out Entry? found) ? Unpacked(entry, found) : null;

    //  "PK\1\2", versions 4, flags 2, method 2, time 4, CRC 4, packed 4, size 4, name 2, extra 2, comment 2, disk 2, attributes 6, place 4
    private void ReadDirectory(int at, int end, int count)
    {
        long unpacked = 0;
        List<(long From, long To)> places = [];
        for (int i = 0; i < count; i++)
        {
            if (at + DirectorySize > end || !_bytes.AsSpan(at).StartsWith("PK\x1\x2"u8)) throw Damaged($"entry {i + 1} of its directory is not there");
            ReadOnlySpan<byte> one = _bytes.AsSpan(at);
            int nameBytes = U16(one[28..]), rest = U16(one[30..]) + U16(one[32..]);
            if (at + DirectorySize + nameBytes + rest > end) throw Damaged($"entry {i + 1} of its directory is cut short");
            string name = Encoding.UTF8.GetString(one.Slice(DirectorySize, nameBytes));
            Entry entry = new(U16(one[8..]), U16(one[10..]), U32(one[16..]), U32(one[20..]), U32(one[24..]), U32(one[42..]), nameBytes);
            at += DirectorySize + nameBytes + rest;
            RequireName(name);
            if (!_entries.TryAdd(name, entry)) throw Damaged($"it has two entries named '{name}'");
            places.Add(RequireAlike(name, entry, end));
            unpacked += entry.Size;
            if (unpacked > AlwaysUnpacked + MostUnpacked * _bytes.Length)
                throw Damaged($"its entries would be {unpacked} bytes when they are unpacked, and it has {_bytes.Length}");
        }
        if (at != end) throw Damaged("its directory has more entries than it says");
        places.Sort();
        for (int i = 1; i < places.Count; i++)
            if (places[i].From < places[i - 1].To) throw Damaged("two of its entries lie in the same bytes");
    }

    private void RequireName(string name)
    {
        if (name.Length == 0 || name.StartsWith('/') || name.Contains('\\') || name.Contains(':') || name.Contains('\0')
            || name.Split('/').Any(part => part is "." or ".."))
            throw Damaged($"it has an entry named '{name}', which would lie outside of it");
    }

    //  "PK\3\4", version 2, flags 2, method 2, time 4, CRC 4, packed 4, size 4, name 2, extra 2
    private (long, long) RequireAlike(string name, Entry entry, int end)
    {
        if ((entry.Flags & 1) != 0) throw Damaged($"entry '{name}' is encrypted");
        if (entry.Method is not (0 or 8)) throw Damaged($"entry '{name}' is packed by method {entry.Method}, and 0 and 8 are read");
        if (entry.Packed == uint.MaxValue || entry.Size == uint.MaxValue || entry.At == uint.MaxValue)
            throw new UserErrorException($"'{_name}': entry '{name}' is of 4 GB or more, and up to 2 GB are read; save the weights alone.");
        if ((long)entry.At + LocalSize + entry.NameBytes > end || !_bytes.AsSpan((int)entry.At).StartsWith("PK\x3\x4"u8))
            throw Damaged($"entry '{name}' is not where its directory says");
        ReadOnlySpan<byte> local = _bytes.AsSpan((int)entry.At);
        bool later = (entry.Flags & 8) != 0;                     // sizes stand behind the data
        if (U16(local[6..]) != entry.Flags || U16(local[8..]) != entry.Method || U16(local[26..]) != entry.NameBytes
            || !local.Slice(LocalSize, entry.NameBytes).SequenceEqual(Encoding.UTF8.GetBytes(name))
            || (!later && (U32(local[14..]) != entry.Crc || U32(local[18..]) != entry.Packed || U32(local[22..]) != entry.Size)))
            throw Damaged($"entry '{name}' differs from what its directory says");
        long from = (long)entry.At + LocalSize + entry.NameBytes + U16(local[28..]);
        if (from + entry.Packed > end || (entry.Method == 0 && entry.Packed != entry.Size))
            throw Damaged($"entry '{name}' of {entry.Size} bytes has {entry.Packed} in the file, which has {end - from} left");
        entry.Data = (int)from;
        return (entry.At, from + entry.Packed);
    }

    private byte[] Unpacked(string name, Entry entry)
    {
        byte[] all;
        if (entry.Method == 0) all = _bytes.AsSpan(entry.Data, (int)entry.Size).ToArray();
        else
        {
            all = new byte[entry.Size];
            try
            {
                using DeflateStream stream = new(new MemoryStream(_bytes, entry.Data, (int)entry.Packed), CompressionMode.Decompress);
                if (stream.ReadAtLeast(all, all.Length, throwOnEndOfStream: false) != all.Length || stream.ReadByte() >= 0)
                    throw Damaged($"entry '{name}' has another size than its directory says");
            }
            catch (InvalidDataException e)
            {
                throw Damaged($"entry '{name}' cannot be unpacked: {e.Message.TrimEnd('.')}");
            }
        }
        uint crc = uint.MaxValue;
        foreach (byte one in all) crc = s_crc[(crc ^ one) & 0xFF] ^ crc >> 8;
        return ~crc == entry.Crc ? all : throw Damaged($"entry '{name}' has another checksum than was stored");
    }

    private static ushort U16(ReadOnlySpan<byte> at) => BinaryPrimitives.ReadUInt16LittleEndian(at);

    private static uint U32(ReadOnlySpan<byte> at) => BinaryPrimitives.ReadUInt32LittleEndian(at);

    private UserErrorException Damaged(string why) => new($"'{_name}' is a damaged .keras file: {why}; fetch or save it again.");

    private sealed record Entry(int Flags, int Method, uint Crc, uint Packed, uint Size, uint At, int NameBytes)
    {
        public int Data { get; set; }
    }
}
