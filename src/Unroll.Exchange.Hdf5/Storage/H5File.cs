using Unroll.Core;

namespace Unroll.Exchange.Hdf5.Storage;

/// <summary>
/// An HDF5 file as h5py writes those of Keras: groups of names and data sets (HDF5 File Format Specification 3.0,
/// support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html; superblocks 0 to 3). Everything is found and measured when it is opened, and
/// nothing is unpacked. No other file is ever opened: links, external storage and virtual data sets are refused by name.
/// </summary>
internal sealed class H5File
{
    private const int Deepest = 64, MostObjects = 100_000;

    // Weights shrink little, and zeros a thousandfold: what is unpacked in all may be this much and that many times the file.
    private const long AlwaysUnpacked = 64 << 20, MostUnpacked = 16;

    private readonly Dictionary<string, H5Node> _groups = [];
    private readonly Dictionary<string, H5DataSet> _sets = [];

    private H5File(H5Bytes bytes) => Bytes = bytes;

    /// <summary>The bytes.</summary>
    public H5Bytes Bytes { get; }

    /// <summary>Every group by its path; the root is <c>""</c>.</summary>
    public IReadOnlyDictionary<string, H5Node> Groups => _groups;

    /// <summary>Every data set by its path.</summary>
    public IReadOnlyDictionary<string, H5DataSet> Sets => _sets;

    /// <summary>Whether bytes begin as an HDF5 file does.</summary>
    public static bool Is(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Signature);

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'H', (byte)'D', (byte)'F', 13, 10, 26, 10];

    /// <summary>Opens a file that lies in memory.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">Its name in errors.</param>
    /// <exception cref="UserErrorException">It is no HDF5 file, damaged, or holds what is not read.</exception>
    public static H5File Open(ReadOnlyMemory<byte> bytes, string name)
    {
        if (!Is(bytes.Span))
            throw new UserErrorException($"'{name}' is not an HDF5 file: it does not begin with the letters of one; give a .keras or .h5 file.");
        H5File file = new(new H5Bytes(bytes, name));
        file.Walk(Root(file.Bytes));
        return file;
    }

    //  0, 1: versions 4, reserved …, bytes of addresses 1 and lengths 1, …, base 8, free 8, end 8, driver 8, then the root's link 8, header 8
    //  2, 3: version 1, bytes of addresses 1 and lengths 1, flags 1, base 8, extension 8, end 8, the root's header 8
    private static ulong Root(H5Bytes file)
    {
        H5Cursor cursor = file.At(8, "the superblock");
        byte version = cursor.Version(0, 3);
        if (version < 2) cursor.Skip(4);
        (byte addresses, byte lengths) = (cursor.U8(), cursor.U8());
        if (addresses != 8 || lengths != 8)
            throw file.Refused($"it has addresses of {addresses} and lengths of {lengths} bytes, and 8 are read", "copy the file with h5repack");
        cursor.Skip(version < 2 ? 1 + 8 + (version == 1 ? 4 : 0) : 1);
        ulong zero = cursor.U64();
        cursor.Skip(8);
        ulong end = cursor.U64();
        if (zero != 0) throw file.Refused($"its addresses count from byte {zero}", "copy the file with h5repack");
        if (end > (ulong)file.Length)
            throw new UserErrorException($"'{file.Name}' is cut short: it should have {end} bytes, and {file.Length} are there; "
                + "fetch or save it again.");
        if (version < 2) cursor.Skip(16);
        return cursor.U64();
    }

    private void Walk(ulong root)
    {
        HashSet<ulong> seen = [];
        Stack<(string Path, ulong At, int Depth)> left = new([("", root, 0)]);
        long stored = 0, unpacked = 0;
        while (left.TryPop(out (string Path, ulong At, int Depth) one))
        {
            string what = one.Path.Length == 0 ? "the root" : $"'{one.Path}'";
            if (!seen.Add(one.At)) throw Bytes.Refused($"{what} is a second name of an object, which is not read", "save the model again");
            if (seen.Count > MostObjects || one.Depth > Deepest)
                throw Bytes.Damaged($"it has more than {MostObjects} objects, or more than {Deepest} in each other");
            List<H5Message> header = H5Header.Read(Bytes, one.At, what);
            if (H5Group.Links(Bytes, header, what) is { } links)
            {
                _groups.Add(one.Path, new H5Node([.. links.Select(link => link.Name)], [.. H5Attribute.Read(Bytes, header, what)]));
                Push(links, one, left, what);
                continue;
            }
            if (one.Path.Length == 0) throw Bytes.Damaged("its root is no group");
            H5DataSet set = H5DataSet.Read(Bytes, header, one.Path);
            _sets.Add(one.Path, set);
            (stored, unpacked) = set.IsChunked ? (stored, unpacked + set.Bytes) : (stored + set.Bytes, unpacked);
            if (stored > Bytes.Length) throw Bytes.Damaged($"its data sets have more bytes than the file: '{one.Path}' lies where another does");
            if (unpacked > AlwaysUnpacked + MostUnpacked * Bytes.Length)
                throw Bytes.Damaged($"its data sets would be {unpacked} bytes when they are unpacked, and it has {Bytes.Length}");
        }
    }

    private void Push(List<(string Name, ulong At)> links, (string Path, ulong At, int Depth) parent, Stack<(string, ulong, int)> left, string what)
    {
        HashSet<string> names = [];
        foreach ((string name, ulong at) in links)
        {
            if (name.Length == 0 || name is "." or ".." || name.Contains('/')) throw Bytes.Damaged($"{what} has an object named '{name}'");
            if (!names.Add(name)) throw Bytes.Damaged($"{what} has two objects named '{name}'");
            left.Push((parent.Path.Length == 0 ? name : $"{parent.Path}/{name}", at, parent.Depth + 1));
        }
    }
}

/// <summary>A group.</summary>
/// <param name="Names">What it holds.</param>
/// <param name="Attributes">Its attributes.</param>
internal sealed record H5Node(IReadOnlyList<string> Names, IReadOnlyList<H5Attribute> Attributes);
