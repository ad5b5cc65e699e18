using System.Text.Json;
using Unroll.Core;
using Unroll.Exchange.Onnx.Wire;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>
/// What an ONNX file says of the model beside its graph, as texts by name: all that the model file knows (<c>unroll.…</c>), and what a program that
/// runs the file needs to prepare its inputs and to read its outputs under names of their own.
/// </summary>
internal static class ModelMetadata
{
    public const string Network = "unroll.network", Task = "unroll.task", Hash = "unroll.weights_sha256", Graph = "unroll.graph",
        Notes = "unroll.notes", Members = "unroll.members", Member = "unroll.member";

    // Where each task keeps what a user needs, and what it is called in the file.
    private static readonly (string Path, string Name)[] s_readable =
    [
        ("vocabulary", "vocabulary"), ("symbols", "vocabulary"), ("encoding.vocabulary", "vocabulary"), ("encoding.classes", "labels"),
        ("words", "labels"), ("source.vocabulary", "source_vocabulary"), ("target.vocabulary", "target_vocabulary"),
        ("encoding.means", "input_means"), ("encoding.deviations", "input_deviations"), ("mean", "input_means"), ("deviation", "input_deviations"),
        ("columns", "columns"), ("inputs", "input_scaling"), ("axis", "time_axis"), ("temperature", "temperature"),
    ];

    /// <summary>A whole model of a graph.</summary>
    public static ModelProto Of(GraphProto graph, OnnxExportOptions options, IEnumerable<(string Name, string Value)> metadata)
    {
        ModelProto model = new()
        {
            IrVersion = options.IrVersion, ProducerName = "Unroll", ProducerVersion = Version, Graph = graph,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = options.Opset } },
        };
        foreach ((string name, string value) in metadata) model.MetadataProps.Add(new StringStringEntryProto { Key = name, Value = value });
        return model;
    }

    /// <summary>The parts of a task's description that programs ask for, each as JSON. One that is empty is left out.</summary>
    public static IEnumerable<(string Name, string Value)> Readable(string taskJson) => JsonRecord.Parse(taskJson, task =>
    {
        List<(string Name, string Value)> readable = [];
        foreach ((string path, string name) in s_readable)
            if (Find(task, path) is { } found && !IsEmpty(found) && !readable.Exists(one => one.Name == name))
                readable.Add((name, found.GetRawText()));
        return readable;
    });

    /// <summary>The part of a text at a path; null where there is none.</summary>
    public static JsonElement? Find(JsonElement root, string path)
    {
        foreach (string part in path.Split('.'))
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(part, out root)) return null;
        return root;
    }

    private static bool IsEmpty(JsonElement one) => one.ValueKind == JsonValueKind.Array && one.GetArrayLength() == 0;

    private static string Version => typeof(ModelMetadata).Assembly.GetName().Version?.ToString(3) ?? "";
}
