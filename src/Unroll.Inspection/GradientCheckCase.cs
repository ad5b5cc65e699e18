using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Inspection.Textbook;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Inspection;

/// <summary>Something whose gradients are checked: a network of one layer, or of none for a loss by itself.</summary>
/// <param name="Kind"><c>cell</c>, <c>layer</c> or <c>loss</c>.</param>
/// <param name="Subject">Its name in the results.</param>
/// <param name="Spec">The network.</param>
/// <param name="Loss">The loss of its outputs.</param>
/// <param name="Targets">Numbers of a target, or classes.</param>
public sealed record GradientCheckCase(string Kind, string Subject, NetworkSpec Spec, ILoss Loss, int Targets)
{
    /// <summary>The cells that the network may name.</summary>
    public CellCatalog Cells { get; init; } = CellCatalog.BuiltIn;

    /// <summary>The lengths of the sequences; zero and one among them.</summary>
    public IReadOnlyList<int> Lengths { get; init; } = [3, 0, 1, 2];
}

/// <summary>Every built-in cell, layer and loss.</summary>
public static class GradientCheckCases
{
    private const int Inputs = 2, Hidden = 3;

    /// <summary>All cases.</summary>
    public static IReadOnlyList<GradientCheckCase> All { get; } = [.. CellCases(), .. LayerCases(), .. LossCases()];

    /// <summary>
    /// A cell of a catalog: each of its variants, in every direction, from a learned initial state. It needs equations in double
    /// (<see cref="Textbook.IKnowsEquations"/>); without them use <see cref="GradientCheckOfLayer"/>.
    /// </summary>
    /// <param name="kind">The cell's name.</param>
    /// <param name="cells">The catalog.</param>
    /// <exception cref="UserErrorException">The catalog has no such cell.</exception>
    public static IReadOnlyList<GradientCheckCase> OfCell(string kind, CellCatalog cells)
    {
        CellEntry entry = cells.Find(kind)
            ?? throw new UserErrorException($"cell '{kind}' is unknown: expected one of {string.Join(", ", cells.Kinds)}.");
        return
        [
            .. from variant in entry.Variants
               from direction in Enum.GetValues<Direction>()
               select Recurrent("cell", $"{variant.Name}, {Word(direction)}", variant.Options, direction, Merge.Concatenate,
                   layers: 1, cells),
        ];
    }

    /// <summary>A cell from its definition in every direction, from a learned initial state.</summary>
    /// <param name="definition">The definition.</param>
    public static IReadOnlyList<GradientCheckCase> OfDefinition(CellDefinition definition)
    {
        CellOptions cell = new() { Kind = definition.Name, Definition = definition };
        return [.. Enum.GetValues<Direction>().Select(direction =>
            Recurrent("cell", $"{definition.Name}, {Word(direction)}", cell, direction, Merge.Concatenate, layers: 1))];
    }

    private static IEnumerable<GradientCheckCase> CellCases() => CellCatalog.BuiltIn.Kinds.SelectMany(kind => OfCell(kind, CellCatalog.BuiltIn));

