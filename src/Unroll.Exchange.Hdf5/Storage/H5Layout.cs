namespace Unroll.Exchange.Hdf5.Storage;

/// <summary>Where a data set's bytes lie: in its header, in one stretch, or in chunks that a tree of version 1 finds.</summary>
internal sealed class H5Layout
{
    // Deflate makes at most 1,032 bytes of one (zlib's technical notes).
    private const long MostOfOne = 1032;
    private const int MostNodes = 1 << 16;

    private readonly H5Bytes _file;
    private readonly string _what;
    private readonly List<H5Filter> _filters;
    private (ulong At, ulong Size) _stretch;
    private ulong _tree;
    private long[]? _chunk;

    private H5Layout(H5Bytes file, string what, List<H5Filter> filters) => (_file, _what, _filters) = (file, what, filters);

    /// <summary>Whether there are chunks.</summary>
    public bool IsChunked => _chunk is not null;

    //  version 3 or 4, class 1; compact: bytes 2 and they; one stretch: address 8, bytes 8; chunks: axes + 1, 1, tree 8, sizes 4 each
    /// <summary>Reads the message.</summary>
    public static H5Layout Read(H5Bytes file, H5Message message, List<H5Filter> filters, string what)
    {
        H5Cursor cursor = new(file.Slice(message.At, message.Size, what), what, file);
        H5Layout layout = new(file, what, filters);
        byte version = cursor.U8();
        if (version is not (3 or 4))
            throw file.Refused($"{what} has a layout of version {version}, and 3 and 4 are read", "copy the file with h5repack");
        switch (cursor.U8())
        {
            case 0:
                ulong size = cursor.U16();
                layout._stretch = (message.At + (ulong)cursor.Taken, size);
                cursor.Skip((int)size);
                break;
            case 1:
                layout._stretch = (cursor.U64(), cursor.U64());
                break;
            case 2 when version == 3:
                int axes = cursor.U8() - 1;
                layout._tree = cursor.U64();
                layout._chunk = new long[Math.Max(axes, 0)];
                for (int i = 0; i < axes; i++) layout._chunk[i] = cursor.U32();
                break;
            case 2:
                throw file.Refused($"{what} has chunks with an index of HDF5 1.10, which Keras never writes and is not read",
                    "copy the file with h5repack in the form of HDF5 1.8 (its option high=0)");
            case 3:
                throw file.Refused($"{what} is a virtual data set, whose bytes lie in other files, which are not opened",
                    "save the model again in one file");
            default: throw file.Damaged($"{what} has a layout of an unknown class");
        }
        if (layout._chunk is null && filters.Count > 0) throw file.Damaged($"{what} has filters and no chunks");
        return layout;
    }

    /// <summary>Refuses a data set that would take more room than its stored bytes can fill.</summary>
    public void RequireStored(H5DataSet set)
    {
        if (set.Count == 0) return;
        if (_chunk is null)
        {
            if (_stretch.At == H5Bytes.Nowhere || _stretch.Size != (ulong)set.Bytes)
                throw _file.Damaged($"{_what} of shape {set.ShapeText} has {set.Bytes} bytes, and "
                    + $"{(_stretch.At == H5Bytes.Nowhere ? 0 : _stretch.Size)} are stored");
            _file.Slice(_stretch.At, _stretch.Size, _what);
            return;
        }
        if (_chunk.Length != set.Shape.Count || _chunk.Any(size => size < 1)) throw _file.Damaged($"{_what} has chunks of other axes than its own");
        if (set.Bytes / MostOfOne > _file.Length)
            throw _file.Damaged($"{_what} of shape {set.ShapeText} has {set.Bytes} bytes, more than the file can hold packed");
    }

    /// <summary>The bytes of a data set, unpacked.</summary>
    public ReadOnlySpan<byte> Bytes(H5DataSet set) => _chunk is null ? _file.Slice(_stretch.At, _stretch.Size, _what) : Unpacked(set, _chunk);

