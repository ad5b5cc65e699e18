using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;
using static Unroll.Tests.Laws.LayerCases;
using static Unroll.Tests.Laws.LayerLaws;

namespace Unroll.Tests.Laws;

/// <summary>What must hold of every recurrent layer whose weights have 8 bits, bit for bit.</summary>
[Trait("Category", "Bits")]
public sealed class QuantizedLaws
{
    internal static (IRecurrentLayer Layer, ParameterStore Store) MakeQuantized(string name)
    {
        (IRecurrentLayer layer, ParameterStore store) = Make(name);
        Quantize(layer);
        return (layer, store);
    }

    private static void Quantize(ILayer layer)
    {
        if (layer is RecurrentLayer one) one.Quantize();
        if (layer is Bidirectional both) { both.ForwardLayer.Quantize(); both.ReverseLayer.Quantize(); }
        if (layer is Stack stack) foreach (ILayer part in stack.Layers) Quantize(part);
    }

    [Theory, MemberData(nameof(Names), MemberType = typeof(LayerCases))]
    public void A_ragged_batch_gives_each_sequence_what_it_gets_alone(string name)
    {
        (IRecurrentLayer layer, ParameterStore _) = MakeQuantized(name);
        SequenceLayout layout = SequenceLayout.FromLengths(Ragged);
        SequenceBatch x = Draw(layout, layer.InputSize, 1);
        (SequenceBatch together, State last) = Run(layer, x, DrawState(layer, layout.Sequences, 3), One);
        for (int s = 0; s < layout.Sequences; s++)
        {
            State first = PickState(layer, DrawState(layer, layout.Sequences, 3), s);
            (SequenceBatch alone, State own) = Run(layer, Pick(x, SequenceLayout.FromLengths(Ragged[s]), s), first, One);
            for (int t = 0; t < Ragged[s]; t++) Same(alone.Row(t, 0), together.Row(t, s), "y");
            SameStates(own, PickState(layer, last, s));
        }
    }

    [Theory, MemberData(nameof(Names), MemberType = typeof(LayerCases))]
    public void One_thread_and_many_give_the_same_bits(string name)
    {
        (IRecurrentLayer layer, ParameterStore _) = MakeQuantized(name);
        foreach (int[] lengths in new[] { Ragged, [12], [.. Enumerable.Range(0, 40).Select(i => i % 7)] })
        {
            SequenceLayout layout = SequenceLayout.FromLengths(lengths);
            SequenceBatch x = Draw(layout, layer.InputSize, 1);
            State first = DrawState(layer, layout.Sequences, 3);
            (SequenceBatch y, State last) = Run(layer, x, first, One);
            foreach (ThreadTeam team in new[] { Two, Three })
            {
                (SequenceBatch other, State otherLast) = Run(layer, x, first, team);
                Same(y.All, other.All, "y");
                SameStates(last, otherLast);
            }
        }
    }

    [Theory, MemberData(nameof(CausalNames), MemberType = typeof(LayerCases))]
    public void Step_by_step_equals_the_whole_sequence_and_allocates_nothing(string name)
    {
        (IRecurrentLayer layer, ParameterStore _) = MakeQuantized(name);
        SequenceLayout layout = SequenceLayout.Uniform(3, 6);
        SequenceBatch x = Draw(layout, layer.InputSize, 1);
        State state = DrawState(layer, 3, 3);
        (SequenceBatch whole, State last) = Run(layer, x, state, One);
        float[] y = new float[3 * layer.OutputSize];
        for (int t = 0; t < 6; t++)
        {
            layer.Step(x.Step(t), state, y);
            Same(whole.Step(t), y, $"step {t}");
        }
        SameStates(last, state);
        Assert.Equal(0, Allocation.Of(() => layer.Step(x.Step(0), state, y)));
    }

