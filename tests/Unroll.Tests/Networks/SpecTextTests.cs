using System.Text.Json;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Tests.Networks;

public sealed class SpecTextTests
{
    [Fact]
    public void What_layers_from_other_programs_need_reads_back_and_is_not_written_where_it_is_as_ever()
    {
        NetworkSpec spec = new(2,
        [
            new LayerNormSpec { Name = "norm", Epsilon = 1e-3 }, new FlipSpec { Name = "flip" }, new RecurrentSpec { Name = "core", Hidden = 2 },
            new LastStatesSpec { Name = "last", Merge = Merge.Multiply },
        ]);
        NetworkSpec back = NetworkSpec.FromJson(spec.ToJson());
        Assert.Equal(spec.Layers, back.Layers);
        Assert.DoesNotContain("epsilon", new NetworkSpec(2, [new LayerNormSpec { Name = "norm" }]).ToJson());
        Assert.Contains("epsilon", Assert.Throws<UserErrorException>(() =>
            Network.Build(new NetworkSpec(2, [new LayerNormSpec { Name = "norm", Epsilon = 0 }]))).Message);
    }

    [Fact]
    public void A_description_has_the_text_that_earlier_files_have_and_reads_back_to_it()
    {
        Assert.Equal(Text, Every.ToJson());
        Assert.Equal(Text, NetworkSpec.FromJson(Text).ToJson());
    }

    [Theory]
    [InlineData("", "it is not JSON, line 1: ")]
    [InlineData("[]", "expected an object, found a list")]
    [InlineData("""{"inputs": 1}""", "the member 'layers' is missing")]
    [InlineData("""{"inputs": 1.5, "layers": []}""", "inputs is not what belongs there: expected a whole number from 1 to 16777216, found 1.5")]
    [InlineData("""{"inputs": 1, "layers": {}}""", "layers is not what belongs there: expected a list, found an object")]
    [InlineData("""{"inputs": 1, "layers": [null]}""", "layers[0] is not what belongs there: expected an object, found null")]
    [InlineData("""{"inputs": 1, "layers": [{"name": "a"}]}""", "the member 'type' is missing in layers[0]")]
    [InlineData("""{"inputs": 1, "layers": [{"type": "lstm"}]}""", "there is no layer of type 'lstm'; expected recurrent, dense")]
    [InlineData("""{"inputs": 1, "layers": [{"type": "dense", "outputs": 2}]}""", "the member 'name' is missing in layers[0]")]
    [InlineData("""{"inputs": 1, "layers": [{"type": "dense", "outputs": 2, "nam": "a", "name": "a"}]}""",
        "there is no member 'nam' in layers[0]; did you mean 'name'")]
    [InlineData("""{"inputs": 1, "layers": [{"type": "recurrent", "name": "a", "hidden": 2, "merge": "Sun"}]}""",
        "layers[0].merge is not what belongs there: expected one of Concatenate, Sum, Average, Multiply, found \"Sun\"; did you mean 'Sum'")]
    [InlineData("""{"inputs": 1, "layers": [{"type": "recurrent", "name": "a", "hidden": 2, "merge": 1}]}""", "layers[0].merge is not what")]
    [InlineData("""{"inputs": 1, "layers": [{"type": "recurrent", "name": "a", "hidden": 2, "cell": {"peepholes": "yes"}}]}""",
        "layers[0].cell.peepholes is not what belongs there: expected true or false, found \"yes\"")]
    [InlineData("""{"inputs": 1, "layers": [{"type": "dense", "outputs": 2, "name": "\ud800"}]}""", "a text in it is not Unicode")]
    public void What_is_no_description_is_refused_with_its_place(string json, string expected) =>
        Assert.Contains(expected, Assert.ThrowsAny<JsonException>(() => NetworkSpec.FromJson(json)).Message);

    [Fact]
    public void A_layer_may_leave_out_what_has_a_usual_value()
    {
        NetworkSpec spec = NetworkSpec.FromJson(
            """{"inputs": 1, "layers": [{"hidden": 5, "name": "plain", "type": "recurrent", "direction": "forward"}]}""");
        Assert.Equal(new RecurrentSpec { Name = "plain", Hidden = 5 }, Assert.Single(spec.Layers));
    }

