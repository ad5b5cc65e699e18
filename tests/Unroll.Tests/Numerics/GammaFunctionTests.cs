using Unroll.Numerics;

namespace Unroll.Tests.Numerics;

public sealed class GammaFunctionTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(0.5, 0.57236494292470008707)]                            // ½ ln π
    [InlineData(5, 3.17805383034794561965)]                              // ln 24
    [InlineData(101, 363.73937555556349014408)]                          // ln 100!
    [InlineData(1e-6, 13.81550998074943350)]
    public void The_logarithm_of_the_gamma_function(double x, double expected) =>
        Assert.Equal(expected, GammaFunction.Ln(x), 1e-12 * Math.Max(1, Math.Abs(expected)));

    [Theory]
    [InlineData(1, -0.57721566490153286061)]                             // −γ
    [InlineData(0.5, -1.96351002602142347944)]                           // −γ − 2 ln 2
    [InlineData(10, 2.25175258906672110764)]
    public void Its_derivative(double x, double expected) => Assert.Equal(expected, GammaFunction.Digamma(x), 1e-12);

    [Fact]
    public void Both_are_not_a_number_where_there_is_none()
    {
        Assert.True(double.IsNaN(GammaFunction.Ln(0)));
        Assert.True(double.IsNaN(GammaFunction.Digamma(-1)));
    }
}
