using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;
using static Unroll.Tests.Laws.LayerCases;
using static Unroll.Tests.Laws.LayerLaws;

namespace Unroll.Tests.Laws;

/// <summary>A pass that computes gates a second time gives what one that keeps them gives, bit for bit.</summary>
[Trait("Category", "Bits")]
public sealed class RecomputationLaws
{
    // With 97 sequences that are alive to the end one step is a chunk of the backward pass, so that segments can be as short as a step.
    private static SequenceLayout Wide(int steps) =>
        SequenceLayout.FromLengths([.. Enumerable.Range(0, 105).Select(s => s % 15 == 4 ? s / 15 % steps : steps)]);

    public static TheoryData<string> Some =>
        ["lstm", "gru-after, reverse", "lstm-ln", "zoo mgu", "planned", "bidirectional Concatenate", "stack of bidirectional"];

    // Segments of 1 and 3 steps, of about √T, and of more than there are: then everything is kept.
    private static IEnumerable<Recomputation> Choices(int steps) =>
        from every in (int?[])[1, 3, (int)Math.Ceiling(Math.Sqrt(steps)), steps + 1]
        select new Recomputation { Every = every };

    [Theory, MemberData(nameof(Names), MemberType = typeof(LayerCases))]
    public void Gates_that_are_computed_again_give_the_same_bits(string name)
    {
        (IRecurrentLayer layer, ParameterStore store) = Make(name);
        SequenceLayout layout = Wide(4), one = SequenceLayout.Uniform(1, 250);
        Results expected = Results.Of(layer, store, layout, NewPass());
        foreach (Recomputation choice in Choices(layout.Steps))
            expected.MustBe(Results.Of(layer, store, layout, NewPass() with { Recomputation = choice }));
        expected.MustBe(Results.Of(layer, store, layout, NewPass(Two) with { Recomputation = new Recomputation { Every = 1 } }));
        Results.Of(layer, store, one, NewPass()).MustBe(Results.Of(layer, store, one, NewPass() with { Recomputation = new Recomputation() }));
    }

    [Fact]
    public void Long_sequences_and_large_layers_too()
    {
        foreach ((int sequences, int steps, int hidden) in new[] { (1, 500, 20), (3, 200, 70), (20, 60, 33) })
            foreach (string cell in (string[])["lstm", "gru", "lstm-ln", "mgu"])
            {
                NetworkSpec spec = new(4, [new RecurrentSpec { Name = "core", Cell = Cell(cell), Hidden = hidden, Layers = 2 }]);
                Network network = Built(spec);
                SequenceLayout layout = SequenceLayout.FromLengths([.. Enumerable.Range(0, sequences).Select(s => Math.Max(1, steps - 7 * s))]);
                Results expected = Results.Of(network.Layers, network.Parameters, layout, NewPass());
                foreach (int? every in (int?[])[null, 17])
                    foreach (ThreadTeam team in every is null ? [One, Three] : new[] { One })
                        expected.MustBe(Results.Of(network.Layers, network.Parameters, layout,
                            NewPass(team) with { Recomputation = new Recomputation { Every = every } }));
            }
    }

    [Theory, InlineData(Direction.Forward), InlineData(Direction.Reverse), InlineData(Direction.Bidirectional)]
    public void What_is_dropped_is_dropped_again(Direction direction)
    {
        NetworkSpec spec = new(Inputs,
        [
            new DropoutSpec { Name = "drop", Rate = 0.3f },
            new RecurrentSpec
            {
                Name = "core", Hidden = 6, Layers = 2, Direction = direction, Dropout = 0.4f, WeightDrop = 0.5f, InitialState = InitialState.Learned,
            },
            new DropoutSpec { Name = "locked", Rate = 0.5f, Locked = true },
            new LayerNormSpec { Name = "norm" },
            new DenseSpec { Name = "head", Outputs = 2 },
        ]);
        Network network = Built(spec);
        SequenceLayout layout = Wide(5);
        long[] ids = [.. Enumerable.Range(0, layout.Sequences).Select(s => 1_000L - s)];
        foreach (ThreadTeam team in new[] { One, Two })
        {
            Pass pass = NewPass(team, training: true) with { SequenceIds = ids };
            Results expected = Results.Of(network.Layers, network.Parameters, layout, pass);
            foreach (Recomputation choice in Choices(layout.Steps))
                expected.MustBe(Results.Of(network.Layers, network.Parameters, layout, pass with
                {
                    Workspace = new Workspace(), Recomputation = choice,
                }));
        }
    }

    [Theory, InlineData("lstm"), InlineData("gru-after, reverse"), InlineData("zoo mgu"), InlineData("stack of bidirectional")]
    [Trait("Managed", "differences of thousands of passes: too slow under emulation")]
    public void The_gradient_is_the_derivative(string name) =>
        IsDerivative(name, Wide(4), NewPass() with { Recomputation = new Recomputation { Every = 1 } });

