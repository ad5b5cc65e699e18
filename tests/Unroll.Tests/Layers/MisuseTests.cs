using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Pooling;
using Unroll.Layers.Recurrent;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Layers;

/// <summary>What does not belong together is refused in one line before a kernel sees it: kernels read memory without looking.</summary>
public sealed class MisuseTests
{
    private static readonly SequenceLayout Four = SequenceLayout.FromLengths(3, 1), Other = SequenceLayout.FromLengths(2, 2),
        More = SequenceLayout.FromLengths(90, 90);

    public static TheoryData<string> Names() =>
        ["recurrent", "reverse", "dense", "dropout", "embedding", "layer norm", "last step", "last states", "mean pool", "max pool", "center step",
            "flatten", "attention pool", "bidirectional", "stack"];

    private static (ILayer Layer, SequenceBatch X) Make(string name, ulong seed = 1)
    {
        ParameterStore store = new();
        RecurrentLayer Recurrent(bool reverse) => new("l", store, new(), 3, 5, reverse);
        ILayer layer = name switch
        {
            "recurrent" => Recurrent(reverse: false),
            "reverse" => Recurrent(reverse: true),
            "dense" => new Dense("l", store, 3, 5),
            "dropout" => new Dropout("l", 3, 0.5f),
            "embedding" => new Embedding("l", store, 4, 5),
            "last step" => new LastStep("l", 3),
            "layer norm" => new LayerNorm("l", store, 3),
            "last states" => new Stack("l", new Dense("d", store, 3, 4), new LastStates("last", 4)),
            "mean pool" => new MeanPool("l", 3),
            "center step" => new CenterStep("l", 3),
            "flatten" => new Flatten("l", 3, 90),
            "max pool" => new MaxPool("l", 3),
            "attention pool" => new AttentionPool("l", store, 3, 2),
            "bidirectional" => new Bidirectional("l", Recurrent(reverse: false), Recurrent(reverse: true), Merge.Concatenate),
            _ => new Stack("l", Recurrent(reverse: false), new Dense("d", store, 5, 2)),
        };
        return (layer, layer is Embedding ? SequenceBatch.Zeros(Four, 1) : LayerCases.Draw(Four, 3, seed));
    }

    [Theory, MemberData(nameof(Names))]
    public void A_gradient_of_other_lengths_or_features_than_the_output_is_refused(string name)
    {
        (ILayer layer, SequenceBatch x) = Make(name);
        Pass pass = LayerCases.NewPass(training: true);
        Cache cache = layer.Forward(x, pass);
        foreach (SequenceLayout layout in new[] { Other, More, SequenceLayout.FromLengths(1), SequenceLayout.FromLengths() })
            Assert.Contains("'l",
                Assert.Throws<ShapeException>(() => layer.Backward(SequenceBatch.Zeros(layout, layer.OutputSize), cache, pass)).Message);
        Assert.Throws<ShapeException>(() => layer.Backward(SequenceBatch.Zeros(cache.Output.Layout, layer.OutputSize + 1), cache, pass));
        layer.Backward(SequenceBatch.Zeros(SequenceLayout.FromLengths(cache.Output.Layout.Lengths), layer.OutputSize), cache, pass);
    }

    [Theory, MemberData(nameof(Names))]
    public void A_cache_of_another_layer_is_refused(string name)
    {
        (ILayer layer, SequenceBatch x) = Make(name);
        (ILayer twin, SequenceBatch _) = Make(name);
        Pass pass = LayerCases.NewPass(training: true);
        Cache cache = twin.Forward(x, pass);
        Assert.Throws<ArgumentException>(() => layer.Backward(SequenceBatch.Zeros(cache.Output.Layout, layer.OutputSize), cache, pass));
        if (layer is IRecurrentLayer recurrent) Assert.Throws<ArgumentException>(() => recurrent.Last(cache, recurrent.NewState(2)));
    }

    [Theory, InlineData("recurrent"), InlineData("bidirectional"), InlineData("stack")]
    public void States_of_another_shape_are_refused_wherever_they_are_given(string name)
    {
        (ILayer made, SequenceBatch x) = Make(name);
        IRecurrentLayer layer = (IRecurrentLayer)made;
        Pass pass = LayerCases.NewPass();
        Cache cache = layer.Forward(x, pass);
        SequenceBatch dy = SequenceBatch.Zeros(Four, layer.OutputSize);
        State[] wrong = [layer.NewState(1), layer.NewState(3), new State("leaf", 2, 4, 5), new State("leaf", 2, 5, 0),
            new State("parts", 2, new State("leaf", 2, 5, 5), new State("leaf", 2, 4, 4))];
        foreach (State state in wrong)
        {
            Assert.Throws<ShapeException>(() => layer.Forward(x, state, pass));
            Assert.Throws<ShapeException>(() => layer.Backward(dy, state, cache, null, pass));
            Assert.Throws<ShapeException>(() => layer.Backward(dy, null, cache, state, pass));
            Assert.Throws<ShapeException>(() => layer.Last(cache, state));
            if (state.Children.Count != 0 || name == "recurrent") continue;
            Assert.Throws<ShapeException>(() => layer.SetFirst(state));
        }
    }

