using System.Diagnostics;

namespace Unroll.Numerics;

/// <summary>
/// A matrix of weights as the tiles of a product read it: columns in blocks of 16, each [depth][16], so that the innermost loop walks through
/// memory in order. Columns beyond the matrix are zero.
/// </summary>
/// <remarks>With g &gt; 1 gates the blocks of 16 units follow each other gate by gate: what the gates of 16 units need lies together.</remarks>
internal sealed unsafe class Panels : IPanels
{
    private const int BlockedRows = 72, BlockedDepth = 512;
    private readonly int _gates, _units, _floats;
    private readonly Lock _making = new();
    private PinnedBuffer? _buffer;

    /// <summary>Panels of zeros; memory is taken when they are first packed or multiplied by.</summary>
    /// <param name="gates">g, 1 … 4.</param>
    /// <param name="units">Columns of each gate.</param>
    /// <param name="depth">Terms of a sum.</param>
    public Panels(int gates, int units, int depth)
    {
        (_gates, _units, Depth, Sixteens) = (gates, units, depth, (units + 15) / 16);
        _floats = checked(Sixteens * 16 * gates * depth);
    }

    /// <summary>Terms of a sum.</summary>
    public int Depth { get; }

    /// <inheritdoc/>
    public int Sixteens { get; }

    /// <inheritdoc/>
    public void Pack(ReadOnlySpan<float> weights, int firstGate, int from, int to)
    {
        Debug.Assert(weights.Length >= (firstGate + _gates) * _units * Depth);
        fixed (float* rows = weights)
            for (int block = from; block < to; block++)
                for (int gate = 0; gate < _gates; gate++)
                    Transposition.Pack(rows + ((nint)(firstGate + gate) * _units + block * 16) * Depth, Depth, Math.Min(16, _units - block * 16),
                        Depth,
                        At(block * _gates + gate));
    }

    /// <summary>
    /// Packs W for c = a W: term k of the sum is row k of W, where gates follow each other at a distance of <paramref name="pitch"/> terms.
    /// </summary>
    /// <param name="weights">[all gates · rows, units], row-major.</param>
    /// <param name="firstGate">The first of the gates that this product serves.</param>
    /// <param name="gates">How many gates.</param>
    /// <param name="rows">Rows of a gate, at most <paramref name="pitch"/>; the terms between stay zero.</param>
    /// <param name="pitch">Terms from one gate to the next.</param>
    /// <param name="from">The first block of 16 columns to pack.</param>
    /// <param name="to">The block after the last.</param>
    public void PackTransposed(ReadOnlySpan<float> weights, int firstGate, int gates, int rows, int pitch, int from, int to)
    {
        Debug.Assert(weights.Length >= (firstGate + gates) * rows * _units && gates * pitch <= Depth);
        fixed (float* start = weights)
            for (int gate = 0; gate < gates; gate++)
                for (int block = from; block < to; block++)
                    MatrixViews.CopySixteens(start + (nint)(firstGate + gate) * rows * _units + block * 16, _units, rows,
                        Math.Min(16, _units - block * 16),
                        At(block) + (nint)gate * pitch * 16);
    }

    /// <inheritdoc/>
    /// <remarks>Each output is one chain, terms ascending.</remarks>
    public void Product(in MatrixView a, in ChainStart start, in MatrixView c, int pitch, int from, int to) =>
        Product(a.Start, a.Stride, a.Rows, start, c, pitch, from, to);

    /// <inheritdoc/>
    public void Product(ReadOnlySpan<float> a, int rows, in ChainStart start, in MatrixView c, int pitch, int from, int to)
    {
        Debug.Assert(a.Length >= rows * Depth);
        fixed (float* first = a) Product(first, Depth, rows, start, c, pitch, from, to);
    }

    /// <summary>c = a · panels for one gate, into rows that may move and have no gaps.</summary>
    /// <param name="a">[rows, depth].</param>
    /// <param name="c">[rows, units], units a multiple of 16.</param>
    public void Product(in MatrixView a, Span<float> c)
    {
        Debug.Assert(_gates == 1 && _units % 16 == 0 && c.Length >= a.Rows * _units);
        fixed (float* start = c)
            Product(a.Start, a.Stride, a.Rows, ChainStart.Zero, new MatrixView(start, a.Rows, _units, _units), 0, 0, Sixteens);
    }

