using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Tests.Numerics;

public sealed unsafe class SoftmaxTests
{
    private const float Inf = float.PositiveInfinity;

    private static float[] Of(params float[] z)
    {
        float[] p = new float[z.Length];
        Softmax.Row(z, p);
        return p;
    }

    private static float[] LogOf(params float[] z)
    {
        float[] p = new float[z.Length];
        Softmax.LogRow(z, p);
        return p;
    }

    // z − max, at most 32 here, is rounded by at most 2⁻²⁴ · 32 = 2e-6, which exp makes a relative error: 3e-6 leaves room for exp's own.
    [Fact]
    public void It_is_the_softmax_in_double()
    {
        for (int n = 1; n < 50; n++)
        {
            float[] z = new float[n];
            for (int i = 0; i < n; i++) z[i] = (float)(5 * new Rng(7).Normal((ulong)(n * 64 + i)));
            double sum = z.Sum(x => Math.Exp(x));
            float[] p = Of(z), log = LogOf(z);
            for (int i = 0; i < n; i++)
            {
                Assert.Equal(Math.Exp(z[i]) / sum, p[i], 3e-6 * Math.Exp(z[i]) / sum);
                Assert.Equal(z[i] - Math.Log(sum), log[i], 3e-6);
            }
        }
    }

    [Fact]
    [Trait("Category", "Bits")]
    public void Its_exponentials_have_the_same_bits_for_every_width_and_sum_up_in_the_defined_order()
    {
        foreach (int n in (int[])[.. Enumerable.Range(0, 40), 65, 4095, 4096, 4167, 10_000])
        {
            float[] z = new float[n], one = new float[n], other = new float[n];
            for (int i = 0; i < n; i++) z[i] = (float)(20 * new Rng(8).Normal((ulong)i));
            if (n > 20) (z[3], z[n - 1]) = (-Inf, float.NaN);
            fixed (float* pz = z, p1 = one, p2 = other)
            {
                float max = Softmax.Max<Lanes1>(pz, n);
                double sum = Softmax.Exponentials<Lanes1>(pz, p1, n, max);
                for (int i = 0; i < n; i++) Assert.Equal(Math.Exp((double)z[i] - max), one[i], 1e-6);
                Assert.Equal(Reduce.Sum(one), sum);
                Assert.Equal(max, Softmax.Max<Lanes16>(pz, n));
                Assert.Equal(sum, Softmax.Exponentials<Lanes16>(pz, p2, n, max));
                Assert.Equal(one, other);
                Array.Clear(other);
                Assert.Equal(max, Softmax.Max<Lanes4>(pz, n));
                Assert.Equal(sum, Softmax.Exponentials<Lanes4>(pz, p2, n, max));
                Assert.Equal(one, other);
                if (!Hardware.Half) continue;
                Array.Clear(other);
                Assert.Equal(max, Softmax.Max<Lanes8>(pz, n));
                Assert.Equal(sum, Softmax.Exponentials<Lanes8>(pz, p2, n, max));
                Assert.Equal(one, other);
            }
        }
    }

    [Fact]
    public void Huge_scores_do_not_overflow()
    {
        Assert.Equal([0, 1], Of(-3e38f, 3e38f));
        Assert.Equal([0.5f, 0.5f, 0], Of(1e30f, 1e30f, -1e30f));
        Assert.Equal([0, -2000], LogOf(1000, -1000));
    }

    [Fact]
    public void Infinities_and_NaNs_have_defined_results()
    {
        Assert.Equal([0.5f, 0.5f], Of(-Inf, -Inf));
        Assert.Equal([0, 1, 0], Of(-Inf, 2, -Inf));
        Assert.Equal([0, 0.5f, 0.5f], Of(5, Inf, Inf));
        Assert.All(Of(1, float.NaN, 2), p => Assert.True(float.IsNaN(p)));
        Assert.All(Of(Inf, float.NaN), p => Assert.True(float.IsNaN(p)));
        Assert.Equal([-Inf, 0], LogOf(3, Inf));
        Assert.Equal(-MathF.Log(2), LogOf(-Inf, -Inf)[1], 1e-7f);
        Assert.Empty(Of());
    }

    [Fact]
    public void It_may_be_done_in_place()
    {
        float[] z = [1, 2, 3], p = Of(z);
        Softmax.Row(z, z);
        Assert.Equal(p, z);
    }
}
