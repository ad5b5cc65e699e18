namespace Unroll.Exchange.Onnx.Files;

//  tag = field · 8 + kind;  kind 0: varint   1: 8 bytes   2: length and as many bytes   5: 4 bytes
/// <summary>
/// Goes once through the bytes of a model without making anything of them: whether the messages nest and end as they should, and how many there are.
/// A message of two bytes becomes an object of a hundred, so that a file of 10 MB could otherwise take a gigabyte.
/// </summary>
internal sealed class WireCheck(Stream stream, ReadingContext context)
{
    private const int MostMessages = 2_000_000, Deepest = 90;
    private readonly byte[] _buffer = new byte[1 << 16];
    private long _position = stream.Position;
    private int _at, _end, _messages;

    // Field numbers whose content is a message, by the kind of message that they stand in (onnx.proto).
    private static readonly (Kind In, int Field, Kind Inner)[] s_messages =
    [
        (Kind.Model, 7, Kind.Graph), (Kind.Model, 8, Kind.Leaf), (Kind.Model, 14, Kind.Leaf), (Kind.Model, 25, Kind.Function),
        (Kind.Graph, 1, Kind.Node), (Kind.Graph, 5, Kind.Tensor), (Kind.Graph, 11, Kind.Port), (Kind.Graph, 12, Kind.Port),
            (Kind.Graph, 13, Kind.Port),
        (Kind.Graph, 15, Kind.Leaf), (Kind.Node, 5, Kind.Attribute), (Kind.Attribute, 5, Kind.Tensor), (Kind.Attribute, 6, Kind.Graph),
        (Kind.Attribute, 10, Kind.Tensor), (Kind.Attribute, 11, Kind.Graph), (Kind.Tensor, 13, Kind.Leaf), (Kind.Port, 2, Kind.Type),
        (Kind.Type, 1, Kind.Array), (Kind.Type, 4, Kind.List), (Kind.Type, 8, Kind.Array), (Kind.Type, 9, Kind.List), (Kind.Array, 2, Kind.Shape),
        (Kind.Shape, 1, Kind.Leaf), (Kind.List, 1, Kind.Type),
        (Kind.Function, 7, Kind.Node), (Kind.Function, 9, Kind.Leaf), (Kind.Function, 11, Kind.Attribute),
    ];

    private enum Kind { Model, Graph, Node, Attribute, Tensor, Port, Type, Array, List, Shape, Function, Leaf }

    /// <summary>Refuses what is no model, or too much of one; the stream is then back at its beginning.</summary>
    /// <exception cref="Core.UserErrorException">It is cut short or damaged, or it holds too many messages.</exception>
    public void Check()
    {
        long start = stream.Position;
        Message(Kind.Model, stream.Length, 0);
        stream.Position = start;
    }

    private void Message(Kind kind, long end, int depth)
    {
        if (depth > Deepest) throw context.Refusal("its messages lie in each other too deep for a model; it is damaged or made to do harm");
        if (++_messages > MostMessages)
            throw context.Refusal($"it holds more than {MostMessages:N0} nodes, tensors and attributes, which no model has");
        while (_position < end)
        {
            ulong tag = Varint(end);
            switch (tag & 7)
            {
                case 0: Varint(end); break;
                case 1: Skip(8, end); break;
                case 5: Skip(4, end); break;
                case 2: Field(kind, tag >> 3, (long)Math.Min(Varint(end), long.MaxValue), end, depth); break;
                default: throw Damaged();
            }
        }
    }

    private void Field(Kind kind, ulong field, long length, long end, int depth)
    {
        if (length > end - _position) throw Damaged();
        foreach ((Kind within, int number, Kind inner) in s_messages)
            if (within == kind && (ulong)number == field)
            {
                Message(inner, _position + length, depth + 1);
                return;
            }
        // Names and texts of a list, one or two bytes each in the file, are objects too.
        if (length < 16 && ++_messages > 4 * MostMessages) throw context.Refusal("it holds more names than any model has");
        Skip(length, end);
    }

    private ulong Varint(long end)
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (_position >= end) throw Damaged();
            byte one = Next();
            value |= (ulong)(one & 0x7F) << shift;
            if (one < 0x80) return value;
        }
        throw Damaged();
    }

    private byte Next()
    {
        if (_at == _end)
        {
            (_at, _end) = (0, stream.Read(_buffer));
            if (_end == 0) throw Damaged();
        }
        _position++;
        return _buffer[_at++];
    }

    private void Skip(long count, long end)
    {
        if (count > end - _position) throw Damaged();
        _position += count;
        if (count <= _end - _at) _at += (int)count;
        else
        {
            stream.Position += count - (_end - _at);
            _at = _end = 0;
        }
    }

    private Core.UserErrorException Damaged() =>
        context.Refusal("it is no ONNX model, or it is cut short or damaged; export it again, or copy it again");
}
