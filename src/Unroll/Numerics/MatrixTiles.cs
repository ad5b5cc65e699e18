namespace Unroll.Numerics;

/// <summary>
/// The innermost part of every matrix product: up to 6 rows × up to 4 blocks of 16 columns. Only outputs are split, never the sum, so that
/// the result has the same bits whatever the tile, the width and the number of threads.
/// </summary>
internal static unsafe partial class MatrixTiles
{
    /// <summary>Rows of the largest tile.</summary>
    public const int LargestRows = 6;

    /// <summary>How a panel of several sixteens of columns lies in memory: what one tile reads, it reads in order.</summary>
    /// <param name="sixteens">Blocks of 16 columns.</param>
    /// <param name="depth">Rows of the panel.</param>
    /// <returns>
    /// Floats from one row to the next, and from one sixteen to the next: [depth][columns] for wide tiles, [sixteen][depth][16] for others.
    /// </returns>
    public static (nint Step, nint Block) PanelLayout(int sixteens, int depth) => Hardware.Wide ? (16 * sixteens, 16) : (16, 16 * (nint)depth);

    /// <summary>Adds a product of any number of rows; the rows are dealt to tiles as evenly as can be (32 = 6+6+5+5+5+5).</summary>
    /// <param name="rows">Rows of a and c.</param>
    /// <param name="sixteens">Blocks of 16 columns of b and c, 1 … 4.</param>
    /// <param name="a">a[i, k] lies at a + i·aRow + k·aStep.</param>
    /// <param name="aRow">See <paramref name="a"/>.</param>
    /// <param name="aStep">See <paramref name="a"/>.</param>
    /// <param name="b">Sixteen j of row k lies at b + k·bStep + j·bBlock; see <see cref="PanelLayout"/>.</param>
    /// <param name="bStep">See <paramref name="b"/>.</param>
    /// <param name="bBlock">See <paramref name="b"/>.</param>
    /// <param name="depth">How many terms a sum has.</param>
    /// <param name="c">Sixteen j of row i lies at c + i·cRow + j·cBlock.</param>
    /// <param name="cRow">See <paramref name="c"/>.</param>
    /// <param name="cBlock">See <paramref name="c"/>.</param>
    public static void Add(
        int rows, int sixteens, float* a, nint aRow, nint aStep, float* b, nint bStep, nint bBlock, nint depth, float* c, nint cRow, nint cBlock)
    {
        if (Hardware.Wide)
        {
            for (int tiles = Tiles(rows), height; tiles > 0; tiles--, rows -= height, a += height * aRow, c += height * cRow)
                Wide(height = (rows + tiles - 1) / tiles, sixteens, a, aRow, aStep, b, bStep, depth, c, cRow, cBlock);
            return;
        }
        for (int j = 0; j < sixteens; j++, b += bBlock, c += cBlock)
        {
            if (!Hardware.Half)
            {
                Portable(rows, a, aRow, aStep, b, bStep, depth, c, cRow);
                continue;
            }
            int left = rows;
            float* ai = a, ci = c;
            for (int tiles = Tiles(rows), height; tiles > 0; tiles--, left -= height, ai += height * aRow, ci += height * cRow)
                Half(height = (left + tiles - 1) / tiles, ai, aRow, aStep, b, bStep, depth, ci, cRow);
        }
    }

    private static int Tiles(int rows) => (rows + LargestRows - 1) / LargestRows;

    // Right everywhere, fast nowhere: the reference of the tiles, and the path without 256-bit vectors.
    internal static void Portable(int rows, float* a, nint aRow, nint aStep, float* b, nint bStep, nint depth, float* c, nint cRow)
    {
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < 16; j++)
            {
                float sum = c[i * cRow + j];
                for (nint k = 0; k < depth; k++) sum = MathF.FusedMultiplyAdd(a[i * aRow + k * aStep], b[k * bStep + j], sum);
                c[i * cRow + j] = sum;
            }
    }
}
