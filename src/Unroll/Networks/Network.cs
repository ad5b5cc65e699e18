using Unroll.Cells;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Characters;
using Unroll.Layers.LinearChain;
using Unroll.Layers.Pooling;
using Unroll.Layers.Recurrent;

namespace Unroll.Networks;

/// <summary>A network built from its description: one stack of layers and one store with every parameter.</summary>
public sealed class Network
{
    private readonly Stack _stack;

    private Network(NetworkSpec spec, ParameterStore parameters, Stack stack, CellCatalog cells) =>
        (Spec, Parameters, _stack, Cells) = (spec, parameters, stack, cells);

    /// <summary>Builds the layers; every weight is zero until it is initialized or loaded.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="cells">The cells that the description may name; null: the built-in ones.</param>
    /// <exception cref="UserErrorException">The description is impossible; names the layer and what is wrong.</exception>
    public static Network Build(NetworkSpec spec, CellCatalog? cells = null)
    {
        cells ??= CellCatalog.BuiltIn;
        if (spec.Inputs < 1) throw new UserErrorException($"network inputs: expected at least 1, got {spec.Inputs}.");
        if (spec.Layers.Count > SizeLimits.Descriptions)
            throw new UserErrorException($"network layers: expected at most {SizeLimits.Descriptions}, got {spec.Layers.Count}.");
        ParameterStore store = new();
        List<ILayer> layers = [];
        HashSet<string> names = [];
        int features = spec.Inputs;
        foreach (LayerSpec layer in spec.Layers)
        {
            if (!names.Add(layer.Name)) throw new UserErrorException($"layer '{layer.Name}': two layers have this name; give each its own.");
            LayerBuilder.Add(layers, layer, store, features, spec.Inputs, cells);
            features = layers[^1].OutputSize;
        }
        return new Network(spec, store, new Stack("network", [.. layers]), cells);
    }

    /// <summary>Layers that are there already, with the store that has their parameters and perhaps others.</summary>
    internal static Network Of(NetworkSpec spec, ParameterStore parameters, Stack stack, CellCatalog cells) => new(spec, parameters, stack, cells);

    /// <summary>What it was built from.</summary>
    public NetworkSpec Spec { get; }

    /// <summary>The cells that it was built with: what opens, initializes or describes it again needs the same.</summary>
    public CellCatalog Cells { get; }

    /// <summary>Every weight and gradient.</summary>
    public ParameterStore Parameters { get; }

    /// <summary>How the matrices of its recurrent layers are multiplied; see <see cref="Quantize"/>.</summary>
    public WeightPrecision Precision { get; private set; }

    /// <summary>
    /// Rounds the matrices of every recurrent layer to 8 bits with a scale for each row, or to bfloat16, and multiplies so from now on: for inference
    /// only, not to be undone. <see cref="Parameters"/> then hold what these stand for, exactly. Dense layers and embeddings stay as they are.
    /// </summary>
    /// <param name="precision">What to round to; with floats nothing is done.</param>
    /// <exception cref="UserErrorException">
    /// A weight is NaN, infinite or above 1e38, or the network has been rounded to another precision; nothing has changed then.
    /// </exception>
    public void Quantize(WeightPrecision precision = WeightPrecision.Int8)
    {
        RecurrentLayer[] layers = [.. All.SelectMany(layer => layer switch
        {
            RecurrentLayer one => [one],
            Bidirectional both => [both.ForwardLayer, both.ReverseLayer],
            CharacterEmbedding words => [words.Spelling.ForwardLayer, words.Spelling.ReverseLayer],
            _ => (RecurrentLayer[])[],
        })];
        foreach (RecurrentLayer layer in layers) layer.RequireQuantizable(precision);
        foreach (RecurrentLayer layer in layers) layer.Quantize(precision);
        Precision = precision;
    }

    /// <summary>The layers as one.</summary>
    public IRecurrentLayer Layers => _stack;

    /// <summary>The same.</summary>
    internal Stack Stack => _stack;

    /// <summary>Every single layer, from input to output; a recurrent layer of n is n of them.</summary>
    public IReadOnlyList<ILayer> All => _stack.Layers;

    /// <summary>The cache of one of <see cref="All"/>: a <see cref="RecurrentCache"/> has every gate of every step by name.</summary>
    /// <param name="cache">What <see cref="Forward"/> returned.</param>
    /// <param name="layer">Its number in <see cref="All"/>.</param>
    public Cache Part(Cache cache, int layer) => _stack.Part(cache, layer);

    /// <summary>Features of a step.</summary>
    public int InputSize => _stack.InputSize;

    /// <summary>Features of the output.</summary>
    public int OutputSize => _stack.OutputSize;

    /// <summary>Whether states can be carried over and steps taken one by one.</summary>
    public bool Causal => _stack.Causal;

    /// <summary>The gates whose rows a parameter stacks, one letter each (<c>ifgo</c>); null where there are none.</summary>
    public string? GatesOf(Parameter parameter)
    {
        if (Spec.RecurrentOf(parameter.Name) is not { } layer) return null;
        ICell cell = Cells.Make(layer.Cell);
        return cell.IsStacked(parameter.Name, $"{layer.Name}.") ? cell.Gates : null;
    }

    /// <summary>Throws unless the network is causal.</summary>
    /// <param name="purpose">What was asked for: <c>"truncated BPTT with the state carried over"</c>.</param>
    /// <exception cref="UserErrorException">Names the layer that looks ahead.</exception>
    public void RequireCausal(string purpose)
    {
        if (Causal) return;
        foreach (ILayer layer in _stack.Layers)
            if (layer is IRecurrentLayer { Causal: false })
                throw new UserErrorException($"layer '{layer.Name}' looks ahead in time, so {purpose} is impossible: use a forward layer.");
            else if (layer is Crf)
                throw new UserErrorException($"layer '{layer.Name}' scores whole sequences, so {purpose} is impossible: use a network without it.");
            else if (layer is IPooling and not IStepLayer)
                throw new UserErrorException($"layer '{layer.Name}' needs whole sequences, so {purpose} is impossible: use the last step.");
            else if (layer is not (IRecurrentLayer or Dense or CharacterEmbedding or IStepLayer))
                throw new UserErrorException($"layer '{layer.Name}' needs whole sequences, so {purpose} is impossible: leave it out.");
    }

    /// <inheritdoc cref="IRecurrentLayer.NewState"/>
    public State NewState(int sequences)
    {
        State state = _stack.NewState(sequences);
        _stack.SetFirst(state);
        return state;
    }

    /// <inheritdoc cref="IRecurrentLayer.Forward"/>
    public Cache Forward(in SequenceBatch x, State? first, in Pass pass) => _stack.Forward(x, first, pass);

    /// <inheritdoc cref="IRecurrentLayer.Backward"/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass) => _stack.Backward(dy, cache, pass);

    /// <inheritdoc cref="IRecurrentLayer.Backward"/>
    public SequenceBatch Backward(in SequenceBatch dy, State? dLast, Cache cache, State? dFirst, in Pass pass) =>
        _stack.Backward(dy, dLast, cache, dFirst, pass);

    /// <inheritdoc cref="IRecurrentLayer.Last"/>
    public void Last(Cache cache, State into) => _stack.Last(cache, into);

    /// <inheritdoc cref="IRecurrentLayer.Step"/>
    public void Step(ReadOnlySpan<float> x, State state, Span<float> y)
    {
        RequireCausal("taking steps one by one");
        _stack.Step(x, state, y);
    }
}
