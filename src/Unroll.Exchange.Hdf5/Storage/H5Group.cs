namespace Unroll.Exchange.Hdf5.Storage;

/// <summary>What a group holds: names and where the objects lie. Only hard links are followed; others are refused by name.</summary>
internal static class H5Group
{
    private const int MostNodes = 1 << 16, Deepest = 16;

    /// <summary>The links of a group, by its header.</summary>
    /// <returns>The links, or null where the object is no group.</returns>
    public static List<(string Name, ulong At)>? Links(H5Bytes file, IReadOnlyList<H5Message> header, string what)
    {
        List<(string, ulong)>? links = null;
        foreach (H5Message message in header)
        {
            H5Cursor cursor = file.At(message.At, what);
            if (message.Type == H5Header.SymbolTable) ReadTable(file, cursor.U64(), cursor.U64(), what, links ??= []);
            else if (message.Type == H5Header.Link) (links ??= []).Add(ReadLink(file, ref cursor, what));
            else if (message.Type == H5Header.LinkInfo)
            {
                links ??= [];
                cursor.Version(0, 0);
                if ((cursor.U8() & 1) != 0) cursor.Skip(8);
                if (cursor.U64() != H5Bytes.Nowhere)
                    throw file.Refused($"{what} keeps its names in a fractal heap, which Keras never writes and is not read",
                        "copy the file with h5repack in the form of HDF5 1.8 (its option high=0), or save the model again");
            }
        }
        return links;
    }

    //  version 1, flags 1, [kind 1], [order 8], [character set 1], bytes of the name 1, 2, 4 or 8, name, address 8
    private static (string, ulong) ReadLink(H5Bytes file, ref H5Cursor cursor, string what)
    {
        cursor.Version(1, 1);
        int flags = cursor.U8(), kind = (flags & 8) != 0 ? cursor.U8() : 0;
        if ((flags & 4) != 0) cursor.Skip(8);
        if ((flags & 16) != 0) cursor.Skip(1);
        ulong length = cursor.Number(1 << (flags & 3));
        if (length > (ulong)cursor.Left) throw file.Damaged($"{what} has a name of {length} bytes");
        string name = H5Text.Of(cursor.Take((int)length));
        if (kind != 0) throw Link(file, $"{what}/{name}", kind == 1 ? "a soft link" : kind == 64 ? "an external link" : $"a link of kind {kind}");
        return (name, cursor.U64());
    }

    private static Core.UserErrorException Link(H5Bytes file, string what, string kind) =>
        file.Refused($"{what} is {kind}, and no link is followed: it may lead into another file", "save the model again without links");

    // A tree of version 1 whose leaves are nodes of symbols; names lie in the group's local heap.
    private static void ReadTable(H5Bytes file, ulong tree, ulong heap, string what, List<(string, ulong)> links)
    {
        ReadOnlySpan<byte> names = Heap(file, heap, what);
        Stack<(ulong At, int Depth)> nodes = new([(tree, 0)]);
        for (int read = 0; nodes.TryPop(out (ulong At, int Depth) node); read++)
        {
            if (read > MostNodes || node.Depth > Deepest) throw file.Damaged($"the names of {what} lie in a tree without an end");
            H5Cursor cursor = file.At(node.At, $"the tree of {what}");
            cursor.Require("TREE"u8);
            if (cursor.U8() != 0) throw file.Damaged($"the tree of {what} is not one of names");
            (int level, int used) = (cursor.U8(), cursor.U16());
            cursor.Skip(16);
            for (int i = 0; i < used; i++)
            {
                cursor.Skip(8);
                ulong child = cursor.U64();
                if (level > 0) nodes.Push((child, node.Depth + 1));
                else ReadSymbols(file, child, names, what, links);
            }
        }
    }

    //  "HEAP", version 1, reserved 3, bytes 8, first free byte 8, address 8
    private static ReadOnlySpan<byte> Heap(H5Bytes file, ulong at, string what)
    {
        H5Cursor cursor = file.At(at, $"the names of {what}");
        cursor.Require("HEAP"u8);
        cursor.Version(0, 0);
        cursor.Skip(3);
        ulong size = cursor.U64();
        cursor.Skip(8);
        return file.Slice(cursor.U64(), size, $"the names of {what}");
    }

    //  "SNOD", version 1, reserved 1, symbols 2; of each: name 8, header 8, what is cached 4, reserved 4, cached 16
    private static void ReadSymbols(H5Bytes file, ulong at, ReadOnlySpan<byte> names, string what, List<(string, ulong)> links)
    {
        H5Cursor cursor = file.At(at, $"the symbols of {what}");
        cursor.Require("SNOD"u8);
        cursor.Version(1, 1);
        cursor.Skip(1);
        int count = cursor.U16();
        if (links.Count + count > MostNodes) throw file.Damaged($"{what} has more than {MostNodes} names");
        for (int i = 0; i < count; i++)
        {
            (ulong place, ulong header, uint cached) = (cursor.U64(), cursor.U64(), cursor.U32());
            cursor.Skip(20);
            if (place >= (ulong)names.Length) throw file.Damaged($"a name of {what} lies outside its heap");
            string name = new H5Cursor(names[(int)place..], $"the names of {what}", file).Text();
            if (cached == 2) throw Link(file, $"{what}/{name}", "a soft link");
            links.Add((name, header));
        }
    }
}
