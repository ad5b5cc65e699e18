using Unroll.Core;
using Unroll.Tasks.Data.Scores;

namespace Unroll.Tests.Tasks.Data;

/// <summary>Whether a difference of two methods on the same data is more than chance.</summary>
public sealed class PairedTestTests
{
    [Theory]
    [InlineData(5, 5, 1)]
    [InlineData(0, 0, 1)]
    [InlineData(0, 3, 0.25)]
    [InlineData(9, 1, 22.0 / 1024)]
    [InlineData(121, 59, 4.4344e-6)]                   // 2 Σ_{i < 60} C(180, i) / 2¹⁸⁰
    public void McNemars_p_is_exact(int b, int c, double expected)
    {
        Assert.InRange(PairedTest.McNemar(b, c), expected * 0.995, expected * 1.005);
        Assert.Equal(PairedTest.McNemar(b, c), PairedTest.McNemar(c, b));
    }

    [Fact]
    public void Two_methods_that_are_right_on_the_same_examples_are_not_told_apart()
    {
        bool[] right = [.. Enumerable.Range(0, 100).Select(i => i % 3 > 0)];
        PairedTest test = PairedTest.OfRight(right, right);
        Assert.Equal((0.0, 0.0, 0.0, 1.0, PairedVerdict.NoDifferenceShown), (test.Difference, test.Low, test.High, test.P, test.Verdict));
        Assert.Equal("0, 95 % 0 … 0, McNemar p 1: no difference shown", test.ToText(100));
    }

    [Fact]
    public void A_clear_difference_is_shown_in_its_direction_and_a_small_one_is_not()
    {
        bool[] all = [.. Enumerable.Repeat(true, 200)], some = [.. Enumerable.Range(0, 200).Select(i => i % 10 > 0)],
            nearly = [.. Enumerable.Range(0, 200).Select(i => i % 66 > 0)];
        Assert.Equal(PairedVerdict.Better, PairedTest.OfRight(all, some).Verdict);
        Assert.Equal(PairedVerdict.Worse, PairedTest.OfRight(some, all).Verdict);
        Assert.Equal(PairedVerdict.NoDifferenceShown, PairedTest.OfRight(all, nearly).Verdict);       // four of 200, p 0.125
        PairedTest errors = PairedTest.OfSums([.. some.Select(right => new PairedSums(right ? 0 : 1, 0, 1))], largerIsBetter: false);
        Assert.Equal(PairedVerdict.Worse, errors.Verdict);
        Assert.Equal(0.1, errors.Difference, 12);
        Assert.InRange(errors.Low, 0.05, 0.1);
    }

    [Fact]
    public void The_interval_covers_the_truth_about_as_often_as_it_says()
    {
        int covered = 0;
        for (int run = 0; run < 100; run++)
        {
            Rng random = new Rng(3).At((ulong)run);
            PairedSums[] units = [.. Enumerable.Range(0, 60).Select(i => new PairedSums(0.3 + random.Normal((ulong)i), 0, 1))];
            PairedTest test = PairedTest.OfSums(units, largerIsBetter: true);
            if (test.Low <= 0.3 && 0.3 <= test.High) covered++;
            Assert.Equal(test, PairedTest.OfSums(units, largerIsBetter: true));
        }
        Assert.InRange(covered, 88, 99);
    }

    [Fact]
    public void Of_too_few_units_nothing_is_shown()
    {
        PairedTest test = PairedTest.OfSums([new(5, 0, 5), new(5, 0, 5)], largerIsBetter: true);
        Assert.Equal((PairedVerdict.NoDifferenceShown, "+1, too few to say more"), (test.Verdict, test.ToText()));
    }
}
