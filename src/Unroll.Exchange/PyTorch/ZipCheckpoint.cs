using Unroll.Core;

namespace Unroll.Exchange.PyTorch;

/// <summary>The form of torch 1.6 and later: a zip archive with a pickle, <c>data.pkl</c>, and a record for each storage, <c>data/KEY</c>.</summary>
/// <remarks>Source: https://docs.pytorch.org/docs/stable/notes/serialization.html.</remarks>
internal sealed class ZipCheckpoint : ICheckpoint
{
    private const string Pickle = "/data.pkl";
    private const long LargestPickle = 256 << 20;
    private readonly Stream _file;
    private readonly string _name, _root;
    private readonly Dictionary<string, ZipRecord> _records;

    private ZipCheckpoint(Stream file, string name, string root, Dictionary<string, ZipRecord> records)
    {
        (_file, _name, _root, _records) = (file, name, root, records);
        if (_records.TryGetValue(root + "/byteorder", out ZipRecord? order))
            Swapped = System.Text.Encoding.ASCII.GetString(ZipBytes.Read(file, order, 64, name)).Trim() switch
            {
                "little" => false,
                "big" => true,
                var other => throw ZipDirectory.Bad(name, $"its byte order is '{other}', expected little or big"),
            };
    }

    public object? Root { get; private set; }

    public bool Swapped { get; }

    internal static ZipCheckpoint Read(Stream file, string name)
    {
        IReadOnlyList<ZipRecord> all = ZipDirectory.Read(file, name);
        Dictionary<string, ZipRecord> records = all.ToDictionary(record => record.Name);
        string[] roots = [.. all.Where(record => record.Name.EndsWith(Pickle, StringComparison.Ordinal)
            && record.Name.IndexOf('/', StringComparison.Ordinal) == record.Name.Length - Pickle.Length).Select(record =>
                record.Name[..^Pickle.Length])];
        if (all.Any(record => record.Name.EndsWith("/constants.pkl", StringComparison.Ordinal) || record.Name.Contains("/code/",
            StringComparison.Ordinal)))
            throw new UserErrorException($"'{name}' is a TorchScript program (torch.jit.save), not a checkpoint; in PyTorch write its weights by " +
                "torch.save(torch.jit.load(path).state_dict(), other), or export it to ONNX.");
        if (roots is not [var root])
            throw new UserErrorException($"'{name}' is a zip archive, and none of torch.save: " +
                $"{(roots.Length == 0 ? "it has no data.pkl" : "it has several data.pkl")}; " +
                "expected a file that torch.save wrote.");
        ZipCheckpoint made = new(file, name, root, records);
        PickleInput input = new(new MemoryStream(ZipBytes.Read(file, records[root + Pickle], LargestPickle, name)), name);
        made.Root = new PickleReader(input, id => made.Checked(StorageName.Of(id, input))).Read();
        return input.Left == 0 ? made : throw input.Bad($"{input.Left} bytes after its end");
    }

    public byte[] Bytes(PyStorage storage) => ZipBytes.Read(_file, RecordOf(storage), Array.MaxLength, _name);

    // What a storage claims is compared with its record before anything is read, and for every tensor's view before room is made.
    private object? Checked(object? outside)
    {
        if (outside is not PyStorage storage) return outside;
        ZipRecord record = RecordOf(storage);
        long bytes = (storage.Offset + storage.Count) * (storage.Type?.Bytes ?? 1);
        if (bytes > record.Size || (storage.Offset == 0 && record.Size - bytes >= (storage.Type?.Bytes ?? 1)))
            throw new UserErrorException($"'{_name}' is damaged: its storage '{storage.Key}' has {storage.Count:N0} elements of " +
                $"{storage.Type?.Word ?? "one byte"}, {bytes:N0} bytes, and its record has {record.Size:N0}; fetch it or save it again.");
        return storage;
    }

    private ZipRecord RecordOf(PyStorage storage) => _records.GetValueOrDefault($"{_root}/data/{storage.Key}") ?? throw new UserErrorException(
        $"'{_name}' is damaged: its storage '{storage.Key}' has no record; fetch it or save it again.");
}
