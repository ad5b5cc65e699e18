namespace Unroll.Files;

/// <summary>
/// Bytes on their way to something that unpacks them and takes more than it needs: it remembers what it handed out last, so that reading can go on
/// behind the place where the packed data ended.
/// </summary>
/// <param name="stream">The bytes; disposed of with this.</param>
internal sealed class PackedBytes(Stream stream) : Stream
{
    private const int Size = 8192, Behind = 8;
    private readonly byte[] _bytes = new byte[2 * Size];
    private int _last, _next, _end;                              // handed out last: _last … _next; there already: _next … _end
    private long _before;                                        // place of _bytes[0]

    /// <summary>Whether somebody asked for more when the bytes had ended.</summary>
    public bool AskedInVain { get; private set; }

    /// <summary>Where what was handed out last begins.</summary>
    public long LastStart => _before + _last;

    /// <summary>From here on one byte is handed out at a time.</summary>
    public long SlowFrom { get; set; } = long.MaxValue;

    public override bool CanRead => true;

    public override bool CanSeek => stream.CanSeek;

    public override bool CanWrite => false;

    public override long Length => stream.Length;

    /// <summary>The place of the next byte.</summary>
    public override long Position
    {
        get => _before + _next;
        set
        {
            stream.Position = value;
            (_before, _last, _next, _end, AskedInVain) = (value, 0, 0, 0, false);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty) return 0;
        Have(1);
        int count = Math.Min(Math.Min(buffer.Length, _end - _next), Size);
        if (Position >= SlowFrom) count = Math.Min(count, 1);
        else if (Position + count > SlowFrom) count = (int)(SlowFrom - Position);
        AskedInVain |= count == 0;
        _bytes.AsSpan(_next, count).CopyTo(buffer);
        (_last, _next) = (_next, _next + count);
        return count;
    }

    public override int ReadByte()
    {
        Have(1);
        if (_next == _end) return -1;
        _last = _next;
        return _bytes[_next++];
    }

    /// <summary>The next bytes, which stay the next; fewer where there are no more.</summary>
    public ReadOnlySpan<byte> Peek(int count)
    {
        Have(count);
        return _bytes.AsSpan(_next, Math.Min(count, _end - _next));
    }

    /// <summary>Goes on behind the first place of some bytes that begins in what was handed out last, or right after it.</summary>
    /// <param name="bytes">At most 8.</param>
    /// <returns>Whether they stand there.</returns>
    public bool GoBehind(ReadOnlySpan<byte> bytes)
    {
        Have(Behind);
        int reach = Math.Min(_next + bytes.Length, _end), at = _bytes.AsSpan(_last, reach - _last).IndexOf(bytes);
        if (at < 0) return false;
        _next = _last + at + bytes.Length;
        _last = _next;
        return true;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) stream.Dispose();
        base.Dispose(disposing);
    }

    // Sees to it that some more bytes are there, where there are any, and keeps what was handed out last.
    private void Have(int count)
    {
        while (_end - _next < count)
        {
            if (_end > Size || _bytes.Length - _end < count)
            {
                _bytes.AsSpan(_last, _end - _last).CopyTo(_bytes);
                (_before, _next, _end, _last) = (_before + _last, _next - _last, _end - _last, 0);
            }
            int read = stream.Read(_bytes, _end, Math.Min(Size, _bytes.Length - _end));
            if (read == 0) return;
            _end += read;
        }
    }
}
