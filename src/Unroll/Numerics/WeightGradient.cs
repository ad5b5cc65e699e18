using System.Diagnostics;

namespace Unroll.Numerics;

/// <summary>The gradient of a weight matrix: a sum over rows of a batch, written straight into the matrix's own layout.</summary>
/// <remarks>
/// Both operands are copied first, so that the tiles read memory in order: δa as [unit][row], x as strips [16 columns][row][16].
/// The copies cost about 1 / columns and 1 / units of the product.
/// </remarks>
internal static unsafe class WeightGradient
{
    /// <summary>Units of δa that are copied at a time: with some hundred rows they stay in the second-level cache.</summary>
    public const int MaxUnits = 192;

    private const int RowsAtOnce = 192, StripsAtOnce = 4;

    /// <summary>Floats of scratch that <see cref="Add"/> needs.</summary>
    public const int Scratch = StripFloats + MaxUnits * (RowsAtOnce + 16) + EdgeFloats;

    private const int StripFloats = RowsAtOnce * 16 * StripsAtOnce, EdgeFloats = MaxUnits * 16;

    /// <summary>
    /// Floats of scratch that <see cref="CopyTiles"/> and <see cref="AddCopied(in MatrixView, int, int, in MatrixView, int, Span{float})"/> need.
    /// </summary>
    public static int ProductScratch(int rows) => MaxUnits * Pitch(rows) + EdgeFloats;

    /// <summary>Strips of 16 columns.</summary>
    public static int Strips(int columns) => (columns + 15) / 16;

    //  δW[u, j] += Σ_r δa[r, u] · x[r, j]      one chain per element, r ascending
    /// <summary>Adds δaᵀ x.</summary>
    /// <param name="da">[rows, units of this gradient].</param>
    /// <param name="x">[rows, columns]: row r lies at r · <paramref name="xRow"/>.</param>
    /// <param name="xRow">Floats from row to row.</param>
    /// <param name="columns">Columns of x and of the gradient.</param>
    /// <param name="gradient">[units, columns] without gaps.</param>
    /// <param name="scratch">At least <see cref="Scratch"/> floats that no other worker uses.</param>
    public static void Add(in MatrixView da, ReadOnlySpan<float> x, int xRow, int columns, Span<float> gradient, in MatrixView scratch)
    {
        Debug.Assert(gradient.Length >= da.Columns * columns && scratch.Columns >= Scratch);
        MatrixView tiles = scratch.Part(0, 1, StripFloats, scratch.Columns - StripFloats);
        fixed (float* rows = x, to = gradient)
            for (int row = 0; row < da.Rows; row += RowsAtOnce)
                for (int unit = 0; unit < da.Columns; unit += MaxUnits)
                {
                    MatrixView part = da.Part(row, Math.Min(RowsAtOnce, da.Rows - row), unit, Math.Min(MaxUnits, da.Columns - unit));
                    CopyTiles(part, tiles);
                    for (int j = 0; j < columns; j += 16 * StripsAtOnce)
                    {
                        int width = Math.Min(16 * StripsAtOnce, columns - j);
                        CopyStrips(rows + (nint)row * xRow + j, xRow, part.Rows, width, scratch.Start, part.Rows, 0, Strips(width));
                        AddCopied(tiles.Start, part.Columns, part.Rows, scratch.Start, width, to + (nint)unit * columns + j, columns);
                    }
                }
    }

    /// <summary>Copies some rows of x into the strips of a product over more rows.</summary>
    /// <param name="x">[rows, columns]; a strip's columns beyond are zero.</param>
    /// <param name="strips">One row: [strips][depth][16].</param>
    /// <param name="row">The row of the strips that receives the first one.</param>
    /// <param name="depth">Rows of a strip.</param>
    /// <param name="from">The first strip to copy.</param>
    /// <param name="until">The strip after the last.</param>
    public static void CopyStrips(in MatrixView x, in MatrixView strips, int row, int depth, int from, int until)
    {
        Debug.Assert(row + x.Rows <= depth && (long)until * depth * 16 <= strips.Columns);
        CopyStrips(x.Start, x.Stride, x.Rows, x.Columns, strips.Start + row * 16, depth, from, until);
    }

