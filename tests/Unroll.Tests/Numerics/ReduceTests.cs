using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Tests.Numerics;

public sealed unsafe class ReduceTests
{
    // Every tail of a 16, and both sides of a block of 4,096.
    public static IEnumerable<int> Lengths => [.. Enumerable.Range(0, 40), 4095, 4096, 4097, 4113, 8192, 10_007];

    private static float[] Draws(int n, ulong seed)
    {
        float[] x = new float[n];
        for (int i = 0; i < n; i++) x[i] = (float)new Rng(seed).Normal((ulong)i);
        return x;
    }

    [Fact]
    [Trait("Category", "Bits")]
    public void A_sum_has_the_same_bits_for_every_width()
    {
        foreach (int n in Lengths)
        {
            float[] a = Draws(n, 1), b = Draws(n, 2);
            fixed (float* pa = a, pb = b)
            {
                double products = Reduce.Over<Lanes1, Reduce.Products>(new(pa, pb), n), values = Reduce.Over<Lanes1, Reduce.Values>(new(pa), n);
                Assert.Equal(products, Reduce.Over<Lanes4, Reduce.Products>(new(pa, pb), n));
                Assert.Equal(values, Reduce.Over<Lanes4, Reduce.Values>(new(pa), n));
                if (Hardware.Half)
                {
                    Assert.Equal(products, Reduce.Over<Lanes8, Reduce.Products>(new(pa, pb), n));
                    Assert.Equal(values, Reduce.Over<Lanes8, Reduce.Values>(new(pa), n));
                }
                if (Hardware.Wide)
                {
                    Assert.Equal(products, Reduce.Over<Lanes16, Reduce.Products>(new(pa, pb), n));
                    Assert.Equal(values, Reduce.Over<Lanes16, Reduce.Values>(new(pa), n));
                }
                Assert.Equal(products, Reduce.Dot(a, b));
                Assert.Equal(values, Reduce.Sum(a));
            }
        }
    }

    // The order as the documentation says it, written down once more without vectors: what the bits have to be on every machine.
    [Fact]
    [Trait("Category", "Bits")]
    public void The_order_is_the_defined_one()
    {
        float[] a = Draws(9000, 3);
        double expected = 0;
        for (int start = 0; start < a.Length; start += 4096)
        {
            float[] lanes = new float[16];
            for (int j = start; j < Math.Min(a.Length, start + 4096); j++) lanes[j % 16] += a[j];
            double[] tree = [.. lanes.Select(l => (double)l)];
            for (int half = 8; half > 0; half /= 2)
                for (int l = 0; l < half; l++) tree[l] += tree[l + half];
            expected += tree[0];
        }
        Assert.Equal(expected, Reduce.Sum(a));
    }

    // A lane adds at most 256 floats: an error of at most 256 · 2⁻²⁴ of the sum of sizes, in practice far below.
    [Fact]
    public void A_sum_is_near_the_one_in_double()
    {
        foreach (int n in Lengths)
        {
            float[] a = Draws(n, 4), b = Draws(n, 5);
            double dot = 0, sizes = 0;
            for (int i = 0; i < n; i++)
            {
                dot += (double)a[i] * b[i];
                sizes += Math.Abs((double)a[i] * b[i]);
            }
            Assert.InRange(Reduce.Dot(a, b) - dot, -256 * sizes / (1 << 24), 256 * sizes / (1 << 24));
            Assert.Equal(a.Sum(x => (double)x * x), Reduce.SumSquares(a), 1e-5 * n);
        }
    }

    [Fact]
    public void The_first_number_that_is_not_finite_is_found_wherever_it_is()
    {
        float[] a = Draws(5000, 6);
        Assert.Equal(-1, Reduce.IndexOfNonFinite(a));
        foreach (int place in new[] { 0, 15, 16, 4095, 4096, 4999 })
            foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
            {
                float[] spoilt = [.. a];
                spoilt[place] = bad;
                spoilt[4999] = float.NaN;
                Assert.Equal(place, Reduce.IndexOfNonFinite(spoilt));
            }
        Assert.Equal(-1, Reduce.IndexOfNonFinite([float.MaxValue, -float.MaxValue, float.Epsilon]));
    }

    [Fact]
    public void The_largest_size_is_found_at_every_place()
    {
        for (int n = 1; n < 40; n++)
            for (int place = 0; place < n; place++)
            {
                float[] a = new float[n];
                a[place] = -3;
                Assert.Equal(3, Reduce.MaxAbs(a));
            }
        Assert.Equal(0, Reduce.MaxAbs([]));
        Assert.Equal(2, Reduce.MaxAbs([float.NaN, -2]));
    }

    [Fact]
    public void A_dot_product_of_unlike_lengths_is_refused() => Assert.Throws<ArgumentException>(() => Reduce.Dot([1, 2], [1]));
}
