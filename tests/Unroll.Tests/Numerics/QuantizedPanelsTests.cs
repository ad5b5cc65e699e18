using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Tests.Numerics;

/// <summary>Products with 8-bit weights, on the path this process is on, against plain loops over 64-bit integers: bit for bit.</summary>
[Trait("Category", "Bits")]
public sealed class QuantizedPanelsTests
{
    [Theory]
    [InlineData(1, 1, 1, 1), InlineData(1, 16, 2, 1), InlineData(4, 5, 3, 1), InlineData(4, 64, 64, 1), InlineData(3, 33, 31, 1),
        InlineData(2, 16, 17, 4)]
    [InlineData(4, 16, 16, 3), InlineData(4, 40, 15, 5), InlineData(1, 80, 100, 7), InlineData(3, 17, 1, 35), InlineData(1, 112, 48, 16)]
    public void The_product_has_the_bits_of_the_plain_loops(int gates, int units, int depth, int rows) =>
        Compare(new Rng(1), gates, units, depth, rows, from: 0, to: (units + 15) / 16);

    [Fact]
    public void Products_of_random_shapes_and_parts_have_the_bits_of_the_plain_loops()
    {
        for (ulong i = 0; i < 60; i++)
        {
            Rng random = new Rng(2).At(i);
            int gates = 1 + random.Below(4, 0), units = 1 + random.Below(100, 1), blocks = (units + 15) / 16, from = random.Below(blocks, 2);
            Compare(random, gates, units, 1 + random.Below(90, 3), 1 + random.Below(20, 4), from, from + 1 + random.Below(blocks - from, 5));
        }
    }

    // Rows of ±127 throughout against activations of ±limit: the largest sums there are, at the last K whose limit is 32,767, the next, and beyond
    // what a row on the stack holds.
    [Theory]
    [InlineData(515), InlineData(516), InlineData(517), InlineData(4096), InlineData(40_001)]
    public void The_largest_sums_do_not_overflow(int depth)
    {
        float[] weights = new float[3 * depth], x = new float[2 * depth];
        for (int k = 0; k < depth; k++)
        {
            weights[k] = 2;                                              // rows: all 127; all −127; signs in turn
            weights[depth + k] = -2;
            weights[2 * depth + k] = k % 2 == 0 ? 2 : -2;
            x[k] = 3;
            x[depth + k] = k % 2 == 0 ? 3 : -3;
        }
        float[] y = Product(weights, gates: 1, units: 3, depth, x, rows: 2, out _);
        float whole = 6f * depth, slack = whole * 4e-5f;                 // s and t are rounded by at most 2⁻¹⁶ and 2⁻²² of themselves
        Assert.Equal([whole, -whole, y[2], y[16], y[17], whole], [y[0], y[1], y[2], y[16], y[17], y[18]], (a, b) => MathF.Abs(a - b) <= slack);
        Assert.Equal(depth % 2 == 0 ? 0 : 6, y[2], slack);
    }

    [Fact]
    public void The_limit_keeps_every_part_of_a_sum_within_32_bits()
    {
        Assert.Equal(32767, Rounding.ActivationLimit(0));
        Assert.Equal(32767, Rounding.ActivationLimit(127 * 516));
        Assert.Equal(32706, Rounding.ActivationLimit(127 * 517));
        foreach (long sum in (long[])[1, 127 * 516, 127 * 517, 127 * 40_001, int.MaxValue])
            Assert.InRange(Rounding.ActivationLimit(sum) * sum, 0, int.MaxValue);
    }

    [Theory]
    [InlineData(float.NaN), InlineData(float.PositiveInfinity), InlineData(float.NegativeInfinity)]
    public void What_is_not_finite_makes_its_row_NaN_and_no_other(float bad)
    {
        float[] weights = Normal(new Rng(5), 7 * 20), x = Normal(new Rng(6), 3 * 20);
        float[] clean = Product(weights, 1, 7, 20, x, 3, out _);
        for (int at = 0; at < 20; at++)
        {
            float[] broken = [.. x];
            broken[20 + at] = bad;
            float[] y = Product(weights, 1, 7, 20, broken, 3, out _);
            Assert.All(y[16..23], v => Assert.True(float.IsNaN(v)));
            Assert.Equal(clean[..7], y[..7]);
            Assert.Equal(clean[32..39], y[32..39]);
        }
    }

