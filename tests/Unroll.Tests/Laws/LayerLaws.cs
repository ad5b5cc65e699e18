using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;
using static Unroll.Tests.Laws.LayerCases;

namespace Unroll.Tests.Laws;

/// <summary>What must hold of every recurrent layer, bit for bit unless a comment says otherwise.</summary>
[Trait("Category", "Bits")]
public sealed class LayerLaws
{
    // Law 1. With loss = Σ w ⊙ y (+ Σ w ⊙ last state), δy is w. Central differences in float32 with a step of 1e-2 are off by about 4e-5 at gradients
    // of 3 and by the third derivative: 2e-3 of the tensor's largest gradient, plus 5e-4, leaves room and catches every slip of sign or factor.
    // (The derivatives' last digits are checked in double, against the textbook.)
    [Theory, MemberData(nameof(SmoothNames), MemberType = typeof(LayerCases))]
    [Trait("Managed", "differences of thousands of passes: too slow under emulation")]
    public void Backward_is_the_derivative_of_Forward(string name) => IsDerivative(name, SequenceLayout.FromLengths(Ragged), NewPass());

    internal static void IsDerivative(string name, SequenceLayout layout, Pass pass)
    {
        (IRecurrentLayer layer, ParameterStore store) = Make(name);
        SequenceBatch x = Draw(layout, layer.InputSize, 1), w = Draw(layout, layer.OutputSize, 2);
        State first = DrawState(layer, layout.Sequences, 3), dLast = DrawState(layer, layout.Sequences, 4), dFirst = layer.NewState(layout.Sequences);
        store.ClearGradients();
        SequenceBatch dx = layer.Backward(w, dLast, layer.Forward(x, first, pass), dFirst, pass);

        Pass own = NewPass();
        State last = layer.NewState(layout.Sequences);
        double Loss()
        {
            own.Workspace.Reset();
            Cache cache = layer.Forward(x, first, own);
            layer.Last(cache, last);
            double sum = Dot(cache.Output.All, w.All);
            foreach ((State a, State b) in Leaves(last).Zip(Leaves(dLast))) sum += Dot(a.H, b.H) + Dot(a.C, b.C);
            return sum;
        }
        float step = name.Contains("-ln") ? 2.5e-3f : 1e-2f;                   // standardizing bends much: a difference's error is that of step²
        void Check(string what, ReadOnlySpan<float> analytic, Action<int, float> nudge)
        {
            float largest = 0;
            foreach (float g in analytic) largest = Math.Max(largest, Math.Abs(g));
            for (int i = 0; i < analytic.Length; i += 1 + analytic.Length / 150)     // of a large tensor a sample: every element costs two passes
            {
                nudge(i, step);
                double up = Loss();
                nudge(i, -2 * step);
                double down = Loss();
                nudge(i, step);
                double numeric = (up - down) / (2 * step);
                Assert.True(Math.Abs(analytic[i] - numeric) <= 2e-3 * largest + 5e-4, $"{what}[{i}]: {analytic[i]} against {numeric}");
            }
        }
        foreach (Parameter p in store.All)
            if (!p.Name.Contains("0_l")) Check(p.Name, p.Gradients, (i, by) => { using Edit edit = store.Edit(); edit.Of(p)[i] += by; });
        Check("x", dx.All, (i, by) => x.All[i] += by);
        foreach ((State s, State d) in Leaves(first).Zip(Leaves(dFirst)))
        {
            Check("first h", d.H, (i, by) => s.H[i] += by);
            Check("first c", d.C, (i, by) => s.C[i] += by);
        }
    }

    [Theory, MemberData(nameof(Names), MemberType = typeof(LayerCases))]
    public void A_ragged_batch_gives_each_sequence_what_it_gets_alone(string name)
    {
        (IRecurrentLayer layer, ParameterStore _) = Make(name);
        SequenceLayout layout = SequenceLayout.FromLengths(Ragged);
        SequenceBatch x = Draw(layout, layer.InputSize, 1), w = Draw(layout, layer.OutputSize, 2);
        Run together = Run.Of(layer, x, w, DrawState(layer, layout.Sequences, 3), NewPass());
        for (int s = 0; s < layout.Sequences; s++)
        {
            SequenceLayout single = SequenceLayout.FromLengths(Ragged[s]);
            Run alone = Run.Of(layer, Pick(x, single, s), Pick(w, single, s), PickState(layer, DrawState(layer, layout.Sequences, 3), s), NewPass());
            for (int t = 0; t < Ragged[s]; t++)
            {
                Same(alone.Y.Row(t, 0), together.Y.Row(t, s), "y");
                Same(alone.Dx.Row(t, 0), together.Dx.Row(t, s), "dx");
            }
            SameStates(alone.Last, PickState(layer, together.Last, s));
            SameStates(alone.DFirst, PickState(layer, together.DFirst, s));
        }
    }

