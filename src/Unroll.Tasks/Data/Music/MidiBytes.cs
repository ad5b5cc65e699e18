using System.Buffers.Binary;
using Unroll.Core;

namespace Unroll.Tasks.Data.Music;

/// <summary>Bytes that are read in order, each with a name for errors.</summary>
/// <param name="bytes">The file, or a part of it.</param>
/// <param name="source">What errors call the file.</param>
/// <param name="origin">Where the bytes begin in the file.</param>
/// <param name="end">Why there are no more of them.</param>
internal ref struct MidiBytes(ReadOnlySpan<byte> bytes, string source, int origin = 0, string end = "the file is cut short")
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int At { get; private set; }

    public readonly int Left => _bytes.Length - At;

    public readonly bool AtEnd => At >= _bytes.Length;

    /// <summary>Whether a chunk stands here: four letters and a size that fits.</summary>
    public readonly bool AtChunk => Left >= 8 && AtName && BinaryPrimitives.ReadUInt32BigEndian(_bytes[(At + 4)..]) <= Left - 8;

    /// <summary>Whether the next four bytes can be a chunk's name.</summary>
    public readonly bool AtName => Left >= 4 && !_bytes.Slice(At, 4).ContainsAnyExceptInRange((byte)' ', (byte)'~');

    public readonly ReadOnlySpan<byte> Rest(int most) => _bytes.Slice(At, Math.Min(most, Left));

    /// <summary>The next bytes to be read by themselves; they count as read.</summary>
    public MidiBytes Part(int count, string partEnd)
    {
        MidiBytes part = new(_bytes.Slice(At, count), source, origin + At, partEnd);
        At += count;
        return part;
    }

    /// <summary>How many bytes of an end-of-track event stand beyond a chunk of that size, which a program has counted too short.</summary>
    public readonly int EndBeyond(int size)
    {
        for (int beyond = 1; beyond <= 4 && size + beyond <= Left && size + beyond >= 3; beyond++)
            if (_bytes.Slice(At + size + beyond - 3, 3).SequenceEqual([(byte)0xFF, (byte)0x2F, (byte)0])) return beyond;
        return 0;
    }

    public void Skip(int count, string what = "bytes")
    {
        Need(count, what);
        At += count;
    }

    public int Byte(string what)
    {
        Need(1, what);
        return _bytes[At++];
    }

    public int Short(string what)
    {
        Need(2, what);
        At += 2;
        return BinaryPrimitives.ReadUInt16BigEndian(_bytes[(At - 2)..]);
    }

    public int Long(string what)
    {
        Need(4, what);
        At += 4;
        return BinaryPrimitives.ReadInt32BigEndian(_bytes[(At - 4)..]);
    }

    /// <summary>A number of up to four bytes of seven bits each.</summary>
    public int Variable(string what)
    {
        int value = 0;
        for (int i = 0; i < 4; i++)
        {
            int next = Byte(what);
            value = value << 7 | next & 0x7F;
            if (next < 0x80) return value;
        }
        throw Wrong(At - 4, $"{what} is longer than four bytes");
    }

    public readonly ReadOnlySpan<byte> Slice(int at, int count) => _bytes.Slice(at, count);

    public readonly UserErrorException Wrong(int at, string why, string remedy = "fetch or write the file again") =>
        new($"{source}, byte {origin + at}: {why}; {remedy}.");

    private readonly void Need(int count, string what)
    {
        if (count < 0 || count > Left) throw Wrong(At, $"{what} is missing: {end}");
    }
}
