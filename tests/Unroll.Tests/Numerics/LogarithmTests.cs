using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Tests.Numerics;

public sealed class LogarithmTests
{
    [Fact]
    public void It_is_the_logarithm_to_two_units_in_the_last_place()
    {
        for (ulong i = 0; i < 2000; i++)
        {
            double x = Math.Exp(40 * new Rng(1).Normal(i)), expected = Math.Log(x);
            Assert.Equal(expected, Logarithm.Ln(x), 2 * Math.BitIncrement(Math.Abs(expected)) - 2 * Math.Abs(expected));
            double e = new Rng(2).Uniform(i) * Math.Pow(2, -(double)(i % 60)), small = e < 1e-5 ? e - e * e / 2 + e * e * e / 3 : Math.Log(1 + e);
            Assert.Equal(small, Logarithm.LnOnePlus(e), 3e-16 + 1e-15 * small);
        }
    }

    [Fact]
    public void The_edges_are_defined()
    {
        Assert.Equal(0, Logarithm.Ln(1));
        Assert.Equal(double.NegativeInfinity, Logarithm.Ln(0));
        Assert.Equal(double.PositiveInfinity, Logarithm.Ln(double.PositiveInfinity));
        Assert.Equal(double.NaN, Logarithm.Ln(-1));
        Assert.Equal(double.NaN, Logarithm.Ln(double.NaN));
        Assert.Equal(Math.Log(double.Epsilon), Logarithm.Ln(double.Epsilon), 1e-12);
        Assert.Equal(1e-300, Logarithm.LnOnePlus(1e-300));
        Assert.Equal(double.NaN, Logarithm.LnOnePlus(double.NaN));
    }
}
