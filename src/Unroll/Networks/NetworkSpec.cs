using System.Text.Json;
using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Characters;
using Unroll.Layers.Recurrent;

namespace Unroll.Networks;

/// <summary>A network as data: what the model file stores, <c>info</c> prints and a network is built from.</summary>
/// <param name="Inputs">Features of a step; for a network that begins with an embedding it is 1, the index.</param>
/// <param name="Layers">From input to output.</param>
public sealed record NetworkSpec(int Inputs, IReadOnlyList<LayerSpec> Layers)
{
    /// <summary>
    /// The layer whose parameter has that name: of layers <c>a</c> and <c>a.b</c> the second has <c>a.b.weight</c>; null if none has.
    /// </summary>
    internal LayerSpec? OwnerOf(string parameter)
    {
        LayerSpec? owner = null;
        foreach (LayerSpec layer in Layers)
            if (parameter.StartsWith(layer.Name + ".", StringComparison.Ordinal) && layer.Name.Length > (owner?.Name.Length ?? -1)) owner = layer;
        return owner;
    }

    /// <summary>The recurrent layer that has a parameter of that name, that which reads characters among them; null: none has.</summary>
    internal RecurrentSpec? RecurrentOf(string parameter) => OwnerOf(parameter) switch
    {
        RecurrentSpec recurrent => recurrent,
        CharacterSpec characters when parameter.StartsWith($"{characters.Spelling.Name}.", StringComparison.Ordinal) => characters.Spelling,
        _ => null,
    };

    /// <summary>The cells that are given by their equations, each once.</summary>
    public IReadOnlyList<CellDefinition> Definitions => [.. Layers.Select(layer => layer switch
    {
        RecurrentSpec recurrent => recurrent.Cell.Definition,
        CharacterSpec characters => characters.Cell.Definition,
        _ => null,
    }).OfType<CellDefinition>().Distinct()];

    /// <summary>The embedding that a layer is tied to.</summary>
    /// <exception cref="UserErrorException">There is none of that name.</exception>
    public EmbeddingSpec EmbeddingOf(TiedSpec tied) =>
        Layers.OfType<EmbeddingSpec>().FirstOrDefault(layer => layer.Name == tied.Embedding)
        ?? throw new UserErrorException($"layer '{tied.Name}': it is tied to the embedding '{tied.Embedding}', and there is none of that name.");

    /// <summary>Whether a parameter of that name is a matrix of a recurrent layer: one that a quantized model keeps in fewer bits.</summary>
    internal bool IsRecurrentMatrix(string parameter) =>
        RecurrentOf(parameter) is { } layer && parameter.AsSpan(layer.Name.Length + 1) is var own
        && (layer.Cell.Definition?.Cell.Layout.Find(own[..own.LastIndexOf("_l")].ToString()) is { Kind: ParameterKind.Matrix }
            || own.StartsWith("weight_ih_l") || own.StartsWith("weight_hh_l") || own.StartsWith("weight_hr_l"));

    /// <summary>The description as indented JSON.</summary>
    public string ToJson() => JsonText.Of(json => NetworkSpecText.Write(json, this));

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">The text is not such a description; the message says where and why.</exception>
    public static NetworkSpec FromJson(string json) => JsonRecord.Read(json, NetworkSpecText.Read);

    /// <summary>Whether its layers can lie on each other: those of <see cref="EncoderDecoderSpec.Stored"/>, with two embeddings, cannot.</summary>
    internal bool IsStack => !Layers.Skip(1).Any(layer => layer is EmbeddingSpec or CharacterSpec);
}

/// <summary>One layer of a <see cref="NetworkSpec"/>.</summary>
public abstract record LayerSpec
{
    /// <summary>The prefix of its parameters' names: <c>"encoder"</c> gives <c>encoder.weight_ih_l0</c>.</summary>
    public required string Name { get; init; }
}

/// <summary>
/// n stacked recurrent layers of one cell, as PyTorch's <c>nn.LSTM(num_layers=n)</c>; parameters <c>weight_ih_l{k}</c>, <c>…_reverse</c>.
/// </summary>
public sealed record RecurrentSpec : LayerSpec
{
    /// <summary>The cell.</summary>
    public CellOptions Cell { get; init; } = new();

