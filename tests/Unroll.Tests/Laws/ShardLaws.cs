using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.LinearChain;
using Unroll.Layers.Losses;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;
using static Unroll.Tests.Laws.LayerCases;

namespace Unroll.Tests.Laws;

/// <summary>Shards that run in one pass have, bit for bit, the gradients and losses that each has alone.</summary>
[Trait("Category", "Bits")]
public sealed class ShardLaws
{
    private const int Shards = 3;

    // A shard of some 330 rows is several chunks of a backward pass, which end elsewhere than those of all rows; dealt as training deals, and so that
    // neighbors in memory are of different shards; one shard may be empty.
    private static readonly int[] s_lengths = [.. Enumerable.Range(0, 60).Select(s => s * 17 % 34)];

    private static readonly Func<int, int>[] s_deals = [s => s_lengths[s] / 12, s => s * 7 % Shards, s => s * 5 % 2];

    [Theory, MemberData(nameof(Names), MemberType = typeof(LayerCases))]
    public void Every_recurrent_layer_sums_for_each_shard_what_it_sums_for_the_shard_alone(string name)
    {
        (IRecurrentLayer layer, ParameterStore store) = Make(name);
        SequenceLayout layout = SequenceLayout.FromLengths(s_lengths);
        Check(store, Draw(layout, layer.InputSize, 1), (x, pass) =>
        {
            Cache cache = layer.Forward(x, null, pass);
            layer.Backward(cache.Output, null, cache, null, pass);
        }, [One, Two]);
    }

    // Else the law above would not see where chunks end.
    [Fact]
    public void Some_of_the_layers_add_up_a_gradient_in_turns_and_the_common_ones_do_not()
    {
        Assert.Contains(Names(), name => Make(name).Layer is RecurrentLayer { Weights.TakesTurns: true });
        foreach (string name in (string[])["lstm", "gru", "gru-after", "rnn"])
            Assert.False(((RecurrentLayer)Make(name).Layer).Weights.TakesTurns, name);
    }

    [Fact]
    public void Networks_of_all_layers_sum_for_each_shard_what_they_sum_for_the_shard_alone()
    {
        for (ulong seed = 0; seed < 60; seed++)
        {
            Network network = RandomNetworkLaws.Make(new RandomNetworkLaws.Draws(seed), seed);
            SequenceBatch x = RandomNetworkLaws.Input(network, [.. s_lengths.Select(length => length % 8)], seed);
            Check(network.Parameters, x, Learn(network), [seed % 2 == 0 ? One : Three], $"network {seed}: {network.Spec.ToJson()}");
        }
    }

    // Words of which shards share spellings, a table that is the output's weight too, more rows than a dense layer adds at a time.
    [Fact]
    public void Words_with_characters_and_tied_tables_too()
    {
        CharacterSpec characters = new() { Name = "w", Vocabulary = 5, Size = 3, Characters = 4, CharacterSize = 3, Hidden = 6, Longest = 3 };
        Network words = Network.Build(new(4,
            [characters, new TailProjectionSpec { Name = "tail", Kept = 4, Size = 7 }, new DenseSpec { Name = "d", Outputs = 5 }]));
        Network tied = Network.Build(new(1, [new EmbeddingSpec { Name = "e", Vocabulary = 6, Size = 5 }, new RecurrentSpec { Name = "r", Hidden = 5 },
            new TiedSpec { Name = "t", Embedding = "e" }]));
        foreach (Network network in (Network[])[words, tied])
        {
            using (Edit edit = network.Parameters.Edit())
                for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.3f * (float)new Rng(3).Normal((ulong)i);
            SequenceBatch x = Draw(SequenceLayout.FromLengths([.. s_lengths.Select(length => 2 * length)]), network.InputSize, 1);
            foreach (ref float index in x.All) index = Math.Min(3, MathF.Floor(2 * Math.Abs(index)));
            Check(network.Parameters, x, Learn(network), [One, Two]);
        }
    }

    [Fact]
    public void Every_loss_is_summed_for_each_shard()
    {
        ParameterStore store = new();
        Crf crf = new("crf", store, 4);
        foreach (ILoss loss in LossList.All.Append(new CrfLoss(crf)))
        {
            int targets = loss is CrfLoss or SoftmaxCrossEntropy ? 4 : 2, outputs = loss.OutputsFor(targets);
            Check(store, Draw(SequenceLayout.FromLengths(s_lengths), outputs, 1), (y, pass) =>
                loss.Compute(y, TargetsOf(y.Layout, pass, targets), SequenceBatch.Zeros(y.Layout, outputs), pass), [One, Two], loss.Name);
        }
        Check(store, Draw(SequenceLayout.FromLengths(s_lengths), 4, 1), (y, pass) =>
            new CtcLoss { Impossible = ImpossibleTargets.LeaveOut }.Compute(
                y, [.. Enumerable.Range(0, y.Layout.Sequences).Select(s => (int[])[1, 1 + y.Layout.Lengths[s] % 3])],
                SequenceBatch.Zeros(y.Layout, 4), pass), [One, Two]);
    }

