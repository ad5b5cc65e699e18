using System.Text;

namespace Unroll.OnnxRuntime;

/// <summary>A protobuf message under construction. Encoding: https://protobuf.dev/programming-guides/encoding/</summary>
internal sealed class ProtobufMessage
{
    private const int Number = 0, Bytes = 2;                             // wire types
    private readonly List<byte> _bytes = [];

    internal byte[] ToArray() => [.. _bytes];

    internal ProtobufMessage With(int field, long value)
    {
        Variable((ulong)(field << 3 | Number));
        Variable((ulong)value);
        return this;
    }

    internal ProtobufMessage With(int field, string text) => With(field, Encoding.UTF8.GetBytes(text));

    internal ProtobufMessage With(int field, ProtobufMessage inner) => With(field, inner.ToArray());

    internal ProtobufMessage With(int field, byte[] bytes)
    {
        Variable((ulong)(field << 3 | Bytes));
        Variable((ulong)bytes.Length);
        _bytes.AddRange(bytes);
        return this;
    }

    // Seven bits a byte, the lowest first; the top bit says that more follow.
    private void Variable(ulong value)
    {
        for (; value > 127; value >>= 7) _bytes.Add((byte)(value | 128));
        _bytes.Add((byte)value);
    }
}