    /// <summary>Units of each layer and direction.</summary>
    public required int Hidden { get; init; }

    /// <summary>The number of stacked layers.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>The direction through time.</summary>
    public Direction Direction { get; init; } = Direction.Forward;

    /// <summary>How the two directions become one output; only for <see cref="Direction.Bidirectional"/>.</summary>
    public Merge Merge { get; init; } = Merge.Concatenate;

    /// <summary>Probability that an output between two layers is dropped in training, in [0, 1).</summary>
    public float Dropout { get; init; }

    /// <summary>Whether that dropout drops the same units at every step of a sequence.</summary>
    public bool LockedDropout { get; init; }

    /// <summary>Probability that a weight of a recurrent matrix is dropped for a training update, in [0, 1).</summary>
    public float WeightDrop { get; init; }

    /// <summary>Where a sequence begins when no state is given.</summary>
    public InitialState InitialState { get; init; } = InitialState.Zero;

    /// <summary>The seed of a random initial state.</summary>
    public ulong InitialStateSeed { get; init; }
}

/// <summary>y = x Wᵀ + b; parameters <c>weight</c> [outputs, inputs] and <c>bias</c> [outputs].</summary>
public sealed record DenseSpec : LayerSpec
{
    /// <summary>Features of the output.</summary>
    public required int Outputs { get; init; }
}

/// <summary>
/// y⟨t⟩ = max(0, W [x⟨t−c⟩; …; x⟨t−c+width−1⟩] + b), c = ⌊width ÷ 2⌋; parameters <c>weight</c> [filters, width · inputs] and <c>bias</c> [filters].
/// </summary>
public sealed record ConvolutionSpec : LayerSpec
{
    /// <summary>Features of the output.</summary>
    public required int Filters { get; init; }

    /// <summary>Steps that a filter sees, at least 1.</summary>
    public required int Width { get; init; }
}

/// <summary>Of each feature the largest of every n steps: a sequence of T steps becomes one of ⌈T ÷ n⌉.</summary>
public sealed record StepPoolSpec : LayerSpec
{
    /// <summary>Steps that become one, at least 1.</summary>
    public required int Steps { get; init; }
}

/// <summary>
/// Above a pooling: to the scores below it adds a weight for every feature of the network's input at every place of a sequence; parameter
/// <c>weight</c> [scores, places], which begins at 0.
/// </summary>
public sealed record WideSpec : LayerSpec
{
    /// <summary>Steps of a sequence at most, at least 1.</summary>
    public required int Steps { get; init; }

    /// <summary>Whether products of the features of two neighboring steps have weights too.</summary>
    public bool Pairs { get; init; }
}

/// <summary>A row of a table for each index; parameter <c>weight</c> [vocabulary, size].</summary>
public sealed record EmbeddingSpec : LayerSpec
{
    /// <summary>How many indices there are.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Features of the output.</summary>
    public required int Size { get; init; }

    /// <summary>Probability that a row of the table is dropped for a training update, in [0, 1).</summary>
    public float Dropout { get; init; }
}

/// <summary>
/// A word's row of a table beside what a recurrent layer in each direction reads in its characters. A step of the input is the index of a word and
/// then those of its characters, 0 after the last. Parameters <c>weight</c> [vocabulary, size], <c>characters.weight</c> [characters, character
/// size], <c>spelling.weight_ih_l0</c>, <c>spelling.weight_ih_l0_reverse</c> …
/// </summary>
public sealed record CharacterSpec : LayerSpec
{
    /// <summary>How many words there are.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Features of a word.</summary>
    public required int Size { get; init; }

    /// <summary>How many characters there are, 0 for none among them.</summary>
    public required int Characters { get; init; }

    /// <summary>Features of a character.</summary>
    public required int CharacterSize { get; init; }

    /// <summary>Units of each direction that reads the characters.</summary>
    public required int Hidden { get; init; }

