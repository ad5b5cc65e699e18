using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Exchange.Hdf5.Keras.Writing;

/// <summary>
/// A network as layers of Keras. Keras leaves the outputs of a layer that goes backwards in the order in which it ran; so its sequence may be the
/// other way round than ours from there on, until another layer goes backwards or a <see cref="FlipSpec"/> makes ours the same.
/// </summary>
internal sealed class KerasPlan
{
    private readonly List<KerasPart> _parts = [];
    private readonly HashSet<string> _names = [];
    private readonly Network _network;
    private readonly KerasVariables _variables;
    private bool _flipped;
    private int _features;

    private KerasPlan(Network network) => (_network, _variables, _features) = (network, new KerasVariables(network.Parameters), network.InputSize);

    /// <summary>The layers, from input to output.</summary>
    /// <exception cref="UserErrorException">Keras has no layer for one of the network's; names it.</exception>
    public static IReadOnlyList<KerasPart> Of(Network network)
    {
        KerasPlan plan = new(network);
        LayerSpec[] layers = [.. network.Spec.Layers];
        for (int i = 0; i < layers.Length; i++) plan.Add(layers[i], i);
        if (plan._flipped && !network.All.Any(layer => layer is Layers.Pooling.IPooling))
            throw Refused(layers[^1], "the network gives its steps in order, and Keras's layers that go backwards leave them reversed");
        return plan._parts;
    }

    private void Add(LayerSpec layer, int index)
    {
        switch (layer)
        {
            case EmbeddingSpec embedding when index == 0: AddEmbedding(embedding); break;
            case RecurrentSpec recurrent: AddRecurrent(recurrent); break;
            case DenseSpec dense: AddDense(dense.Name, $"{dense.Name}.weight", dense.Outputs, "linear"); break;
            case TiedSpec tied: AddDense(tied.Name, $"{tied.Embedding}.weight", _network.Spec.EmbeddingOf(tied).Vocabulary, "linear"); break;
            case ConvolutionSpec { Width: 1 } filters: AddDense(filters.Name, $"{filters.Name}.weight", filters.Filters, "relu"); break;
            case LayerNormSpec norm:
                KerasPart part = Part("LayerNormalization", norm.Name, ("epsilon", norm.Epsilon));
                part.Variables.Add(("", [_variables.Of($"{norm.Name}.weight"), _variables.Of($"{norm.Name}.bias")]));
                break;
            case DropoutSpec dropout: Part(dropout.Locked ? "SpatialDropout1D" : "Dropout", dropout.Name, ("rate", (double)dropout.Rate)); break;
            case FlipSpec: _flipped = !_flipped; break;
            case MeanPoolSpec pool: Part("GlobalAveragePooling1D", pool.Name); break;
            case MaxPoolSpec pool: Part("GlobalMaxPooling1D", pool.Name); break;
            case LastStepSpec last: TakeLast(last, Merge.Concatenate, both: false); break;
            case LastStatesSpec states: TakeLast(states, states.Merge, both: true); break;
            default: throw Refused(layer, $"Keras has no layer for a {NameOf(layer)}");
        }
    }

    private KerasPart Part(string @class, string name, params (string, object)[] arguments)
    {
        string safe = string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' ? letter : '_'));
        string own = safe;
        for (int k = 2; !_names.Add(own); k++) own = FormattableString.Invariant($"{safe}_{k}");
        KerasPart part = new(@class, own) { Arguments = [.. arguments] };
        _parts.Add(part);
        return part;
    }

    private void AddEmbedding(EmbeddingSpec embedding)
    {
        Part("Embedding", embedding.Name, ("input_dim", embedding.Vocabulary), ("output_dim", embedding.Size)).Variables
            .Add(("", [_variables.Of($"{embedding.Name}.weight")]));
        _features = embedding.Size;
    }

    private void AddDense(string name, string weight, int outputs, string activation)
    {
        KerasPart part = Part("Dense", name, ("units", outputs), ("activation", activation));
        part.Variables.Add(("", [_variables.Turned(weight, "a", "a", outputs, _features), _variables.Of($"{name}.bias")]));
        _features = outputs;
    }

