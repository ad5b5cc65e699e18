using System.Runtime.Intrinsics.X86;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Tests.Numerics;

/// <summary>Every tile of the path this process is on against the three plain loops, bit for bit.</summary>
[Trait("Category", "Bits")]
public sealed unsafe class MatrixTilesTests
{
    private const float Untouched = 12345;

    [Theory]
    [InlineData(1), InlineData(7), InlineData(64)]
    public void Every_tile_has_the_bits_of_the_plain_loops(int depth)
    {
        for (int rows = 1; rows <= 32; rows++)
            for (int sixteens = 1; sixteens <= MatrixTiles.Sixteens(rows); sixteens++)
                for (int begin = 0; begin < 3; begin++)
                    Compare(rows, sixteens, depth, begin, null);
    }

    // The tiles of ARM64's thirty-two registers: there as they are (above), elsewhere as the same text with an operation that every processor has.
    [Theory]
    [InlineData(1), InlineData(7), InlineData(64)]
    public void Every_tile_that_multiplies_by_an_element_has_the_bits_of_the_plain_loops(int depth)
    {
        foreach ((int rows, int sixteens) in ((int, int)[])[(1, 1), (1, 2), (1, 3), (1, 4), (2, 1), (2, 2), (3, 1), (4, 1), (5, 1), (6, 1)])
            for (int begin = 0; begin < 3; begin++)
                Compare(rows, sixteens, depth, begin, TilesByElement.ByElement);
    }

    // On processors with wider vectors too; without fused multiply-add they do not exist.
    [Theory]
    [InlineData(1), InlineData(7), InlineData(64)]
    public void Every_tile_of_sixteen_128_bit_registers_has_the_bits_of_the_plain_loops(int depth)
    {
        Assert.SkipUnless(Fma.IsSupported, "a processor without fused multiply-add on 128-bit vectors");
        foreach ((int rows, int sixteens) in ((int, int)[])[(1, 1), (1, 2), (2, 1), (3, 1)])
            for (int begin = 0; begin < 3; begin++)
                Compare(rows, sixteens, depth, begin, MatrixTiles.Quarter);
    }

    [Fact]
    public void Rows_are_dealt_evenly_and_completely()
    {
        for (int rows = 1; rows <= 100; rows++)
        {
            (int tiles, int height, int tall) = MatrixTiles.Deal(rows);
            Assert.Equal(rows, tall * height + (tiles - tall) * (height - 1));
            Assert.InRange(height, 1, MatrixTiles.LargestRows);
            Assert.InRange(tall, 1, tiles);
        }
    }

    private delegate void Set(int rows, int sixteens, in MatrixProduct p, nint tiles);

    // Rows and sixteens of c lie apart, so that a store beside them shows.
    // The chains begin with zero, with one row for all, or with c itself.
    private static void Compare(int rows, int sixteens, int depth, int begin, Set? one)
    {
        Rng random = new Rng(3).At((ulong)rows).At((ulong)sixteens).At((ulong)depth);
        nint cBlock = 24, cRow = 24 * 4 + 5;
        float[] a = Numbers(random.For("a"), (rows + 3) * (depth + 3)), b = Numbers(random.For("b"), 16 * sixteens * depth),
            bias = Numbers(random.For("bias"), (int)cRow), expected = Numbers(random.For("c"), rows * (int)cRow);
        for (int i = 0; i < expected.Length; i++)
            if (i % cRow / cBlock >= sixteens || i % cRow % cBlock >= 16) expected[i] = Untouched;
        float[] actual = [.. expected];

        fixed (float* pa = a, pb = b, pe = expected, pc = actual, pBias = bias)
        {
            MatrixProduct p = new()
            {
                A = pa, ARow = depth + 2, B = pb, BBlock = 16 * depth, Depth = depth, Ahead = pb,
                C = pc, CRow = cRow, CAt1 = cBlock, CAt2 = 2 * cBlock, CAt3 = 3 * cBlock,
                Start = begin == 0 ? null : begin == 1 ? pBias : pc, StartRow = begin == 1 ? 0 : cRow,
            };
            MatrixProduct plain = p;
            plain.C = pe;
            plain.Start = begin == 2 ? pe : p.Start;
            MatrixTiles.Portable(rows, sixteens, plain, 1);
            if (one is null) MatrixTiles.Run(ref p, rows, sixteens);
            else one(rows, sixteens, p, 1);
        }
        for (int i = 0; i < expected.Length; i++)
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
                Assert.Fail($"{rows} rows, {sixteens} sixteens, depth {depth}, begun with {begin}, at {i}: {expected[i]:R} and {actual[i]:R}");
    }

    // Sizes from 1e-20 to 1e20, both zeros, so that every rounding and the order of the sum show; no sum overflows.
    private static float[] Numbers(Rng random, int count)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            float size = (i % 7) switch { 0 => 1e-20f, 1 => 1e10f, 2 => -0f, _ => 1 };
            values[i] = size * (random.Uniform((ulong)i) - 0.5f);
        }
        return values;
    }
}
