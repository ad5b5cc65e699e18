using System.Globalization;
using System.Text.RegularExpressions;
using Unroll.Core;
using Unroll.Exchange.Hdf5.Storage;

namespace Unroll.Exchange.Hdf5.Keras;

/// <summary>The weights of a file by the layers that they belong to, in the order in which Keras keeps a layer's variables.</summary>
internal abstract class KerasWeights(H5File file)
{
    private readonly HashSet<string> _used = [];

    /// <summary>The file.</summary>
    protected H5File File => file;

    /// <summary>The variables of one part of a layer.</summary>
    /// <param name="layer">The layer's place among all of the model's.</param>
    /// <param name="part">Where they lie below the layer: <c>"cell"</c>, <c>"forward_layer/cell"</c>, or <c>""</c>.</param>
    /// <param name="names">What Keras calls them, in order.</param>
    public IReadOnlyList<H5DataSet> Of(int layer, string part, params IReadOnlyList<string> names)
    {
        IReadOnlyList<H5DataSet> sets = Find(layer, part, names);
        foreach (H5DataSet set in sets)
            if (!_used.Add(set.Name)) throw file.Bytes.Refused($"data set '{set.Name}' belongs to two layers", "save the model again");
        return sets;
    }

    /// <summary>How many data sets layers asked for.</summary>
    public int Used => _used.Count;

    /// <summary>Data sets that no layer asked for.</summary>
    public IEnumerable<string> Unused => file.Sets.Keys.Where(name => !_used.Contains(name)).Order(StringComparer.Ordinal);

    protected abstract IReadOnlyList<H5DataSet> Find(int layer, string part, IReadOnlyList<string> names);

    protected UserErrorException Absent(KerasLayer layer, string where, int expected, int found) => new(
        $"{layer.Place}: expected {expected} variables in '{where}' of '{file.Bytes.Name}', found {found}; the weights are not this model's.");
}

/// <summary>
/// Keras 3, and the .keras files of Keras 2.12 and later: <c>layers/CLASS_k/PART/vars/0</c>, where k counts the layers of that class, not their
/// names (keras/src/saving/saving_lib.py: _save_container_state).
/// </summary>
internal sealed partial class CountedWeights : KerasWeights
{
    private const string Elder = "_layer_checkpoint_dependencies";
    private readonly IReadOnlyList<KerasLayer> _layers;
    private readonly string[] _paths;

    /// <summary>Finds the layers' groups.</summary>
    public CountedWeights(H5File file, KerasGraph graph) : base(file)
    {
        _layers = graph.All;
        _paths = new string[_layers.Count];
        Dictionary<string, int> counts = [];
        // Keras 2.12 and 2.13 list a layer with weights twice, so that numbers are left out: there the order of those that are there counts.
        bool elder = !file.Groups.ContainsKey("layers") && file.Groups.ContainsKey(Elder);
        for (int i = 0; i < _paths.Length; i++)
        {
            string name = Snake(_layers[i].Class);
            int k = counts[name] = counts.GetValueOrDefault(name, -1) + 1;
            _paths[i] = elder ? $"{Elder}/{ElderName(file, name, k)}" : $"layers/{Numbered(name, k)}";
        }
    }

    private static string ElderName(H5File file, string name, int k)
    {
        string[] all = [.. file.Groups[Elder].Names.Where(one => Numbers().Replace(one, "") == name && HasVariables(file, $"{Elder}/{one}"))
            .OrderBy(one => Numbers().Match(one) is { Success: true } number ? int.Parse(number.Value.AsSpan(1), CultureInfo.InvariantCulture) : 0)];
        return k < all.Length ? all[k] : Numbered(name, k);
    }

    private static bool HasVariables(H5File file, string path) => file.Sets.Keys.Any(set => set.StartsWith($"{path}/", StringComparison.Ordinal));

