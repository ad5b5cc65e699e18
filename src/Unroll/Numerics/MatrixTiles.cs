using System.Runtime.Intrinsics.Arm;

namespace Unroll.Numerics;

/// <summary>
/// The innermost part of every matrix product: tiles of up to 6 rows × up to 4 blocks of 16 columns. Only outputs are split, never the sum, so
/// that the result has the same bits whatever the tile, the width and the number of threads.
/// </summary>
internal static unsafe partial class MatrixTiles
{
    /// <summary>Rows of the largest tile: 16 columns of 128-bit sums for six rows need the thirty-two registers of ARM64.</summary>
    public static int LargestRows => Hardware.Half || Hardware.Wide || !Hardware.Quarter || AdvSimd.Arm64.IsSupported ? 6 : 3;

    /// <summary>Blocks of 16 columns that one tile of so many rows takes at best.</summary>
    public static int Sixteens(int rows) =>
        Hardware.Wide ? 4
        : Hardware.Half || (Hardware.Quarter && AdvSimd.Arm64.IsSupported) ? (rows == 1 ? 4 : rows == 2 ? 2 : 1)
        : Hardware.Quarter && rows == 1 ? 2 : 1;

    /// <summary>
    /// Rows are assigned to tiles as evenly as can be (32 = 6+6+5+5+5+5, or ten of 3 and one of 2): the first <c>Tall</c> tiles have <c>Height</c>
    /// rows, the others one fewer.
    /// </summary>
    public static (int Tiles, int Height, int Tall) Deal(int rows)
    {
        int largest = LargestRows, tiles = (rows + largest - 1) / largest;
        if (tiles == 0) return default;
        int height = (rows + tiles - 1) / tiles;
        return (tiles, height, rows - tiles * (height - 1));
    }

    /// <summary>The product of any number of rows; a's rows lie evenly.</summary>
    /// <param name="p">Its distances between tiles are set here.</param>
    /// <param name="rows">Rows of a and c.</param>
    /// <param name="sixteens">Blocks of 16 columns, at most <see cref="Sixteens"/>.</param>
    public static void Run(ref MatrixProduct p, int rows, int sixteens)
    {
        (int tiles, int height, int tall) = Deal(rows);
        if (tiles == 0) return;
        Set(ref p, height);
        Run(p, height, sixteens, tall);
        if (tall == tiles) return;
        MatrixProduct rest = p;
        rest.A += tall * p.ATile;
        rest.Start += tall * p.StartTile;
        rest.C += tall * p.CTile;
        rest.Ahead += tall * (p.Depth / PerFetch) * p.AheadStep;
        Set(ref rest, height - 1);
        Run(rest, height - 1, sixteens, tiles - tall);
    }

    /// <summary>Some tiles of one height below each other.</summary>
    public static void Run(in MatrixProduct p, int height, int sixteens, int tiles)
    {
        if (Hardware.Wide) Wide(height, sixteens, p, tiles);
        else if (Hardware.Half) Half(height, sixteens, p, tiles);
        else if (Hardware.Quarter && AdvSimd.Arm64.IsSupported) ByElement(height, sixteens, p, tiles);
        else if (Hardware.Quarter) Quarter(height, sixteens, p, tiles);
        else if (ExactMultiplyAdd.IsWanted) InDoubles(height, sixteens, p, tiles);
        else Portable(height, sixteens, p, tiles);
    }

    private static void Set(ref MatrixProduct p, int height) =>
        (p.ATile, p.StartTile, p.CTile) = (height * p.ARow, p.FromZero ? 0 : height * p.StartRow, height * p.CRow);

    private static void InDoubles(int height, int sixteens, in MatrixProduct p, int tiles)
    {
        ReadOnlySpan<nint> at = [0, p.CAt1, p.CAt2, p.CAt3];
        for (int tile = 0; tile < tiles; tile++)
            for (int i = 0; i < height; i++)
                for (int j = 0; j < sixteens; j++)
                    ExactMultiplyAdd.Row(p.A + tile * p.ATile + i * p.ARow, p.B + j * p.BBlock, p.Depth,
                        p.FromZero ? null : p.Start + tile * p.StartTile + i * p.StartRow + at[j], p.C + tile * p.CTile + i * p.CRow + at[j]);
    }

    // Right everywhere, fast nowhere: the reference of the tiles, and the path without vectors.
    internal static void Portable(int height, int sixteens, in MatrixProduct p, int tiles)
    {
        ReadOnlySpan<nint> at = [0, p.CAt1, p.CAt2, p.CAt3];
        for (int tile = 0; tile < tiles; tile++)
            for (int i = 0; i < height; i++)
                for (int j = 0; j < 16 * sixteens; j++)
                {
                    nint column = at[j / 16] + j % 16;
                    float* a = p.A + tile * p.ATile + i * p.ARow, b = p.B + j / 16 * p.BBlock + j % 16;
                    float sum = p.FromZero ? 0 : p.Start[tile * p.StartTile + i * p.StartRow + column];
                    for (nint k = 0; k < p.Depth; k++) sum = MathF.FusedMultiplyAdd(a[k], b[16 * k], sum);
                    p.C[tile * p.CTile + i * p.CRow + column] = sum;
                }
    }
}