    [Theory, MemberData(nameof(Names), MemberType = typeof(LayerCases))]
    public void One_thread_and_many_give_the_same_bits(string name)
    {
        (IRecurrentLayer layer, ParameterStore store) = Make(name);
        foreach (int[] lengths in new[] { Ragged, [12], [.. Enumerable.Range(0, 40).Select(i => i % 7)] })
        {
            SequenceLayout layout = SequenceLayout.FromLengths(lengths);
            SequenceBatch x = Draw(layout, layer.InputSize, 1), w = Draw(layout, layer.OutputSize, 2);
            List<float[]> gradients = [];
            List<Run> runs = [];
            foreach (ThreadTeam team in new[] { One, Two, Three })
            {
                store.ClearGradients();
                runs.Add(Run.Of(layer, x, w, DrawState(layer, layout.Sequences, 3), NewPass(team)));
                gradients.Add(store.Gradients.ToArray());
            }
            for (int i = 1; i < runs.Count; i++)
            {
                Same(runs[0].Y.All, runs[i].Y.All, "y");
                Same(runs[0].Dx.All, runs[i].Dx.All, "dx");
                SameStates(runs[0].Last, runs[i].Last);
                SameStates(runs[0].DFirst, runs[i].DFirst);
                Same(gradients[0], gradients[i], "weight gradients");
            }
        }
    }

