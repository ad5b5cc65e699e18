using System.Buffers;

namespace Unroll.Serving.Sessions;

/// <summary>Bytes that grow and are used again: a stream and a buffer at once, which allocates only where it was never as long.</summary>
internal sealed class ByteBuffer : Stream, IBufferWriter<byte>
{
    private const int Least = 256;
    private byte[] _bytes = [];
    private int _length;

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>The same as memory, until more is written.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, _length);

    /// <summary>Four bytes that were written, to be written again.</summary>
    public Span<byte> At(int place) => _bytes.AsSpan(place, sizeof(int));

    /// <summary>A copy of it.</summary>
    public byte[] Copy() => Written.ToArray();

    /// <summary>Begins anew.</summary>
    public void Clear() => _length = 0;

    /// <summary>Begins anew with some bytes.</summary>
    public void Set(ReadOnlySpan<byte> bytes)
    {
        Clear();
        Write(bytes);
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        buffer.CopyTo(GetSpan(buffer.Length));
        _length += buffer.Length;
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public void Advance(int count) => _length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        GetSpan(sizeHint);
        return _bytes.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        int needed = checked(_length + Math.Max(sizeHint, 1));
        if (needed > _bytes.Length) Array.Resize(ref _bytes, Math.Max(Math.Max(needed, Least), (int)Math.Min(Array.MaxLength, 2L * _bytes.Length)));
        return _bytes.AsSpan(_length);
    }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => _length;

    /// <inheritdoc/>
    public override long Position { get => _length; set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();
}
