namespace Unroll.Exchange.Hdf5.Storage;

/// <summary>An attribute: a name and one value or a list.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Raw">Where its bytes begin, and how many they are.</param>
internal sealed record H5Attribute(string Name, H5Type Type, int Count, (ulong At, ulong Size) Raw)
{
    private const int LongestText = 1 << 24;

    /// <summary>Every attribute of an object, by its header.</summary>
    public static IEnumerable<H5Attribute> Read(H5Bytes file, IReadOnlyList<H5Message> header, string what)
    {
        List<H5Attribute> all = [];
        foreach (H5Message message in header)
        {
            if (message.Type == H5Header.Attribute) all.Add(Read(file, message, what));
            if (message.Type == H5Header.AttributeInfo) RequireCompact(file, message, what);
        }
        return all;
    }

    //  version 1, flags 1, [order 2], heap 8
    private static void RequireCompact(H5Bytes file, H5Message message, string what)
    {
        H5Cursor cursor = file.At(message.At, $"the attributes of {what}");
        cursor.Version(0, 0);
        if ((cursor.U8() & 1) != 0) cursor.Skip(2);
        if (cursor.U64() != H5Bytes.Nowhere)
            throw file.Refused($"{what} keeps its attributes in a fractal heap, which Keras never writes and is not read",
                "copy the file with h5repack in the form of HDF5 1.8 (its option high=0), or save the model again");
    }

    //  version 1, flags 1, bytes of name 2, type 2 and sizes 2, [character set 1 in version 3], name, type, sizes, value
    //  (in version 1 each of the three is filled up to a multiple of 8)
    private static H5Attribute Read(H5Bytes file, H5Message message, string what)
    {
        H5Cursor cursor = new(file.Slice(message.At, message.Size, $"an attribute of {what}"), $"an attribute of {what}", file);
        byte version = cursor.Version(1, 3), flags = cursor.U8();
        if (version > 1 && flags != 0)
            throw file.Refused($"an attribute of {what} has a committed type, which is not read", "save the model again");
        (int nameBytes, int typeBytes, int spaceBytes) = (cursor.U16(), cursor.U16(), cursor.U16());
        if (version == 3) cursor.Skip(1);
        ReadOnlySpan<byte> Part(ref H5Cursor at, int count)
        {
            int from = at.Taken;
            ReadOnlySpan<byte> part = at.Take(count);
            if (version == 1) at.Align(from);
            return part;
        }
        string name = H5Text.Of(Part(ref cursor, nameBytes)).TrimEnd('\0'), label = $"attribute '{name}' of {what}";
        H5Cursor type = new(Part(ref cursor, typeBytes), label, file), space = new(Part(ref cursor, spaceBytes), label, file);
        H5Type element = H5Type.Read(ref type, file, label);
        long[]? sizes = H5Space.Read(ref space, file, label);
        int count = sizes is null ? 0 : (int)sizes.Aggregate(1L, (product, size) => product * size);
        ulong bytes = (ulong)count * (ulong)element.Size;
        if (bytes > (ulong)cursor.Left) throw file.Damaged($"{label} has {bytes} bytes, and {cursor.Left} are there");
        return new H5Attribute(name, element, count, (message.At + (ulong)cursor.Taken, bytes));
    }

    /// <summary>The texts of an attribute; no number is one.</summary>
    public string[] Texts(H5Bytes file, string what)
    {
        if (Count == 0) return [];
        string label = $"attribute '{Name}' of {what}";
        string[] texts = new string[Count];
        ReadOnlySpan<byte> raw = file.Slice(Raw.At, Raw.Size, label);
        long characters = 0;
        for (int i = 0; i < texts.Length; i++)
        {
            ReadOnlySpan<byte> one = raw.Slice(i * Type.Size, Type.Size);
            texts[i] = Type.Kind switch
            {
                H5Kind.Text => H5Text.Of(one).TrimEnd('\0'),
                H5Kind.LongText => LongText(file, new H5Cursor(one, label, file), label),
                _ => throw file.Refused($"{label}: expected text, found {Type}", "save the model again"),
            };
            characters += texts[i].Length;
            if (characters > LongestText) throw file.Damaged($"{label} has more than {LongestText} characters");
        }
        return texts;
    }

    //  bytes 4, address of the heap 8, number of the object in it 4
    private static string LongText(H5Bytes file, H5Cursor cursor, string what)
    {
        (uint length, ulong heap, uint index) = (cursor.U32(), cursor.U64(), cursor.U32());
        if (length == 0) return "";
        //  "GCOL", version 1, reserved 3, bytes 8; of each object: number 2, references 2, reserved 4, bytes 8, and they, filled up to 8
        H5Cursor all = file.At(heap, $"the heap of {what}");
        all.Require("GCOL"u8);
        all.Version(1, 1);
        all.Skip(3);
        ulong size = all.U64();
        H5Cursor rest = new(file.Slice(heap, size, $"the heap of {what}"), $"the heap of {what}", file);
        rest.Skip(16);
        while (rest.Left >= 16)
        {
            uint number = rest.U16();
            rest.Skip(6);
            ulong bytes = rest.U64();
            if (number == 0) break;
            if (bytes > (ulong)rest.Left) break;
            int from = rest.Taken;
            ReadOnlySpan<byte> value = rest.Take((int)bytes);
            if (number == index)
                return length <= bytes ? H5Text.Of(value[..(int)length]) : throw file.Damaged($"{what} has {length} bytes, and its heap {bytes}");
            rest.Skip(Math.Min(rest.Left, (8 - (rest.Taken - from) % 8) % 8));
        }
        throw file.Damaged($"{what} is not in its heap");
    }
}
