using System.Buffers.Binary;
using System.Text;
using Unroll.Core;

namespace Unroll.Exchange.PyTorch;

//  [local header, name, extra, bytes]…  [central entry]…  [zip64 end  zip64 locator]  end
//
//  end             50 4b 05 06   disk 2, disk 2, entries here 2, entries 2, directory size 4, directory offset 4, comment length 2
//  zip64 locator   50 4b 06 07   disk 4, offset of the zip64 end 8, disks 4
//  zip64 end       50 4b 06 06   size 8, versions 4, disks 8, entries here 8, entries 8, directory size 8, directory offset 8
//  central entry   50 4b 01 02   versions 4, flags 2, method 2, time 4, crc 4, packed 4, size 4, name 2, extra 2, comment 2, disk 2,
//                                attributes 6, offset 4
//  local header    50 4b 03 04   version 2, flags 2, method 2, time 4, crc 4, packed 4, size 4, name 2, extra 2

/// <summary>The directory of a zip archive, read so that no two programs can read it differently: names once, records apart, sizes as said.</summary>
/// <remarks>Specification: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3 and 4.5.3.</remarks>
internal static class ZipDirectory
{
    private const int EndSize = 22, LocatorSize = 20, End64Size = 56, EntrySize = 46, LocalSize = 30, LongestComment = 65_535, MostRecords = 200_000;
    private const uint EndMark = 0x06054b50, LocatorMark = 0x07064b50, End64Mark = 0x06064b50, EntryMark = 0x02014b50, LocalMark = 0x04034b50;
    private const int LargestDirectory = 64 << 20;

    /// <summary>Reads the directory.</summary>
    /// <param name="file">The archive.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="UserErrorException">It is damaged, or made so that programs disagree about it.</exception>
    internal static IReadOnlyList<ZipRecord> Read(Stream file, string name)
    {
        (long at, long size, long count, long end) = Place(file, name);
        if (count > MostRecords) throw Bad(name, $"its directory says {count} records, and {MostRecords} is the most read here");
        if (at < 0 || size < 0 || at > end || size != end - at || size > LargestDirectory || count * EntrySize > size)
            throw Bad(name, $"its directory of {count} records would have {size} bytes at byte {at}, and {end} bytes are before its end");
        byte[] directory = Bytes(file, at, (int)size, name);
        List<ZipRecord> records = [];
        int place = 0;
        for (long i = 0; i < count; i++) records.Add(Entry(file, directory, ref place, at, name));
        if (place != size) throw Bad(name, $"{size - place} bytes follow the last of the {count} records of its directory");
        RequireApart(records, name);
        return records;
    }

    // Where the directory is, how large, how many records, and where what comes after it begins.
    private static (long At, long Size, long Count, long End) Place(Stream file, string name)
    {
        int tail = (int)Math.Min(file.Length, EndSize + LongestComment);
        byte[] last = Bytes(file, file.Length - tail, tail, name);
        for (int i = tail - EndSize; i >= 0; i--)
        {
            ReadOnlySpan<byte> end = last.AsSpan(i);
            if (U32(end) != EndMark || U16(end[20..]) != tail - i - EndSize) continue;
            long at = file.Length - tail + i;
            (long count, long size, long offset) = (U16(end[10..]), U32(end[12..]), U32(end[16..]));
            if (U16(end[4..]) is not (0 or 0xFFFF) || (count != 0xFFFF && U16(end[8..]) != count)) throw Bad(name, "it is spread over several disks");
            if (at < LocatorSize || Bytes(file, at - LocatorSize, LocatorSize, name) is var locator && U32(locator) != LocatorMark)
                return (offset, size, count, at);
            long at64 = I64(locator.AsSpan(8));
            if (at64 < 0 || at64 > at - LocatorSize - End64Size) throw Bad(name, $"its zip64 end would be at byte {at64}");
            byte[] end64 = Bytes(file, at64, End64Size, name);
            if (U32(end64) != End64Mark) throw Bad(name, $"there is no zip64 end at byte {at64}");
            (long count64, long size64, long offset64) = (I64(end64.AsSpan(32)), I64(end64.AsSpan(40)), I64(end64.AsSpan(48)));
            if ((count != 0xFFFF && count != count64) || (size != uint.MaxValue && size != size64) || (offset != uint.MaxValue && offset != offset64))
                throw Bad(name, "its two ends say different things of its directory");
            return (offset64, size64, count64, at64);
        }
        throw Bad(name, "it has no directory at its end, so that it is cut short, or no such archive");
    }

