using System.Text.Json;
using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;

namespace Unroll.Networks;

/// <summary>The JSON of a <see cref="NetworkSpec"/>: what is written and, below it, read.</summary>
internal static class NetworkSpecText
{
    internal static void Write(Utf8JsonWriter json, NetworkSpec spec)
    {
        json.WriteNumber("inputs", spec.Inputs);
        json.WriteObjects("layers", spec.Layers, Write);
    }

    internal static NetworkSpec Read(JsonRecord json) => new(Size(json, "inputs"), json.Objects("layers", ReadLayer));

    private static int Size(JsonRecord json, string name) => json.Between(name, 1, SizeLimits.Features);

    private static void Write(Utf8JsonWriter json, LayerSpec layer)
    {
        switch (layer)
        {
            case RecurrentSpec recurrent: Write(json, recurrent); break;
            case DenseSpec dense:
                json.WriteString("type", "dense");
                json.WriteNumber("outputs", dense.Outputs);
                break;
            case EmbeddingSpec embedding:
                json.WriteString("type", "embedding");
                json.WriteNumber("vocabulary", embedding.Vocabulary);
                json.WriteNumber("size", embedding.Size);
                if (embedding.Dropout > 0) json.WriteNumber("dropout", embedding.Dropout);
                break;
            case CharacterSpec characters: Write(json, characters); break;
            case CrfSpec: json.WriteString("type", "crf"); break;
            case DropoutSpec dropout:
                json.WriteString("type", "dropout");
                json.WriteNumber("rate", dropout.Rate);
                if (dropout.Locked) json.WriteBoolean("locked", true);
                break;
            case TiedSpec tied:
                json.WriteString("type", "tied");
                json.WriteString("embedding", tied.Embedding);
                break;
            case ConvolutionSpec convolution:
                json.WriteString("type", "convolution");
                json.WriteNumber("filters", convolution.Filters);
                json.WriteNumber("width", convolution.Width);
                break;
            case WideSpec wide:
                json.WriteString("type", "wide");
                json.WriteNumber("steps", wide.Steps);
                if (wide.Pairs) json.WriteBoolean("pairs", true);
                break;
            case StepPoolSpec pool:
                json.WriteString("type", "step-pool");
                json.WriteNumber("steps", pool.Steps);
                break;
            case TailProjectionSpec tail:
                json.WriteString("type", "tail-projection");
                json.WriteNumber("kept", tail.Kept);
                json.WriteNumber("size", tail.Size);
                break;
            case LayerNormSpec norm:
                json.WriteString("type", "layer-norm");
                if (norm != new LayerNormSpec { Name = norm.Name }) json.WriteNumber("epsilon", norm.Epsilon);
                break;
            case FlipSpec: json.WriteString("type", "flip"); break;
            case LastStepSpec: json.WriteString("type", "last-step"); break;
            case LastStatesSpec states:
                json.WriteString("type", "last-states");
                if (states.Merge != Merge.Concatenate) json.WriteString("merge", states.Merge.ToString());
                break;
            case MeanPoolSpec: json.WriteString("type", "mean-pool"); break;
            case CenterStepSpec: json.WriteString("type", "centre-step"); break;
            case MaxPoolSpec: json.WriteString("type", "max-pool"); break;
            case FlattenSpec flatten:
                json.WriteString("type", "flatten");
                json.WriteNumber("steps", flatten.Steps);
                break;
            case AttentionPoolSpec attention:
                json.WriteString("type", "attention-pool");
                json.WriteNumber("size", attention.Size);
                break;
            default: throw new NotSupportedException($"There is no text for a layer of type {layer.GetType().Name}.");
        }
        json.WriteString("name", layer.Name);
    }

    private static void Write(Utf8JsonWriter json, CharacterSpec layer)
    {
        json.WriteString("type", "characters");
        json.WriteNumber("vocabulary", layer.Vocabulary);
        json.WriteNumber("size", layer.Size);
        json.WriteNumber("characters", layer.Characters);
        json.WriteNumber("characterSize", layer.CharacterSize);
        json.WriteNumber("hidden", layer.Hidden);
        json.WriteNumber("longest", layer.Longest);
        json.WriteObject("cell", layer.Cell, Write);
    }

    private static void Write(Utf8JsonWriter json, RecurrentSpec layer)
    {
        json.WriteString("type", "recurrent");
        json.WriteObject("cell", layer.Cell, Write);
        json.WriteNumber("hidden", layer.Hidden);
        json.WriteNumber("layers", layer.Layers);
        json.WriteString("direction", layer.Direction.ToString());
        json.WriteString("merge", layer.Merge.ToString());
        json.WriteNumber("dropout", layer.Dropout);
        if (layer.LockedDropout) json.WriteBoolean("lockedDropout", true);
        if (layer.WeightDrop > 0) json.WriteNumber("weightDrop", layer.WeightDrop);
        json.WriteString("firstState", layer.InitialState.ToString());
        json.WriteNumber("firstStateSeed", layer.InitialStateSeed);
    }