    private static string Numbered(string name, int k) => k == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}_{k}");

    /// <summary>A class's name as a path has it: <c>SimpleRNN</c> becomes <c>simple_rnn</c> (keras/src/utils/naming.py).</summary>
    public static string Snake(string name) => Capital().Replace(Word().Replace(NoWord().Replace(name, ""), "$1_$2"), "$1_$2").ToLowerInvariant();

    /// <inheritdoc/>
    protected override IReadOnlyList<H5DataSet> Find(int layer, string part, IReadOnlyList<string> names)
    {
        string path = part.Length == 0 ? $"{_paths[layer]}/vars" : $"{_paths[layer]}/{part}/vars";
        int found = File.Groups.TryGetValue(path, out H5Node? group) ? group.Names.Count : 0;
        H5DataSet[] sets = new H5DataSet[names.Count];
        if (found != sets.Length) throw Absent(_layers[layer], path, sets.Length, found);
        for (int i = 0; i < sets.Length; i++)
            sets[i] = File.Sets.TryGetValue($"{path}/{i.ToString(CultureInfo.InvariantCulture)}", out H5DataSet? set) ? set
                : throw Absent(_layers[layer], $"{path}/{i}", 1, 0);
        return sets;
    }

    [GeneratedRegex(@"\W+")] private static partial Regex NoWord();
    [GeneratedRegex("(.)([A-Z][a-z]+)")] private static partial Regex Word();
    [GeneratedRegex("([a-z])([A-Z])")] private static partial Regex Capital();
    [GeneratedRegex(@"_[0-9]{1,6}$")] private static partial Regex Numbers();
}

/// <summary>
/// Keras 2's .h5: attribute <c>layer_names</c> of a group, and <c>weight_names</c> of each layer's group, both split into
/// <c>layer_names0</c>, <c>layer_names1</c> … above 64 kB (keras/src/legacy/saving/legacy_h5_format.py).
/// </summary>
internal sealed class NamedWeights : KerasWeights
{
    private readonly IReadOnlyList<KerasLayer> _layers;
    private readonly Dictionary<string, Queue<(string Name, H5DataSet Set)>> _left = [];

    /// <summary>Finds the layers' data sets.</summary>
    /// <param name="file">The file.</param>
    /// <param name="root">The group that has the names: <c>"model_weights"</c>, or the root of a file of weights alone.</param>
    /// <param name="graph">The model.</param>
    public NamedWeights(H5File file, string root, KerasGraph graph) : base(file)
    {
        _layers = graph.All;
        foreach (string layer in Names(file, root, "layer_names"))
        {
            string group = root.Length == 0 ? layer : $"{root}/{layer}";
            if (!file.Groups.ContainsKey(group)) throw file.Bytes.Damaged($"layer '{layer}' of its layer_names has no group");
            Queue<(string, H5DataSet)> sets = new();
            foreach (string name in Names(file, group, "weight_names"))
                sets.Enqueue((name, file.Sets.TryGetValue($"{group}/{name}", out H5DataSet? set) ? set
                    : throw file.Bytes.Damaged($"weight '{name}' of layer '{layer}' has no data set")));
            if (!_left.TryAdd(layer, sets)) throw file.Bytes.Damaged($"layer '{layer}' stands twice in its layer_names");
        }
    }

    /// <summary>Whether a group has the attribute, whole or split.</summary>
    public static bool Has(H5File file, string group, string name) =>
        file.Groups.TryGetValue(group, out H5Node? node) && node.Attributes.Any(one => one.Name == name || one.Name == $"{name}0");

    private static IEnumerable<string> Names(H5File file, string group, string name)
    {
        string what = group.Length == 0 ? "the root" : $"'{group}'";
        IReadOnlyList<H5Attribute> all = file.Groups.TryGetValue(group, out H5Node? node) ? node.Attributes
            : throw file.Bytes.Damaged($"{what} is no group");
        if (all.FirstOrDefault(one => one.Name == name) is { } whole) return whole.Texts(file.Bytes, what);
        List<string> parts = [];
        for (int k = 0; all.FirstOrDefault(one => one.Name == name + k.ToString(CultureInfo.InvariantCulture)) is { } part; k++)
            parts.AddRange(part.Texts(file.Bytes, what));
        return parts.Count > 0 ? parts : throw file.Bytes.Damaged($"{what} lacks the attribute '{name}'");
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<H5DataSet> Find(int layer, string part, IReadOnlyList<string> names)
    {
        KerasLayer of = _layers[layer];
        int found = _left.TryGetValue(of.Name, out Queue<(string Name, H5DataSet Set)>? left) ? left.Count : 0;
        if (left is null || found < names.Count) throw Absent(of, $"group '{of.Name}'", names.Count, found);
        H5DataSet[] sets = new H5DataSet[names.Count];
        for (int i = 0; i < sets.Length; i++)
        {
            (string name, H5DataSet set) = left.Dequeue();
            string last = name.Split('/')[^1].Split(':')[0];
            if (last != names[i])
                throw of.Refused($"its weight '{name}' stands where '{names[i]}' is expected", "save the model again");
            sets[i] = set;
        }
        return sets;
    }
}