    private static ZipRecord Entry(Stream file, byte[] directory, ref int place, long before, string name)
    {
        if (directory.Length - place < EntrySize || U32(directory.AsSpan(place)) != EntryMark) throw Bad(name,
            "an entry of its directory is cut short");
        ReadOnlySpan<byte> entry = directory.AsSpan(place);
        (int nameLength, int extraLength, int commentLength) = (U16(entry[28..]), U16(entry[30..]), U16(entry[32..]));
        if (entry.Length - EntrySize < nameLength + extraLength + commentLength) throw Bad(name, "an entry of its directory is cut short");
        ReadOnlySpan<byte> own = entry.Slice(EntrySize, nameLength);
        string record = Encoding.UTF8.GetString(own);
        place += EntrySize + nameLength + extraLength + commentLength;
        int flags = U16(entry[8..]), method = U16(entry[10..]);
        if ((flags & 1) != 0) throw Bad(name, $"its record '{record}' is encrypted");
        if (method is not (0 or 8)) throw Bad(name, $"its record '{record}' is compressed by the method {method}, and only deflate is read");
        if (record.Length == 0 || record.Contains('\0') || record.Contains('\\') || record.StartsWith('/') || record.Split('/').Contains(".."))
            throw Bad(name, $"'{record.Replace('\0', '?')}' is no name of a record");
        (long size, long packed, long local) = (U32(entry[24..]), U32(entry[20..]), U32(entry[42..]));
        Widen(entry.Slice(EntrySize + nameLength, extraLength), ref size, ref packed, ref local, record, name);
        if (local < 0 || local > before - LocalSize) throw Bad(name, $"its record '{record}' would begin at byte {local}");
        byte[] header = Bytes(file, local, LocalSize, name);
        if (U32(header) != LocalMark) throw Bad(name, $"there is no record at byte {local}, where its directory has '{record}'");
        int localName = U16(header.AsSpan(26));
        long start = local + LocalSize + localName + U16(header.AsSpan(28));
        if (localName != nameLength || local + LocalSize + nameLength > before
            || !Bytes(file, local + LocalSize, nameLength, name).AsSpan().SequenceEqual(own) || U16(header.AsSpan(8)) != method)
            throw Bad(name, $"its record '{record}' is described otherwise where it stands");
        if (size < 0 || packed < 0 || start > before || packed > before - start || (method == 0 && size != packed))
            throw Bad(name, $"its record '{record}' would have {packed} bytes, {size} unpacked, and {Math.Max(0, before - start)} bytes are there");
        return new ZipRecord(record, method == 8, local, start, packed, size, U32(entry[16..]));
    }

    // Numbers that do not fit into 4 bytes are in the extra field 1, in this order, each only if its 4 bytes are all ones.
    private static void Widen(ReadOnlySpan<byte> extra, ref long size, ref long packed, ref long local, string record, string name)
    {
        while (extra.Length >= 4)
        {
            (int id, int length) = (U16(extra), U16(extra[2..]));
            if (length > extra.Length - 4) break;
            ReadOnlySpan<byte> field = extra.Slice(4, length);
            extra = extra[(4 + length)..];
            if (id != 1) continue;
            Take(ref field, ref size);
            Take(ref field, ref packed);
            Take(ref field, ref local);
            return;
        }
        if (size == uint.MaxValue || packed == uint.MaxValue || local == uint.MaxValue) throw Bad(name,
            $"the size of its record '{record}' is missing");

        void Take(ref ReadOnlySpan<byte> field, ref long number)
        {
            if (number != uint.MaxValue) return;
            if (field.Length < 8) throw Bad(name, $"the size of its record '{record}' is missing");
            number = I64(field);
            field = field[8..];
        }
    }

    private static void RequireApart(List<ZipRecord> records, string name)
    {
        HashSet<string> names = [];
        foreach (ZipRecord record in records)
            if (!names.Add(record.Name)) throw Bad(name, $"its record '{record.Name}' is there twice");
        long end = 0;
        ZipRecord? last = null;
        foreach (ZipRecord record in records.OrderBy(record => record.Header))
        {
            if (record.Header < end) throw Bad(name, $"its records '{last!.Name}' and '{record.Name}' overlap");
            (end, last) = (record.Start + record.Packed, record);
        }
    }

    private static byte[] Bytes(Stream file, long at, int count, string name)
    {
        byte[] bytes = new byte[count];
        file.Position = at;
        return file.ReadAtLeast(bytes, count, throwOnEndOfStream: false) == count ? bytes : throw Bad(name, "it is cut short");
    }

    internal static UserErrorException Bad(string name, string what) => new($"'{name}' is a damaged archive: {what}; fetch it or save it again.");

    private static int U16(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint U32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static long I64(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64LittleEndian(bytes);
}
