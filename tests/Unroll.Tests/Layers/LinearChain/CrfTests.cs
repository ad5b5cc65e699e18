using Unroll.Core;
using Unroll.Inspection;
using Unroll.Layers.LinearChain;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Tests.Layers.LinearChain;

/// <summary>The linear-chain field against all its paths one by one, and the laws of a loss.</summary>
[Trait("Category", "Bits")]
public sealed class CrfTests
{
    private const int Classes = 3;
    private static readonly ThreadTeam One = new(1), Three = new(3) { SmallestShare = 0 };
    private static readonly int[][] Labels = [[1, 2, 0, 0], [], [2], [0, 0, 1, 2, 1]];

    private static Pass PassOf(ThreadTeam team) => new(new Workspace(), team, default, Training: true);

    private static SequenceBatch Draw(IEnumerable<int[]> labels, float scale = 1, int firstId = 0)
    {
        SequenceBatch batch = SequenceBatch.Zeros(SequenceLayout.FromLengths([.. labels.Select(one => one.Length)]), Classes);
        for (int s = 0; s < batch.Layout.Sequences; s++)
            for (int t = 0; t < batch.Layout.Lengths[s]; t++)
                for (int k = 0; k < Classes; k++)
                    batch.Row(t, s)[k] = scale * (float)new Rng(1).At((ulong)(s + firstId)).Normal((ulong)(t * Classes + k));
        return batch;
    }

    private static (Crf, ParameterStore) Layer(float scale = 1)
    {
        ParameterStore store = new();
        Crf layer = new("crf", store, Classes);
        using Edit edit = store.Edit();
        for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = scale * (float)new Rng(2).Normal((ulong)i);
        return (layer, store);
    }

    private static IEnumerable<int[]> Paths(int steps) =>
        Enumerable.Range(0, (int)Math.Pow(Classes, steps)).Select(n =>
            Enumerable.Range(0, steps).Select(t => n / (int)Math.Pow(Classes, t) % Classes).ToArray());

    private static double Score(Crf layer, SequenceBatch z, int s, int[] path)
    {
        double score = (double)layer.Start.Values[path[0]] + layer.End.Values[path[^1]];
        for (int t = 0; t < path.Length; t++)
            score += (double)z.Row(t, s)[path[t]] + (t == 0 ? 0 : layer.Transitions.Values[path[t - 1] * Classes + path[t]]);
        return score;
    }

    [Fact]
    public void Loss_probabilities_and_best_path_are_those_of_all_paths_one_by_one()
    {
        (Crf layer, _) = Layer();
        SequenceBatch z = Draw(Labels), dz = SequenceBatch.Zeros(z.Layout, Classes);
        LossSum loss = new CrfLoss(layer).Compute(z, Targets.OfSequences(z.Layout, Labels), dz, PassOf(One));
        double expected = 0;
        for (int s = 0; s < Labels.Length; s++)
        {
            int steps = Labels[s].Length;
            float[] shares = new float[steps * Classes];
            int[] best = new int[steps];
            layer.Marginals(z, s, shares);
            layer.BestPath(z, s, null, best);
            if (steps == 0) continue;
            (int[] Path, double Score)[] all = [.. Paths(steps).Select(path => (path, Score(layer, z, s, path)))];
            double sum = all.Sum(one => Math.Exp(one.Score));
            expected += Math.Log(sum) - Score(layer, z, s, Labels[s]);
            Assert.Equal(all.MaxBy(one => one.Score).Path, best);
            for (int t = 0; t < steps; t++)
                for (int k = 0; k < Classes; k++)
                    Assert.Equal(all.Where(one => one.Path[t] == k).Sum(one => Math.Exp(one.Score)) / sum, shares[t * Classes + k], 1e-6);
        }
        Assert.Equal(expected, loss.Sum, 1e-9);
        Assert.Equal(10, loss.Count);
    }

    [Fact, Trait("Managed", "differences of thousands of passes: too slow under emulation")]
    public void Gradients_agree_with_differences_and_with_the_textbook() =>
        Assert.All(GradientCheck.RunAll().Where(one => one.Subject == "crf"), result => Assert.True(result.Passed, result.ToString()));

