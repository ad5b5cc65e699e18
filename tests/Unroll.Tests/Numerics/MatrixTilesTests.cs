using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Tests.Numerics;

/// <summary>Every tile of the path this process is on against the three plain loops, bit for bit.</summary>
[Trait("Category", "Bits")]
public sealed unsafe class MatrixTilesTests
{
    private const float Untouched = 12345;

    [Theory]
    [InlineData(0), InlineData(1), InlineData(7), InlineData(64)]
    public void Every_tile_has_the_bits_of_the_plain_loops(int depth)
    {
        for (int rows = 1; rows <= MatrixTiles.LargestRows; rows++)
            for (int sixteens = 1; sixteens <= 4; sixteens++)
            {
                Compare(rows, sixteens, depth, transposed: false);
                Compare(rows, sixteens, depth, transposed: true);
            }
    }

    [Fact]
    public void More_rows_than_a_tile_has_are_dealt_out_completely()
    {
        for (int rows = 7; rows <= 32; rows++) Compare(rows, 1 + rows % 4, depth: 5, transposed: rows % 2 == 0);
    }

    // a by rows or by columns, as the weight gradients read it; rows and sixteens of c lie apart, so that a store beside them shows.
    private static void Compare(int rows, int sixteens, int depth, bool transposed)
    {
        Rng random = new Rng(3).At((ulong)rows).At((ulong)sixteens).At((ulong)depth);
        (nint aRow, nint aStep) = transposed ? ((nint)1, (nint)rows + 3) : ((nint)depth + 2, (nint)1);
        (nint bStep, nint bBlock) = MatrixTiles.PanelLayout(sixteens, depth);
        nint cBlock = 24, cRow = 24 * 4 + 5;
        float[] a = Numbers(random.For("a"), (rows + 3) * (depth + 3)), b = Numbers(random.For("b"), 16 * sixteens * depth + 64);
        float[] expected = Numbers(random.For("c"), rows * (int)cRow);
        for (int i = 0; i < expected.Length; i++)
            if (i % cRow / cBlock >= sixteens || i % cRow % cBlock >= 16) expected[i] = Untouched;
        float[] actual = [.. expected];

        fixed (float* pa = a, pb = b, pe = expected, pc = actual)
        {
            for (int j = 0; j < sixteens; j++) MatrixTiles.Portable(rows, pa, aRow, aStep, pb + j * bBlock, bStep, depth, pe + j * cBlock, cRow);
            MatrixTiles.Add(rows, sixteens, pa, aRow, aStep, pb, bStep, bBlock, depth, pc, cRow, cBlock);
        }
        for (int i = 0; i < expected.Length; i++)
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
                Assert.Fail($"{rows} rows, {sixteens} sixteens, depth {depth}, at {i}: {expected[i]:R} and {actual[i]:R}");
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
