using System.Text.Json;
using Unroll.Core;

namespace Unroll.Exchange.Hdf5.Keras;

/// <summary>The layers of a Sequential or Functional model: all of them, and those that the input goes through, in order.</summary>
/// <param name="All">As the file counts them.</param>
/// <param name="Chain">From input to output.</param>
/// <param name="Functional">Whether it is a graph.</param>
internal sealed record KerasGraph(IReadOnlyList<KerasLayer> All, IReadOnlyList<KerasLayer> Chain, bool Functional)
{
    private const int MostLayers = 1000;

    /// <summary>Reads a model's configuration.</summary>
    /// <param name="model">Its class and settings.</param>
    /// <exception cref="UserErrorException">It is neither Sequential nor a graph that is one line of layers.</exception>
    public static KerasGraph Of(KerasLayer model)
    {
        KerasGraph graph = Unlimited(model);
        return graph.All.Count <= MostLayers ? graph
            : throw model.Refused($"it has {graph.All.Count:N0} layers, and {MostLayers:N0} are the most", "build a smaller one");
    }

    private static KerasGraph Unlimited(KerasLayer model)
    {
        if (model.Class == "Sequential")
        {
            IReadOnlyList<KerasLayer> layers = model.Parts(model.IsList ? "" : "layers");
            foreach (KerasLayer layer in layers) RequirePlain(layer);
            // Keras does not count the input among a Sequential model's layers.
            return new KerasGraph([.. layers.Where(layer => layer.Class != "InputLayer")], layers, Functional: false);
        }
        if (model.Class is not ("Functional" or "Model"))
            throw model.Refused($"a model of the class {model.Class} has code of its own, which the file does not hold",
                "build it with keras.Sequential or the functional API");
        IReadOnlyList<KerasLayer> all = model.Parts("layers");
        Dictionary<string, KerasLayer> byName = [];
        foreach (KerasLayer layer in all)
        {
            RequirePlain(layer);
            if (!byName.TryAdd(layer.Name, layer)) throw layer.Refused("two layers have this name", "save the model again");
        }
        return new KerasGraph(all, Line(model, all, byName), Functional: true);
    }

    private static void RequirePlain(KerasLayer layer)
    {
        if (layer.Class is "Sequential" or "Functional" or "Model")
            throw layer.Refused("it is a model inside of a model", "build one model of all the layers");
    }

    // From the output back to the input; every layer has one input and is used once.
    private static List<KerasLayer> Line(KerasLayer model, IReadOnlyList<KerasLayer> all, Dictionary<string, KerasLayer> byName)
    {
        (string output, int tensor) = Ends(model, "output_layers");
        (string input, _) = Ends(model, "input_layers");
        if (tensor != 0) throw model.Refused($"its output is the state of '{output}'", "build a model whose output is the layer's own");
        List<KerasLayer> line = [];
        HashSet<string> seen = [];
        for (string at = output; ;)
        {
            if (!byName.TryGetValue(at, out KerasLayer? layer) || !seen.Add(at))
                throw model.Refused($"its graph leads to '{at}' {(byName.ContainsKey(at) ? "twice" : "and there is no such layer")}",
                    "save the model again");
            line.Add(layer);
            if (layer.Class == "InputLayer") break;
            at = Source(layer, byName);
        }
        if (line[^1].Name != input)
            throw model.Refused($"its input is '{input}', and its output comes from '{line[^1].Name}'", "save the model again");
        if (all.FirstOrDefault(layer => !seen.Contains(layer.Name) && layer.Class != "NotEqual") is { } aside)
            throw aside.Refused("it lies beside the line of layers from input to output, and a graph with branches is not read",
                "build a model in which each layer follows one other, or export it to ONNX and use 'unroll run'");
        line.Reverse();
        return line;
    }

