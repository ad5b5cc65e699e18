using Unroll.Core;
using Unroll.Layers.Losses;

namespace Unroll.Tests.Layers.Losses;

public sealed class CtcDecodingTests
{
    private static SequenceBatch Draw(int steps, int classes, ulong seed, float scale = 1)
    {
        SequenceBatch batch = SequenceBatch.Zeros(SequenceLayout.FromLengths(steps), classes);
        for (int i = 0; i < batch.All.Length; i++) batch.All[i] = scale * (float)new Rng(seed).Normal((ulong)i);
        return batch;
    }

    private static SequenceBatch Path(params int[] classes)
    {
        SequenceBatch batch = SequenceBatch.Zeros(SequenceLayout.FromLengths(classes.Length), 4);
        for (int t = 0; t < classes.Length; t++) batch.Row(t, 0)[classes[t]] = 5;
        return batch;
    }

    [Fact]
    public void Greedy_merges_repetitions_and_removes_blanks()
    {
        Assert.Equal([1, 1, 2, 3], CtcDecoding.Greedy(Path(0, 1, 1, 0, 1, 2, 2, 3, 0), 0));
        Assert.Equal([], CtcDecoding.Greedy(Path(0, 0), 0));
        Assert.Equal([], CtcDecoding.Greedy(Path(), 0));
    }

    [Fact]
    public void A_stream_says_a_label_at_its_first_step()
    {
        SequenceBatch logits = Path(0, 1, 1, 0, 1, 2);
        CtcGreedyStream stream = new();
        Assert.Equal([0, 1, 0, 0, 1, 2], Enumerable.Range(0, 6).Select(t => stream.Push(logits.Row(t, 0))));
        stream.Reset();
        Assert.Equal(2, stream.Push(logits.Row(5, 0)));
    }

    [Fact]
    public void A_beam_is_never_worse_than_greedy_and_sorted()
    {
        for (ulong seed = 0; seed < 60; seed++)
        {
            SequenceBatch logits = Draw(1 + (int)(seed % 12), 4, seed, 0.3f + seed % 4);
            double greedy = CtcLoss.LogProbability(logits, 0, CtcDecoding.Greedy(logits, 0));
            foreach (int width in new[] { 1, 2, 8 })
            {
                IReadOnlyList<CtcHypothesis> found = CtcDecoding.Beam(logits, 0, width);
                Assert.InRange(found.Count, 1, width);
                Assert.True(found[0].LogProbability >= greedy, $"seed {seed}, width {width}: {found[0].LogProbability} against {greedy}");
                Assert.Equal(found.OrderByDescending(one => one.LogProbability), found);
                Assert.All(found, one => Assert.Equal(CtcLoss.LogProbability(logits, 0, [.. one.Labels]), one.LogProbability));
            }
        }
    }

    // Wide enough to keep every prefix (at most 1 + 3 + 9 + 27 + 81 of 4 steps), the search is exact.
    [Fact]
    public void A_wide_beam_finds_the_most_probable_labels()
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            SequenceBatch logits = Draw(4, 4, seed);
            double best = AllLabels(4, 3).Max(labels => CtcLoss.LogProbability(logits, 0, labels));
            Assert.Equal(best, CtcDecoding.Beam(logits, 0, 200)[0].LogProbability);
        }
    }

    [Fact]
    public void A_beam_of_no_steps_finds_no_labels() => Assert.Equal([], CtcDecoding.Beam(Path(), 0, 3)[0].Labels);

    [Fact]
    public void A_beam_of_width_0_is_refused() => Assert.Throws<UserErrorException>(() => CtcDecoding.Beam(Path(1), 0, 0));

    // Of all paths that stand for the labels, by enumeration; sums of six logarithms from float softmax sums differ by 1e-6.
    [Fact]
    public void The_alignment_is_the_best_path()
    {
        for (ulong seed = 0; seed < 10; seed++)
        {
            SequenceBatch logits = Draw(6, 3, seed);
            int[] labels = [1, 1, 2];
            CtcAlignment found = CtcAlignment.Of(logits, 0, labels);
            int[] classes = [.. found.Steps.Select(i => i < 0 ? 0 : labels[i])];
            Assert.Equal(labels, Merged(classes));
            Assert.Equal(Score(logits, classes), found.LogProbability, 1e-5);
            double best = AllPaths(6, 3).Where(path => Merged(path).SequenceEqual(labels)).Max(path => Score(logits, path));
            Assert.Equal(best, found.LogProbability, 1e-5);
            Assert.Equal(3, found.Segments().Count);
            Assert.All(found.Segments().Select((segment, i) => (segment, i)), one => Assert.Equal(one.i, found.Steps[one.segment.From]));
        }
    }

    [Fact]
    public void An_alignment_of_nothing_and_an_impossible_one()
    {
        Assert.Equal([-1, -1], CtcAlignment.Of(Path(1, 2), 0, []).Steps);
        Assert.Empty(CtcAlignment.Of(Path(), 0, []).Steps);
        Assert.Throws<UserErrorException>(() => CtcAlignment.Of(Path(1, 2), 0, [1, 1]));
    }

    private static int[] Merged(int[] path) => [.. path.Where((k, t) => k != 0 && (t == 0 || path[t - 1] != k))];

    private static IEnumerable<int[]> AllPaths(int steps, int classes) =>
        Enumerable.Range(0, (int)Math.Pow(classes, steps))
            .Select(code => Enumerable.Range(0, steps).Select(t => code / (int)Math.Pow(classes, t) % classes).ToArray());

    private static IEnumerable<int[]> AllLabels(int longest, int labels) =>
        Enumerable.Range(0, longest + 1).SelectMany(length => AllPaths(length, labels)).Select(path => path.Select(k => k + 1).ToArray());

    private static double Score(SequenceBatch logits, int[] path) =>
        path.Select((k, t) => logits.Row(t, 0)[k] - Math.Log(logits.Row(t, 0).ToArray().Sum(z => Math.Exp(z)))).Sum();
}
