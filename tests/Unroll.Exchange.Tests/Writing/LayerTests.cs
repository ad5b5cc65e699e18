using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Exchange.Onnx.Writing;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Exchange.Tests.Writing;

public sealed class LayerTests
{
    private static readonly RecurrentSpec s_forward = new() { Name = "rnn", Hidden = 4, Cell = new() { Kind = "gru-after" } };

    private static readonly RecurrentSpec s_both = s_forward with { Direction = Direction.Bidirectional };

    private static readonly Dictionary<string, NetworkSpec> s_networks = new()
    {
        ["dense alone"] = new(3, [new DenseSpec { Name = "a", Outputs = 4 }]),
        ["embedding and dense"] = new(1,
            [new EmbeddingSpec { Name = "e", Vocabulary = 9, Size = 3 }, s_forward, new DenseSpec { Name = "a", Outputs = 4 }]),
        ["dropout below an embedding"] = new(1,
            [new DropoutSpec { Name = "d", Rate = 0.5f }, new EmbeddingSpec { Name = "e", Vocabulary = 9, Size = 3 }, s_both]),
        ["tied to the embedding"] = new(1,
            [new EmbeddingSpec { Name = "e", Vocabulary = 9, Size = 4 }, s_forward, new TiedSpec { Name = "a", Embedding = "e" }]),
        ["words and their letters"] = new(6,
        [
            new CharacterSpec
            {
                Name = "e", Vocabulary = 9, Size = 3, Characters = 7, CharacterSize = 2, Hidden = 3, Longest = 5, Cell = new() { Kind = "gru" },
            },
            s_both, new DenseSpec { Name = "a", Outputs = 4 },
        ]),
        ["words and their letters by normalized cells"] = new(6,
        [
            new CharacterSpec
            {
                Name = "e", Vocabulary = 9, Size = 3, Characters = 7, CharacterSize = 4, Hidden = 4, Longest = 5, Cell = new() { Kind = "lstm-ln" },
            },
        ]),
        ["words and their letters by equations that begin at one"] = new(6,
        [
            new CharacterSpec
            {
                Name = "e", Vocabulary = 9, Size = 3, Characters = 7, CharacterSize = 4, Hidden = 4, Longest = 5,
                Cell = CellChoice.Of(CellText.Read(
                    "cell own\ninitial h = 1\ninitial c = −2\nc = c₋ + b_c\nh = h₋ ⊙ σ(W x + U h₋ + c)\n", "own.cell")),
            },
        ]),
        ["filters of one step"] = new(3, [new ConvolutionSpec { Name = "f", Filters = 4, Width = 1 }, s_both]),
        ["filters of two steps"] = new(3, [new ConvolutionSpec { Name = "f", Filters = 4, Width = 2 }, s_both]),
        ["filters of five steps on filters"] = new(3,
            [new ConvolutionSpec { Name = "f", Filters = 4, Width = 5 }, new ConvolutionSpec { Name = "g", Filters = 3, Width = 4 }]),
        ["filters, every three steps one"] = new(3,
            [new ConvolutionSpec { Name = "f", Filters = 4, Width = 3 }, new StepPoolSpec { Name = "p", Steps = 3 }, s_both]),
        ["every two steps one, twice"] = new(3, [new StepPoolSpec { Name = "p", Steps = 2 }, s_forward, new StepPoolSpec { Name = "q", Steps = 2 }]),
        ["every step one"] = new(3, [new StepPoolSpec { Name = "p", Steps = 1 }, s_forward]),
        ["a tail projected"] = new(7,
            [new TailProjectionSpec { Name = "t", Kept = 3, Size = 2 }, s_forward, new DenseSpec { Name = "a", Outputs = 2 }]),
        ["normalized rows"] = new(5, [new LayerNormSpec { Name = "n" }, s_both, new LayerNormSpec { Name = "m" }]),
        ["normalized rows with a larger ε"] = new(5, [new LayerNormSpec { Name = "n", Epsilon = 0.1 }, s_both]),
        ["steps turned around"] = new(3, [s_both, new FlipSpec { Name = "f" }, s_forward with { Name = "above" }]),
        ["the product of two directions"] = new(3, [s_both with { Merge = Merge.Multiply }, new DenseSpec { Name = "a", Outputs = 2 }]),
        ["the product of last states"] = new(3, [s_both, new LastStatesSpec { Name = "p", Merge = Merge.Multiply }]),
        ["the mean of last states"] = new(3, [s_both, new LastStatesSpec { Name = "p", Merge = Merge.Average }]),
        ["a field of labels"] = new(3, [s_both, new DenseSpec { Name = "a", Outputs = 4 }, new CrfSpec { Name = "crf" }]),
        ["wide, with pairs"] = new(3,
        [
            s_both, new MaxPoolSpec { Name = "p" }, new DenseSpec { Name = "a", Outputs = 4 }, new WideSpec { Name = "w", Steps = 7, Pairs = true },
        ]),
        ["wide"] = new(3,
            [s_both, new MeanPoolSpec { Name = "p" }, new DenseSpec { Name = "a", Outputs = 4 }, new WideSpec { Name = "w", Steps = 8 }]),
        ["wide of one step, with pairs"] = new(3,
            [s_both, new LastStepSpec { Name = "p" }, new WideSpec { Name = "w", Steps = 1, Pairs = true }]),
        ["recurrent above a pooling"] = new(3,
            [s_both, new MaxPoolSpec { Name = "p" }, s_forward with { Name = "above" }, new MeanPoolSpec { Name = "q" }]),
        ["flat places of pooled filters"] = new(3,
        [
            new ConvolutionSpec { Name = "f", Filters = 4, Width = 3 }, new StepPoolSpec { Name = "s", Steps = 2 }, s_both,
            new FlattenSpec { Name = "p", Steps = 4 }, new DenseSpec { Name = "a", Outputs = 3 },
        ]),
    };

