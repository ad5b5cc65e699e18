using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Unroll.Core;

namespace Unroll.Exchange.Hdf5.Storage;

/// <summary>A data set: its type, its sizes and where its bytes lie; nothing is unpacked before it is asked for.</summary>
internal sealed class H5DataSet
{
    private readonly H5Bytes _file;
    private readonly H5Layout? _layout;

    private H5DataSet(H5Bytes file, string name, H5Type type, long[] sizes, H5Layout? layout, IReadOnlyList<H5Attribute> attributes) =>
        (_file, Name, Type, Shape, _layout, Attributes) = (file, name, type, sizes, layout, attributes);

    /// <summary>Its path: <c>layers/lstm/cell/vars/0</c>.</summary>
    public string Name { get; }

    /// <summary>The type of its elements.</summary>
    public H5Type Type { get; }

    /// <summary>Its sizes, slowest first.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>The sizes in readable form.</summary>
    public string ShapeText => $"[{string.Join(", ", Shape)}]";

    /// <summary>How many elements there are.</summary>
    public int Count => (int)Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Bytes of the elements, unpacked.</summary>
    public long Bytes => (long)Count * Type.Size;

    /// <summary>Its attributes.</summary>
    public IReadOnlyList<H5Attribute> Attributes { get; }

    /// <summary>Whether its bytes lie in chunks, perhaps packed.</summary>
    public bool IsChunked => _layout is { IsChunked: true };

    /// <summary>Reads a data set's header, and checks its sizes against the bytes that are stored.</summary>
    /// <exception cref="UserErrorException">It is damaged, or stored in a way that is not read.</exception>
    public static H5DataSet Read(H5Bytes file, IReadOnlyList<H5Message> header, string name)
    {
        string what = $"data set '{name}'";
        H5Type? type = null;
        long[]? sizes = null;
        bool measured = false;
        List<H5Filter> filters = [];
        H5Message? layout = null;
        foreach (H5Message message in header)
        {
            H5Cursor cursor = new(file.Slice(message.At, message.Size, what), what, file);
            switch (message.Type)
            {
                case H5Header.Space: (sizes, measured) = (H5Space.Read(ref cursor, file, what), true); break;
                case H5Header.Type: type = H5Type.Read(ref cursor, file, what); break;
                case H5Header.Layout: layout = message; break;
                case H5Header.Filters: filters = H5Filter.Read(ref cursor, file, what); break;
                case H5Header.External:
                    throw file.Refused($"{what} keeps its bytes in another file, which is not opened", "save the model again in one file");
            }
        }
        if (type is null || !measured || layout is not { } at) throw file.Damaged($"{what} lacks a type, its sizes or a layout");
        IReadOnlyList<H5Attribute> attributes = [.. H5Attribute.Read(file, header, what)];
        if (sizes is null) return new H5DataSet(file, name, type, [0], null, attributes);
        H5DataSet set = new(file, name, type, sizes, H5Layout.Read(file, at, filters, what), attributes);
        set._layout!.RequireStored(set);
        return set;
    }

    /// <summary>The elements as floats: those of 32 bits as they lie in the file, halves widened, doubles rounded; others are refused.</summary>
    public ReadOnlySpan<float> Floats()
    {
        bool opaque = Type is { Kind: H5Kind.Opaque, Size: 2 }
            && Attributes.Any(one => one.Name == "dtype" && one.Count == 1 && one.Texts(_file, $"data set '{Name}'")[0] == "bfloat16");
        if (Type.Kind != H5Kind.Float && !opaque)
            throw _file.Refused($"data set '{Name}': expected float16, bfloat16, float32 or float64, found {Type}",
                "quantized layers are not read: save the model in one of those types");
        if (Count == 0) return [];
        ReadOnlySpan<byte> raw = _layout!.Bytes(this);
        if (Type is { Size: 4, BigEndian: false }) return MemoryMarshal.Cast<byte, float>(raw);
        float[] values = new float[Count];
        bool brain = opaque || Type.Mantissa == 7, big = Type.BigEndian;
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> one = raw.Slice(i * Type.Size, Type.Size);
            values[i] = Type.Size switch
            {
                2 when brain => BitConverter.UInt32BitsToSingle((uint)Half(one, big) << 16),
                2 => (float)BitConverter.UInt16BitsToHalf(Half(one, big)),
                4 => big ? BinaryPrimitives.ReadSingleBigEndian(one) : BinaryPrimitives.ReadSingleLittleEndian(one),
                _ => (float)(big ? BinaryPrimitives.ReadDoubleBigEndian(one) : BinaryPrimitives.ReadDoubleLittleEndian(one)),
            };
        }
        return values;
    }

    private static ushort Half(ReadOnlySpan<byte> one, bool big) =>
        big ? BinaryPrimitives.ReadUInt16BigEndian(one) : BinaryPrimitives.ReadUInt16LittleEndian(one);
}
