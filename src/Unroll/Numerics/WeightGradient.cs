using System.Diagnostics;

namespace Unroll.Numerics;

/// <summary>The gradient of a weight matrix: a sum over all rows of a batch, written straight into the matrix's own layout.</summary>
internal static unsafe class WeightGradient
{
    private const int BlockedRows = 192;

    /// <summary>Floats of scratch that a gradient needs.</summary>
    public const int Scratch = BlockedRows * 64 + MatrixTiles.LargestRows * 64;

    //  δW[u, j] += Σ_r δa[r, u] · x[r, j]      one chain per element, r ascending
    /// <summary>Adds δaᵀ x.</summary>
    /// <param name="da">[rows, units of this gradient].</param>
    /// <param name="x">[rows, columns]: row r lies at r · <paramref name="xRow"/>.</param>
    /// <param name="xRow">Floats from row to row.</param>
    /// <param name="columns">Columns of x and of the gradient.</param>
    /// <param name="gradient">[units, columns] without gaps.</param>
    /// <param name="scratch">At least <see cref="Scratch"/> floats that no other worker uses.</param>
    public static void Add(in Block da, ReadOnlySpan<float> x, int xRow, int columns, Span<float> gradient, in Block scratch)
    {
        Debug.Assert(gradient.Length >= da.Columns * columns && scratch.Columns >= Scratch);
        fixed (float* rows = x, to = gradient)
            for (int row = 0; row < da.Rows; row += BlockedRows)
            {
                int count = Math.Min(BlockedRows, da.Rows - row);
                for (int j = 0; j < columns; j += 64)
                    Strip(da.Start + (nint)row * da.Stride, da.Stride, da.Columns, count, rows + (nint)row * xRow + j, xRow,
                        Math.Min(64, columns - j), to + j, columns, scratch.Start);
            }
    }

    /// <summary>The same with x a block, of which the first <paramref name="columns"/> columns count.</summary>
    public static void Add(in Block da, in Block x, int columns, Span<float> gradient, in Block scratch) =>
        Add(da, new ReadOnlySpan<float>(x.Start, x.Rows * x.Stride - x.Stride + columns), x.Stride, columns, gradient, scratch);

    private static void Strip(float* da, nint daRow, int units, int rows, float* x, nint xRow, int width, float* gradient, nint columns,
        float* scratch)
    {
        int sixteens = (width + 15) / 16;
        (nint step, nint block) = MatrixTiles.PanelLayout(sixteens, rows);
        for (int r = 0; r < rows; r++)
            for (int j = 0; j < sixteens; j++)
            {
                float* from = x + r * xRow + 16 * j, to = scratch + r * step + j * block;
                int count = Math.Min(16, width - 16 * j);
                if (count == 16) CopySixteen(from, to);
                else
                    for (int i = 0; i < 16; i++) to[i] = i < count ? from[i] : 0;
            }
        if (width == sixteens * 16)
        {
            MatrixTiles.Add(units, sixteens, da, 1, daRow, scratch, step, block, rows, gradient, columns, 16);
            return;
        }
        float* tile = scratch + BlockedRows * 64;                        // the right edge: whole blocks of 16 do not fit the matrix
        for (int unit = 0; unit < units; unit += MatrixTiles.LargestRows)
        {
            int count = Math.Min(MatrixTiles.LargestRows, units - unit);
            for (int i = 0; i < count; i++)
            {
                new ReadOnlySpan<float>(gradient + (unit + i) * columns, width).CopyTo(new Span<float>(tile + i * 64, width));
                new Span<float>(tile + i * 64 + width, sixteens * 16 - width).Clear();
            }
            MatrixTiles.Add(count, sixteens, da + unit, 1, daRow, scratch, step, block, rows, tile, 64, 16);
            for (int i = 0; i < count; i++)
                new ReadOnlySpan<float>(tile + i * 64, width).CopyTo(new Span<float>(gradient + (unit + i) * columns, width));
        }
    }

    private static void CopySixteen(float* from, float* to)
    {
        if (Hardware.Wide) Lanes16.Load(from).Store(to);
        else new ReadOnlySpan<float>(from, 16).CopyTo(new Span<float>(to, 16));
    }
}