    private static IEnumerable<GradientCheckCase> LayerCases()
    {
        CellOptions gru = new() { Kind = "gru" };
        foreach (Merge merge in Enum.GetValues<Merge>())
            yield return Recurrent("layer", $"stack of two, bidirectional, {Word(merge)}", gru, Direction.Bidirectional, merge, layers: 2);
        yield return Layer("dense", Inputs, new DenseSpec { Name = "dense", Outputs = Hidden });
        yield return Layer("convolution", Inputs, new ConvolutionSpec { Name = "filters", Filters = Hidden, Width = 2 });
        yield return Layer("convolution of three, step pool", Inputs, new ConvolutionSpec { Name = "filters", Filters = Hidden, Width = 3 },
            new StepPoolSpec { Name = "pool", Steps = 2 });
        foreach (bool pairs in (bool[])[false, true])
            yield return Layer(pairs ? "wide path with pairs" : "wide path", Inputs, new RecurrentSpec { Name = "rnn", Cell = gru, Hidden = 2 },
                new MeanPoolSpec { Name = "pool" }, new DenseSpec { Name = "head", Outputs = Hidden },
                new WideSpec { Name = "wide", Steps = 3, Pairs = pairs });
        yield return Layer("embedding", 1, new EmbeddingSpec { Name = "embedding", Vocabulary = 5, Size = Hidden });
        yield return Layer("embedding dropout", 1, new EmbeddingSpec { Name = "embedding", Vocabulary = 5, Size = Hidden, Dropout = 0.5f });
        foreach (string kind in (string[])["lstm", "gru"])
        {
            RecurrentSpec dropped = new()
            {
                Name = "rnn", Cell = new() { Kind = kind }, Hidden = Hidden, Layers = 2, Direction = Direction.Bidirectional, WeightDrop = 0.4f,
            };
            yield return new GradientCheckCase("layer", $"weight drop, {kind}", new NetworkSpec(Inputs, [dropped]), new SquaredError(),
                TextbookNetwork.Width(dropped));
        }
        yield return Layer("characters", 5, new CharacterSpec
        {
            Name = "words", Vocabulary = 5, Size = 1, Characters = 4, CharacterSize = 2, Hidden = 1, Longest = 4,
        }) with { Lengths = [4, 0, 1, 6] };
        yield return Layer("crf, scores", Hidden, new CrfSpec { Name = "crf" });
        yield return Layer("dropout", Hidden, new DropoutSpec { Name = "dropout", Rate = 0.5f });
        yield return Layer("locked dropout", Hidden, new DropoutSpec { Name = "dropout", Rate = 0.5f, Locked = true });
        yield return new GradientCheckCase("layer", "tied weights", new NetworkSpec(1,
            [
                new EmbeddingSpec { Name = "embedding", Vocabulary = 5, Size = Hidden },
                    new RecurrentSpec { Name = "rnn", Cell = gru, Hidden = Hidden },
                new TiedSpec { Name = "head", Embedding = "embedding" },
            ]), new SquaredError(), Targets: 5);
        yield return Layer("last step", Hidden, new LastStepSpec { Name = "last" });
        yield return Layer("last states", Inputs, new LastStatesSpec { Name = "last" }, new DenseSpec { Name = "head", Outputs = Hidden });
        foreach (Merge merge in (Merge[])[Merge.Sum, Merge.Average, Merge.Multiply])
            yield return Layer($"last states, {Word(merge)}", 2 * Hidden, new LastStatesSpec { Name = "last", Merge = merge });
        yield return Layer("flip, recurrent", Inputs, new FlipSpec { Name = "flip" },
            new RecurrentSpec { Name = "rnn", Cell = gru, Hidden = Hidden });
        yield return Layer("layer normalization", Hidden, new LayerNormSpec { Name = "norm" });
        yield return Layer("layer normalization of large ε", Hidden, new LayerNormSpec { Name = "norm", Epsilon = 0.1 });
        yield return Layer("tail projection", Inputs, new TailProjectionSpec { Name = "tail", Kept = 1, Size = 2 },
            new DenseSpec { Name = "head", Outputs = Hidden });
        yield return Layer("mean pool", Hidden, new MeanPoolSpec { Name = "pool" });
        yield return Layer("max pool", Hidden, new MaxPoolSpec { Name = "pool" });
        yield return Layer("center step", Hidden, new CenterStepSpec { Name = "pool" });
        yield return Layer("flatten", 1, new FlattenSpec { Name = "pool", Steps = Hidden });
        yield return Layer("attention pool", Hidden, new AttentionPoolSpec { Name = "pool", Size = 2 });
        yield return Layer(
            "recurrent, last step, dense", Inputs, new RecurrentSpec { Name = "rnn", Cell = gru, Hidden = 2 }, new LastStepSpec { Name = "last" },
            new DenseSpec { Name = "head", Outputs = Hidden });
    }

    private static IEnumerable<GradientCheckCase> LossCases() =>
        from loss in LossList.All
        let targets = loss is SoftmaxCrossEntropy ? 4 : 2
        select new GradientCheckCase("loss", loss.Name, new NetworkSpec(loss.OutputsFor(targets), []), loss, targets);

    private static GradientCheckCase Recurrent(string kind, string subject, CellOptions cell, Direction direction, Merge merge, int layers,
        CellCatalog? cells = null)
    {
        RecurrentSpec spec = new()
        {
            Name = "rnn", Cell = cell, Hidden = Hidden, Layers = layers, Direction = direction, Merge = merge, InitialState = InitialState.Learned,
        };
        ICellEquations? equations = CellEquations.Find(cell, cells ?? CellCatalog.BuiltIn);
        int inputs = equations is DefinedEquations { Definition.ReadsInputByUnit: true } ? Hidden : Inputs;
        return new GradientCheckCase(kind, subject, new NetworkSpec(inputs, [spec]), new SquaredError(), TextbookNetwork.Width(spec, cells))
        {
            Cells = cells ?? CellCatalog.BuiltIn,
        };
    }

    private static string Word(Enum choice) => choice.ToString().ToLowerInvariant();

    private static GradientCheckCase Layer(string subject, int inputs, params LayerSpec[] layers) =>
        new("layer", subject, new NetworkSpec(inputs, layers), new SquaredError(), Hidden);
}