    // Many rows are done in blocks that stay in the second-level cache, a part of the sum at a time: the chain goes on where it stopped.
    private void Product(float* a, nint aRow, int rows, in ChainStart start, in MatrixView c, int pitch, int from, int to)
    {
        Debug.Assert(c.Rows >= rows && from >= 0 && to <= Sixteens);
        int depthStep = rows < 3 ? Math.Max(1, Depth) : BlockedDepth;
        int k = 0;
        do
        {
            bool first = k == 0;
            for (int row = 0; row < rows; row += BlockedRows)
            {
                float* begin = first ? start.At(row) : c.Start + (nint)row * c.Stride;
                MatrixProduct p = new()
                {
                    A = a + row * aRow + k, ARow = aRow, BBlock = 16 * (nint)Depth, Depth = Math.Min(depthStep, Depth - k),
                    Start = begin, StartRow = first ? start.Row : c.Stride, C = c.Start + (nint)row * c.Stride, CRow = c.Stride,
                };
                Strip(p, Math.Min(BlockedRows, rows - row), k, pitch, from * _gates, to * _gates);
            }
            k += depthStep;
        }
        while (k < Depth);
    }

    // Some rows by all columns: gate by gate and block by block, as the panels lie.
    private void Strip(in MatrixProduct rows, int count, int k, int pitch, int from, int to)
    {
        int most = MatrixTiles.Sixteens(count), tiles = MatrixTiles.Deal(count).Tiles;
        for (int i = from, sixteens; i < to; i += sixteens)
        {
            sixteens = Math.Min(most, to - i);
            MatrixProduct p = rows;
            nint column = Column(i, pitch);
            p.B = At(i) + 16 * (nint)k;
            p.Ahead = p.B + (i + 1 < to ? p.BBlock : 0);
            p.AheadStep = i + 1 < to ? (16 * MatrixTiles.PerFetch + tiles - 1) / tiles : 0;
            p.C = rows.C + column;
            if (!rows.FromZero) p.Start = rows.Start + column;
            if (sixteens > 1) p.CAt1 = Column(i + 1, pitch) - column;
            if (sixteens > 2) p.CAt2 = Column(i + 2, pitch) - column;
            if (sixteens > 3) p.CAt3 = Column(i + 3, pitch) - column;
            MatrixTiles.Run(ref p, count, sixteens);
        }
    }

    private nint Column(int sixteen, int pitch) => _gates == 1 ? 16 * (nint)sixteen : sixteen % _gates * (nint)pitch + sixteen / _gates * 16;

    private float* At(int sixteen) => (Volatile.Read(ref _buffer) ?? Made()).MatrixView(0, 1, 0, 0).Start + (nint)sixteen * 16 * Depth;

    // Several workers pack at once.
    private PinnedBuffer Made()
    {
        lock (_making)
        {
            PinnedBuffer buffer = _buffer ?? new PinnedBuffer(_floats);
            Volatile.Write(ref _buffer, buffer);
            return buffer;
        }
    }
}

/// <summary>What the sums of a product begin with: zero, the same row for all (a bias), or what stands there already.</summary>
internal readonly unsafe struct ChainStart
{
    private readonly float* _first;

    private ChainStart(float* first, nint row)
    {
        _first = first;
        Row = row;
    }

    /// <summary>Floats from row to row.</summary>
    public nint Row { get; }

    /// <summary>Zero.</summary>
    public static ChainStart Zero => default;

    /// <summary>The same row for all.</summary>
    /// <param name="row">[1, columns of the product].</param>
    public static ChainStart Bias(in MatrixView row) => new(row.Start, 0);

    /// <summary>What a matrix of the product's shape holds: the product itself, to add to it.</summary>
    public static ChainStart Of(in MatrixView c) => new(c.Start, c.Stride);

    internal float* At(int row) => _first == null ? null : _first + row * Row;
}