    private byte[] Unpacked(H5DataSet set, long[] chunk)
    {
        List<Chunk> chunks = Chunks(chunk.Length);
        long expected = 1;
        for (int i = 0; i < chunk.Length; i++) expected = checked(expected * ((set.Shape[i] + chunk[i] - 1) / chunk[i]));
        if (chunks.Count != expected || chunks.Select(one => string.Join(',', one.Offset)).Distinct().Count() != expected)
            throw _file.Damaged($"{_what} has {chunks.Count} of its {expected} chunks");
        UInt128 bytes = (ulong)set.Type.Size;
        foreach (long size in chunk) bytes *= (ulong)size;
        foreach (Chunk one in chunks)
            if (bytes > (ulong)one.Size * MostOfOne || bytes > int.MaxValue)
                throw _file.Damaged($"a chunk of {_what} has {bytes} bytes, and {one.Size} are stored");
        byte[] all = new byte[set.Bytes];
        foreach (Chunk one in chunks)
            Place(H5Filter.Undo(_filters, one.Mask, _file.Slice(one.At, one.Size, _what), (int)bytes, set.Type.Size, _file, _what), one, set, chunk,
                all);
        return all;
    }

    //  of a key: bytes of the chunk 4, filters that were left out 4, its place 8 for each axis and 8 more; then its address 8
    private List<Chunk> Chunks(int axes)
    {
        List<Chunk> chunks = [];
        Stack<(ulong At, int Depth)> nodes = new(_tree == H5Bytes.Nowhere ? [] : [(_tree, 0)]);
        for (int read = 0; nodes.TryPop(out (ulong At, int Depth) node); read++)
        {
            if (read > MostNodes || node.Depth > 16 || chunks.Count > MostNodes)
                throw _file.Damaged($"the chunks of {_what} lie in a tree without an end");
            H5Cursor cursor = _file.At(node.At, $"the tree of {_what}");
            cursor.Require("TREE"u8);
            if (cursor.U8() != 1) throw _file.Damaged($"the tree of {_what} is not one of chunks");
            (int level, int used) = (cursor.U8(), cursor.U16());
            cursor.Skip(16);
            for (int i = 0; i < used; i++)
            {
                (uint size, uint mask) = (cursor.U32(), cursor.U32());
                ulong[] offset = new ulong[axes];
                for (int k = 0; k < axes; k++) offset[k] = cursor.U64();
                cursor.Skip(8);
                ulong at = cursor.U64();
                if (level > 0) nodes.Push((at, node.Depth + 1));
                else chunks.Add(new Chunk(at, size, mask, offset));
            }
        }
        return chunks;
    }

    // Row by row of the last axis; a chunk at the edge is whole in the file, and what lies outside is left.
    private void Place(ReadOnlySpan<byte> from, Chunk one, H5DataSet set, long[] chunk, byte[] into)
    {
        int axes = chunk.Length, size = set.Type.Size;
        for (int i = 0; i < axes; i++)
            if (one.Offset[i] >= (ulong)set.Shape[i] || one.Offset[i] % (ulong)chunk[i] != 0)
                throw _file.Damaged($"a chunk of {_what} lies outside of it");
        if (axes == 0)
        {
            from[..size].CopyTo(into);
            return;
        }
        long last = Math.Min(chunk[^1], set.Shape[axes - 1] - (long)one.Offset[^1]), rows = chunk[..^1].Aggregate(1L, (product, n) => product * n);
        for (long row = 0; row < rows; row++)
        {
            long rest = row, place = 0, scale = 1;
            bool inside = true;
            scale = set.Shape[axes - 1];
            for (int i = axes - 2; i >= 0; i--)
            {
                long index = (long)one.Offset[i] + rest % chunk[i];
                rest /= chunk[i];
                inside &= index < set.Shape[i];
                place += index * scale;
                scale *= set.Shape[i];
            }
            if (inside)
                from.Slice((int)(row * chunk[^1] * size), (int)(last * size)).CopyTo(into.AsSpan((int)((place + (long)one.Offset[^1]) * size)));
        }
    }

    private sealed record Chunk(ulong At, uint Size, uint Mask, ulong[] Offset);
}