    internal static void Write(Utf8JsonWriter json, CellOptions cell)
    {
        json.WriteString("kind", cell.Kind);
        if (cell.Definition is { } definition)
        {
            json.WriteString("definition", definition.Text);
            return;
        }
        json.WriteUnlessNull("activation", cell.Activation);
        json.WriteBoolean("peepholes", cell.Peepholes);
        json.WriteBoolean("coupled", cell.Coupled);
        json.WriteUnlessNull("projection", cell.Projection);
        json.WriteUnlessNull("cellClip", cell.CellClip);
        json.WriteUnlessNull("gateClip", cell.GateClip);
    }

    private static LayerSpec ReadLayer(JsonRecord json) => json.Text("type") switch
    {
        "recurrent" => ReadRecurrent(json),
        "dense" => new DenseSpec { Outputs = Size(json, "outputs"), Name = json.Text("name") },
        "embedding" => new EmbeddingSpec
        {
            Vocabulary = Size(json, "vocabulary"), Size = Size(json, "size"), Dropout = json.Absent("dropout") ? 0 : Rate(json, "dropout"),
            Name = json.Text("name"),
        },
        "characters" => ReadCharacters(json),
        "crf" => new CrfSpec { Name = json.Text("name") },
        "dropout" => new DropoutSpec { Rate = Rate(json, "rate"), Locked = json.Flag("locked", false), Name = json.Text("name") },
        "tied" => new TiedSpec { Embedding = json.Text("embedding"), Name = json.Text("name") },
        "convolution" => new ConvolutionSpec { Filters = Size(json, "filters"), Width = Size(json, "width"), Name = json.Text("name") },
        "wide" => new WideSpec { Steps = Size(json, "steps"), Pairs = json.Flag("pairs", false), Name = json.Text("name") },
        "step-pool" => new StepPoolSpec { Steps = Size(json, "steps"), Name = json.Text("name") },
        "tail-projection" => new TailProjectionSpec { Kept = Size(json, "kept"), Size = Size(json, "size"), Name = json.Text("name") },
        "layer-norm" => new LayerNormSpec
        {
            Epsilon = json.Absent("epsilon") ? 1e-5 : json.RealBetween("epsilon", double.Epsilon, 1), Name = json.Text("name"),
        },
        "flip" => new FlipSpec { Name = json.Text("name") },
        "last-step" => new LastStepSpec { Name = json.Text("name") },
        "last-states" => new LastStatesSpec { Merge = json.Choice<Merge>("merge", Merge.Concatenate), Name = json.Text("name") },
        "mean-pool" => new MeanPoolSpec { Name = json.Text("name") },
        "centre-step" => new CenterStepSpec { Name = json.Text("name") },
        "max-pool" => new MaxPoolSpec { Name = json.Text("name") },
        "flatten" => new FlattenSpec { Steps = Size(json, "steps"), Name = json.Text("name") },
        "attention-pool" => new AttentionPoolSpec { Size = Size(json, "size"), Name = json.Text("name") },
        var type => throw new JsonException($"there is no layer of type '{type}'; expected recurrent, dense, embedding, characters, tied, "
            + "dropout, convolution, step-pool, wide, tail-projection, layer-norm, flip, last-step, last-states, mean-pool, max-pool, "
            + "center-step, flatten, attention-pool or crf"),
    };

    /// <summary>A probability that something is dropped, in [0, 1).</summary>
    internal static float Rate(JsonRecord json, string name) => (float)json.RealBetween(name, 0, MathF.BitDecrement(1));

    private static CharacterSpec ReadCharacters(JsonRecord json) => new()
    {
        Vocabulary = Size(json, "vocabulary"),
        Size = Size(json, "size"),
        Characters = Size(json, "characters"),
        CharacterSize = Size(json, "characterSize"),
        Hidden = json.Between("hidden", 1, SizeLimits.Hidden),
        Longest = Size(json, "longest"),
        Cell = json.Object("cell", ReadCell),
        Name = json.Text("name"),
    };

    private static RecurrentSpec ReadRecurrent(JsonRecord json) => new()
    {
        Cell = json.Absent("cell") ? new() : json.Object("cell", ReadCell),
        Hidden = json.Between("hidden", 1, SizeLimits.Hidden),
        Layers = json.Between("layers", 1, SizeLimits.Layers, 1),
        Direction = json.Choice<Direction>("direction", Direction.Forward),
        Merge = json.Choice<Merge>("merge", Merge.Concatenate),
        Dropout = json.Absent("dropout") ? 0 : Rate(json, "dropout"),
        LockedDropout = json.Flag("lockedDropout", false),
        WeightDrop = json.Absent("weightDrop") ? 0 : Rate(json, "weightDrop"),
        InitialState = json.Choice<InitialState>("firstState", InitialState.Zero),
        InitialStateSeed = json.Unsigned("firstStateSeed", 0),
        Name = json.Text("name"),
    };

    internal static CellOptions ReadCell(JsonRecord json) => new()
    {
        Definition = json.TextOrNull("definition") is { } text ? CellText.Read(text, "the definition of the cell") : null,
        Kind = json.Text("kind", "lstm"),
        Activation = json.TextOrNull("activation"),
        Peepholes = json.Flag("peepholes", false),
        Coupled = json.Flag("coupled", false),
        Projection = json.WholeOrNull("projection"),
        CellClip = json.SingleOrNull("cellClip"),
        GateClip = json.SingleOrNull("gateClip"),
    };
}
