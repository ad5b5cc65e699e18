using System.Globalization;
using System.Text;
using System.Text.Json;
using Unroll.Core;
using Unroll.Exchange.Hdf5.Storage;
using Unroll.Files;
using Unroll.Networks;

namespace Unroll.Exchange.Hdf5.Keras.Writing;

/// <summary>Writes a network's weights as Keras 3 loads them, the Python code that builds the model, and the model's configuration.</summary>
public static class KerasExport
{
    private const string Ending = ".weights.h5";

    /// <summary>Writes <c>NAME.weights.h5</c>, <c>NAME.weights.py</c> and <c>NAME.weights.json</c>, each completely or not at all.</summary>
    /// <param name="path">The file of weights; its name ends in <c>.weights.h5</c>, as Keras demands.</param>
    /// <param name="network">The network.</param>
    /// <returns>The files, and how far what is read back from them is from the network.</returns>
    /// <exception cref="UserErrorException">
    /// Keras has no layer for one of the network's, the name ends otherwise, or the file system reported an error.
    /// </exception>
    public static KerasExportReport Write(string path, Network network)
    {
        if (!path.EndsWith(Ending, StringComparison.Ordinal) || path.Length == Ending.Length)
            throw new UserErrorException($"'{path}': Keras loads weights from files whose name ends in {Ending} alone; give it such a name.");
        IReadOnlyList<KerasPart> parts = KerasPlan.Of(network);
        string stem = path[..^".h5".Length], code = $"{stem}.py", config = $"{stem}.json";
        AtomicFile.Write(path, stream => H5Writer.Write(stream, Tree(parts)));
        AtomicFile.Write(code, stream => stream.Write(Encoding.UTF8.GetBytes(Code(parts, network, Path.GetFileName(path)))));
        AtomicFile.Write(config, stream => stream.Write(Config(parts, network)));
        return KerasProbe.Compare(network, KerasFile.Read(path, config), [path, code, config]);
    }

    // As _save_container_state of keras/src/saving/saving_lib.py names them: a class's name, and how many of it came before.
    private static H5Item Tree(IReadOnlyList<KerasPart> parts)
    {
        H5Item root = H5Item.Group();
        root.At("vars");
        Dictionary<string, int> counts = [];
        foreach (KerasPart part in parts)
        {
            string name = CountedWeights.Snake(part.Class);
            int k = counts[name] = counts.GetValueOrDefault(name, -1) + 1;
            H5Item layer = root.At(k == 0 ? $"layers/{name}" : string.Create(CultureInfo.InvariantCulture, $"layers/{name}_{k}"));
            layer.At("vars");
            foreach ((string below, List<(int[] Shape, float[] Values)> variables) in part.Variables)
                foreach ((int i, (int[] shape, float[] values)) in variables.Index())
                    layer.At($"{below}/vars").Add(i.ToString(CultureInfo.InvariantCulture), shape, values);
        }
        return root;
    }

    private static string Code(IReadOnlyList<KerasPart> parts, Network network, string weights)
    {
        string input = TakesIndices(network) ? "keras.Input((None,), dtype=\"int32\")"
            : FormattableString.Invariant($"keras.Input((None, {network.InputSize}))");
        string quoted = weights.Replace("\\", "\\\\").Replace("\"", "\\\"");
        return string.Join('\n',
        [
            "# The Keras 3 model of these weights.", "import os", "import keras", "from keras import layers", "", "model = keras.Sequential([",
            $"    {input},", .. parts.Select(part => $"    {part.Code},"), "])",
            $"model.load_weights(os.path.join(os.path.dirname(os.path.abspath(__file__)), \"{quoted}\"))", "",
        ]);
    }

    // What model.to_json() gives, as far as a model is built from it.
    private static byte[] Config(IReadOnlyList<KerasPart> parts, Network network) => Encoding.UTF8.GetBytes(JsonText.Of(json =>
    {
        json.WriteString("module", "keras");
        json.WriteString("class_name", "Sequential");
        json.WriteStartObject("config");
        json.WriteString("name", "sequential");
        json.WriteStartArray("layers");
        WriteInput(json, network);
        foreach (KerasPart part in parts) part.Write(json);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteNull("registered_name");
    }));

    private static void WriteInput(Utf8JsonWriter json, Network network)
    {
        json.WriteStartObject();
        json.WriteString("module", "keras.layers");
        json.WriteString("class_name", "InputLayer");
        json.WriteStartObject("config");
        json.WriteStartArray("batch_shape");
        json.WriteNullValue();
        json.WriteNullValue();
        if (!TakesIndices(network)) json.WriteNumberValue(network.InputSize);
        json.WriteEndArray();
        json.WriteString("dtype", TakesIndices(network) ? "int32" : "float32");
        json.WriteString("name", "input");
        json.WriteEndObject();
        json.WriteNull("registered_name");
        json.WriteEndObject();
    }

    private static bool TakesIndices(Network network) => network.Spec.Layers is [EmbeddingSpec, ..];
}
