using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Tests.Numerics;

/// <summary>Products with weights in bfloat16, on the path this process is on, against those of floats with the same weights: bit for bit.</summary>
[Trait("Category", "Bits")]
public sealed class BFloat16PanelsTests
{
    [Theory]
    [InlineData(1, 1, 1, 1), InlineData(1, 16, 2, 1), InlineData(4, 5, 3, 1), InlineData(4, 64, 64, 1), InlineData(3, 33, 31, 2)]
    [InlineData(2, 16, 17, 4), InlineData(4, 40, 15, 5), InlineData(1, 80, 100, 7), InlineData(1, 112, 48, 3), InlineData(3, 17, 1, 35)]
    [InlineData(1, 33, 1025, 6), InlineData(4, 16, 2050, 4), InlineData(1, 16, 2050, 1)]
    public void The_product_has_the_bits_of_the_floats(int gates, int units, int depth, int rows) =>
        Compare(new Rng(1), gates, units, depth, rows, from: 0, to: (units + 15) / 16);

    [Fact]
    public void Products_of_random_shapes_and_parts_have_the_bits_of_the_floats()
    {
        for (ulong i = 0; i < 60; i++)
        {
            Rng random = new Rng(2).At(i);
            int gates = 1 + random.Below(4, 0), units = 1 + random.Below(100, 1), blocks = (units + 15) / 16, from = random.Below(blocks, 2);
            Compare(random, gates, units, 1 + random.Below(90, 3), 1 + random.Below(20, 4), from, from + 1 + random.Below(blocks - from, 5));
        }
    }

    [Theory]
    [InlineData(0x3F80_0000u, 0x3F80)]                                   // 1
    [InlineData(0x3F80_7FFFu, 0x3F80), InlineData(0x3F80_8001u, 0x3F81)]
    [InlineData(0x3F80_8000u, 0x3F80), InlineData(0x3F81_8000u, 0x3F82)] // ties: to the even one
    [InlineData(0xBF81_8000u, 0xBF82), InlineData(0x8000_0000u, 0x8000)]
    [InlineData(0x0000_0001u, 0x0000), InlineData(0x0001_8000u, 0x0002)] // numbers below the smallest normal one
    [InlineData(0x3FFF_FFFFu, 0x4000)]                                   // 2: the exponent grows
    public void A_number_becomes_the_nearest_of_16_bits(uint pattern, int expected)
    {
        ushort rounded = Rounding.BFloat16(BitConverter.UInt32BitsToSingle(pattern));
        Assert.Equal(expected, rounded);
        Assert.Equal(rounded, Rounding.BFloat16(BitConverter.UInt32BitsToSingle((uint)rounded << 16)));
    }

    [Fact]
    public void The_largest_weight_that_is_allowed_stays_finite() =>
        Assert.True(float.IsFinite(BitConverter.UInt32BitsToSingle((uint)Rounding.BFloat16(Rounding.LargestWeight) << 16)));

    private static void Compare(Rng random, int gates, int units, int depth, int rows, int from, int to)
    {
        float[] weights = Normal(random.For("w"), gates * units * depth), x = Normal(random.For("x"), rows * depth);
        float[] rounded = [.. weights.Select(w => BitConverter.UInt32BitsToSingle((uint)Rounding.BFloat16(w) << 16))];
        int pitch = (units + 15) / 16 * 16 + 5, stride = gates * pitch + 3;
        PinnedBuffer expected = new(rows * stride), actual = new(rows * stride), bias = new(stride);
        Normal(random.For("c"), expected.Length).CopyTo(expected.Span);
        Normal(random.For("b"), stride).CopyTo(bias.Span);
        Panels floats = new(gates, units, depth);
        BFloat16Panels halves = new(gates, units, depth);
        floats.Pack(rounded, 0, 0, floats.Sixteens);
        halves.Pack(weights, 0, 0, halves.Sixteens);
        MatrixView one = expected.MatrixView(0, rows, stride, stride), other = actual.MatrixView(0, rows, stride, stride);
        foreach (int start in (int[])[0, 1, 2])
        {
            expected.Span.CopyTo(actual.Span);
            floats.Product(x, rows, Start(start, one), one, pitch, from, to);
            halves.Product(x, rows, Start(start, other), other, pitch, from, to);
            for (int i = 0; i < rows * stride; i++)
            {
                int at = i % stride, unit = at % pitch;
                if (at / pitch < gates && unit >= units && unit < (units + 15) / 16 * 16) continue;      // columns beyond the matrix
                if (BitConverter.SingleToInt32Bits(expected.Span[i]) != BitConverter.SingleToInt32Bits(actual.Span[i]))
                    Assert.Fail($"{gates} gates of {units}, depth {depth}, {rows} rows, start {start}, at {i}: "
                        + $"{expected.Span[i]:R} and {actual.Span[i]:R}");
            }
        }
        GC.KeepAlive((expected, actual, bias));

        ChainStart Start(int kind, in MatrixView c) =>
            kind == 0 ? ChainStart.Zero : kind == 1 ? ChainStart.Of(c) : ChainStart.Bias(bias.MatrixView(0, 1, stride, stride));
    }

    private static float[] Normal(Rng random, int count)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) values[i] = (float)random.Normal((ulong)i);
        return values;
    }
}
