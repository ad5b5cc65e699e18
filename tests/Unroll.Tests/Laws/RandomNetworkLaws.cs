using Unroll.Cells;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;
using static Unroll.Tests.Laws.LayerCases;

namespace Unroll.Tests.Laws;

/// <summary>
/// The laws once more over networks drawn at random: layers of every kind on top of each other, every size near a block, ragged batches.
/// </summary>
[Trait("Category", "Bits")]
public sealed class RandomNetworkLaws
{
    private const int Drawn = 150;
    private static readonly Workspace s_shared = new();

    /// <summary>A seeded choice after the other.</summary>
    internal sealed class Draws(ulong seed)
    {
        private readonly Rng _random = new Rng(99).At(seed);
        private ulong _next;

        public int Below(int bound) => _random.Below(bound, _next++);

        public T Of<T>(params ReadOnlySpan<T> all) => all[Below(all.Length)];
    }

    private static LayerSpec Layer(Draws draws, int index)
    {
        int kind = draws.Below(10), hidden = draws.Of(1, 2, 15, 16, 17, 33);
        if (kind == 0) return new DenseSpec { Name = $"{index}", Outputs = draws.Of(1, 2, 16, 17) };
        if (kind == 7) return new ConvolutionSpec { Name = $"{index}", Filters = draws.Of(1, 2, 16, 17), Width = draws.Of(1, 2, 3, 5) };
        if (kind == 8) return new StepPoolSpec { Name = $"{index}", Steps = draws.Of(1, 2, 3) };
        if (kind == 9) return new FlipSpec { Name = $"{index}" };
        if (kind == 6) return new LayerNormSpec { Name = $"{index}" };
        if (kind == 1) return new DropoutSpec { Name = $"{index}", Rate = 0.3f };
        CellOptions cell = draws.Of(OwnCells.All.Variants.ToArray()).Options;
        return new RecurrentSpec
        {
            Name = $"{index}", Hidden = hidden, Layers = 1 + draws.Below(2), Dropout = draws.Of(0, 0.2f),
            Cell = cell.Projection is null ? cell : cell with { Projection = 1 + draws.Below(hidden + 3) },
            Direction = draws.Of(Direction.Forward, Direction.Reverse, Direction.Bidirectional),
            Merge = draws.Of(Merge.Concatenate, Merge.Sum, Merge.Average, Merge.Multiply),
            InitialState = draws.Of(InitialState.Zero, InitialState.Learned),
        };
    }

    internal static Network Make(Draws draws, ulong seed)
    {
        bool words = draws.Below(5) == 0;
        List<LayerSpec> layers = words ? [new EmbeddingSpec { Name = "words", Vocabulary = 3, Size = draws.Of(1, 4, 16) }] : [];
        for (int k = draws.Below(3); k >= 0; k--) layers.Add(Layer(draws, k));
        int inputs = words ? 1 : draws.Of(1, 3, 16, 17), width = Network.Build(new NetworkSpec(inputs, layers), OwnCells.All).OutputSize;
        bool pooled = draws.Below(3) == 0;
        if (pooled)
            layers.Add(draws.Of<LayerSpec>(
                new LastStepSpec { Name = "pool" }, new MeanPoolSpec { Name = "pool" }, new MaxPoolSpec { Name = "pool" },
                new CenterStepSpec { Name = "pool" },
                new FlattenSpec { Name = "pool", Steps = 8 },
                width % 2 == 0 ? new LastStatesSpec { Name = "pool", Merge = draws.Of(Merge.Concatenate, Merge.Sum, Merge.Multiply) }
                    : new LastStepSpec { Name = "pool" },
                new AttentionPoolSpec { Name = "pool", Size = draws.Of(1, 5, 16, 18) }));
        if (pooled && !words && draws.Below(2) == 0) layers.Add(new WideSpec { Name = "wide", Steps = 8, Pairs = draws.Below(2) == 0 });
        Network network = Network.Build(new NetworkSpec(inputs, layers), OwnCells.All);
        using Edit edit = network.Parameters.Edit();
        for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.3f * (float)new Rng(seed).Normal((ulong)i);
        return network;
    }

