using System.Buffers.Binary;
using System.Text;
using Unroll.Core;

namespace Unroll.Exchange.PyTorch;

/// <summary>The bytes of a pickle, one after the other; what is asked for is compared with what is left before room is made for it.</summary>
/// <param name="stream">A stream that knows its length.</param>
/// <param name="name">What errors call the file.</param>
internal sealed class PickleInput(Stream stream, string name)
{
    private const int LongestTexts = 128 << 20, LongestLine = 1 << 16;
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _at, _filled;
    private long _literals;

    /// <summary>Where the next byte stands in the stream.</summary>
    public long Position => stream.Position - _filled + _at;

    /// <summary>How many bytes are left.</summary>
    public long Left => stream.Length - Position;

    /// <summary>Goes on at another place of the stream.</summary>
    public void Seek(long position)
    {
        stream.Position = position;
        (_at, _filled) = (0, 0);
    }

    public int Byte()
    {
        if (_at == _filled && !Fill()) throw Short();
        return _buffer[_at++];
    }

    public int U16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(stackalloc byte[2]));

    public int I32() => BinaryPrimitives.ReadInt32LittleEndian(Take(stackalloc byte[4]));

    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(stackalloc byte[4]));

    public long I64() => BinaryPrimitives.ReadInt64LittleEndian(Take(stackalloc byte[8]));

    public double F64() => BinaryPrimitives.ReadDoubleBigEndian(Take(stackalloc byte[8]));

    /// <summary>Bytes of a length that the pickle says.</summary>
    /// <param name="count">The length.</param>
    /// <exception cref="UserErrorException">There are not so many, or too many for what is no weight.</exception>
    public byte[] Bytes(long count)
    {
        if (count < 0 || count > Left) throw Bad($"a text or number of {count} bytes, and {Left} are left");
        if ((_literals += count) > LongestTexts)
            throw new UserErrorException($"'{name}': its pickle holds more than {LongestTexts:N0} bytes of texts, which are no weights; save the " +
                "state_dict alone.");
        byte[] bytes = new byte[count];
        Take(bytes);
        return bytes;
    }

    public string Text(long count) => Encoding.UTF8.GetString(Bytes(count));

    /// <summary>A text up to the end of its line, as the name of a global is written.</summary>
    public string Line()
    {
        List<byte> line = [];
        for (int next = Byte(); next != '\n'; next = Byte())
        {
            line.Add((byte)next);
            if (line.Count > LongestLine) throw Bad($"a name of more than {LongestLine} bytes");
        }
        return Encoding.UTF8.GetString([.. line]);
    }

    /// <summary>The error for a pickle that is not as it should be.</summary>
    public UserErrorException Bad(string what) => new($"'{name}' is damaged: its pickle has {what}, at byte {Position}; fetch it or save it again.");

    private UserErrorException Short() => new($"'{name}' is cut short within its pickle; fetch it or save it again.");

    private ReadOnlySpan<byte> Take(Span<byte> into)
    {
        for (Span<byte> rest = into; rest.Length > 0;)
        {
            if (_at == _filled && !Fill()) throw Short();
            int some = Math.Min(rest.Length, _filled - _at);
            _buffer.AsSpan(_at, some).CopyTo(rest);
            _at += some;
            rest = rest[some..];
        }
        return into;
    }

    private bool Fill()
    {
        (_at, _filled) = (0, stream.Read(_buffer));
        return _filled > 0;
    }
}