    [Fact]
    public void Scores_of_any_size_neither_vanish_nor_overflow()
    {
        (Crf layer, ParameterStore store) = Layer(scale: 1000);
        SequenceBatch z = Draw(Labels, scale: 3e4f), dz = SequenceBatch.Zeros(z.Layout, Classes);
        store.ClearGradients();
        LossSum loss = new CrfLoss(layer).Compute(z, Targets.OfSequences(z.Layout, Labels), dz, PassOf(One));
        Assert.True(double.IsFinite(loss.Sum) && loss.Sum > 0);
        Assert.All(dz.All.ToArray(), d => Assert.InRange(d, -1, 1));
        Assert.All(store.Gradients.ToArray(), d => Assert.InRange(d, -9, 9));
    }

    [Fact]
    public void Threads_and_company_change_no_bit()
    {
        (Crf layer, ParameterStore store) = Layer();
        int[][] many = [.. Enumerable.Range(0, 150).Select(s => Enumerable.Range(0, s % 7).Select(t => (s + t) % Classes).ToArray())];
        SequenceBatch z = Draw(many);
        (double, float[], float[]) Run(ThreadTeam team, SequenceBatch scores, params int[][] labels)
        {
            SequenceBatch d = SequenceBatch.Zeros(scores.Layout, Classes);
            store.ClearGradients();
            LossSum loss = new CrfLoss(layer).Compute(scores, Targets.OfSequences(scores.Layout, labels), d, PassOf(team));
            return (loss.Sum, d.All.ToArray(), store.Gradients.ToArray());
        }
        (double loss, float[] dz, float[] weights) = Run(One, z, many);
        (double lossOfThree, float[] dzOfThree, float[] weightsOfThree) = Run(Three, z, many);
        Assert.Equal(loss, lossOfThree);
        Assert.Equal(dz, dzOfThree);
        Assert.Equal(weights, weightsOfThree);

        (_, float[] alone, _) = Run(One, Draw([many[20]], firstId: 20), many[20]);
        SequenceBatch all = new(z.Layout, Classes, dz);
        Assert.Equal(alone, Enumerable.Range(0, many[20].Length).SelectMany(t => all.Row(t, 20).ToArray()));
    }

    [Fact]
    public void A_search_keeps_to_its_rules_and_gives_them_up_only_where_no_path_does()
    {
        double[] scores = [5, 0, 1, 5, 4, 0, 5, 0, 1];
        PathRules rules = new([true, false, true], [false, true, true, true, true, true, true, true, true], [true, true, true]);
        int[] path = new int[3];
        Viterbi.Find(scores, [], [], [], Classes, rules, path);
        Assert.Equal([0, 1, 0], path);
        Assert.True(rules.Allows(path) && !rules.Allows([1]) && !rules.Allows([0, 0]));
        Viterbi.Find(scores, [], [], [], Classes, new PathRules([false, false, false], new bool[9], [false, false, false]), path);
        Assert.Equal([0, 0, 0], path);
        Viterbi.Find([], [], [], [], Classes, rules, []);
    }

    [Fact]
    public void Sequences_without_labels_do_not_count_and_half_labeled_ones_are_refused()
    {
        (Crf layer, ParameterStore store) = Layer();
        int[][] labels = [[1, 2], [Targets.Ignored, Targets.Ignored]];
        SequenceBatch z = Draw(labels), dz = SequenceBatch.Zeros(z.Layout, Classes);
        dz.All.Fill(7);
        store.ClearGradients();
        Assert.Equal(2, new CrfLoss(layer).Compute(z, Targets.OfSequences(z.Layout, labels), dz, PassOf(One)).Count);
        Assert.Equal([0, 0, 0], dz.Row(1, 1).ToArray());
        labels[0][1] = Targets.Ignored;
        Assert.Contains("sequence 0, step 1", Assert.Throws<UserErrorException>(() =>
            new CrfLoss(layer).Compute(z, Targets.OfSequences(z.Layout, labels), dz, PassOf(One))).Message);
        z.All[0] = float.NaN;
        Assert.True(double.IsNaN(new CrfLoss(layer).Compute(z, Targets.OfSequences(z.Layout, [[1, 2], [0, 1]]), dz, PassOf(One)).Sum));
    }

    [Fact]
    public void A_network_with_a_field_is_described_written_and_refuses_single_steps()
    {
        NetworkSpec spec = new(2, [new DenseSpec { Name = "head", Outputs = 3 }, new CrfSpec { Name = "crf" }]);
        Network network = Network.Build(NetworkSpec.FromJson(spec.ToJson()));
        Assert.Equal(["head.weight", "head.bias", "crf.transitions", "crf.start", "crf.end"], network.Parameters.All.Select(one => one.Name));
        Assert.Contains("'crf' scores whole sequences", Assert.Throws<UserErrorException>(() => network.RequireCausal("streaming")).Message);
    }
}
