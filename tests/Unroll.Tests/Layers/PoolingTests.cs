using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Pooling;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Layers;

[Trait("Category", "Bits")]
public sealed class PoolingTests
{
    // Sequences 2 and 0 have steps, sequence 1 has none.
    private static SequenceBatch X => SequenceBatch.FromSequences(2, [1, -2], [], [3, 4, 9, 0, 6, 8]);

    private static Pass Pass => LayerCases.NewPass();

    public static TheoryData<string> Names => ["last", "states", "mean", "max", "centre", "flatten", "attention"];

    private static (ILayer Layer, ParameterStore Store) Make(string name, int size)
    {
        ParameterStore store = new();
        ILayer layer = name switch
        {
            "last" => new LastStep("l", size),
            "states" => new LastStates("l", size),
            "mean" => new MeanPool("l", size),
            "max" => new MaxPool("l", size),
            "centre" => new CenterStep("l", size),
            "flatten" => new Flatten("l", size, 5),
            _ => new AttentionPool("l", store, size, 3),
        };
        using Edit edit = store.Edit();
        for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = (float)new Rng(3).Normal((ulong)i);
        return (layer, store);
    }

    [Fact]
    public void The_mean_of_each_sequence_comes_out_and_shares_its_gradient_equally()
    {
        Cache cache = Make("mean", 2).Layer.Forward(X, Pass);
        Assert.Equal([1, 0, 1], cache.Output.Layout.Lengths);
        Assert.Equal([1f, -2, 6, 4], cache.Output.All);
        (ILayer layer, _) = Make("mean", 2);
        cache = layer.Forward(X, Pass);
        SequenceBatch dx = layer.Backward(new SequenceBatch(cache.Output.Layout, 2, new float[] { 10, 20, 3, 6 }), cache, Pass);
        Assert.Equal([10f, 20], dx.Row(0, 0));
        for (int t = 0; t < 3; t++) Assert.Equal([1f, 2], dx.Row(t, 2));
    }

    [Fact]
    public void The_largest_comes_out_and_its_step_gets_the_gradient()
    {
        MaxPool layer = new("l", 2);
        Cache cache = layer.Forward(X, Pass);
        Assert.Equal([1f, -2, 9, 8], cache.Output.All);
        Assert.Equal([1, 2], layer.Chosen(cache, 2));
        Assert.Equal([], layer.Chosen(cache, 1));
        SequenceBatch dx = layer.Backward(new SequenceBatch(cache.Output.Layout, 2, new float[] { 10, 20, 3, 6 }), cache, Pass);
        Assert.Equal([10f, 20], dx.Row(0, 0));
        Assert.Equal([0f, 0, 3, 0, 0, 6], new[] { 0, 1, 2 }.SelectMany(t => dx.Row(t, 2).ToArray()));
    }

    [Fact]
    public void Of_equal_values_the_first_is_chosen_and_a_NaN_wins()
    {
        MaxPool layer = new("l", 2);
        Cache cache = layer.Forward(SequenceBatch.FromSequences(2, [5, 1, 5, float.NaN, 5, 7]), Pass);
        Assert.Equal([0, 1], layer.Chosen(cache, 0));
        Assert.True(float.IsNaN(cache.Output.All[1]));
    }

    [Fact]
    public void Both_directions_give_what_they_end_with()
    {
        LastStates layer = new("l", 2);
        Cache cache = layer.Forward(X, Pass);
        Assert.Equal([1f, -2, 6, 4], cache.Output.All);
        SequenceBatch dx = layer.Backward(new SequenceBatch(cache.Output.Layout, 2, new float[] { 10, 20, 3, 6 }), cache, Pass);
        Assert.Equal([10f, 20], dx.Row(0, 0));
        Assert.Equal([0f, 6, 0, 0, 3, 0], new[] { 0, 1, 2 }.SelectMany(t => dx.Row(t, 2).ToArray()));
        Assert.Throws<UserErrorException>(() => new LastStates("l", 3));
    }

    [Fact]
    public void Every_step_has_a_place_of_its_own_and_what_is_missing_is_zero()
    {
        Flatten layer = new("l", 2, 4);
        Pass pass = Pass;
        Cache cache = layer.Forward(X, pass);
        Assert.Equal([1, 0, 1], cache.Output.Layout.Lengths);
        Assert.Equal([1f, -2, 0, 0, 0, 0, 0, 0], cache.Output.Row(0, 0));
        Assert.Equal([3f, 4, 9, 0, 6, 8, 0, 0], cache.Output.Row(0, 2));
        SequenceBatch dx =
            layer.Backward(new SequenceBatch(cache.Output.Layout, 8, Enumerable.Range(1, 16).Select(i => (float)i).ToArray()), cache, pass);
        Assert.Equal([1f, 2], dx.Row(0, 0));
        Assert.Equal([9f, 10, 11, 12, 13, 14], new[] { 0, 1, 2 }.SelectMany(t => dx.Row(t, 2).ToArray()));
    }

