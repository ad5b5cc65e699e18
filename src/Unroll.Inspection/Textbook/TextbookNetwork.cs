using Unroll.Cells;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Inspection.Textbook;

/// <summary>
/// The whole network of a description in double, for one sequence at a time: the oracle of the engine, and everything inside by name. A ragged batch
/// is simply its sequences, one after the other; gradients add up.
/// </summary>
public sealed class TextbookNetwork
{
    /// <summary>Builds the network.</summary>
    /// <param name="spec">The description.</param>
    /// <param name="parameters">Values by PyTorch's names, as <see cref="TextbookParameters.Shapes"/> lists them.</param>
    /// <param name="cells">The cells that the description may name; null: the built-in ones.</param>
    /// <exception cref="UserErrorException">
    /// A parameter is missing or has the wrong length, or the description names a cell that is unknown or has no equations.
    /// </exception>
    public TextbookNetwork(NetworkSpec spec, TextbookParameters parameters, CellCatalog? cells = null)
    {
        List<ILayerEquations> layers = [];
        int inputs = spec.Inputs;
        foreach (LayerSpec layer in spec.Layers)
        {
            layers.AddRange(Build(spec, layer, inputs, parameters, cells ?? CellCatalog.BuiltIn));
            inputs = layers[^1].Outputs;
        }
        (Layers, Parameters) = (layers, parameters);
    }

    /// <summary>From input to output; a stack of n recurrent layers is n layers here, with the dropouts between them.</summary>
    public IReadOnlyList<ILayerEquations> Layers { get; }

    /// <summary>Values and gradients.</summary>
    public TextbookParameters Parameters { get; }

    /// <summary>Every layer forward.</summary>
    /// <param name="x">x⟨1⟩ … x⟨T⟩; may be empty.</param>
    /// <param name="given">First states, dropout masks, a nudge; null for nothing.</param>
    public NetworkRun Forward(IReadOnlyList<Vector> x, Given? given = null)
    {
        List<LayerRun> runs = [];
        IReadOnlyList<Vector> input = x;
        foreach (ILayerEquations layer in Layers)
        {
            runs.Add(layer is WideEquations wide ? wide.Forward(x, input) : layer.Forward(x, given ?? Given.Nothing));
            x = runs[^1].Outputs;
        }
        return new NetworkRun(runs, x, given ?? Given.Nothing);
    }

    /// <summary>PyTorch's suffixes of one layer of a stack: <c>l0</c>, <c>l0_reverse</c>, or both.</summary>
    internal static IEnumerable<string> Suffixes(RecurrentSpec spec, int layer)
    {
        if (spec.Direction != Direction.Reverse) yield return $"l{layer}";
        if (spec.Direction != Direction.Forward) yield return $"l{layer}_reverse";
    }

    /// <summary>Features of the output of each layer of a stack.</summary>
    internal static int Width(RecurrentSpec spec, CellCatalog? cells = null)
    {
        ICellEquations cell = CellEquations.Of(spec.Cell, cells);
        return cell.WidthOf(cell.Output, spec.Hidden) * (spec is { Direction: Direction.Bidirectional, Merge: Merge.Concatenate } ? 2 : 1);
    }