    internal static SequenceBatch Input(Network network, int[] lengths, ulong seed)
    {
        SequenceBatch x = Draw(SequenceLayout.FromLengths(lengths), network.InputSize, seed);
        if (network.All[0] is Embedding)
            foreach (ref float index in x.All) index = Math.Min(2, MathF.Floor(Math.Abs(index)));
        return x;
    }

    private static (SequenceBatch Y, SequenceBatch Dx, float[] All) Run(Network network, SequenceBatch x, SequenceBatch? dy, long[] ids,
        ThreadTeam team, Workspace workspace)
    {
        Pass pass = new(workspace, team, new Rng(5), Training: true) { SequenceIds = ids };
        workspace.Reset();
        network.Parameters.ClearGradients();
        Cache cache = network.Forward(x, null, pass);
        State last = network.NewState(x.Layout.Sequences), dFirst = network.NewState(x.Layout.Sequences);
        network.Last(cache, last);
        SequenceBatch dx = network.Backward(dy ?? Draw(cache.Output.Layout, network.OutputSize, 2), null, cache, dFirst, pass);
        List<float> all = [.. cache.Output.All, .. dx.All, .. network.Parameters.Gradients];
        foreach (State leaf in Leaves(last).Concat(Leaves(dFirst))) all.AddRange([.. leaf.H, .. leaf.C]);
        return (cache.Output, dx, [.. all]);
    }

    [Fact]
    public void Threads_memory_and_company_change_no_bit_of_any_network()
    {
        for (ulong seed = 0; seed < Drawn; seed++)
        {
            Draws draws = new(seed);
            Network network = Make(draws, seed);
            int sequences = draws.Of(0, 1, 2, 5, 17, 40), longest = sequences > 20 ? 4 : 8;
            int[] lengths = [.. Enumerable.Range(0, sequences).Select(_ => draws.Below(longest))];
            long[] ids = [.. lengths.Select((_, s) => 1000L + 7 * s)];
            SequenceBatch x = Input(network, lengths, seed);
            (SequenceBatch y, SequenceBatch dx, float[] all) = Run(network, x, null, ids, One, new Workspace());
            string what = $"network {seed}: {network.Spec.ToJson()}";
            foreach (ThreadTeam team in new[] { One, Two, Three, Four, Eight })
                LayerLaws.Same(all, Run(network, x, null, ids, team, s_shared).All, what);
            if (sequences == 0) continue;

            int s = draws.Below(sequences);
            SequenceBatch dy = Draw(y.Layout, network.OutputSize, 2),
                dyAlone = LayerLaws.Pick(dy, SequenceLayout.FromLengths(y.Layout.Lengths[s]), s);
            (SequenceBatch yAlone, SequenceBatch dxAlone, float[] _) =
                Run(network, LayerLaws.Pick(x, SequenceLayout.FromLengths(lengths[s]), s), dyAlone, [ids[s]], One, s_shared);
            for (int t = 0; t < y.Layout.Lengths[s]; t++) LayerLaws.Same(y.Row(t, s), yAlone.Row(t, 0), what);
            for (int t = 0; t < lengths[s]; t++) LayerLaws.Same(dx.Row(t, s), dxAlone.Row(t, 0), what);
        }
    }

    [Fact]
    public void A_causal_network_of_any_layers_steps_as_it_runs()
    {
        int causal = 0;
        for (ulong seed = 0; seed < Drawn; seed++)
        {
            Network network = Make(new Draws(seed), seed);
            if (!network.Causal) continue;
            causal++;
            SequenceBatch x = Input(network, [3, 3], seed);
            SequenceBatch whole = network.Forward(x, null, NewPass(Three)).Output;
            State state = network.NewState(2);
            float[] y = new float[2 * network.OutputSize];
            for (int t = 0; t < 3; t++)
            {
                network.Step(x.Step(t), state, y);
                if (whole.Layout.Steps == 3) LayerLaws.Same(whole.Step(t), y, $"network {seed}, step {t}");
            }
            LayerLaws.Same(whole.Step(whole.Layout.Steps - 1), y, $"network {seed}");
        }
        Assert.InRange(causal, 15, Drawn);
    }
}
