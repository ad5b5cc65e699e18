using Unroll.Core;
using Unroll.Tasks.Sweeps;

namespace Unroll.Tests.Tasks.Sweeps;

public sealed class SobolSequenceTests
{
    // The first points in five dimensions as the authors' program prints them, which takes the points in the order of Gray's code.
    [Fact]
    public void The_first_points_are_those_of_the_published_direction_numbers()
    {
        double[][] expected =
        [
            [0, 0, 0, 0, 0], [0.5, 0.5, 0.5, 0.5, 0.5], [0.75, 0.25, 0.25, 0.25, 0.75], [0.25, 0.75, 0.75, 0.75, 0.25],
            [0.375, 0.375, 0.625, 0.875, 0.375], [0.875, 0.875, 0.125, 0.375, 0.875], [0.625, 0.125, 0.875, 0.625, 0.625],
            [0.125, 0.625, 0.375, 0.125, 0.125],
        ];
        for (uint i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], Enumerable.Range(0, 5).Select(d => SobolSequence.At(i ^ (i >> 1), d)));
    }

    [Theory, InlineData(null), InlineData(1UL), InlineData(77UL)]
    public void Of_the_first_powers_of_two_points_each_stretch_of_every_coordinate_has_one(ulong? seed)
    {
        for (int d = 0; d < SobolSequence.MostDimensions; d++)
            for (int count = 1; count <= 1024; count *= 2)
            {
                Rng? random = seed is { } own ? new Rng(own).At((ulong)d) : null;
                int[] stretches = [.. Enumerable.Range(0, count).Select(i => (int)(count * SobolSequence.At((uint)i, d, random)))];
                Assert.Equal(count, stretches.Distinct().Count());
            }
    }

    // The first two coordinates are a (0, m, 2)-net: each box of 2^-a by 2^-(8-a) has one of 256 points. A scrambling as a nest keeps that.
    [Theory, InlineData(false), InlineData(true)]
    public void The_first_two_coordinates_fill_every_elementary_box_once(bool scrambled)
    {
        Rng? Of(int d) => scrambled ? new Rng(5).At((ulong)d) : null;
        for (int a = 0; a <= 8; a++)
            Assert.Equal(256, Enumerable.Range(0, 256).Select(i => ((int)(SobolSequence.At((uint)i, 0, Of(0)) * (1 << a)),
                (int)(SobolSequence.At((uint)i, 1, Of(1)) * (1 << (8 - a))))).Distinct().Count());
    }

    [Fact]
    public void Scrambled_points_are_uniform_and_of_another_seed_others()
    {
        // The mean of 4096 uniform numbers has the deviation 1 / sqrt(12 * 4096) = 0.0045; of one point over 4096 seeds.
        double mean = Enumerable.Range(0, 4096).Average(seed => SobolSequence.At(3, 4, new Rng((ulong)seed)));
        Assert.InRange(mean, 0.5 - 5 * 0.0045, 0.5 + 5 * 0.0045);
        Assert.NotEqual(SobolSequence.At(3, 4, new Rng(1)), SobolSequence.At(3, 4, new Rng(2)));
    }
}