    private static IEnumerable<ILayerEquations> Build(
        NetworkSpec spec, LayerSpec layer, int inputs, TextbookParameters parameters, CellCatalog cells)
    {
        switch (layer)
        {
            case DenseSpec dense:
                (Matrix w, Matrix dw) = parameters.Matrix($"{dense.Name}.weight", dense.Outputs, inputs);
                (Vector b, Vector db) = parameters.Vector($"{dense.Name}.bias", dense.Outputs);
                return [new DenseEquations(dense.Name, w, b, dw, db)];
            case ConvolutionSpec filters:
                (Matrix f, Matrix df) = parameters.Matrix($"{filters.Name}.weight", filters.Filters, filters.Width * inputs);
                (Vector offset, Vector dOffset) = parameters.Vector($"{filters.Name}.bias", filters.Filters);
                return [new ConvolutionEquations(filters.Name, filters.Width, f, offset, df, dOffset)];
            case WideSpec wide:
                (Matrix around, Matrix dAround) = parameters.Matrix($"{wide.Name}.weight", inputs, WideEquations.Places(wide, spec.Inputs));
                return [new WideEquations(wide, spec.Inputs, around, dAround)];
            case StepPoolSpec pool:
                return [new StepPoolEquations(pool.Name, inputs, pool.Steps)];
            case EmbeddingSpec embedding:
                (Matrix table, Matrix dTable) = parameters.Matrix($"{embedding.Name}.weight", embedding.Vocabulary, embedding.Size);
                return [new EmbeddingEquations(embedding.Name, table, dTable)];
            case CharacterSpec words:
                return [new CharacterEquations(words, parameters, cells)];
            case CrfSpec crf:
                return [new ScoreEquations(crf.Name, inputs)];
            case TiedSpec tied:                                              //  y = E x + b, E of the embedding: both add to its gradient
                EmbeddingSpec other = spec.EmbeddingOf(tied);
                (Matrix e, Matrix de) = parameters.Matrix($"{other.Name}.weight", other.Vocabulary, other.Size);
                (Vector bias, Vector dBias) = parameters.Vector($"{tied.Name}.bias", other.Vocabulary);
                return [new DenseEquations(tied.Name, e, bias, de, dBias)];
            case DropoutSpec dropout:
                return [new DropoutEquations(dropout.Name, inputs)];
            case LastStepSpec last:
                return [new LastStepEquations(last.Name, inputs)];
            case FlipSpec flip:
                return [new FlipEquations(flip.Name, inputs)];
            case LastStatesSpec { Merge: not Merge.Concatenate } states:
                return [new LastStatesEquations(states.Name, inputs / 2, states.Merge)];
            case LastStatesSpec or MeanPoolSpec or MaxPoolSpec or CenterStepSpec:
                return [new PoolingEquations(layer, inputs)];
            case FlattenSpec flatten:
                return [new FlattenEquations(flatten.Name, inputs, flatten.Steps)];
            case TailProjectionSpec tail:
                (Matrix rows, Matrix dRows) = parameters.Matrix($"{tail.Name}.weight", inputs - tail.Kept, tail.Size);
                return [new TailProjectionEquations(tail.Name, tail.Kept, rows, dRows)];
            case LayerNormSpec norm:
                (Vector g, Vector dg) = parameters.Vector($"{norm.Name}.weight", inputs);
                (Vector shift, Vector dShift) = parameters.Vector($"{norm.Name}.bias", inputs);
                return [new LayerNormEquations(norm.Name, g, shift, dg, dShift, norm.Epsilon)];
            case AttentionPoolSpec attention:
                return [new AttentionPoolEquations(attention.Name, parameters, inputs, attention.Size)];
            case RecurrentSpec recurrent:
                return Stack(recurrent, inputs, parameters, cells);
            default:
                throw new UserErrorException($"layer '{layer.Name}': the textbook has no equations for a {layer.GetType().Name}.");
        }
    }

    private static IEnumerable<ILayerEquations> Stack(RecurrentSpec spec, int inputs, TextbookParameters parameters, CellCatalog cells)
    {
        string prefix = $"{spec.Name}.";
        List<ILayerEquations> layers = [];
        for (int layer = 0; layer < spec.Layers; layer++)
        {
            if (layer > 0) layers.Add(new DropoutEquations($"{prefix}{layer - 1}.dropout", inputs));
            List<DirectionEquations> directions = [];
            foreach (string suffix in Suffixes(spec, layer))
                directions.Add(new DirectionEquations(parameters, prefix, suffix, spec, inputs, cells));
            layers.Add(new BidirectionalEquations($"{prefix}l{layer}", directions, spec.Merge));
            inputs = Width(spec, cells);
        }
        return layers;
    }
}

/// <summary>A network through one sequence.</summary>
public sealed class NetworkRun
{
    private readonly Given _given;

    internal NetworkRun(IReadOnlyList<LayerRun> layers, IReadOnlyList<Vector> outputs, Given given) =>
        (Layers, Outputs, _given) = (layers, outputs, given);

    /// <summary>From input to output.</summary>
    public IReadOnlyList<LayerRun> Layers { get; }

    /// <summary>The network's output for every step.</summary>
    public IReadOnlyList<Vector> Outputs { get; }

    /// <summary>Every recurrent layer and direction: each step's intermediates and, after backward, each term of each gradient.</summary>
    public IEnumerable<DirectionRun> Directions => Layers.OfType<RecurrentLayerRun>().SelectMany(layer => layer.Directions);

    /// <summary>The part of the loss that reads final states (<see cref="Given.LastStateWeights"/>).</summary>
    public double LastStateLoss => Directions.Sum(direction => direction.LastStateLoss(_given));

    /// <summary>Every layer backward; adds to the gradients of the parameters.</summary>
    /// <param name="dy">∂L/∂(output) for every step.</param>
    /// <returns>∂L/∂x⟨t⟩ for every step.</returns>
    public IReadOnlyList<Vector> Backward(IReadOnlyList<Vector> dy)
    {
        for (int k = Layers.Count - 1; k >= 0; k--) dy = Layers[k].Backward(dy, _given);
        foreach (WideEquations.Run around in Layers.OfType<WideEquations.Run>()) dy = [.. dy.Zip(around.DSource, (below, past) => below + past)];
        return dy;
    }
}