    [Fact]
    public void Very_small_and_very_large_numbers_give_no_NaN()
    {
        foreach (float size in (float[])[0, float.Epsilon, 1e-38f, 1e-31f, 1e-30f, 1e30f, 3e38f])
        {
            float[] y = Product([size > 1 ? 1e-3f : size, -1, 0, 0.5f], 1, 2, 2, [size, -size], 1, out _);
            Assert.All(y[..2], v => Assert.True(float.IsFinite(v), $"{size}: {v}"));
        }
    }

    // c += t s d against the definition, with d from 64-bit integers.
    private static void Compare(Rng random, int gates, int units, int depth, int rows, int from, int to)
    {
        float[] weights = Normal(random.For("w"), gates * units * depth), x = Normal(random.For("x"), rows * depth);
        int width = (units + 15) / 16 * 16, pitch = width + 5, stride = gates * pitch + 3;
        PinnedBuffer c = new(rows * stride);
        float[] start = Normal(random.For("c"), c.Length);
        start.CopyTo(c.Span);
        QuantizedPanels panels = new(gates, units, depth);
        panels.Pack(weights, 0, 0, panels.Sixteens);
        MatrixView target = c.MatrixView(0, rows, stride, stride);
        panels.Product(x, rows, ChainStart.Of(target), target, pitch, from, to);

        (sbyte[][] q, float[] scales, int limit) = Rounded(weights, gates * units, depth);
        for (int i = 0; i < rows; i++)
        {
            (short[] p, float step) = Activations(x.AsSpan(i * depth, depth), limit);
            for (int at = 0; at < stride; at++)
            {
                int gate = at / pitch, unit = at % pitch;
                float expected = start[i * stride + at];
                if (gate < gates && unit < units && unit / 16 >= from && unit / 16 < to)
                {
                    int row = gate * units + unit;
                    long sum = 0;
                    for (int k = 0; k < depth; k++) sum += p[k] * q[row][k];
                    expected = MathF.FusedMultiplyAdd((int)sum, scales[row] * step, expected);
                }
                float actual = c.Span[i * stride + at];
                if (BitConverter.SingleToInt32Bits(expected) != BitConverter.SingleToInt32Bits(actual))
                    Assert.Fail($"{gates} gates of {units}, depth {depth}, row {i} of {rows}, gate {gate}, unit {unit}: {expected:R} and {actual:R}");
            }
        }
        GC.KeepAlive(c);
    }

    private static (sbyte[][] Q, float[] Scales, int Limit) Rounded(float[] weights, int rows, int depth)
    {
        sbyte[][] q = [.. Enumerable.Range(0, rows).Select(_ => new sbyte[depth])];
        float[] scales = [.. q.Select((row, r) => Rounding.Weights(weights.AsSpan(r * depth, depth), row))];
        return (q, scales, Rounding.ActivationLimit(q.Max(row => row.Sum(v => Math.Abs((long)v)))));
    }

    private static unsafe (short[] P, float Step) Activations(ReadOnlySpan<float> x, int limit)
    {
        short[] p = new short[x.Length];
        float most = 0;
        foreach (float v in x) most = MathF.Max(most, MathF.Abs(v));
        float up = limit / most;
        for (int k = 0; k < p.Length; k++) p[k] = (short)MathF.Round(x[k] * up);
        return (p, most / limit);
    }

    private static float[] Product(float[] weights, int gates, int units, int depth, float[] x, int rows, out int stride)
    {
        QuantizedPanels panels = new(gates, units, depth);
        panels.Pack(weights, 0, 0, panels.Sixteens);
        stride = gates * ((units + 15) / 16 * 16);
        PinnedBuffer c = new(rows * stride);
        c.Span.Fill(float.NaN);
        panels.Product(x, rows, ChainStart.Zero, c.MatrixView(0, rows, stride, stride), stride / gates, 0, panels.Sixteens);
        return c.Span.ToArray();
    }

    private static float[] Normal(Rng random, int count)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) values[i] = (float)random.Normal((ulong)i);
        return values;
    }
}
