using Unroll.Cli.Lab.Compare;
using Unroll.Cli.Lab.Statistics;

namespace Unroll.Tests.Cli.Lab;

public sealed class PairedStatisticsTests
{
    // The usual table of Student's t, two-sided 95 % and 99 %, three decimals.
    [Theory]
    [InlineData(0.95, 1, 12.706)]
    [InlineData(0.95, 2, 4.303)]
    [InlineData(0.95, 3, 3.182)]
    [InlineData(0.95, 4, 2.776)]
    [InlineData(0.95, 9, 2.262)]
    [InlineData(0.95, 30, 2.042)]
    [InlineData(0.95, 120, 1.980)]
    [InlineData(0.99, 1, 63.657)]
    [InlineData(0.99, 4, 4.604)]
    [InlineData(0.99, 10, 3.169)]
    public void The_quantile_of_Students_t_is_that_of_the_table(double level, int freedom, double t)
    {
        Assert.Equal(t, StudentT.Quantile(level, freedom), 0.0005001);
        Assert.Equal(level, StudentT.Within(StudentT.Quantile(level, freedom), freedom), 1e-12);
    }

    [Fact]
    public void The_distribution_begins_at_zero_and_ends_at_one()
    {
        for (int freedom = 1; freedom <= 12; freedom++)
        {
            Assert.Equal(0, StudentT.Within(0, freedom));
            Assert.Equal(1, StudentT.Within(double.PositiveInfinity, freedom), 1e-15);
        }
    }

    // Student 1908, "The probable error of a mean": hours of sleep gained by ten patients with two drugs.
    // d̄ = -1.58, t = -4.0621 with 9 degrees of freedom, p = 0.002833, interval -2.4599 … -0.7001
    [Fact]
    public void The_paired_test_gives_the_figures_of_Students_own_example()
    {
        PairedDifference d = PairedDifference.Of(
            [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0], [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]);
        Assert.Equal(-1.58, d.Mean, 1e-12);
        Assert.Equal(-2.4598858, d.Low, 1e-6);
        Assert.Equal(-0.7001142, d.High, 1e-6);
        Assert.Equal(0.002833, d.P, 1e-6);
    }

    [Fact]
    public void Equal_differences_one_pair_and_no_pairs_have_their_own_answers()
    {
        Assert.Equal(new PairedDifference(0, 0, 0, 1, 2), PairedDifference.Of([1, 2], [1, 2]));
        Assert.Equal(new PairedDifference(1, 1, 1, 0.5, 2), PairedDifference.Of([2, 3], [1, 2]));
        Assert.Equal(new PairedDifference(1, double.NegativeInfinity, double.PositiveInfinity, 1, 1), PairedDifference.Of([2], [1]));
        Assert.Throws<ArgumentException>(() => PairedDifference.Of([], []));
        Assert.Throws<ArgumentException>(() => PairedDifference.Of([1, 2], [1]));
    }

    // By hand: 0.005 · 4, 0.01 · 3, 0.03 · 2, and 0.04 · 1 raised to the one before it.
    [Fact]
    public void Holms_correction_multiplies_by_how_many_are_left_and_never_falls()
    {
        Assert.Equal([0.03, 0.06, 0.06, 0.02], Holm.Correct([0.01, 0.04, 0.03, 0.005]).Select(p => Math.Round(p, 12)));
        Assert.Equal([1, 1], Holm.Correct([0.9, 0.6]));
    }

    [Fact]
    public void The_units_found_have_the_nearest_number_of_parameters()
    {
        static long Parameters(int units) => 4L * units * (units + 3) + units;
        for (long wanted = 1; wanted < 3000; wanted += 7)
        {
            int found = EqualParameters.Units(Parameters, wanted);
            int best = Enumerable.Range(1, 40).MinBy(units => Math.Abs(Parameters(units) - wanted));
            Assert.Equal(best, found);
        }
    }
}