    private void AddRecurrent(RecurrentSpec spec)
    {
        if (spec.InitialState != InitialState.Zero)
            throw Refused(spec, $"its first state is {spec.InitialState.ToString().ToLowerInvariant()}, and Keras's layers begin at zero");
        (string @class, string gates, (string, object)[] arguments) = CellOf(spec);
        bool both = spec.Direction == Direction.Bidirectional;
        if (both && _flipped) throw Refused(spec, "it stands above a layer that goes backwards, whose outputs Keras leaves reversed");
        for (int k = 0; k < spec.Layers; k++)
        {
            bool backwards = !both && spec.Direction == Direction.Reverse != _flipped;
            List<(string, object)> all = [("units", spec.Hidden), .. arguments, ("return_sequences", true)];
            if (backwards) all.Add(("go_backwards", true));
            string name = spec.Layers == 1 ? spec.Name : $"{spec.Name}.{k}";
            KerasPart part = both ? Both(new KerasPart(@class, null) { Arguments = all }, spec.Merge, name) : Part(@class, name, [.. all]);
            string prefix = $"{spec.Name}.", end = $"_l{k}";
            if (both)
            {
                part.Variables.Add(("forward_layer/cell", _variables.Cell(prefix, end, gates, spec, _features)));
                part.Variables.Add(("backward_layer/cell", _variables.Cell(prefix, $"{end}_reverse", gates, spec, _features)));
            }
            else
            {
                string own = spec.Direction == Direction.Reverse ? $"{end}_reverse" : end;
                part.Variables.Add(("cell", _variables.Cell(prefix, own, gates, spec, _features)));
            }
            if (backwards) _flipped = !_flipped;
            _features = spec.Hidden * (both && spec.Merge == Merge.Concatenate ? 2 : 1);
            if (spec.Dropout > 0 && k < spec.Layers - 1)
                Part(spec.LockedDropout ? "SpatialDropout1D" : "Dropout", $"{name}.dropout", ("rate", (double)spec.Dropout));
        }
    }

    private KerasPart Both(KerasPart inner, Merge merge, string name)
    {
        KerasPart part = Part("Bidirectional", name) with { Inner = inner, Arguments = [("merge_mode", Word(merge))] };
        _parts[^1] = part;
        return part;
    }

    private static string Word(Merge merge) => merge switch { Merge.Concatenate => "concat", Merge.Sum => "sum", Merge.Average => "ave", _ => "mul" };

    private static (string Class, string Gates, (string, object)[] Arguments) CellOf(RecurrentSpec spec)
    {
        CellOptions cell = spec.Cell;
        if (cell.Definition is not null) throw Refused(spec, $"its cell '{cell.Kind}' is defined by equations, and Keras has no such cell");
        if (cell with { Kind = "lstm", Activation = null } != new CellOptions())
            throw Refused(spec, "its cell has peepholes, coupled gates, a projection or clipping, which Keras's cells have not");
        return (cell.Kind, cell.Activation ?? "tanh") switch
        {
            ("lstm", "tanh") => ("LSTM", "ifgo", []),
            ("gru-after", "tanh") => ("GRU", "zrn", [("reset_after", true)]),
            ("gru", "tanh") => ("GRU", "zrn", [("reset_after", false)]),
            ("rnn", var activation) => ("SimpleRNN", "a", [("activation", activation)]),
            _ => throw Refused(spec, $"Keras has no cell '{cell.Kind}'"),
        };
    }

    // Layers that work on each step by itself may as well work on the last one alone: the recurrent layer below them gives only that.
    private void TakeLast(LayerSpec layer, Merge merge, bool both)
    {
        int at = _parts.FindLastIndex(part => part.Variables.Any(one => one.Part.EndsWith("cell", StringComparison.Ordinal)));
        bool between = at >= 0 && _parts.Skip(at + 1).Any(part => part.Class is not ("Dropout" or "SpatialDropout1D"));
        if (at < 0 || (both && (_parts[at].Class != "Bidirectional" || between))
            || (!both && (_parts[at].Class == "Bidirectional" || _flipped)))
            throw Refused(layer, both ? "it takes the last states of a bidirectional layer, and there is none right below it"
                : "the last step is not where a layer of Keras ends");
        foreach (KerasPart part in _parts.Skip(at + 1).Where(part => part.Class == "SpatialDropout1D").ToArray())
            _parts[_parts.IndexOf(part)] = part with { Class = "Dropout" };           // of one row there are no steps to drop alike
        KerasPart ends = _parts[at], cell = ends.Inner ?? ends;
        if (both && (string)ends.Arguments[0].Value != "concat") throw Refused(layer, "the layer below joins its directions at every step");
        cell.Arguments.RemoveAll(argument => argument.Name == "return_sequences");
        if (both) ends.Arguments[0] = ("merge_mode", Word(merge));
        if (both && merge != Merge.Concatenate) _features /= 2;
    }

    private static string NameOf(LayerSpec layer) =>
        layer.GetType().Name is var name && name.EndsWith("Spec", StringComparison.Ordinal) ? name[..^4] : name;

    private static UserErrorException Refused(LayerSpec layer, string why) =>
        new($"layer '{layer.Name}': {why}; export the model to ONNX instead.");
}