    [Theory, MemberData(nameof(CausalNames), MemberType = typeof(LayerCases))]
    public void Two_halves_with_the_state_carried_over_equal_the_whole(string name)
    {
        (IRecurrentLayer layer, ParameterStore store) = Make(name);
        SequenceLayout whole = SequenceLayout.Uniform(3, 8), half = SequenceLayout.Uniform(3, 4);
        SequenceBatch x = Draw(whole, layer.InputSize, 1), w = Draw(whole, layer.OutputSize, 2);
        State first = DrawState(layer, 3, 3);
        store.ClearGradients();
        Run all = Run.Of(layer, x, w, first, NewPass());
        float[] expected = store.Gradients.ToArray();

        SequenceBatch Part(SequenceBatch of, int from) => new(half, of.Features, of.All.Slice(from * 3 * of.Features, 4 * 3 * of.Features).ToArray());
        Pass pass = NewPass();
        State middle = layer.NewState(3), last = layer.NewState(3), dMiddle = layer.NewState(3), dFirst = layer.NewState(3);
        Cache a = layer.Forward(Part(x, 0), first, pass);
        layer.Last(a, middle);
        Cache b = layer.Forward(Part(x, 4), middle, pass);
        layer.Last(b, last);
        Same(all.Y.All[..a.Output.All.Length], a.Output.All, "first half");
        Same(all.Y.All[a.Output.All.Length..], b.Output.All, "second half");
        SameStates(all.Last, last);

        store.ClearGradients();
        SequenceBatch dxB = layer.Backward(Part(w, 4), null, b, dMiddle, pass), dxA = layer.Backward(Part(w, 0), dMiddle, a, dFirst, pass);
        Same(all.Dx.All[..dxA.All.Length], dxA.All, "dx of the first half");
        Same(all.Dx.All[dxA.All.Length..], dxB.All, "dx of the second half");
        SameStates(all.DFirst, dFirst);
        // The two halves' sums over rows are added in another order: float32 rounding of some dozens of terms.
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], store.Gradients[i], 2e-5 * (1 + Math.Abs(expected[i])));
    }

    [Theory, MemberData(nameof(CausalNames), MemberType = typeof(LayerCases))]
    public void Step_by_step_equals_the_whole_sequence(string name)
    {
        (IRecurrentLayer layer, ParameterStore _) = Make(name);
        SequenceLayout layout = SequenceLayout.Uniform(3, 6);
        SequenceBatch x = Draw(layout, layer.InputSize, 1);
        State state = DrawState(layer, 3, 3);
        Cache cache = layer.Forward(x, DrawState(layer, 3, 3), NewPass());
        float[] y = new float[3 * layer.OutputSize];
        for (int t = 0; t < 6; t++)
        {
            layer.Step(x.Step(t), state, y);
            Same(cache.Output.Step(t), y, $"step {t}");
        }
        State last = layer.NewState(3);
        layer.Last(cache, last);
        SameStates(last, state);
    }

    [Fact]
    public void Reverse_equals_forward_on_the_reversed_sequence()
    {
        foreach ((string variant, Unroll.Cells.CellOptions options) in OwnCells.All.Variants)
        {
            ParameterStore a = new(), b = new();
            RecurrentLayer forward = new("f", a, options, Inputs, Hidden, cells: OwnCells.All);
            RecurrentLayer reverse = new("r", b, options, Inputs, Hidden, reverse: true, cells: OwnCells.All);
            using (Edit ea = a.Edit())
            using (Edit eb = b.Edit())
                for (int i = 0; i < ea.Values.Length; i++) ea.Values[i] = eb.Values[i] = 0.6f * (float)new Rng(5).Normal((ulong)i);
            SequenceLayout layout = SequenceLayout.FromLengths(Ragged);
            SequenceBatch x = Draw(layout, Inputs, 1), w = Draw(layout, forward.OutputSize, 2);
            Run turned = Run.Of(forward, Turn(x), Turn(w), DrawState(forward, layout.Sequences, 3), NewPass());
            Run run = Run.Of(reverse, x, w, DrawState(reverse, layout.Sequences, 3), NewPass());
            Same(Turn(turned.Y).All, run.Y.All, variant);
            Same(Turn(turned.Dx).All, run.Dx.All, variant);
            SameStates(turned.Last, run.Last);
            SameStates(turned.DFirst, run.DFirst);
        }
    }

    [Fact]
    public void A_peephole_of_zeros_gives_the_plain_lstm()
    {
        ParameterStore a = new(), b = new();
        RecurrentLayer plain = new("p", a, new Unroll.Cells.CellOptions(), Inputs, Hidden),
            peephole = new("q", b, new Unroll.Cells.CellOptions { Peepholes = true }, Inputs, Hidden);
        using (Edit ea = a.Edit())
        using (Edit eb = b.Edit())
            for (int i = 0; i < ea.Values.Length; i++) ea.Values[i] = eb.Values[i] = 0.6f * (float)new Rng(5).Normal((ulong)i);
        SequenceLayout layout = SequenceLayout.FromLengths(Ragged);
        SequenceBatch x = Draw(layout, Inputs, 1), w = Draw(layout, Hidden, 2);
        Run one = Run.Of(plain, x, w, DrawState(plain, layout.Sequences, 3), NewPass()),
            other = Run.Of(peephole, x, w, DrawState(peephole, layout.Sequences, 3), NewPass());
        Same(one.Y.All, other.Y.All, "y");
        Same(one.Dx.All, other.Dx.All, "dx");
        Same(a.Gradients, b.Gradients[..a.Length], "weight gradients");
    }

    [Theory, MemberData(nameof(Names), MemberType = typeof(LayerCases))]
    public void Backward_leaves_the_cache_intact(string name)
    {
        (IRecurrentLayer layer, ParameterStore store) = Make(name);
        SequenceLayout layout = SequenceLayout.FromLengths(Ragged);
        SequenceBatch x = Draw(layout, layer.InputSize, 1), w = Draw(layout, layer.OutputSize, 2);
        Pass pass = NewPass();
        Cache cache = layer.Forward(x, null, pass);
        store.ClearGradients();
        float[] dx = layer.Backward(w, cache, pass).All.ToArray(), gradients = store.Gradients.ToArray();
        store.ClearGradients();
        Same(dx, layer.Backward(w, cache, pass).All, "dx");
        Same(gradients, store.Gradients, "weight gradients");
    }

    [Theory, MemberData(nameof(Names), MemberType = typeof(LayerCases))]
    public void A_pass_for_outputs_only_gives_the_same_outputs_and_last_states(string name)
    {
        (IRecurrentLayer layer, _) = Make(name);
        foreach (SequenceLayout layout in new[] { SequenceLayout.FromLengths(Ragged), SequenceLayout.Uniform(18, 9), SequenceLayout.Uniform(1, 300) })
        {
            SequenceBatch x = Draw(layout, layer.InputSize, 1);
            State expected = layer.NewState(layout.Sequences), actual = layer.NewState(layout.Sequences);
            Cache kept = layer.Forward(x, null, NewPass());
            layer.Last(kept, expected);
            foreach (ThreadTeam team in new[] { One, Two })
            {
                Cache cache = layer.Forward(x, null, new Pass(new Workspace(), team, new Rng(0), Training: false) { InferenceOnly = true });
                layer.Last(cache, actual);
                Same(kept.Output.All, cache.Output.All, "outputs");
                SameStates(expected, actual);
                Assert.Throws<InvalidOperationException>(() => layer.Backward(cache.Output, cache, NewPass()));
            }
        }
    }

    [Theory, MemberData(nameof(Names), MemberType = typeof(LayerCases))]
    public void A_warmed_up_pass_allocates_nothing(string name)
    {
        (IRecurrentLayer layer, ParameterStore store) = Make(name);
        SequenceLayout layout = SequenceLayout.FromLengths(Ragged);
        SequenceBatch x = Draw(layout, layer.InputSize, 1), w = Draw(layout, layer.OutputSize, 2);
        Pass pass = NewPass();
        Assert.Equal(0, Allocation.Of(() =>
        {
            pass.Workspace.Reset();
            using (Edit edit = store.Edit()) edit.Values[0] += 0.001f;
            layer.Backward(w, layer.Forward(x, null, pass), pass);
        }));
    }

    private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += (double)a[i] * b[i];
        return sum;
    }

    internal static SequenceBatch Pick(SequenceBatch batch, SequenceLayout single, int sequence)
    {
        SequenceBatch one = SequenceBatch.Zeros(single, batch.Features);
        for (int t = 0; t < single.Steps; t++) batch.Row(t, sequence).CopyTo(one.Row(t, 0));
        return one;
    }

    private static SequenceBatch Turn(SequenceBatch batch)
    {
        SequenceBatch turned = SequenceBatch.Zeros(batch.Layout, batch.Features);
        for (int s = 0; s < batch.Layout.Sequences; s++)
            for (int t = 0; t < batch.Layout.Lengths[s]; t++) batch.Row(batch.Layout.Lengths[s] - 1 - t, s).CopyTo(turned.Row(t, s));
        return turned;
    }

    internal static State PickState(IRecurrentLayer layer, State state, int sequence)
    {
        State one = layer.NewState(1);
        foreach ((State from, State to) in Leaves(state).Zip(Leaves(one)))
        {
            from.H.Slice(sequence * from.HiddenSize, from.HiddenSize).CopyTo(to.H);
            from.C.Slice(sequence * from.CellSize, from.CellSize).CopyTo(to.C);
        }
        return one;
    }

    internal static void SameStates(State a, State b)
    {
        foreach ((State x, State y) in Leaves(a).Zip(Leaves(b)))
        {
            Same(x.H, y.H, "h");
            Same(x.C, y.C, "c");
        }
    }

    internal static void Same(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i])
                || (float.IsNaN(expected[i]) && float.IsNaN(actual[i])),
                $"{what}[{i}]: {expected[i]:R} against {actual[i]:R}");
    }

    /// <summary>Everything that a forward and a backward pass give, in memory of its own.</summary>
    internal sealed record Run(SequenceBatch Y, SequenceBatch Dx, State Last, State DFirst)
    {
        public static Run Of(IRecurrentLayer layer, SequenceBatch x, SequenceBatch w, State first, Pass pass)
        {
            Cache cache = layer.Forward(x, first, pass);
            State last = layer.NewState(x.Layout.Sequences), dFirst = layer.NewState(x.Layout.Sequences);
            layer.Last(cache, last);
            return new Run(cache.Output, layer.Backward(w, null, cache, dFirst, pass), last, dFirst);
        }
    }
}