    //  [["dense", 0, 0]]   or   ["dense", 0, 0]
    private static (string Name, int Tensor) Ends(KerasLayer model, string setting)
    {
        JsonElement list = model.Element(setting) ?? default;
        if (list is { ValueKind: JsonValueKind.Array } && list.GetArrayLength() == 1 && list[0].ValueKind == JsonValueKind.Array) list = list[0];
        return History(list) ?? throw model.Refused($"it has several {(setting == "input_layers" ? "inputs" : "outputs")}, and one is read",
            "build a model of one input and one output, or export it to ONNX and use 'unroll run'");
    }

    private static (string, int)? History(JsonElement list) => list.ValueKind == JsonValueKind.Array && list.GetArrayLength() >= 3
        && list[0].ValueKind == JsonValueKind.String && list[1].ValueKind == JsonValueKind.Number
        && list[2].ValueKind == JsonValueKind.Number && list[2].TryGetInt32(out int tensor) ? (list[0].GetString()!, tensor) : null;

    // The one layer that a layer's input comes from.
    private static string Source(KerasLayer layer, Dictionary<string, KerasLayer> byName)
    {
        if (layer.Beside("inbound_nodes") is not { ValueKind: JsonValueKind.Array } nodes || nodes.GetArrayLength() == 0)
            throw layer.Refused("nothing leads to it", "save the model again");
        if (nodes.GetArrayLength() != 1)
            throw layer.Refused("it is used more than once, and shared layers are not read", "give each use its own layer");
        (string Name, int Tensor)? source = nodes[0].ValueKind == JsonValueKind.Object ? OfObject(layer, nodes[0], byName) : OfList(layer, nodes[0]);
        if (source is not { } found) throw layer.Refused("it has several inputs, and a graph with branches is not read",
            "build a model in which each layer follows one other, or export it to ONNX and use 'unroll run'");
        return found.Tensor == 0 ? found.Name : throw layer.Refused($"its input is the state of '{found.Name}'", "use that layer's own output");
    }

    //  Keras 2:  [["lstm", 0, 0, {}]]
    private static (string, int)? OfList(KerasLayer layer, JsonElement node)
    {
        if (node.ValueKind != JsonValueKind.Array) return null;
        JsonElement one = node.GetArrayLength() == 1 && node[0].ValueKind == JsonValueKind.Array ? node[0] : node;
        if (one.ValueKind == JsonValueKind.Array && one.GetArrayLength() >= 4 && one[3].ValueKind == JsonValueKind.Object)
            foreach (JsonProperty argument in one[3].EnumerateObject()) RequireIdle(layer, argument, null);
        return History(one);
    }

    //  Keras 3:  {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["lstm", 0, 0]}}], "kwargs": {"mask": …}}
    private static (string, int)? OfObject(KerasLayer layer, JsonElement node, Dictionary<string, KerasLayer> byName)
    {
        if (node.TryGetProperty("kwargs", out JsonElement named) && named.ValueKind == JsonValueKind.Object)
            foreach (JsonProperty argument in named.EnumerateObject()) RequireIdle(layer, argument, byName);
        return node.TryGetProperty("args", out JsonElement arguments) && arguments.ValueKind == JsonValueKind.Array && arguments.GetArrayLength() == 1
            ? TensorOf(arguments[0]) : null;
    }

    private static (string, int)? TensorOf(JsonElement json) => json.ValueKind == JsonValueKind.Object
        && json.TryGetProperty("config", out JsonElement config) && config.ValueKind == JsonValueKind.Object
        && config.TryGetProperty("keras_history", out JsonElement history) ? History(history) : null;

    // A mask that Keras made of an embedding's indices is the one that mask_zero means.
    private static void RequireIdle(KerasLayer layer, JsonProperty argument, Dictionary<string, KerasLayer>? byName)
    {
        bool idle = argument.Name == "training" || argument.Value.ValueKind == JsonValueKind.Null
            || (argument.Name == "mask" && byName is not null && TensorOf(argument.Value) is { } mask
                && byName.TryGetValue(mask.Item1, out KerasLayer? from) && from.Class == "NotEqual");
        if (!idle)
            throw layer.Refused($"it is called with '{argument.Name}' from elsewhere in the graph, which is not read",
                "build a model in which each layer sees the one before it alone");
    }
}
