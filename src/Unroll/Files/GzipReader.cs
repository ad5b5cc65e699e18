using System.Buffers.Binary;
using System.IO.Compression;
using Unroll.Core;

namespace Unroll.Files;

//  member = header (10 bytes and what its flags announce) · deflated data · CRC-32 of the data · their length mod 2³²       (RFC 1952)

/// <summary>
/// Unpacks gzipped data while they are read: every member of a file, its checksum and its length required. The framework's own stream takes a file
/// that is cut short, or has lost its last bytes, for a whole one.
/// </summary>
/// <remarks>Zeros between members and after the last are passed over, as <c>gzip</c> does; anything else there is refused.</remarks>
/// <param name="packed">What is gzipped; disposed of with this.</param>
/// <param name="source">What errors call it.</param>
internal sealed class GzipReader(Stream packed, string source) : Stream
{
    /// <summary>What may be unpacked whatever its size was before.</summary>
    internal const long AlwaysAllowed = 64L << 20;

    /// <summary>How many times the packed bytes may be unpacked beyond <see cref="AlwaysAllowed"/>; text becomes 3 to 20 times as large.</summary>
    internal const int MaxRatio = 100;

    private readonly PackedBytes _packed = new(packed);
    private DeflateStream? _member;
    private Crc32 _checksum;
    private long _memberStart, _length, _all;
    private bool _begun, _ended;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    /// <exception cref="UserErrorException">The data are cut short or damaged, something else follows them, or they unpack to too much.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty) return 0;
        while (!_ended)
        {
            if (_member is null && !Begin()) break;
            int read = Inflated(buffer);
            if (read > 0)
            {
                _checksum.Add(buffer[..read]);
                _length += read;
                _all += read;
                if (_all > AlwaysAllowed && _all / MaxRatio > _packed.Position)
                    throw new UserErrorException($"{source}: the gzipped file unpacks to more than {MaxRatio} times its size " +
                        $"({_all >> 20:N0} MB from {_packed.Position >> 10:N0} kB so far), as damaged or made-up files do; " +
                        "unpack it yourself if it is meant so.");
                return read;
            }
            End();
        }
        _ended = true;
        return 0;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _member?.Dispose();
            _packed.Dispose();
        }
        base.Dispose(disposing);
    }

    // Whether another member begins here.
    private bool Begin()
    {
        int first = _packed.ReadByte();
        while (_begun && first == 0) first = _packed.ReadByte();
        if (first < 0) return false;
        long at = _packed.Position - 1;
        if (_begun && (first != 0x1F || _packed.Peek(1) is not [0x8B]))
            throw new UserErrorException($"{source}: the gzipped file is whole, but something else follows it from byte {at:N0} on; " +
                "cut that off, or fetch the file again.");
        ReadHeader((byte)first);
        (_begun, _memberStart, _length, _checksum) = (true, _packed.Position, 0, new Crc32());
        _member = new DeflateStream(_packed, CompressionMode.Decompress, leaveOpen: true);
        return true;
    }

    private void ReadHeader(byte first)
    {
        const int Checksum = 2, Extra = 4, Name = 8, Comment = 16, Reserved = 0xE0;
        List<byte> header = [first];
        for (int i = 0; i < 9; i++) Next();
        int flags = header[3];
        if (header[1] != 0x8B || header[2] != 8 || (flags & Reserved) != 0) throw Damaged("its header is none that gzip writes");
        if ((flags & Extra) != 0)
        {
            int length = Next() | Next() << 8;
            for (int i = 0; i < length; i++) Next();
        }
        foreach (int text in (int[])[Name, Comment])
            if ((flags & text) != 0)
                while (Next() != 0)
                {
                }
        if ((flags & Checksum) == 0) return;
        Crc32 own = new();
        own.Add([.. header]);
        if ((Next() | Next() << 8) != (own.Value & 0xFFFF)) throw Damaged("its header does not have the checksum that it names");

        byte Next()
        {
            int value = _packed.ReadByte();
            if (value < 0) throw Cut("within a header");
            header.Add((byte)value);
            return (byte)value;
        }
    }

    private int Inflated(Span<byte> buffer)
    {
        try
        {
            return _member!.Read(buffer);
        }
        catch (InvalidDataException e)
        {
            throw Damaged("its data cannot be unpacked", e);
        }
    }

    // The data of the member have ended, somewhere in the last bytes that were handed out: where its trailer follows.
    private void End()
    {
        _member!.Dispose();
        _member = null;
        if (_packed.AskedInVain) throw Cut("within its data");
        Span<byte> expected = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(expected, _checksum.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(expected[4..], (uint)_length);
        if (_packed.GoBehind(expected)) return;
        if (EndOfData() is not long end) throw Damaged("its last bytes, a checksum and a length, are not those of its data, or are missing");
        _packed.Position = end;
        ReadOnlySpan<byte> trailer = _packed.Peek(8);
        if (trailer.Length < 8) throw Cut("before the checksum and the length that end it");
        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(trailer), length = BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]);
        throw Damaged(checksum != _checksum.Value
            ? $"its checksum is {checksum:x8}, and that of its data is {_checksum.Value:x8}"
            : $"it says that it has {length:N0} bytes unpacked, and it has {_length:N0}");
    }

    // Unpacks the member again, byte by byte where it ends; null where there is no way back.
    private long? EndOfData()
    {
        if (!_packed.CanSeek) return null;
        long slowFrom = _packed.LastStart;
        _packed.Position = _memberStart;
        _packed.SlowFrom = slowFrom;
        using DeflateStream again = new(_packed, CompressionMode.Decompress, leaveOpen: true);
        byte[] passed = new byte[1 << 16];
        while (again.Read(passed) > 0)
        {
        }
        return _packed.Position;
    }

    private UserErrorException Cut(string where) => new($"{source}: the gzipped file is cut short, {where} ({_all:N0} bytes could be unpacked); " +
        "fetch it again, or pack it again.");

    private UserErrorException Damaged(string why, Exception? e = null) =>
        e is null ? new($"{source}: the gzipped file is damaged: {why}; fetch it again.")
            : new($"{source}: the gzipped file is damaged: {why}; fetch it again.", e);
}
