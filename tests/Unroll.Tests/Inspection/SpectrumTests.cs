using Unroll.Inspection;
using Unroll.Inspection.Textbook;

namespace Unroll.Tests.Inspection;

public sealed class SpectrumTests
{
    private static Matrix Of(int rows, int columns, params double[] values) => new(values, 0, rows, columns);

    [Fact]
    public void Radii_that_are_known_are_found()
    {
        Assert.Equal(3, Spectrum.Radius(Of(2, 2, 2, 1, 1, 2)), 1e-11);                      // eigenvalues 3 and 1
        Assert.Equal(0.7, Spectrum.Radius(Of(2, 2, 0, -0.7, 0.7, 0)), 1e-12);               // ± 0.7 i
        Assert.Equal(0.5, Spectrum.Radius(Of(2, 2, 0.5, 1, 0, 0.5)), 1e-12);                // one eigenvalue twice, one eigenvector
        Assert.Equal(2, Spectrum.Radius(Of(1, 1, -2)), 1e-12);
        Assert.Equal(0, Spectrum.Radius(Of(2, 2, 0, 1, 0, 0)));                             // its square is zero
        Assert.Equal(0, Spectrum.Radius(new Matrix(0, 0)));
    }

    [Fact]
    public void Neither_huge_nor_tiny_elements_overflow()
    {
        Assert.Equal(3e200, Spectrum.Radius(Of(2, 2, 2e200, 1e200, 1e200, 2e200)), 1e190);
        Assert.Equal(1, Spectrum.Radius(Of(2, 2, 2e-200, 1e-200, 1e-200, 2e-200)) / 3e-200, 1e-11);
    }

    [Fact]
    public void What_is_not_finite_is_said_and_what_is_not_square_is_refused()
    {
        Assert.Equal(double.NaN, Spectrum.Radius(Of(1, 1, double.NaN)));
        Assert.Equal(double.PositiveInfinity, Spectrum.Radius(Of(1, 1, double.NegativeInfinity)));
        Assert.Throws<ArgumentException>(() => Spectrum.Radius(new Matrix(1, 2)));
    }

    [Fact]
    public void The_norm_is_the_largest_singular_value()
    {
        Assert.Equal(5, Spectrum.Norm(Of(1, 2, 3, 4)), 1e-11);
        Assert.Equal(5, Spectrum.Norm(Of(2, 1, 3, 4)), 1e-11);
        Assert.Equal(2, Spectrum.Norm(Of(2, 2, 0, 2, 0, 0)), 1e-11);                        // where the radius is 0
        Assert.Equal((1 + Math.Sqrt(5)) / 2, Spectrum.Norm(Of(2, 2, 1, 1, 0, 1)), 1e-11);
    }
}