    [Fact]
    public void A_sequence_with_more_steps_than_there_are_places_for_is_refused()
    {
        Assert.Contains("'l' input steps", Assert.Throws<ShapeException>(() => new Flatten("l", 2, 2).Forward(X, Pass)).Message);
        Assert.Throws<UserErrorException>(() => new Flatten("l", 2, 0));
    }

    // What the layer gives is what its directions say their last states are.
    [Fact]
    public void Above_a_bidirectional_layer_the_last_states_are_its_last_states()
    {
        NetworkSpec spec =
            new(2, [new RecurrentSpec { Name = "core", Hidden = 3, Direction = Direction.Bidirectional }, new LastStatesSpec { Name = "last" }]);
        Network network = Network.Build(spec);
        Initialization.Apply(network.Parameters, spec, new InitializationOptions(), new Rng(1));
        Cache cache = network.Forward(X, null, Pass);
        State last = network.NewState(3);
        network.Last(cache, last);
        foreach (int s in new[] { 0, 2 })
        {
            Assert.Equal(last.Children[0].Children[0].H.Slice(3 * s, 3), cache.Output.Row(0, s)[..3]);
            Assert.Equal(last.Children[0].Children[1].H.Slice(3 * s, 3), cache.Output.Row(0, s)[3..]);
        }
    }

    [Fact]
    public void Attention_weights_are_shares_and_an_empty_sequence_has_none()
    {
        AttentionPool layer = (AttentionPool)Make("attention", 2).Layer;
        Cache cache = layer.Forward(X, Pass);
        Assert.Equal([1f], layer.Weights(cache, 0));
        Assert.Equal(0, layer.Weights(cache, 1).Length);
        Assert.Equal(1, layer.Weights(cache, 2).ToArray().Sum(), 1e-6);
        float expected = 0;
        for (int t = 0; t < 3; t++) expected += layer.Weights(cache, 2)[t] * X.Row(t, 2)[0];
        Assert.Equal(expected, cache.Output.Row(0, 2)[0], 1e-5);
    }

    [Theory, MemberData(nameof(Names))]
    public void A_ragged_batch_gives_each_sequence_what_it_gets_alone_and_allocates_nothing(string name)
    {
        (ILayer layer, _) = Make(name, 18);
        SequenceLayout layout = SequenceLayout.FromLengths(LayerCases.Ragged);
        SequenceBatch x = LayerCases.Draw(layout, 18, 1), w = LayerCases.Draw(Pooling.LayoutOf(layout), layer.OutputSize, 2);
        Pass pass = Pass;
        long before = 0;
        SequenceBatch y = default, dx = default;
        for (int i = 0; i < 4; i++)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            pass.Workspace.Reset();
            Cache cache = layer.Forward(x, pass);
            (y, dx) = (cache.Output, layer.Backward(w, cache, pass));
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        for (int s = 0; s < layout.Sequences; s++)
        {
            int length = layout.Lengths[s];
            SequenceLayout one = SequenceLayout.FromLengths(length);
            Pass own = Pass;
            Cache alone = layer.Forward(LayerLaws.Pick(x, one, s), own);
            SequenceBatch d = layer.Backward(LayerLaws.Pick(w, alone.Output.Layout, s), alone, own);
            if (length > 0) Assert.Equal(alone.Output.Row(0, 0), y.Row(0, s));
            for (int t = 0; t < length; t++) Assert.Equal(d.Row(t, 0), dx.Row(t, s));
        }
    }

    [Theory, InlineData("mean"), InlineData("max"), InlineData("centre"), InlineData("flatten"), InlineData("attention"), InlineData("states")]
    public void A_network_that_needs_whole_sequences_refuses_single_steps_by_name(string name)
    {
        LayerSpec pool = name switch
        {
            "mean" => new MeanPoolSpec { Name = "pool" },
            "max" => new MaxPoolSpec { Name = "pool" },
            "centre" => new CenterStepSpec { Name = "pool" },
            "flatten" => new FlattenSpec { Name = "pool", Steps = 1 },
            "states" => new LastStatesSpec { Name = "pool" },
            _ => new AttentionPoolSpec { Name = "pool", Size = 2 },
        };
        Network network = Network.Build(new NetworkSpec(2, [pool]));
        Assert.False(network.Causal);
        Assert.Contains("'pool' needs whole sequences",
            Assert.Throws<UserErrorException>(() => network.Step(new float[2], network.NewState(1), new float[2])).Message);
    }

    [Fact]
    public void A_wrong_width_is_refused()
    {
        foreach (string name in Names.Select(row => row.Data)) Assert.Throws<ShapeException>(() => Make(name, 4).Layer.Forward(X, Pass));
    }
}
