using System.Text.Json;
using Unroll.Core;
using Unroll.Exchange.Hdf5.Storage;
using Unroll.Files;
using Unroll.Networks;

namespace Unroll.Exchange.Hdf5.Keras;

/// <summary>
/// Reads models of Keras: <c>.keras</c> (a zip archive of config.json, metadata.json and model.weights.h5; Keras 3, and 2.12 to 2.15),
/// <c>.h5</c> of Keras 2, and files of weights alone beside a configuration. Nothing of a file is run, and no other file is opened.
/// </summary>
public static class KerasFile
{
    private const string Expected = "a .keras, .weights.h5 or .h5 file of Keras";

    /// <summary>Reads a model.</summary>
    /// <param name="path">The file.</param>
    /// <param name="config">
    /// For a file of weights alone: the model's configuration, a file that holds what <c>model.to_json()</c> gives, or the config.json of a
    /// <c>.keras</c> file; else null.
    /// </param>
    /// <exception cref="UserErrorException">
    /// A file cannot be read, is damaged, or has a layer that there is nothing for here; names it and what can be done.
    /// </exception>
    public static KerasModel Read(string path, string? config = null) =>
        Read(InputFile.Bytes(path, Expected), path,
            config is null ? null : InputFile.Bytes(config, "a model's configuration in JSON", 1 << 26), config);

    /// <summary>Reads a model that lies in memory.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">Its name in errors.</param>
    /// <param name="config">The configuration in JSON, for weights alone; else null.</param>
    /// <param name="configName">Its name in errors.</param>
    /// <exception cref="UserErrorException">As <see cref="Read(string, string)"/>.</exception>
    public static KerasModel Read(byte[] bytes, string name, byte[]? config = null, string? configName = null)
    {
        if (KerasArchive.Is(bytes)) return OfArchive(bytes, name, config is not null);
        if (!H5File.Is(bytes))
            throw new UserErrorException($"'{name}' is not a file of Keras: it begins as neither a zip archive nor an HDF5 file; give {Expected}.");
        H5File file = H5File.Open(bytes, name);
        string? stored = Attribute(file, "model_config");
        if (stored is not null && config is not null)
            throw new UserErrorException($"'{name}' has its model's configuration; leave out '{configName}'.");
        if (stored is null && config is null)
            throw new UserErrorException($"'{name}' has weights alone and no layers: give its model's configuration too "
                + "(the option model-config), which open('config.json', 'w').write(model.to_json()) writes in Python, or give a .keras file.");
        string group = file.Groups.ContainsKey("model_weights") ? "model_weights" : "";
        bool named = NamedWeights.Has(file, group, "layer_names");
        if (stored is not null && !named) throw file.Bytes.Damaged("it has a model's configuration and no layer_names");
        (byte[] json, string jsonName) = stored is null ? (config!, configName ?? "config.json") : (System.Text.Encoding.UTF8.GetBytes(stored), name);
        return Parse(json, jsonName, root =>
        {
            KerasVersion version = new(Attribute(file, "keras_version") ?? KerasVersion.Of(root).Text);
            KerasGraph graph = KerasGraph.Of(KerasLayer.Of(root, name, "the model"));
            return KerasReader.Read(graph, named ? new NamedWeights(file, group, graph) : new CountedWeights(file, graph), version, file);
        });
    }

    private static string? Attribute(H5File file, string name) =>
        file.Groups[""].Attributes.FirstOrDefault(one => one.Name == name)?.Texts(file.Bytes, "the root") is [var text] ? text : null;

    private static KerasModel OfArchive(byte[] bytes, string name, bool hasConfig)
    {
        KerasArchive archive = KerasArchive.Open(bytes, name);
        if (hasConfig) throw new UserErrorException($"'{name}' has its model's configuration; give it alone.");
        byte[] config = archive.Read("config.json") ?? throw new UserErrorException(
            $"'{name}' is a zip archive without a config.json, and no .keras file; give {Expected}.");
        if (archive.Names.Contains("model.weights.json"))
            throw new UserErrorException($"'{name}': its weights are split into several files, which is not read; save the model without sharding.");
        byte[] weights = archive.Read("model.weights.h5") ?? throw new UserErrorException(
            $"'{name}' has no model.weights.h5{(archive.Names.Contains("model.weights.npz") ? " but a model.weights.npz, which is not read" : "")}; "
            + "save the model again.");
        H5File file = H5File.Open(weights, $"{name}/model.weights.h5");
        KerasVersion version = archive.Read("metadata.json") is { } metadata ? Parse(metadata, $"{name}/metadata.json", KerasVersion.Of) : new(null);
        return Parse(config, $"{name}/config.json", root =>
        {
            KerasGraph graph = KerasGraph.Of(KerasLayer.Of(root, name, "the model"));
            return KerasVocabulary.Added(KerasReader.Read(graph, new CountedWeights(file, graph), version, file), graph, archive, name);
        });
    }

    private static T Parse<T>(byte[] json, string name, Func<JsonElement, T> read)
    {
        try
        {
            return JsonRecord.Parse(json, read);
        }
        catch (JsonException e)
        {
            throw new UserErrorException($"'{name}': {e.Message.TrimEnd('.')}; save the model again.", e);
        }
    }
}
