using System.Buffers.Binary;
using Unroll.Core;

namespace Unroll.Tasks.Data.Music;

/// <summary>Bytes that are read in order, each with a name for errors.</summary>
internal ref struct MidiBytes(ReadOnlySpan<byte> bytes, string source)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int At { get; private set; }

    public readonly int Left => _bytes.Length - At;

    public readonly bool AtEnd => At >= _bytes.Length;

    public readonly ReadOnlySpan<byte> Rest(int most) => _bytes.Slice(At, Math.Min(most, Left));

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

    public readonly UserErrorException Wrong(int at, string why) => new($"{source}, byte {at}: {why}; fetch or write the file again.");

    private readonly void Need(int count, string what)
    {
        if (count < 0 || count > Left) throw Wrong(At, $"{what} is missing: the file is cut short");
    }
}