    [Fact]
    public void Sequence_ids_of_another_batch_are_refused() => Assert.Throws<ShapeException>(() =>
        new Dropout("l", 3, 0.5f).Forward(LayerCases.Draw(Four, 3, 1), LayerCases.NewPass(training: true) with { SequenceIds = new long[1] }));

    [Fact]
    public void A_step_of_another_size_is_refused_also_where_no_recurrent_layer_comes_first_or_last()
    {
        ParameterStore store = new();
        Stack stack = new("s", new Dense("a", store, 3, 4), new RecurrentLayer("b", store, new(), 4, 5), new Dense("c", store, 5, 2));
        State state = stack.NewState(2);
        stack.Step(new float[6], state, new float[4]);
        foreach ((int x, int y) in new[] { (3, 4), (5, 4), (9, 4), (6, 2), (6, 6) })
            Assert.Throws<ShapeException>(() => stack.Step(new float[x], state, new float[y]));
    }

    [Fact]
    public void A_state_may_go_from_one_layer_to_another_of_its_shape()
    {
        ParameterStore store = new();
        RecurrentLayer plain = new("a", store, new() { Kind = "rnn" }, 3, 5), gated = new("b", store, new() { Kind = "gru" }, 3, 5, index: 1);
        using (Edit edit = store.Edit()) edit.Values.Fill(0.1f);
        State state = plain.NewState(1), fresh = gated.NewState(1);
        float[] y = new float[5], expected = new float[5];
        plain.Step([1, 2, 3], state, y);
        fresh.CopyFrom(state);
        gated.Step([1, 2, 3], fresh, expected);
        gated.Step([1, 2, 3], state, y);
        Assert.Equal(expected, y);
        plain.Step([1, 2, 3], state, y);

        ParameterStore other = new();
        Stack narrow = new("s", new RecurrentLayer("a", other, new(), 3, 5), new Dense("b", other, 5, 2), new Dense("c", other, 2, 1));
        Stack wide = new("s", new RecurrentLayer("d", other, new(), 3, 5, index: 1), new Dense("e", other, 5, 40), new Dense("f", other, 40, 1));
        State passed = narrow.NewState(1);
        narrow.Step([1, 2, 3], passed, new float[1]);
        wide.Step([1, 2, 3], passed, new float[1]);
    }

    [Fact]
    public void What_is_too_large_for_an_array_is_said_in_one_line()
    {
        SequenceLayout million = SequenceLayout.Uniform(1000, 1000);
        Assert.Throws<ShapeException>(() => SequenceBatch.Zeros(million, 4000));
        Assert.Throws<ShapeException>(() => new Workspace().Rent(million, 4000));
        Assert.Throws<ShapeException>(() => new Workspace().Rent(million, 4295));                     // 2³² + 33,000 floats: not 33,000
        SequenceBatch narrow = SequenceBatch.Zeros(million, 1);
        foreach (ILayer layer in new ILayer[]
        {
            new RecurrentLayer("l", new ParameterStore(), new(), 1, 1000), new Dense("l", new ParameterStore(), 1, 4000),
                new Embedding("l", new ParameterStore(), 1, 4000),
        })
            Assert.Contains("floats", Assert.Throws<ShapeException>(() => layer.Forward(narrow, LayerCases.NewPass())).Message);
    }

    [Fact]
    public void A_layer_of_too_many_weights_is_refused_by_name()
    {
        foreach (int hidden in new[] { 40_000, 1 << 29, (1 << 30) + 8 })
            Assert.Contains("'l'", Assert.Throws<UserErrorException>(() => new RecurrentLayer("l", new ParameterStore(), new(), 3, hidden)).Message);
        Assert.Contains("'l'", Assert.Throws<UserErrorException>(() => new Dense("l", new ParameterStore(), 1 << 16, 1 << 16)).Message);
        Assert.Contains("'l'", Assert.Throws<UserErrorException>(() => new Dense("l", new ParameterStore(), 1 << 28, 1)).Message);
        Assert.Contains("'l.weight'", Assert.Throws<UserErrorException>(() => new Embedding("l", new ParameterStore(), 1 << 24, 1 << 10)).Message);
        ParameterStore store = new();
        store.Add("a", 3);
        Assert.Contains("'b'", Assert.Throws<UserErrorException>(() => store.Add("b", int.MaxValue)).Message);
        Assert.Equal(3, store.Length);
    }
}
