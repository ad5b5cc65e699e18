using Unroll.Core;
using Unroll.Layers;
using Unroll.Numerics;
using static Unroll.Tests.Laws.LayerCases;

namespace Unroll.Tests.Laws;

/// <summary>A workspace lends memory with anything in it: nothing of an earlier pass, and nothing of another layer, may show in a result.</summary>
[Trait("Category", "Bits")]
public sealed class WorkspaceLaws
{
    private static readonly int[][] Batches =
        [Ragged, [2], [], [9, 1, 9, 4, 7, 7, 2, 9, 3, 3, 6, 8, 5, 1, 2, 2, 9, 0, 4], [0, 0], [3, 0, 5, 1, 5, 0, 2]];

    [Theory, MemberData(nameof(Names), MemberType = typeof(LayerCases))]
    public void What_was_in_borrowed_memory_never_shows(string name)
    {
        (IRecurrentLayer layer, ParameterStore store) = Make(name);
        foreach (ThreadTeam team in new[] { One, Three })
            foreach (int[] lengths in Batches)
            {
                float[] expected = All(layer, store, lengths, new Pass(new Workspace(), team, new Rng(11), false));
                Workspace poisoned = new();
                for (int i = 0; i < 100; i++) poisoned.Rent(40_000).Span.Fill(float.NaN);
                poisoned.Reset();
                LayerLaws.Same(expected, All(layer, store, lengths, new Pass(poisoned, team, new Rng(11), false)), $"{lengths.Length} sequences");
                Assert.DoesNotContain(float.NaN, expected);
            }
    }

    [Theory, MemberData(nameof(Names), MemberType = typeof(LayerCases))]
    public void One_workspace_serves_batches_of_every_shape_one_after_the_other(string name)
    {
        (IRecurrentLayer layer, ParameterStore store) = Make(name);
        Pass shared = NewPass();
        foreach (int[] lengths in Batches)
        {
            shared.Workspace.Reset();
            LayerLaws.Same(All(layer, store, lengths, NewPass()), All(layer, store, lengths, shared), $"{lengths.Length} sequences");
        }
    }

    [Theory, MemberData(nameof(Names), MemberType = typeof(LayerCases))]
    public void A_cache_stays_whole_while_its_layer_and_others_go_on(string name)
    {
        (IRecurrentLayer layer, ParameterStore store) = Make(name);
        (IRecurrentLayer other, ParameterStore _) = Make("lstm of 16");
        SequenceLayout a = SequenceLayout.FromLengths(Ragged), b = SequenceLayout.FromLengths(4, 4, 1);
        SequenceBatch xa = Draw(a, layer.InputSize, 1), wa = Draw(a, layer.OutputSize, 2),
            xb = Draw(b, layer.InputSize, 5), wb = Draw(b, layer.OutputSize, 6);
        float[] expectedA = Gradients(store, () => { Pass own = NewPass(); return layer.Backward(wa, layer.Forward(xa, own), own); });
        float[] expectedB = Gradients(store, () => { Pass own = NewPass(); return layer.Backward(wb, layer.Forward(xb, own), own); });

        Pass pass = NewPass();
        Cache first = layer.Forward(xa, pass), second = layer.Forward(xb, pass), third = other.Forward(Draw(b, other.InputSize, 5), pass);
        LayerLaws.Same(expectedA, Gradients(store, () => layer.Backward(wa, first, pass)), "the first");
        other.Backward(Draw(b, other.OutputSize, 7), third, pass);
        LayerLaws.Same(expectedB, Gradients(store, () => layer.Backward(wb, second, pass)), "the second");
        LayerLaws.Same(expectedA, Gradients(store, () => layer.Backward(wa, first, pass)), "the first again");
    }

    private static float[] Gradients(ParameterStore store, Func<SequenceBatch> backward)
    {
        store.ClearGradients();
        float[] dx = backward().All.ToArray();
        return [.. dx, .. store.Gradients];
    }

    /// <summary>Everything that a pass gives: outputs, states, all gradients.</summary>
    internal static float[] All(IRecurrentLayer layer, ParameterStore store, int[] lengths, Pass pass)
    {
        SequenceLayout layout = SequenceLayout.FromLengths(lengths);
        SequenceBatch x = Draw(layout, layer.InputSize, 1), w = Draw(layout, layer.OutputSize, 2);
        State last = layer.NewState(layout.Sequences), dFirst = layer.NewState(layout.Sequences);
        List<float> all = [];
        foreach (State? first in new[] { null, DrawState(layer, layout.Sequences, 3) })
        {
            store.ClearGradients();
            Cache cache = layer.Forward(x, first, pass);
            layer.Last(cache, last);
            SequenceBatch dx = layer.Backward(w, DrawState(layer, layout.Sequences, 4), cache, dFirst, pass);
            all.AddRange([.. cache.Output.All, .. dx.All, .. store.Gradients]);
            foreach (State leaf in Leaves(last).Concat(Leaves(dFirst))) all.AddRange([.. leaf.H, .. leaf.C]);
        }
        return [.. all];
    }
}
