using Unroll.Core;
using Unroll.Layers.Losses;

namespace Unroll.Tests.Layers.Losses;

public sealed class CtcGrammarTests
{
    private static SequenceBatch Draw(int steps, int classes, ulong seed)
    {
        SequenceBatch batch = SequenceBatch.Zeros(SequenceLayout.FromLengths(steps), classes);
        for (int i = 0; i < batch.All.Length; i++) batch.All[i] = (float)new Rng(seed).Normal((ulong)i);
        return batch;
    }

    private static IEnumerable<int[]> AllLabels(int most, int labels) => most == 0 ? [[]]
        : [[], .. Enumerable.Range(1, labels).SelectMany(first => AllLabels(most - 1, labels).Select(rest => (int[])[first, .. rest]))];

    // Wide enough to keep every prefix, the search is exact with weights too.
    [Fact]
    public void A_wide_beam_finds_the_greatest_product_of_probability_and_weight()
    {
        Falling grammar = new();
        int differ = 0;
        for (ulong seed = 0; seed < 20; seed++)
        {
            SequenceBatch logits = Draw(4, 4, seed);
            double best = AllLabels(4, 3).Max(labels => CtcLoss.LogProbability(logits, 0, labels) + grammar.Of(labels));
            IReadOnlyList<CtcHypothesis> found = CtcDecoding.Beam(logits, 0, 200, grammar);
            Assert.Equal(best, found[0].LogProbability + found[0].LogWeight, 1e-9);
            Assert.All(found, one => Assert.Equal(grammar.Of([.. one.Labels]), one.LogWeight));
            if (!found[0].Labels.SequenceEqual(CtcDecoding.Beam(logits, 0, 200)[0].Labels)) differ++;
        }
        Assert.True(differ > 0);
    }

    [Fact]
    public void Where_nothing_that_was_found_may_end_there_are_no_labels()
    {
        IReadOnlyList<CtcHypothesis> found = CtcDecoding.Beam(Draw(1, 4, 3), 0, 8, new Falling { Never = true });
        Assert.Equal([], Assert.Single(found).Labels);
    }

    /// <summary>No label may be greater than the one before it, and each greater one weighs more.</summary>
    private sealed class Falling : ICtcGrammar
    {
        internal bool Never { get; init; }

        public object Start => Array.Empty<int>();

        public object? Follow(object state, int label) => (int[])state is [.., var last] && label > last ? null : (int[])[.. (int[])state, label];

        public double LogWeight(object state) => ((int[])state).Sum(label => 0.7 * label - 1);

        public double LogEnd(object state) => Never && ((int[])state).Length > 0 ? double.NegativeInfinity : LogWeight(state) - 0.1;

        internal double Of(int[] labels)
        {
            object? state = Start;
            foreach (int label in labels) state = state is null ? null : Follow(state, label);
            return state is null ? double.NegativeInfinity : LogEnd(state);
        }
    }
}