    [Theory, MemberData(nameof(Names), MemberType = typeof(LayerCases))]
    public void What_is_not_finite_makes_the_steps_that_depend_on_it_NaN_and_no_other_sequence(string name)
    {
        const int sequence = 2, step = 3;                                // of Ragged: the one of five steps
        (IRecurrentLayer layer, ParameterStore _) = MakeQuantized(name);
        SequenceLayout layout = SequenceLayout.FromLengths(Ragged);
        State first = DrawState(layer, layout.Sequences, 3);
        bool reverse = !layer.Causal && !name.Contains("bidirectional");
        (SequenceBatch y, State _) = Run(layer, Draw(layout, layer.InputSize, 1), first, One);
        foreach (float bad in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            SequenceBatch x = Draw(layout, layer.InputSize, 1);
            x.Row(step, sequence)[1] = bad;
            (SequenceBatch broken, State _) = Run(layer, x, first, Two);
            for (int s = 0; s < Ragged.Length; s++)
                for (int t = 0; t < Ragged[s]; t++)
                {
                    if (s != sequence || layer.Causal && t < step || reverse && t > step) Same(y.Row(t, s), broken.Row(t, s), $"y of {s}, {t}");
                    else if (layer.Causal || reverse || t == step) Assert.All(broken.Row(t, s).ToArray(), value => Assert.True(float.IsNaN(value)));
                }
        }
    }

    [Theory, MemberData(nameof(Names), MemberType = typeof(LayerCases))]
    public void Its_parameters_hold_what_it_multiplies_so_that_it_can_be_quantized_again(string name)
    {
        (IRecurrentLayer layer, ParameterStore store) = MakeQuantized(name);
        SequenceBatch x = Draw(SequenceLayout.FromLengths(Ragged), layer.InputSize, 1);
        (SequenceBatch y, State _) = Run(layer, x, null, One);
        float[] values = store.Values.ToArray();
        Quantize(layer);
        Same(values, store.Values, "weights");
        Same(y.All, Run(layer, x, null, One).Y.All, "y");
        using (Edit edit = store.Edit()) edit.Values.Clear();
        (SequenceBatch cleared, State _) = Run(layer, x, null, One);
        Assert.DoesNotContain(cleared.All.ToArray(), float.IsNaN);
        Assert.NotEqual(y.All.ToArray(), cleared.All.ToArray());         // an edit is seen: panels are never stale
    }

    [Theory, MemberData(nameof(Names), MemberType = typeof(LayerCases))]
    public void Training_is_refused_in_one_line(string name)
    {
        (IRecurrentLayer layer, ParameterStore _) = MakeQuantized(name);
        SequenceBatch x = Draw(SequenceLayout.FromLengths(Ragged), layer.InputSize, 1);
        Pass pass = NewPass(), training = NewPass(training: true);
        string forward = Assert.Throws<UserErrorException>(() => layer.Forward(x, training)).Message;
        Cache cache = layer.Forward(x, pass);
        string backward = Assert.Throws<UserErrorException>(() => layer.Backward(cache.Output, cache, pass)).Message;
        foreach (string message in (string[])[forward, backward])
        {
            Assert.Contains("has weights of 8 bits, which serve inference alone", message);
            Assert.DoesNotContain('\n', message);
        }
    }

    [Fact]
    public void Weights_that_are_not_finite_are_refused_by_name_and_nothing_is_rounded()
    {
        (IRecurrentLayer layer, ParameterStore store) = Make("gru");
        Parameter matrix = store.Find("weight_hh_l0")!;
        using (Edit edit = store.Edit()) edit.Of(matrix)[Hidden + 2] = float.NaN;
        float[] before = store.Values.ToArray();
        string message = Assert.Throws<UserErrorException>(() => ((RecurrentLayer)layer).Quantize()).Message;
        Assert.Equal("parameter 'weight_hh_l0', row 1, column 2: expected a finite number up to 1e+38 to round to fewer bits, got NaN; "
            + "train the model again.", message);
        Same(before, store.Values, "weights");
        Assert.Equal(WeightPrecision.Float32, ((RecurrentLayer)layer).Precision);
    }

    private static (SequenceBatch Y, State Last) Run(IRecurrentLayer layer, SequenceBatch x, State? first, ThreadTeam team)
    {
        Cache cache = layer.Forward(x, first, NewPass(team));
        State last = layer.NewState(x.Layout.Sequences);
        layer.Last(cache, last);
        return (cache.Output, last);
    }
}
