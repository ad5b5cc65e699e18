using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Exchange.Onnx.Writing;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Exchange.Tests.Writing;

public sealed class RecurrentTests
{
    private static readonly CellVariant[] s_more =
    [
        new("lstm coupled peephole", new() { Kind = "lstm", Coupled = true, Peepholes = true }),
        new("lstm coupled clipped", new() { Kind = "lstm", Coupled = true, GateClip = 0.4f }),
        new("lstm peephole clipped gates", new() { Kind = "lstm", Peepholes = true, GateClip = 0.4f }),
        new("lstm projection peephole", new() { Kind = "lstm", Projection = 3, Peepholes = true }),
        new("rnn relu clipped gates", new() { Kind = "rnn", Activation = "relu", GateClip = 0.4f }),
        new("residual clipped gates", new() { Kind = "residual", GateClip = 0.4f }),
    ];

    private static CellVariant Variant(string name) => CellCatalog.BuiltIn.Variants.Concat(s_more).First(one => one.Name == name);

    public static IEnumerable<TheoryDataRow<string, Direction>> CellsAndDirections() =>
        CellCatalog.BuiltIn.Variants.Concat(s_more).SelectMany(cell => Enum.GetValues<Direction>().Select(direction =>
            new TheoryDataRow<string, Direction>(cell.Name, direction)));

    private static NetworkSpec Spec(string cell, Direction direction, Merge merge = Merge.Concatenate, int layers = 2,
        InitialState initial = InitialState.Zero) => new(3,
    [
        new RecurrentSpec
        {
            Name = "encoder", Cell = Variant(cell).Options, Hidden = 5, Layers = layers, Direction = direction, Merge = merge, InitialState = initial,
            InitialStateSeed = 3,
        },
        new DenseSpec { Name = "head", Outputs = 4 },
    ]);

    [Theory]
    [MemberData(nameof(CellsAndDirections))]
    public void Every_cell_in_every_direction_gives_the_same_in_ONNX_Runtime(string cell, Direction direction)
    {
        ProbeResult result = Written.Compare(Written.Random(Spec(cell, direction)));
        Written.AssertClose(result);
        Assert.True(result.Count > 500);
    }

    public static IEnumerable<TheoryDataRow<string, Direction>> ZooAndDirections() =>
        CellZoo.Names.SelectMany(cell => Enum.GetValues<Direction>().Select(direction => new TheoryDataRow<string, Direction>(cell, direction)));

    [Theory]
    [MemberData(nameof(ZooAndDirections))]
    public void Every_cell_of_the_zoo_gives_the_same_as_a_Scan_or_as_the_operator_that_it_is(string cell, Direction direction)
    {
        CellDefinition definition = CellZoo.Definition(cell);
        NetworkSpec spec = new(definition.ReadsInputByUnit ? 5 : 3,
        [
            new RecurrentSpec
            {
                Name = "encoder", Cell = CellChoice.Of(definition), Hidden = 5, Layers = definition.ReadsInputByUnit ? 1 : 2, Direction = direction,
            },
            new DenseSpec { Name = "head", Outputs = 4 },
        ]);
        Network network = Written.Random(spec);
        Written.AssertClose(Written.Compare(network));
        Written.AssertClose(Written.CompareOwn(network, 17));
        string expected = cell is "lstm-coupled" or "lstm-peephole" ? "LSTM" : "Scan";
        Assert.Equal(expected, Assert.Single(Written.Operators(network).Keys, key => key is "LSTM" or "GRU" or "RNN" or "Scan"));
    }

    [Theory]
    [InlineData("lstm")]
    [InlineData("gru")]
    [InlineData("lstm-ln")]
    [InlineData("lstm projection")]
    public void Both_directions_are_merged_in_every_way(string cell)
    {
        foreach (Merge merge in Enum.GetValues<Merge>())
            Written.AssertClose(Written.Compare(Written.Random(Spec(cell, Direction.Bidirectional, merge))));
    }

    [Theory]
    [InlineData("lstm")]
    [InlineData("gru-after")]
    [InlineData("residual")]
    public void A_first_state_that_is_not_given_is_the_one_the_network_begins_with(string cell)
    {
        foreach (InitialState initial in Enum.GetValues<InitialState>())
            foreach (Direction direction in Enum.GetValues<Direction>())
                Written.AssertClose(Written.Compare(Written.Random(Spec(cell, direction, initial: initial))));
    }

    [Fact]
    public void What_ONNX_has_is_an_operator_and_what_it_has_not_is_a_Scan()
    {
        foreach ((string cell, string expected) in new[]
        {
            ("lstm", "LSTM"), ("lstm peephole", "LSTM"), ("lstm coupled", "LSTM"), ("lstm clipped gates", "LSTM"), ("gru", "GRU"),
            ("gru-after", "GRU"), ("rnn", "RNN"),
            ("rnn relu", "RNN"), ("lstm projection", "Scan"), ("lstm clipped cell", "Scan"), ("residual", "Scan"),
            ("lstm-ln", "Scan"), ("gru-ln", "Scan"),
        })
        {
            IReadOnlyDictionary<string, int> operators = Written.Operators(Written.Random(Spec(cell, Direction.Bidirectional)));
            Assert.Equal(expected == "Scan" ? 4 : 2, operators[expected]);
        }
    }

    [Theory]
    [InlineData(14)]
    [InlineData(17)]
    [InlineData(22)]
    public void Every_cell_in_every_direction_gives_the_same_in_the_interpreter(int opset)
    {
        foreach (CellVariant cell in CellCatalog.BuiltIn.Variants.Concat(s_more))
            foreach (Direction direction in Enum.GetValues<Direction>())
                Written.AssertClose(Written.CompareOwn(Written.Random(Spec(cell.Name, direction)), opset), cell.Name);
    }

    [Theory]
    [InlineData(14)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(18)]
    [InlineData(19)]
    [InlineData(20)]
    [InlineData(21)]
    [InlineData(22)]
    public void Every_opset_from_14_to_22_gives_the_same(int opset)
    {
        foreach (string cell in new[] { "lstm", "gru", "rnn", "lstm-ln", "gru-ln", "lstm projection" })
            Written.AssertClose(Written.Compare(Written.Random(Spec(cell, Direction.Bidirectional, Merge.Average, layers: 1)), opset));
    }
}
