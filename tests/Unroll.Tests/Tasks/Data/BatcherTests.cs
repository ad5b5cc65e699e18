using Unroll.Core;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Data;

public sealed class BatcherTests
{
    private static readonly int[] Lengths = [.. Enumerable.Range(0, 1003).Select(i => (int)(new Rng(1).UInt((ulong)i) % 50))];

    [Fact]
    public void Every_example_is_in_exactly_one_batch_of_an_epoch()
    {
        Batcher batcher = new(Lengths, 4, new Rng(7));
        IReadOnlyList<int[]> batches = batcher.Epoch(3);
        Assert.Equal(batcher.BatchesPerEpoch, batches.Count);
        Assert.Equal(Enumerable.Range(0, 1003), batches.SelectMany(b => b).Order());
        Assert.Equal(1, batches.Count(b => b.Length != 4));
    }

    [Fact]
    public void The_order_is_a_function_of_seed_and_epoch()
    {
        int[] first = Flat(new Batcher(Lengths, 4, new Rng(7)), 0);
        Assert.Equal(first, Flat(new Batcher(Lengths, 4, new Rng(7)), 0));
        Assert.NotEqual(first, Flat(new Batcher(Lengths, 4, new Rng(7)), 1));
        Assert.NotEqual(first, Flat(new Batcher(Lengths, 4, new Rng(8)), 0));

        static int[] Flat(Batcher batcher, int epoch) => [.. batcher.Epoch(epoch).SelectMany(b => b)];
    }

    // Sorted pools of 256 examples of 50 lengths: a batch of 4 spans a length or two. Unsorted, four draws from 0 … 49 span 30 on average.
    [Fact]
    public void Examples_of_like_length_are_together_longest_first()
    {
        IReadOnlyList<int[]> batches = new Batcher(Lengths, 4, new Rng(7)).Epoch(0);
        Assert.All(batches, b => Assert.Equal(b.OrderByDescending(i => Lengths[i]), b));
        Assert.True(batches.Average(b => Lengths[b[0]] - Lengths[b[^1]]) < 2);
    }

    [Fact]
    public void From_every_place_the_rest_is_what_the_undisturbed_run_sees()
    {
        Batcher batcher = new([.. Lengths.Take(30)], 4, new Rng(7));
        List<(int[] Batch, DataPlace Next)> whole = [.. batcher.From(default, epochs: 3)];
        Assert.Equal(24, whole.Count);
        Assert.Equal(new DataPlace(3, 0), whole[^1].Next);
        for (int used = 1; used <= whole.Count; used++)
        {
            Batcher resumed = new([.. Lengths.Take(30)], 4, new Rng(7));
            Assert.Equal(whole.Skip(used).SelectMany(b => b.Batch), resumed.From(whole[used - 1].Next, 3).SelectMany(b => b.Batch));
        }
    }

    [Fact]
    public void Without_a_generator_the_order_is_the_caller_s() =>
        Assert.Equal([[0, 1], [2, 3], [4]], new Batcher([5, 1, 4, 2, 3], 2, random: null).Epoch(9));

    [Fact]
    public void No_examples_make_no_batches() => Assert.Empty(new Batcher([], 4, new Rng(1)).From(default, 5));

    [Fact]
    public void A_batch_size_below_1_is_refused() => Assert.Contains("at least 1, got 0", TableTests.Error(() => new Batcher([1], 0, null)));
}
