using System.IO.Compression;
using System.Text.Json;
using Unroll.Exchange.Onnx.Values;
using Unroll.Exchange.Onnx.Wire;

namespace Unroll.Exchange.Tests.Conformance;

/// <summary>A case of the folder <c>conformance</c>: a model of one node, what goes in and what must come out.</summary>
internal sealed record ConformanceCase(
    string Name, string Group, double Tolerance, byte[] Model, IReadOnlyList<OnnxTensor> Inputs, IReadOnlyList<OnnxTensor> Outputs)
{
    private static readonly string s_folder = Path.Combine(Root(), "conformance");

    public static string Root()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Unroll.slnx"))) return folder.FullName;
        throw new DirectoryNotFoundException("no folder above the tests holds Unroll.slnx: they read the checkout that they were built from");
    }

    /// <summary>The suite's own cases, in its order.</summary>
    public static IEnumerable<ConformanceCase> Own()
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(s_folder, "cases.zip"));
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(s_folder, "cases.json")));
        foreach (JsonElement line in manifest.RootElement.EnumerateArray())
        {
            string name = line.GetProperty("name").GetString()!;
            yield return Read(name, line.GetProperty("group").GetString()!, line.GetProperty("tolerance").GetDouble(), file =>
                archive.GetEntry($"{name}/{file}") is { } entry ? Bytes(entry) : null);
        }
    }

    /// <summary>ONNX's own node tests.</summary>
    public static IEnumerable<ConformanceCase> Official()
    {
        foreach (string opset in Directory.GetDirectories(Path.Combine(s_folder, "official")).OrderBy(path => path.Length).ThenBy(path => path))
            foreach (string folder in Directory.GetDirectories(opset).Order(StringComparer.Ordinal))
                yield return Read($"{Path.GetFileName(opset)}/{Path.GetFileName(folder)}", $"official, {Path.GetFileName(opset)}", 1e-5, file =>
                    File.Exists(Path.Combine(folder, file)) ? File.ReadAllBytes(Path.Combine(folder, file)) : null);
    }

    private static ConformanceCase Read(string name, string group, double tolerance, Func<string, byte[]?> read) =>
        new(name, group, tolerance, read("model.onnx")!, [.. Tensors("input", read)], [.. Tensors("output", read)]);

    private static IEnumerable<OnnxTensor> Tensors(string kind, Func<string, byte[]?> read)
    {
        for (int i = 0; read($"test_data_set_0/{kind}_{i}.pb") is { } bytes; i++)
        {
            TensorProto tensor = TensorProto.Parser.ParseFrom(bytes);
            yield return new(OnnxTypes.Of(tensor.DataType)!.Value, [.. tensor.Dims.Select(size => (int)size)], tensor.RawData.ToByteArray());
        }
    }

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using MemoryStream bytes = new();
        using Stream stream = entry.Open();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