    /// <summary>The networks that have every kind of layer.</summary>
    internal static IReadOnlyDictionary<string, NetworkSpec> Specs => s_networks;

    private static readonly PoolingSpec[] s_poolings =
    [
        new LastStepSpec { Name = "p" }, new LastStatesSpec { Name = "p" }, new MeanPoolSpec { Name = "p" }, new MaxPoolSpec { Name = "p" },
        new CenterStepSpec { Name = "p" }, new FlattenSpec { Name = "p", Steps = 9 }, new AttentionPoolSpec { Name = "p", Size = 3 },
    ];

    public static IEnumerable<TheoryDataRow<string>> Networks() => s_networks.Keys.Select(name => new TheoryDataRow<string>(name));

    public static IEnumerable<TheoryDataRow<int, string>> Poolings() => Enumerable.Range(0, s_poolings.Length)
        .SelectMany(pooling => new[] { "lstm", "lstm-ln", "rnn" }.Select(cell => new TheoryDataRow<int, string>(pooling, cell)));

    [Theory]
    [MemberData(nameof(Networks))]
    public void Every_kind_of_layer_gives_the_same_in_ONNX_Runtime(string name)
    {
        ProbeResult result = Written.Compare(Written.Random(s_networks[name]));
        Written.AssertClose(result);
        Assert.True(result.Count > 100);
    }

    [Theory]
    [InlineData(14)]
    [InlineData(22)]
    public void Every_kind_of_layer_gives_the_same_in_the_first_and_the_last_opset(int opset)
    {
        foreach ((string name, NetworkSpec spec) in s_networks)
            Written.AssertClose(Written.Compare(Written.Random(spec), opset), name);
    }

    [Theory]
    [InlineData(14)]
    [InlineData(17)]
    [InlineData(22)]
    public void Every_kind_of_layer_gives_the_same_in_the_interpreter(int opset)
    {
        foreach ((string name, NetworkSpec spec) in s_networks) Written.AssertClose(Written.CompareOwn(Written.Random(spec), opset), name);
    }

    [Theory]
    [MemberData(nameof(Poolings))]
    public void Every_pooling_above_every_kind_of_recurrence_gives_the_same(int pooling, string cell)
    {
        NetworkSpec spec = new(3, [s_both with { Cell = new() { Kind = cell } }, s_poolings[pooling], new DenseSpec { Name = "a", Outputs = 4 }]);
        Written.AssertClose(Written.Compare(Written.Random(spec)));
    }
}
