using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Tests.Numerics;

[Trait("Category", "Bits")]
public sealed unsafe class RoundingTests
{
    [Fact]
    public void Weights_are_off_by_half_a_step_at_most_and_the_largest_is_127()
    {
        for (int n = 1; n <= 70; n++)
        {
            (float[] w, sbyte[] q, float scale) = Row(n, deviation: MathF.Pow(10, n % 9 - 4));
            Assert.Equal(127, q.Max(v => Math.Abs((int)v)));
            for (int k = 0; k < n; k++) Assert.InRange(MathF.Abs(w[k] - scale * q[k]), 0, 0.5001f * scale);       // 0.5 and the division's rounding
        }
    }

    [Fact]
    public void Rounded_weights_are_exact_floats_and_rounding_them_again_changes_nothing()
    {
        for (int n = 1; n <= 200; n++)
        {
            (_, sbyte[] q, float scale) = Row(n, deviation: MathF.Pow(10, n % 61 - 28));
            float[] exact = [.. q.Select(v => scale * v)];
            for (int k = 0; k < n; k++) Assert.Equal((double)scale * q[k], exact[k]);
            sbyte[] again = new sbyte[n];
            Assert.Equal(scale, Rounding.Weights(exact, again));
            Assert.Equal(q, again);
        }
    }

    [Fact]
    public void Weights_of_nothing_have_a_scale_of_zero()
    {
        sbyte[] q = [1, 2, 3];
        Assert.Equal(0, Rounding.Weights([0, -0f, 1e-40f], q));
        Assert.Equal([0, 0, 0], q);
    }

    [Fact]
    public void The_largest_weights_have_a_finite_scale_and_stay_finite()
    {
        sbyte[] q = new sbyte[2];
        float scale = Rounding.Weights([Rounding.LargestWeight, -1], q);
        Assert.True(float.IsFinite(scale * 127));
        Assert.Equal([127, 0], q);
    }

    // Half a step from the rounding; x · (limit / m) and the quotient are each off by 2⁻²⁴ of up to the limit, 32,767 · 2⁻²³ = 0.004 of a step.
    [Theory]
    [InlineData(32767), InlineData(1000), InlineData(1)]
    public void Activations_are_off_by_half_a_step_at_most(int limit)
    {
        for (int n = 1; n <= 70; n++)
        {
            float[] x = [.. Enumerable.Range(0, n).Select(i => (float)new Rng(8).At((ulong)n).Normal((ulong)i))];
            short[] p = new short[n];
            float step;
            fixed (float* from = x)
            fixed (short* to = p) step = Rounding.Activations(from, n, limit, to);
            Assert.Equal(limit, p.Max(v => Math.Abs((int)v)));
            for (int k = 0; k < n; k++) Assert.InRange(MathF.Abs(x[k] - step * p[k]), 0, 0.505f * step);
        }
    }

    [Fact]
    public void Activations_have_the_same_integers_wherever_they_lie()
    {
        float[] x = [.. Enumerable.Range(0, 45).Select(i => (float)new Rng(9).Normal((ulong)i)), 0.5f, -0.5f, 1.5f, 2.5f, 40];
        short[] whole = new short[x.Length], one = new short[1];
        fixed (float* from = x)
        fixed (short* to = whole) Rounding.Activations(from, x.Length, 40, to);          // a step of 1: halves are ties, which go to the even integer
        for (int k = 0; k < x.Length; k++) Assert.Equal((short)MathF.Round(x[k], MidpointRounding.ToEven), whole[k]);
        Assert.Equal([0, 0, 2, 2, 40], whole[45..]);
    }

    private static (float[] Weights, sbyte[] Q, float Scale) Row(int n, float deviation)
    {
        float[] w = [.. Enumerable.Range(0, n).Select(i => deviation * (float)new Rng(4).At((ulong)n).Normal((ulong)i))];
        sbyte[] q = new sbyte[n];
        return (w, q, Rounding.Weights(w, q));
    }
}
