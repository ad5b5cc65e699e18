using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Unroll.Exchange.Hdf5.Storage;

/// <summary>
/// Writes groups and data sets in the oldest form of HDF5, which every reader of it takes: superblock 0, headers of version 1, names in local
/// heaps, each data set in one stretch. First every structure is given its place, then all are written in that order.
/// </summary>
internal sealed class H5Writer
{
    private const int InnerRank = 16, Header = 16, Symbol = 40;
    private readonly Dictionary<H5Item, Places> _places = [];
    private readonly List<H5Item> _order = [];
    private readonly int _leafRank;
    private ulong _end = 96;

    private H5Writer(H5Item root)
    {
        // One node holds every name of a group: half of the most that there are is the rank of all.
        _leafRank = Math.Max(4, (Most(root) + 1) / 2);
        Place(root);
        foreach (H5Item set in _order.Where(item => item.Values is not null)) _places[set].Data = Room(4L * set.Values!.Length);
    }

    /// <summary>Writes a file.</summary>
    public static void Write(Stream stream, H5Item root)
    {
        H5Writer writer = new(root);
        using BinaryWriter into = new(stream, Encoding.UTF8, leaveOpen: true);
        writer.Superblock(into, writer._places[root]);
        foreach (H5Item item in writer._order)
            if (item.Values is null) writer.Group(into, item);
            else Set(into, item, writer._places[item]);
        foreach (H5Item item in writer._order)
        {
            if (item.Values is not { } values) continue;
            into.Write(MemoryMarshal.AsBytes(values.AsSpan()));
            into.Write(new byte[Padding(4L * values.Length)]);
        }
    }

    private static int Most(H5Item item) => Math.Max(item.Items.Count, item.Items.Values.Select(Most).DefaultIfEmpty(0).Max());

    private static int Padding(long bytes) => (int)((8 - bytes % 8) % 8);

    private ulong Room(long bytes)
    {
        ulong at = _end;
        _end += (ulong)(bytes + Padding(bytes));
        return at;
    }

    private void Place(H5Item item)
    {
        Places places = _places[item] = new Places();
        _order.Add(item);
        if (item.Values is not null)
        {
            places.Header = Room(Header + SetMessages(item.Shape));
            return;
        }
        places.Names = Heap(item);
        places.Header = Room(Header + 24);
        places.Tree = Room(24 + (2 * InnerRank + 1) * 8 + 2 * InnerRank * 8);
        places.Heap = Room(32 + places.Names.Length);
        places.Symbols = Room(8 + 2 * _leafRank * Symbol);
        foreach (H5Item child in item.Items.Values) Place(child);
    }

    // Eight zeros, then each name with a zero after it.
    private static byte[] Heap(H5Item item)
    {
        byte[] names = [.. new byte[8], .. item.Items.Keys.SelectMany(name => Encoding.UTF8.GetBytes(name).Append((byte)0))];
        return [.. names, .. new byte[Padding(names.Length)]];
    }

    //  as H5File reads it
    private void Superblock(BinaryWriter into, Places root)
    {
        into.Write([0x89, (byte)'H', (byte)'D', (byte)'F', 13, 10, 26, 10, 0, 0, 0, 0, 0, 8, 8, 0]);
        into.Write((ushort)_leafRank);
        into.Write((ushort)InnerRank);
        into.Write(0);
        into.Write(0ul);
        into.Write(H5Bytes.Nowhere);
        into.Write(_end);
        into.Write(H5Bytes.Nowhere);
        into.Write(0ul);
        into.Write(root.Header);
        into.Write(1);
        into.Write(0);
        into.Write(root.Tree);
        into.Write(root.Heap);
    }

    private void Group(BinaryWriter into, H5Item item)
    {
        Places own = _places[item];
        WriteHeader(into, 1, 24);
        WriteMessage(into, 17, 16);
        into.Write(own.Tree);
        into.Write(own.Heap);

        int used = item.Items.Count > 0 ? 1 : 0;
        int[] names = [.. Offsets(item)];
        into.Write("TREE"u8);
        into.Write([0, 0, (byte)used, 0]);
        into.Write(H5Bytes.Nowhere);
        into.Write(H5Bytes.Nowhere);
        into.Write(0ul);
        into.Write(used > 0 ? own.Symbols : 0);
        into.Write(used > 0 ? (ulong)names[^1] : 0);
        into.Write(new byte[(2 * InnerRank - 1) * 16]);

        into.Write("HEAP"u8);
        into.Write(0);
        into.Write((ulong)own.Names.Length);
        into.Write(1ul);                                         // no room is free
        into.Write(own.Heap + 32);
        into.Write(own.Names);

        into.Write("SNOD"u8);
        into.Write([1, 0]);
        into.Write((ushort)item.Items.Count);
        foreach ((int i, H5Item child) in item.Items.Values.Index())
        {
            into.Write((ulong)names[i]);
            into.Write(_places[child].Header);
            into.Write(new byte[24]);
        }
        into.Write(new byte[(2 * _leafRank - item.Items.Count) * Symbol]);
    }

    private static IEnumerable<int> Offsets(H5Item item)
    {
        int at = 8;
        foreach (string name in item.Items.Keys)
        {
            yield return at;
            at += Encoding.UTF8.GetByteCount(name) + 1;
        }
    }

    private static int SetMessages(int[] shape) => 8 + 8 + 8 * shape.Length + 8 + 24 + 8 + 8 + 8 + 24;

    private static void Set(BinaryWriter into, H5Item item, Places own)
    {
        WriteHeader(into, 4, SetMessages(item.Shape));
        WriteMessage(into, 1, 8 + 8 * item.Shape.Length);
        into.Write([1, (byte)item.Shape.Length, 0, 0, 0, 0, 0, 0]);
        foreach (int size in item.Shape) into.Write((ulong)size);
        WriteMessage(into, 3, 24);
        into.Write([0x11, 0x20, 31, 0]);                         // floats, version 1; a hidden 1; the sign's place
        into.Write(4);
        into.Write([0, 0, 32, 0, 23, 8, 0, 23]);                 // offset, precision; exponent's place and size; mantissa's
        into.Write(127);
        into.Write(0);
        WriteMessage(into, 5, 8);
        into.Write([2, 2, 2, 1, 0, 0, 0, 0]);                    // filled with zeros where nothing was written
        WriteMessage(into, 8, 24);
        into.Write([3, 1]);
        into.Write(item.Values!.Length > 0 ? own.Data : H5Bytes.Nowhere);
        into.Write(4ul * (ulong)item.Values.Length);
        into.Write(new byte[6]);
    }

    private static void WriteHeader(BinaryWriter into, int messages, int bytes)
    {
        into.Write([1, 0]);
        into.Write((ushort)messages);
        into.Write(1);
        into.Write(bytes);
        into.Write(0);
    }

    private static void WriteMessage(BinaryWriter into, int type, int bytes)
    {
        into.Write((ushort)type);
        into.Write((ushort)bytes);
        into.Write(0);
    }

    private sealed class Places
    {
        public ulong Header, Tree, Heap, Symbols, Data;
        public byte[] Names = [];
    }
}