    [Theory, MemberData(nameof(Some))]
    public void A_second_backward_pass_gives_the_same_and_last_states_stay(string name)
    {
        (IRecurrentLayer layer, ParameterStore store) = Make(name);
        SequenceLayout layout = Wide(3);
        SequenceBatch x = Draw(layout, layer.InputSize, 1), w = Draw(layout, layer.OutputSize, 2);
        Pass pass = NewPass() with { Recomputation = new Recomputation { Every = 1 } };
        Cache cache = layer.Forward(x, null, pass);
        State before = layer.NewState(layout.Sequences), after = layer.NewState(layout.Sequences);
        layer.Last(cache, before);
        store.ClearGradients();
        float[] dx = layer.Backward(w, cache, pass).All.ToArray(), gradients = store.Gradients.ToArray();
        store.ClearGradients();
        Same(dx, layer.Backward(w, cache, pass).All, "dx");
        Same(gradients, store.Gradients, "weight gradients");
        layer.Last(cache, after);
        SameStates(before, after);
    }

    [Theory, MemberData(nameof(Some))]
    public void A_warmed_up_pass_allocates_nothing(string name)
    {
        (IRecurrentLayer layer, ParameterStore store) = Make(name);
        SequenceLayout layout = Wide(3);
        SequenceBatch x = Draw(layout, layer.InputSize, 1), w = Draw(layout, layer.OutputSize, 2);
        Pass pass = NewPass() with { Recomputation = new Recomputation { Every = 1 } };
        Assert.Equal(0, Allocation.Of(() =>
        {
            pass.Workspace.Reset();
            using (Edit edit = store.Edit()) edit.Values[0] += 0.001f;
            layer.Backward(w, layer.Forward(x, null, pass), pass);
        }));
    }

    // h of 64,000 rows of 16 units and δx of 3 features remain: 4.9 MB. Beside them gates and c of about 32 steps, c before every 32nd, and what a
    // backward pass needs in any case: less than 3 MB. All gates and c of all steps would be 20 MB and more.
    [Fact]
    public void Memory_grows_with_outputs_and_inputs_alone()
    {
        (IRecurrentLayer layer, _) = Make("lstm of 16");
        SequenceLayout layout = SequenceLayout.Uniform(64, 1_000);
        SequenceBatch x = Draw(layout, layer.InputSize, 1), w = Draw(layout, layer.OutputSize, 2);
        long Taken(Recomputation? choice)
        {
            Pass pass = NewPass() with { Recomputation = choice };
            long before = GC.GetAllocatedBytesForCurrentThread();
            layer.Backward(w, layer.Forward(x, null, pass), pass);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        long remains = sizeof(float) * layout.Rows * (16L + Inputs);
        Assert.InRange(Taken(new Recomputation()), remains, remains + 3_000_000);
        Assert.True(Taken(null) > remains + 20_000_000);
    }

    [Fact]
    public void Gates_that_were_not_kept_are_refused_by_the_name_of_the_cause()
    {
        (IRecurrentLayer layer, _) = Make("lstm");
        SequenceBatch x = Draw(SequenceLayout.Uniform(100, 9), layer.InputSize, 1);
        RecurrentCache cache = (RecurrentCache)layer.Forward(x, null, NewPass() with { Recomputation = new Recomputation { Every = 3 } });
        Assert.False(cache.IsComplete);
        Assert.Contains("Recomputation", Assert.Throws<InvalidOperationException>(() => cache.Saved("f")).Message);
        Assert.True(((RecurrentCache)layer.Forward(x, null, NewPass() with { Recomputation = new Recomputation { Every = 9 } })).IsComplete);
        Assert.Contains("at least 1 step", Assert.Throws<UserErrorException>(() => new Recomputation { Every = 0 }).Message);
    }

    private static CellOptions Cell(string cell) => CellZoo.Names.Contains(cell)
        ? new() { Kind = cell, Definition = CellZoo.Definition(cell) } : new() { Kind = cell };

    private static Network Built(NetworkSpec spec)
    {
        Network network = Network.Build(spec);
        using Edit edit = network.Parameters.Edit();
        for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.3f * (float)new Rng(7).Normal((ulong)i);
        return network;
    }

    private sealed record Results(Run Run, float[] Gradients)
    {
        public static Results Of(IRecurrentLayer layer, ParameterStore store, SequenceLayout layout, Pass pass)
        {
            SequenceBatch x = Draw(layout, layer.InputSize, 1), w = Draw(layout, layer.OutputSize, 2);
            State first = DrawState(layer, layout.Sequences, 3), last = layer.NewState(layout.Sequences), dFirst = layer.NewState(layout.Sequences);
            store.ClearGradients();
            Cache cache = layer.Forward(x, first, pass);
            layer.Last(cache, last);
            SequenceBatch dx = layer.Backward(w, DrawState(layer, layout.Sequences, 4), cache, dFirst, pass);
            return new Results(new Run(cache.Output, dx, last, dFirst), store.Gradients.ToArray());
        }

        public void MustBe(Results other)
        {
            Same(Run.Y.All, other.Run.Y.All, "y");
            Same(Run.Dx.All, other.Run.Dx.All, "dx");
            SameStates(Run.Last, other.Run.Last);
            SameStates(Run.DFirst, other.Run.DFirst);
            Same(Gradients, other.Gradients, "weight gradients");
        }
    }
}
