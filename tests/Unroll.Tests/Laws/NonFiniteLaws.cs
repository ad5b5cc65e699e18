using Unroll.Core;
using Unroll.Layers;
using Unroll.Numerics;
using static Unroll.Tests.Laws.LayerCases;

namespace Unroll.Tests.Laws;

/// <summary>A NaN stays in its own sequence, and there it is never lost: not in a clip, not at a kink, not in padding.</summary>
[Trait("Category", "Bits")]
public sealed class NonFiniteLaws
{
    private const int Sequence = 2, Step = 3;                            // of Ragged: the one of five steps

    private static (SequenceBatch Y, SequenceBatch Dx, float[] Gradients) Run(IRecurrentLayer layer, ParameterStore store, float planted,
        ThreadTeam team)
    {
        SequenceLayout layout = SequenceLayout.FromLengths(Ragged);
        SequenceBatch x = Draw(layout, layer.InputSize, 1), w = Draw(layout, layer.OutputSize, 2);
        if (planted != 0) x.Row(Step, Sequence)[1] = planted;
        Pass pass = NewPass(team);
        store.ClearGradients();
        Cache cache = layer.Forward(x, pass);
        SequenceBatch dx = layer.Backward(w, cache, pass);
        return (cache.Output, dx, store.Gradients.ToArray());
    }

    [Theory, MemberData(nameof(Names), MemberType = typeof(LayerCases))]
    public void A_NaN_is_seen_in_every_output_and_gradient_that_depends_on_it_and_in_no_other_sequence(string name)
    {
        (IRecurrentLayer layer, ParameterStore store) = Make(name);
        bool reverse = !layer.Causal && !name.Contains("bidirectional");
        foreach (ThreadTeam team in new[] { One, Two })
        {
            (SequenceBatch y, SequenceBatch dx, float[] _) = Run(layer, store, 0, team);
            (SequenceBatch yBad, SequenceBatch dxBad, float[] gradients) = Run(layer, store, float.NaN, team);
            for (int s = 0; s < Ragged.Length; s++)
                for (int t = 0; t < Ragged[s]; t++)
                {
                    if (s != Sequence)
                    {
                        LayerLaws.Same(y.Row(t, s), yBad.Row(t, s), $"y of sequence {s}");
                        LayerLaws.Same(dx.Row(t, s), dxBad.Row(t, s), $"dx of sequence {s}");
                    }
                    else if (layer.Causal && t < Step || reverse && t > Step) LayerLaws.Same(y.Row(t, s), yBad.Row(t, s), $"y of step {t}");
                    else if (layer.Causal || reverse || t == Step)
                        Assert.All(yBad.Row(t, s).ToArray(), value => Assert.True(float.IsNaN(value), $"y of step {t}"));
                }
            Assert.All(dxBad.Row(Step, Sequence).ToArray(), value => Assert.True(float.IsNaN(value), "dx"));
            foreach (Parameter p in store.All.Where(p => p.Name.Contains("bias_ih")))
                Assert.Contains(gradients[p.Offset..(p.Offset + p.Length)], float.IsNaN);
        }
    }

    [Theory, MemberData(nameof(Names), MemberType = typeof(LayerCases))]
    public void An_infinity_stays_in_its_sequence(string name)
    {
        (IRecurrentLayer layer, ParameterStore store) = Make(name);
        (SequenceBatch y, SequenceBatch dx, float[] _) = Run(layer, store, 0, One);
        (SequenceBatch yBad, SequenceBatch dxBad, float[] _) = Run(layer, store, float.PositiveInfinity, One);
        for (int s = 0; s < Ragged.Length; s++)
            for (int t = 0; t < Ragged[s]; t++)
                if (s != Sequence)
                {
                    LayerLaws.Same(y.Row(t, s), yBad.Row(t, s), $"y of sequence {s}");
                    LayerLaws.Same(dx.Row(t, s), dxBad.Row(t, s), $"dx of sequence {s}");
                }
    }
}
