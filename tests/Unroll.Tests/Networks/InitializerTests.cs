using Unroll.Core;
using Unroll.Networks;

namespace Unroll.Tests.Networks;

public sealed class InitializerTests
{
    private static double Mean(float[] x) => x.Average(v => (double)v);

    private static double Deviation(float[] x) => Math.Sqrt(x.Average(v => (v - Mean(x)) * (v - Mean(x))));

    // 10,000 draws: five deviations of a mean of variance b²/3 are 5 b / √30,000 = 0.029 b; the deviation itself is tighter.
    [Fact]
    public void Uniform_draws_fill_their_interval()
    {
        float[] x = new float[10_000];
        Initializers.Uniform(x, 0.2f, new Rng(1));
        Assert.InRange(x.Min(), -0.2f, -0.199f);
        Assert.InRange(x.Max(), 0.199f, 0.2f);
        Assert.Equal(0, Mean(x), 0.029 * 0.2);
        Assert.Equal(0.2 / Math.Sqrt(3), Deviation(x), 0.004);
    }

    [Fact]
    public void Glorot_draws_have_the_variance_2_over_fan_in_plus_fan_out()
    {
        float[] x = new float[100 * 60];
        Initializers.Glorot(x, fanIn: 60, fanOut: 100, new Rng(2));
        Assert.Equal(Math.Sqrt(2.0 / 160), Deviation(x), 0.003);
    }

    [Fact]
    public void Normal_draws_have_their_deviation()
    {
        float[] x = new float[10_000];
        Initializers.Normal(x, 0.5f, new Rng(3));
        Assert.Equal(0, Mean(x), 0.025);
        Assert.Equal(0.5, Deviation(x), 0.02);
    }

    // Floats rounded from double: an inner product of n of them is off by about 2⁻²⁴.
    [Theory]
    [InlineData(1, 1)]
    [InlineData(40, 40)]
    [InlineData(40, 7)]
    [InlineData(7, 40)]
    public void The_shorter_side_of_an_orthogonal_matrix_is_orthonormal(int rows, int columns)
    {
        float[] w = new float[rows * columns];
        Initializers.Orthogonal(w, rows, columns, new Rng(4));
        int n = Math.Min(rows, columns), length = Math.Max(rows, columns);
        for (int a = 0; a < n; a++)
            for (int b = 0; b < n; b++)
            {
                double dot = 0;
                for (int k = 0; k < length; k++) dot += (double)At(a, k) * At(b, k);
                Assert.Equal(a == b ? 1 : 0, dot, 5e-7);
            }
        Assert.True(n == 1 || w.Any(v => v < 0) && w.Any(v => v > 0));

        float At(int vector, int k) => rows <= columns ? w[vector * columns + k] : w[k * columns + vector];
    }

    [Fact]
    public void Identity_is_one_on_the_diagonal_of_any_shape()
    {
        float[] wide = [9, 9, 9, 9, 9, 9], tall = [9, 9, 9, 9, 9, 9];
        Initializers.Identity(wide, columns: 3);
        Initializers.Identity(tall, columns: 2);
        Assert.Equal([1f, 0, 0, 0, 1, 0], wide);
        Assert.Equal([1f, 0, 0, 1, 0, 0], tall);
    }

    [Fact]
    public void Chrono_biases_are_logarithms_of_times_up_to_the_longest()
    {
        float[] forget = new float[5000], input = new float[5000];
        Initializers.Chrono(forget, input, longest: 101, new Rng(5));
        double[] times = [.. forget.Select(b => Math.Exp(b))];
        Assert.InRange(times.Min(), 1, 1.2);
        Assert.InRange(times.Max(), 99.8, 100.0001);
        Assert.Equal(50.5, times.Average(), 2.0);
        Assert.Equal(forget.Select(b => -b), input);
    }

    [Fact]
    public void Options_are_checked_where_they_are_set()
    {
        Assert.Throws<UserErrorException>(() => new InitializationOptions { Chrono = 2 });
        Assert.Throws<UserErrorException>(() => new InitializationOptions { ForgetBias = float.NaN });
        Assert.Null(new InitializationOptions { ForgetBias = null }.ForgetBias);
    }
}