    // A loss that adds up its rows itself.
    [Fact]
    public void A_loss_of_ones_own_is_computed_for_each_shard()
    {
        AbsoluteError loss = new();
        SequenceBatch y = Draw(SequenceLayout.FromLengths(s_lengths), 2, 1), direct = SequenceBatch.Zeros(y.Layout, 2),
            apart = SequenceBatch.Zeros(y.Layout, 2);
        LossSum[] expected = new LossSum[Shards], found = new LossSum[Shards];
        foreach ((LossSum[] losses, SequenceBatch dy) in new[] { (expected, direct), (found, apart) })
        {
            Pass pass = NewPass() with { Shards = new PassShards([.. s_lengths.Select((_, s) => s_deals[0](s))], [new(0), new(0), new(0)], losses) };
            if (losses == expected) loss.Compute(y, TargetsOf(y.Layout, pass, 2), dy, pass);
            else loss.ComputeByShard(y, TargetsOf(y.Layout, pass, 2), dy, pass);
        }
        Assert.Equal(expected, found);
        LayerLaws.Same(direct.All, apart.All, "gradient");
    }

    // Numbers that belong to a sequence's outputs and not to its place.
    private static Targets TargetsOf(SequenceLayout layout, in Pass pass, int targets)
    {
        int[] labels = new int[layout.Rows];
        SequenceBatch values = SequenceBatch.Zeros(layout, targets);
        for (int s = 0; s < layout.Sequences; s++)
            for (int t = 0; t < layout.Lengths[s]; t++)
            {
                labels[layout.Row(t, s)] = (layout.Lengths[s] + t) % 4;
                for (int k = 0; k < targets; k++) values.Row(t, s)[k] = (layout.Lengths[s] + 3 * t + k) % 2;
            }
        return new Targets { Values = values, Labels = labels };
    }

    private static Action<SequenceBatch, Pass> Learn(Network network) => (x, pass) =>
    {
        Cache cache = network.Forward(x, null, pass);
        SequenceBatch y = cache.Output, dy = SequenceBatch.Zeros(y.Layout, y.Features);
        new SquaredError().Compute(y, Targets.Of(SequenceBatch.Zeros(y.Layout, y.Features)), dy, pass);
        network.Backward(dy, cache, pass);
    };

    private static void Check(ParameterStore store, SequenceBatch x, Action<SequenceBatch, Pass> learn, ThreadTeam[] teams, string what = "")
    {
        foreach (Func<int, int> deal in s_deals)
        {
            int[] of = [.. s_lengths.Select((_, s) => deal(s))];
            LossSum[] losses = new LossSum[Shards];
            PinnedBuffer[][] gradients = [.. teams.Select(_ => losses.Select(_ => new PinnedBuffer(store.Length)).ToArray())];
            long[] ids = [.. of.Select((_, s) => (long)s)];
            for (int team = 0; team < teams.Length; team++)
            {
                Array.Clear(losses);
                learn(x, NewPass(teams[team], training: true) with { SequenceIds = ids, Shards = new PassShards(of, gradients[team], losses) });
            }
            for (int shard = 0; shard < Shards; shard++)
            {
                int[] own = [.. Enumerable.Range(0, of.Length).Where(s => of[s] == shard)];
                store.ClearGradients();
                LossSum[] alone = new LossSum[1];
                if (own.Length > 0) learn(x.Of(own), NewPass(training: true) with { SequenceIds = own.Select(s => (long)s).ToArray() });
                foreach (PinnedBuffer[] found in gradients) LayerLaws.Same(store.Gradients, found[shard].Span, $"shard {shard} {what}");
                if (own.Length == 0) continue;
                PinnedBuffer unused = new(store.Length);
                learn(x.Of(own), NewPass(training: true) with
                {
                    SequenceIds = own.Select(s => (long)s).ToArray(), Shards = new PassShards(new int[own.Length], [unused], alone),
                });
                Assert.Equal(alone[0], losses[shard]);
            }
        }
    }
}