    [Fact]
    public void Tied_weights_and_locked_dropout_are_written_and_read_back()
    {
        NetworkSpec spec = new(1,
        [
            new EmbeddingSpec { Name = "table", Vocabulary = 7, Size = 3 },
            new DropoutSpec { Name = "drop", Rate = 0.25f, Locked = true },
            new RecurrentSpec { Name = "core", Hidden = 3, Layers = 2, Dropout = 0.5f, LockedDropout = true },
            new TiedSpec { Name = "head", Embedding = "table" },
        ]);
        Assert.Equal(spec.Layers, NetworkSpec.FromJson(spec.ToJson()).Layers);
    }

    private const string Text = """
        {
          "inputs": 1,
          "layers": [
            {
              "type": "embedding",
              "vocabulary": 65,
              "size": 3,
              "name": "\u00E9\u003Ctable\u003E"
            },
            {
              "type": "recurrent",
              "cell": {
                "kind": "lstm",
                "activation": "tanh",
                "peepholes": true,
                "coupled": true,
                "projection": 2,
                "cellClip": 1.5,
                "gateClip": 1E-07
              },
              "hidden": 4,
              "layers": 2,
              "direction": "Bidirectional",
              "merge": "Average",
              "dropout": 0.1,
              "firstState": "Random",
              "firstStateSeed": 18446744073709551615,
              "name": "encoder"
            },
            {
              "type": "recurrent",
              "cell": {
                "kind": "lstm",
                "peepholes": false,
                "coupled": false
              },
              "hidden": 5,
              "layers": 1,
              "direction": "Forward",
              "merge": "Concatenate",
              "dropout": 0,
              "firstState": "Zero",
              "firstStateSeed": 0,
              "name": "plain"
            },
            {
              "type": "dropout",
              "rate": 0.3,
              "name": "drop"
            },
            {
              "type": "layer-norm",
              "name": "norm"
            },
            {
              "type": "convolution",
              "filters": 6,
              "width": 3,
              "name": "filters"
            },
            {
              "type": "step-pool",
              "steps": 2,
              "name": "fewer"
            },
            {
              "type": "tail-projection",
              "kept": 2,
              "size": 3,
              "name": "tail"
            },
            {
              "type": "last-states",
              "name": "states"
            },
            {
              "type": "mean-pool",
              "name": "mean"
            },
            {
              "type": "max-pool",
              "name": "max"
            },
            {
              "type": "centre-step",
              "name": "centre"
            },
            {
              "type": "flatten",
              "steps": 5,
              "name": "flat"
            },
            {
              "type": "attention-pool",
              "size": 7,
              "name": "attention"
            },
            {
              "type": "wide",
              "steps": 3,
              "pairs": true,
              "name": "wide"
            },
            {
              "type": "last-step",
              "name": "last"
            },
            {
              "type": "dense",
              "outputs": 2,
              "name": "head"
            }
          ]
        }
        """;

    private static NetworkSpec Every => new(1,
    [
        new EmbeddingSpec { Name = "é<table>", Vocabulary = 65, Size = 3 },
        new RecurrentSpec
        {
            Name = "encoder", Hidden = 4, Layers = 2, Direction = Direction.Bidirectional, Merge = Merge.Average, Dropout = 0.1f,
            InitialState = InitialState.Random, InitialStateSeed = ulong.MaxValue,
            Cell = new() { Kind = "lstm", Activation = "tanh", Peepholes = true, Coupled = true, Projection = 2, CellClip = 1.5f, GateClip = 1e-7f },
        },
        new RecurrentSpec { Name = "plain", Hidden = 5 },
        new DropoutSpec { Name = "drop", Rate = 0.3f },
        new LayerNormSpec { Name = "norm" },
        new ConvolutionSpec { Name = "filters", Filters = 6, Width = 3 },
        new StepPoolSpec { Name = "fewer", Steps = 2 },
        new TailProjectionSpec { Name = "tail", Kept = 2, Size = 3 },
        new LastStatesSpec { Name = "states" },
        new MeanPoolSpec { Name = "mean" },
        new MaxPoolSpec { Name = "max" },
        new CenterStepSpec { Name = "centre" },
        new FlattenSpec { Name = "flat", Steps = 5 },
        new AttentionPoolSpec { Name = "attention", Size = 7 },
        new WideSpec { Name = "wide", Steps = 3, Pairs = true },
        new LastStepSpec { Name = "last" },
        new DenseSpec { Name = "head", Outputs = 2 },
    ]);
}