    /// <summary>The same with rows that may move and have no gaps.</summary>
    public static void CopyStrips(ReadOnlySpan<float> x, int columns, in MatrixView strips, int row, int depth, int from, int until)
    {
        fixed (float* start = x) CopyStrips(new MatrixView(start, x.Length / columns, columns, columns), strips, row, depth, from, until);
    }

    private static void CopyStrips(float* x, nint xRow, int rows, int columns, float* to, int depth, int from, int until)
    {
        for (int strip = from; strip < until; strip++)
        {
            float* target = to + (nint)strip * depth * 16;
            int width = Math.Min(16, columns - strip * 16);
            if (width < 16) new Span<float>(target, rows * 16).Clear();
            MatrixViews.CopySixteens(x + strip * 16, xRow, rows, width, target);
        }
    }

    /// <summary>
    /// Copies δa of up to <see cref="MaxUnits"/> units to where <see cref="AddCopied(in MatrixView, int, int, in MatrixView, int, Span{float})"/>
    /// reads it.
    /// </summary>
    /// <param name="da">[rows, units].</param>
    /// <param name="scratch">At least <see cref="ProductScratch"/> floats that no other worker uses.</param>
    public static void CopyTiles(in MatrixView da, in MatrixView scratch)
    {
        Debug.Assert(da.Columns <= MaxUnits && scratch.Columns >= ProductScratch(da.Rows));
        Transposition.Copy(da, scratch.Start, Pitch(da.Rows));
    }

    /// <summary>Adds δaᵀ x, δa and x copied before.</summary>
    /// <param name="da">What <see cref="CopyTiles"/> left.</param>
    /// <param name="units">Columns of δa.</param>
    /// <param name="rows">Rows of both.</param>
    /// <param name="strips">What <see cref="CopyStrips(in MatrixView, in MatrixView, int, int, int, int)"/> left.</param>
    /// <param name="columns">Columns of x.</param>
    /// <param name="gradient">[units, columns] without gaps.</param>
    public static void AddCopied(in MatrixView da, int units, int rows, in MatrixView strips, int columns, Span<float> gradient)
    {
        Debug.Assert(gradient.Length >= units * columns);
        fixed (float* to = gradient) AddCopied(da.Start, units, rows, strips.Start, columns, to, columns);
    }

    private static void AddCopied(float* da, int units, int rows, float* strips, int columns, float* gradient, nint gradientRow)
    {
        int whole = columns / 16, most = MatrixTiles.Sixteens(LikelyHeight(units)), step;
        for (int strip = 0; strip < whole; strip += step)
        {
            step = Math.Min(most, whole - strip);
            AddStrips(da, units, rows, strips + (nint)strip * rows * 16, step, gradient + strip * 16, gradientRow);
        }
        if (whole * 16 == columns) return;
        float* edge = da + (nint)units * Pitch(rows);                   // the right edge: a whole block of 16 does not fit the matrix
        int width = columns - whole * 16;
        for (int u = 0; u < units; u++)
        {
            new ReadOnlySpan<float>(gradient + u * gradientRow + whole * 16, width).CopyTo(new Span<float>(edge + u * 16, width));
            new Span<float>(edge + u * 16 + width, 16 - width).Clear();
        }
        AddStrips(da, units, rows, strips + (nint)whole * rows * 16, 1, edge, 16);
        for (int u = 0; u < units; u++)
            new ReadOnlySpan<float>(edge + u * 16, width).CopyTo(new Span<float>(gradient + u * gradientRow + whole * 16, width));
    }

    private static int LikelyHeight(int units) => MatrixTiles.Deal(units).Height;

    private static void AddStrips(float* da, int units, int rows, float* strips, int sixteens, float* gradient, nint gradientRow)
    {
        MatrixProduct p = new()
        {
            A = da, ARow = Pitch(rows), B = strips, BBlock = (nint)rows * 16, Depth = rows, Ahead = strips,
            Start = gradient, StartRow = gradientRow, C = gradient, CRow = gradientRow, CAt1 = 16, CAt2 = 32, CAt3 = 48,
        };
        MatrixTiles.Run(ref p, units, sixteens);
    }

    // From one unit to the next: not a power of two, lest the rows of a tile share a few lines of the first-level cache.
    private static int Pitch(int rows) => (rows + 15) / 16 * 16 + 16;
}
