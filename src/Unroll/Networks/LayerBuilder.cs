using Unroll.Cells;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Characters;
using Unroll.Layers.LinearChain;
using Unroll.Layers.Pooling;
using Unroll.Layers.Recurrent;

namespace Unroll.Networks;

/// <summary>One description → its layers: the one place that a new kind of layer is added to.</summary>
internal static class LayerBuilder
{
    /// <summary>Adds the layers of one description.</summary>
    /// <param name="layers">Receives them.</param>
    /// <param name="spec">The description.</param>
    /// <param name="store">Receives their parameters.</param>
    /// <param name="features">What the layer before gives.</param>
    /// <param name="inputs">Features of the network's input.</param>
    /// <param name="cells">The cells that a description may name.</param>
    public static void Add(List<ILayer> layers, LayerSpec spec, ParameterStore store, int features, int inputs, CellCatalog cells)
    {
        switch (spec)
        {
            case RecurrentSpec recurrent: AddRecurrent(layers, recurrent, store, features, cells); break;
            case DenseSpec dense: layers.Add(new Dense(dense.Name, store, features, dense.Outputs)); break;
            case EmbeddingSpec embedding: AddEmbedding(layers, embedding, store, features); break;
            case CharacterSpec words: layers.Add(Characters(words, store, features, cells)); break;
            case CrfSpec crf: layers.Add(new Crf(crf.Name, store, features)); break;
            case DropoutSpec dropout: layers.Add(new Dropout(dropout.Name, features, dropout.Rate, dropout.Locked)); break;
            case ConvolutionSpec filters:
                layers.Add(new Convolution(filters.Name, store, features, filters.Filters, filters.Width));
                break;
            case StepPoolSpec pool: layers.Add(new StepPool(pool.Name, features, pool.Steps)); break;
            case WideSpec wide: AddWide(layers, wide, store, features, inputs); break;
            case LayerNormSpec norm: layers.Add(new LayerNorm(norm.Name, store, features, norm.Epsilon)); break;
            case TiedSpec tied: AddTied(layers, tied, store, features); break;
            case TailProjectionSpec tail: layers.Add(new TailProjection(tail.Name, store, features, tail.Kept, tail.Size)); break;
            case LastStepSpec last: layers.Add(new LastStep(last.Name, features)); break;
            case LastStatesSpec last:
                RequireKnown(last.Name, "merge", last.Merge);
                layers.Add(new LastStates(last.Name, features, last.Merge));
                break;
            case FlipSpec flip: layers.Add(new Flip(flip.Name, features)); break;
            case MeanPoolSpec mean: layers.Add(new MeanPool(mean.Name, features)); break;
            case CenterStepSpec center: layers.Add(new CenterStep(center.Name, features)); break;
            case FlattenSpec flatten: layers.Add(new Flatten(flatten.Name, features, flatten.Steps)); break;
            case MaxPoolSpec max: layers.Add(new MaxPool(max.Name, features)); break;
            case AttentionPoolSpec attention: layers.Add(new AttentionPool(attention.Name, store, features, attention.Size)); break;
            default: throw new UserErrorException($"layer '{spec.Name}': its kind '{spec.GetType().Name}' is unknown to this version.");
        }
    }

    private static void AddEmbedding(List<ILayer> layers, EmbeddingSpec spec, ParameterStore store, int features)
    {
        if (features != 1) ShapeException.Throw(features, 1, $"layer '{spec.Name}' input features", "an embedding takes one index a step");
        layers.Add(new Embedding(spec.Name, store, spec.Vocabulary, spec.Size) { Dropout = spec.Dropout });
    }

    // Only a network of one row a sequence has scores for it to add to, and an index is no feature to weigh.
    private static void AddWide(List<ILayer> layers, WideSpec spec, ParameterStore store, int features, int inputs)
    {
        if (!layers.Any(layer => layer is IPooling) || layers.Any(layer => layer is Embedding))
            throw new UserErrorException($"layer '{spec.Name}': expected a pooling and no embedding below it, because it adds a weight for every "
                + "number at every place of a sequence to its scores.");
        layers.Add(new WidePath(spec.Name, store, features, inputs, spec.Steps, spec.Pairs));
    }

    private static CharacterEmbedding Characters(CharacterSpec spec, ParameterStore store, int features, CellCatalog cells)
    {
        CharacterEmbedding layer = new(spec.Name, store, spec.Sizes, spec.Cell, cells);
        if (features != layer.InputSize)
            ShapeException.Throw(features, layer.InputSize, $"layer '{spec.Name}' input features", $"a word has up to {spec.Longest} characters");
        return layer;
    }

    private static void AddTied(List<ILayer> layers, TiedSpec spec, ParameterStore store, int features)
    {
        Embedding embedding = layers.OfType<Embedding>().FirstOrDefault(layer => layer.Name == spec.Embedding)
            ?? throw new UserErrorException($"layer '{spec.Name}': it is tied to the embedding '{spec.Embedding}', "
                + "and there is none of that name below it.");
        if (features != embedding.OutputSize)
            ShapeException.Throw(features, embedding.OutputSize, $"layer '{spec.Name}' input features",
                $"embedding '{spec.Embedding}', which it is tied to, has that size");
        layers.Add(new Dense(spec.Name, store, embedding));
    }

    // A description read from a file may hold any number for a choice.
    private static void RequireKnown<T>(string layer, string what, T choice) where T : struct, Enum
    {
        if (!Enum.IsDefined(choice)) throw new UserErrorException($"layer '{layer}' {what}: expected {string.Join(", ", Enum.GetNames<T>())}, "
            + $"got {choice}.");
    }

    private static void AddRecurrent(List<ILayer> layers, RecurrentSpec spec, ParameterStore store, int features, CellCatalog cells)
    {
        if (spec.Layers is < 1 or > SizeLimits.Layers)
            throw new UserErrorException($"layer '{spec.Name}' layers: expected 1 to {SizeLimits.Layers}, got {spec.Layers}.");
        if (!(spec.Dropout >= 0 && spec.Dropout < 1))
            throw new UserErrorException($"layer '{spec.Name}' dropout: expected a rate of at least 0 and below 1 because it is a probability, "
                + $"got {spec.Dropout}.");
        RequireKnown(spec.Name, "direction", spec.Direction);
        RequireKnown(spec.Name, "merge", spec.Merge);
        RequireKnown(spec.Name, "first state", spec.InitialState);
        for (int k = 0; k < spec.Layers; k++)
        {
            string name = $"{spec.Name}.{k}";
            RecurrentLayer Make(bool reverse) => new(
                reverse ? $"{name}.reverse" : name, store, spec.Cell, features, spec.Hidden, reverse, spec.InitialState, spec.InitialStateSeed,
                $"{spec.Name}.", k, cells) { WeightDrop = spec.WeightDrop };
            layers.Add(spec.Direction switch
            {
                Direction.Bidirectional => new Bidirectional(name, Make(reverse: false), Make(reverse: true), spec.Merge),
                Direction.Reverse => Make(reverse: true),
                _ => Make(reverse: false),
            });
            features = layers[^1].OutputSize;
            if (spec.Dropout > 0 && k < spec.Layers - 1) layers.Add(new Dropout($"{name}.dropout", features, spec.Dropout, spec.LockedDropout));
        }
    }
}
