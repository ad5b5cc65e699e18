using System.Text.Json;
using Unroll.Core;

namespace Unroll.Exchange.Hdf5.Keras;

/// <summary>
/// A layer, cell or model of a Keras configuration: a class and its settings. It is data: nothing of it is ever run, and what is not one of Keras's
/// own classes is refused by name.
/// </summary>
internal sealed class KerasLayer
{
    // What changes nothing in a finished network's answers, or is read elsewhere.
    private static readonly string[] s_idle =
    [
        "name", "trainable", "dtype", "batch_input_shape", "batch_shape", "shape", "input_shape", "implementation", "unroll", "unit_forget_bias",
        "dropout", "recurrent_dropout", "seed", "use_cudnn", "activity_regularizer", "input_dim", "input_length", "quantization_config", "lora_rank",
        "lora_alpha", "noise_shape", "rate", "stddev", "sparse", "ragged", "optional", "build_config", "l1", "l2",
    ];

    private readonly JsonElement _config;
    private readonly HashSet<string> _asked = [];
    private readonly string _file;

    private KerasLayer(string file, string name, string @class, JsonElement config, JsonElement whole) =>
        (_file, Class, Name, _config, Whole) = (file, @class, name, config, whole);

    /// <summary>Its class: <c>LSTM</c>.</summary>
    public string Class { get; }

    /// <summary>Its name: <c>lstm_1</c>; of a cell its class.</summary>
    public string Name { get; }

    /// <summary>Class, settings and what stands beside them, such as the nodes of a graph.</summary>
    public JsonElement Whole { get; }

    /// <summary>What stands beside the class and its settings: <c>inbound_nodes</c>; null: nothing of that name.</summary>
    public JsonElement? Beside(string member) => Whole.TryGetProperty(member, out JsonElement found) ? found : null;

    /// <summary>The layer in errors: <c>'m.keras', layer 'lstm_1' (LSTM)</c>.</summary>
    public string Place => $"'{_file}', {(Name == Class ? Class : $"layer '{Name}' ({Class})")}";

    /// <summary>Reads an object of class and settings.</summary>
    /// <param name="json">The object.</param>
    /// <param name="file">The file, in errors.</param>
    /// <param name="what">What it should be, in errors.</param>
    public static KerasLayer Of(JsonElement json, string file, string what)
    {
        if (json.ValueKind != JsonValueKind.Object || TextOf(json, "class_name") is not { } name
            || !json.TryGetProperty("config", out JsonElement config)
            || config.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
            throw new UserErrorException($"'{file}': its configuration is not Keras's: {what} has no class_name and config; save the model again.");
        string? registered = TextOf(json, "registered_name"), module = TextOf(json, "module");
        string label = (config.ValueKind == JsonValueKind.Object ? TextOf(config, "name") : null) ?? TextOf(json, "name") ?? name;
        bool own = (registered is null || registered == name) && (module is null || module.Split('.')[0] is "keras" or "tf_keras" or "builtins");
        if (!own)
            throw new UserErrorException($"'{file}', layer '{label}': it is of the class '{registered ?? name}' of {module ?? "no module"}, "
                + "which is not Keras's own, and no code of a file is run; build the model of Keras's layers.");
        return new KerasLayer(file, label, name, config, json);
    }

    /// <summary>A setting that is an object of class and settings.</summary>
    public KerasLayer Part(string setting) => Of(Element(setting) ?? throw Missing(setting), _file, $"'{setting}' of {Name}");

    /// <summary>Settings that are such objects.</summary>
    public IReadOnlyList<KerasLayer> Parts(string setting)
    {
        JsonElement list = setting.Length == 0 ? _config : Element(setting) ?? throw Missing(setting);
        if (list.ValueKind != JsonValueKind.Array) throw Misfit(setting, "a list");
        return [.. list.EnumerateArray().Select(one => Of(one, _file, $"an element of '{setting}' of {Name}"))];
    }

    /// <summary>Whether its settings are a list, as those of the oldest Sequential models.</summary>
    public bool IsList => _config.ValueKind == JsonValueKind.Array;

    /// <summary>A setting, or null where it is missing or null.</summary>
    public JsonElement? Element(string setting)
    {
        _asked.Add(setting);
        return _config.ValueKind == JsonValueKind.Object && _config.TryGetProperty(setting, out JsonElement found)
            && found.ValueKind != JsonValueKind.Null ? found : null;
    }

    /// <summary>Whether there is a setting of that name at all.</summary>
    public bool Has(string setting) => _config.ValueKind == JsonValueKind.Object && _config.TryGetProperty(setting, out _);

    /// <summary>True or false.</summary>
    public bool Flag(string setting, bool fallback) => Element(setting) switch
    {
        null => fallback,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Misfit(setting, "true or false"),
    };

    /// <summary>A whole number of at least 1.</summary>
    public int Size(string setting) => Element(setting) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int size) && size > 0
        ? size : throw Misfit(setting, "a whole number of at least 1");

    /// <summary>A number.</summary>
    public double Number(string setting, double fallback) => Element(setting) switch
    {
        null => fallback,
        { ValueKind: JsonValueKind.Number } number when number.TryGetDouble(out double value) && double.IsFinite(value) => value,
        _ => throw Misfit(setting, "a number"),
    };

    /// <summary>A text; null where it is missing or null.</summary>
    public string? Text(string setting) => Element(setting) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        _ => throw Misfit(setting, "a text"),
    };

    /// <summary>The name of one of Keras's functions, which a setting holds by itself or as an object; <c>linear</c> where it is null.</summary>
    public string Activation(string setting, string fallback)
    {
        if (!Has(setting)) return fallback;
        if (Element(setting) is not { } element) return "linear";
        if (element.ValueKind == JsonValueKind.String) return element.GetString()!;
        if (element.ValueKind != JsonValueKind.Object) throw Misfit(setting, "the name of a function");
        string? name = TextOf(element, "config"), registered = TextOf(element, "registered_name"), module = TextOf(element, "module");
        if (TextOf(element, "class_name") != "function" || name is null || (registered is not null && registered != name)
            || (module is not null && module.Split('.')[0] is not ("keras" or "builtins")))
            throw new UserErrorException($"{Place}: its setting '{setting}' is an object or a function that is not Keras's own, and no code "
                + "of a file is run; use one of Keras's activations by its name.");
        return name;
    }

    /// <summary>Settings that nobody asked for and that may matter: what a newer Keras has added.</summary>
    public IEnumerable<string> Unknown() => _config.ValueKind != JsonValueKind.Object ? [] :
        _config.EnumerateObject().Where(member => member.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False))
            .Select(member => member.Name)
            .Where(name => !_asked.Contains(name) && !s_idle.Contains(name)
                && !name.EndsWith("_initializer", StringComparison.Ordinal) && !name.EndsWith("_regularizer", StringComparison.Ordinal)
                && !name.EndsWith("_constraint", StringComparison.Ordinal));

    /// <summary>The error that the layer is not read.</summary>
    public UserErrorException Refused(string why, string todo) => new($"{Place}: {why}; {todo}.");

    private UserErrorException Missing(string setting) =>
        new($"{Place}: its setting '{setting}' is missing in the configuration; save the model again.");

    private UserErrorException Misfit(string setting, string expected) =>
        new($"{Place}: its setting '{setting}' is not {expected}; save the model again.");

    private static string? TextOf(JsonElement json, string member) =>
        json.TryGetProperty(member, out JsonElement found) && found.ValueKind == JsonValueKind.String ? found.GetString() : null;
}
