using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;
using static Unroll.Tests.Laws.LayerCases;
using static Unroll.Tests.Laws.LayerLaws;

namespace Unroll.Tests.Laws;

/// <summary>A recurrent layer in bfloat16 is the layer of floats with rounded weights, bit for bit, in whatever way it is run.</summary>
[Trait("Category", "Bits")]
public sealed class BFloat16Laws
{
    [Theory, MemberData(nameof(Names), MemberType = typeof(LayerCases))]
    public void Sequences_and_single_steps_are_those_of_floats_with_the_rounded_weights(string name)
    {
        (IRecurrentLayer small, IRecurrentLayer floats) = Pair(name);
        Whole(small, floats, Ragged, One);
        Whole(small, floats, [.. Enumerable.Range(0, 40).Select(i => i % 7)], Three);
        if (!small.Causal) return;
        Steps(small, floats, sequences: 1);
        Steps(small, floats, sequences: 5);
    }

    [Fact]
    public void Training_and_another_rounding_are_refused()
    {
        (IRecurrentLayer layer, ParameterStore _) = Make("gru");
        RecurrentLayer own = (RecurrentLayer)layer;
        own.Quantize(WeightPrecision.BFloat16);
        own.Quantize(WeightPrecision.BFloat16);
        Pass training = NewPass(training: true);
        SequenceBatch x = Draw(SequenceLayout.Uniform(1, 2), layer.InputSize, 1);
        Assert.Contains("has weights of 16 bits (bfloat16), which serve inference alone",
            Assert.Throws<UserErrorException>(() => layer.Forward(x, training)).Message);
        Assert.Contains("has weights of 16 bits (bfloat16) already, which cannot become weights of 8 bits; quantize the model with floats.",
            Assert.Throws<UserErrorException>(() => own.Quantize()).Message);
    }

    private static void Whole(IRecurrentLayer small, IRecurrentLayer floats, int[] lengths, ThreadTeam team)
    {
        SequenceLayout layout = SequenceLayout.FromLengths(lengths);
        SequenceBatch x = Draw(layout, small.InputSize, 1);
        State first = DrawState(small, layout.Sequences, 3);
        Cache a = floats.Forward(x, first, NewPass(One)), b = small.Forward(x, first, NewPass(team));
        Same(a.Output.All, b.Output.All, "y");
        State last = floats.NewState(layout.Sequences), other = small.NewState(layout.Sequences);
        floats.Last(a, last);
        small.Last(b, other);
        SameStates(last, other);
    }

    private static void Steps(IRecurrentLayer small, IRecurrentLayer floats, int sequences)
    {
        SequenceBatch x = Draw(SequenceLayout.Uniform(sequences, 6), small.InputSize, 1);
        State a = DrawState(floats, sequences, 3), b = DrawState(small, sequences, 3);
        float[] y = new float[sequences * small.OutputSize], other = new float[y.Length];
        for (int t = 0; t < 6; t++)
        {
            floats.Step(x.Step(t), a, y);
            small.Step(x.Step(t), b, other);
            Same(y, other, $"step {t}");
        }
        SameStates(a, b);
        Assert.Equal(0, Allocation.Of(() => small.Step(x.Step(0), b, other)));
    }

    // The second has the weights that the first has after its rounding.
    private static (IRecurrentLayer Small, IRecurrentLayer Floats) Pair(string name)
    {
        (IRecurrentLayer small, ParameterStore store) = Make(name);
        (IRecurrentLayer floats, ParameterStore same) = Make(name);
        Quantize(small);
        using (Edit edit = same.Edit()) store.Values.CopyTo(edit.Values);
        return (small, floats);
    }

    private static void Quantize(ILayer layer)
    {
        if (layer is RecurrentLayer one) one.Quantize(WeightPrecision.BFloat16);
        if (layer is Bidirectional both) { Quantize(both.ForwardLayer); Quantize(both.ReverseLayer); }
        if (layer is Stack stack) foreach (ILayer part in stack.Layers) Quantize(part);
    }
}