    /// <summary>Characters of a word at most.</summary>
    public required int Longest { get; init; }

    /// <summary>The cell that reads the characters.</summary>
    public CellOptions Cell { get; init; } = new();

    /// <summary>What reads the characters, as a layer of its own.</summary>
    public RecurrentSpec Spelling => new() { Name = $"{Name}.spelling", Cell = Cell, Hidden = Hidden, Direction = Direction.Bidirectional };

    internal CharacterSizes Sizes => new(Vocabulary, Size, Characters, CharacterSize, Hidden, Longest);
}

/// <summary>
/// A linear-chain conditional random field over the outputs below it, which it hands on; parameters <c>transitions</c> [inputs, inputs],
/// <c>start</c> and <c>end</c> [inputs]. The last layer of a network.
/// </summary>
public sealed record CrfSpec : LayerSpec;

/// <summary>y = x Eᵀ + b, with the table E of an embedding below it as weight; parameter <c>bias</c> [vocabulary].</summary>
public sealed record TiedSpec : LayerSpec
{
    /// <summary>The name of the embedding.</summary>
    public required string Embedding { get; init; }
}

/// <summary>Inverted dropout: in training an element becomes 0 with probability rate, else x ÷ (1 − rate).</summary>
public sealed record DropoutSpec : LayerSpec
{
    /// <summary>In [0, 1).</summary>
    public required float Rate { get; init; }

    /// <summary>Whether the same units are dropped at every step of a sequence.</summary>
    public bool Locked { get; init; }
}

/// <summary>
/// The first features pass, and the rest weight the rows of a table that stand beside them; parameter <c>weight</c> [inputs − kept, size].
/// </summary>
public sealed record TailProjectionSpec : LayerSpec
{
    /// <summary>Features that pass.</summary>
    public required int Kept { get; init; }

    /// <summary>Features that the rest becomes.</summary>
    public required int Size { get; init; }
}

/// <summary>Layer normalization of every row; parameters <c>weight</c> and <c>bias</c> [features], which begin at 1 and 0.</summary>
public sealed record LayerNormSpec : LayerSpec
{
    /// <summary>ε, added to the variance: above 0; 10⁻⁵ as PyTorch's unless another program's weights need another.</summary>
    public double Epsilon { get; init; } = 1e-5;
}

/// <summary>The steps of every sequence from the last to the first.</summary>
public sealed record FlipSpec : LayerSpec;

/// <summary>
/// Many to one: a layer that makes one row of each sequence. What lies above it sees sequences of one step, or none where there was none.
/// </summary>
public abstract record PoolingSpec : LayerSpec;

/// <summary>Of each sequence the last step alone.</summary>
public sealed record LastStepSpec : PoolingSpec;

/// <summary>
/// Above a bidirectional layer that concatenates: the forward direction's last step beside the reverse direction's, which is step 0.
/// </summary>
public sealed record LastStatesSpec : PoolingSpec
{
    /// <summary>How the two become one row.</summary>
    public Merge Merge { get; init; } = Merge.Concatenate;
}

/// <summary>The mean of each sequence's steps.</summary>
public sealed record MeanPoolSpec : PoolingSpec;

/// <summary>Of each feature the largest value of the sequence.</summary>
public sealed record MaxPoolSpec : PoolingSpec;

/// <summary>Of each sequence the middle step, ⌊length ÷ 2⌋, as for a window cut around a site.</summary>
public sealed record CenterStepSpec : PoolingSpec;

/// <summary>All steps of a sequence side by side, the rest 0: so that what lies above has weights for every place.</summary>
public sealed record FlattenSpec : PoolingSpec
{
    /// <summary>Steps of a sequence at most.</summary>
    public required int Steps { get; init; }
}

/// <summary>
/// The mean of the steps weighted by a learned query; parameters <c>weight</c> [size, inputs], <c>bias</c> [size], <c>query</c> [size].
/// </summary>
public sealed record AttentionPoolSpec : PoolingSpec
{
    /// <summary>Length of the query.</summary>
    public required int Size { get; init; }
}
