using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Unroll.Core;
using Unroll.Exchange.Importing;
using Unroll.Exchange.PyTorch;
using Unroll.Formats;
using Unroll.Networks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Networks;

namespace Unroll.Fuzz;

/// <summary>Checkpoints of PyTorch, whole and by their pickles, and networks by themselves.</summary>
internal static class PyTorchTargets
{
    private static readonly string[] s_words = ["storage", "torch", "FloatStorage", "_rebuild_tensor_v2", "collections", "OrderedDict", "data.pkl",
        "\u0080\u0002", "PK\u0001\u0002",
        "weight_ih_l0", "state_dict"];

    public static IEnumerable<FuzzTarget> All =>
    [
        new("checkpoint of PyTorch", [typeof(PyTorchCheckpoint)], [.. Of("lstm", "tied", "strided", "module", "lightning", "no-crc")],
            Import) { Words = s_words },
        new("legacy checkpoint of PyTorch", [typeof(PyTorchCheckpoint)], [.. Of("legacy", "legacy-module")], Import) { Words = s_words },
        // The checksum of an archive refuses nearly every change, so that the pickle is changed by itself.
        .. new[] { "lstm", "module", "lightning", "protocol4", "trained" }.Select(name =>
        {
            byte[] whole = Of(name).Single();
            return new FuzzTarget($"pickle of {name}", [typeof(PyTorchCheckpoint)], [PickleOf(whole)], bytes =>
                Import(With(whole, bytes))) { Words = s_words };
        }),
        new("description of network", [typeof(NetworkModel), typeof(NetworkDescription), typeof(NetworkTask)],
            [Encoding.UTF8.GetBytes(s_model.Description.ToJson())], Described) { IsJson = true, Words = ["\"network\"", "[]", "\"a\""] },
        new("rows of network", [typeof(NetworkRows), typeof(NetworkTargets), typeof(NetworkModel)], ["1,2\n3,4\n\n5,6\n"u8.ToArray(), Array()],
            bytes => Rows(bytes, s_rows)) { Words = ["1e308", "NaN", ",", ";", "\n\n", "'<f8'"] },
        new("indices of network", [typeof(NetworkRows), typeof(NetworkModel)], ["0 1 2\n2 1\n"u8.ToArray()], bytes =>
            Rows(bytes, s_model)) { Words = ["-1", "3", "1e9"] },
    ];

    private static readonly NetworkModel s_model = new(Network.Build(new NetworkSpec(1,
        [new EmbeddingSpec { Name = "e", Vocabulary = 3, Size = 2 }, new RecurrentSpec { Name = "r", Hidden = 3 }, new DenseSpec { Name = "d",
            Outputs = 3 }])),
        new NetworkDescription("x.pth", "pytorch", ["a", "b", "c"]));

    private static readonly NetworkModel s_rows = new(Network.Build(new NetworkSpec(2, [new RecurrentSpec { Name = "r", Hidden = 3 }])),
        new NetworkDescription("x.pth", "pytorch", []));

    private static IEnumerable<byte[]> Of(params string[] names) =>
        names.Select(name => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", $"{name}.2.6.pth")));

    private static void Import(byte[] bytes) => ModuleImport.Read(PyTorchCheckpoint.Read(new MemoryStream(bytes), "x.pth"),
        new ImportOptions { Between = "none" });

    private static byte[] PickleOf(byte[] archive)
    {
        using ZipArchive zip = new(new MemoryStream(archive));
        using Stream pickle = zip.Entries.Single(entry => entry.FullName.EndsWith("/data.pkl", StringComparison.Ordinal)).Open();
        using MemoryStream bytes = new();
        pickle.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static byte[] With(byte[] archive, byte[] pickle)
    {
        using ZipArchive from = new(new MemoryStream(archive));
        using MemoryStream bytes = new();
        using (ZipArchive to = new(bytes, ZipArchiveMode.Create, leaveOpen: true))
            foreach (ZipArchiveEntry entry in from.Entries)
            {
                using Stream own = entry.Open(), into = to.CreateEntry(entry.FullName, CompressionLevel.NoCompression).Open();
                if (entry.FullName.EndsWith("/data.pkl", StringComparison.Ordinal)) into.Write(pickle);
                else own.CopyTo(into);
            }
        return bytes.ToArray();
    }

    private static void Described(byte[] json)
    {
        string path = Path.GetTempFileName();
        try
        {
            ModelFile.Save(path, s_model.Network.Spec, Encoding.UTF8.GetString(json), s_model.Network.Parameters);
            NetworkModel.Open(path).Run([[0, 1]]);
        }
        catch (JsonException)
        {
            // what the function says that it throws
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Rows(byte[] bytes, NetworkModel model)
    {
        NetworkRows rows = NetworkRows.Read(model, "x.csv", DataFiles.Disk.With("x.csv", bytes));
        if (rows.Sequences.Sum(one => (long)one.Length) < 10_000) model.Run(rows.Sequences);
    }

    private static byte[] Array()
    {
        using MemoryStream bytes = new();
        Npy.Write(bytes, Tensor.Of("x", [1, 2, 2], [1f, 2, 3, 4]));
        return bytes.ToArray();
    }
}
