using System.Diagnostics;

namespace Unroll.Numerics;

/// <summary>
/// A matrix of weights as the tiles of a product read it: panels of up to 64 columns, [panel][depth][width], so that the innermost loop walks
/// through memory in order. Columns come in units of 16; those beyond the matrix are zero.
/// </summary>
/// <remarks>
/// With g &gt; 1 gates a panel holds 16 units of each gate, so that one tile gives everything that the gates of 16 units need; with one gate a panel
/// is 64 units.
/// </remarks>
internal sealed unsafe class Panels
{
    private const int BlockedRows = 72, BlockedDepth = 384;
    private readonly PinnedBuffer _buffer;
    private readonly int _gates, _units, _sixteens;

    /// <summary>Takes memory for panels of zeros.</summary>
    /// <param name="gates">g, 1 … 4.</param>
    /// <param name="units">Columns of each gate.</param>
    /// <param name="depth">Terms of a sum.</param>
    public Panels(int gates, int units, int depth)
    {
        (_gates, _units, Depth, _sixteens) = (gates, units, depth, (units + 15) / 16);
        _buffer = new PinnedBuffer(checked(_sixteens * 16 * gates * depth));
    }

    /// <summary>Terms of a sum.</summary>
    public int Depth { get; }

    /// <summary>Blocks of 16 units.</summary>
    public int Sixteens => _sixteens;

    /// <summary>Packs W for c = a Wᵀ: the weights of gate g and unit u are row (firstGate + g) · units + u of W.</summary>
    /// <param name="weights">[all gates · units, depth], row-major.</param>
    /// <param name="firstGate">The first of the gates that this product serves.</param>
    public void Pack(ReadOnlySpan<float> weights, int firstGate)
    {
        for (int unit = 0; unit < _units; unit++)
            for (int gate = 0; gate < _gates; gate++)
            {
                ReadOnlySpan<float> row = weights.Slice(((firstGate + gate) * _units + unit) * Depth, Depth);
                float* to = At(unit / 16, out nint step, out nint block) + gate * block + unit % 16;
                for (int k = 0; k < row.Length; k++) to[k * step] = row[k];
            }
    }

    /// <summary>
    /// Packs W for c = a W: term k of the sum is row k of W, where gates follow each other at a distance of <paramref name="pitch"/> terms.
    /// </summary>
    /// <param name="weights">[all gates · rows, units], row-major.</param>
    /// <param name="firstGate">The first of the gates that this product serves.</param>
    /// <param name="gates">How many gates.</param>
    /// <param name="rows">Rows of a gate, at most <paramref name="pitch"/>; the terms between stay zero.</param>
    /// <param name="pitch">Terms from one gate to the next.</param>
    public void PackTransposed(ReadOnlySpan<float> weights, int firstGate, int gates, int rows, int pitch)
    {
        for (int gate = 0; gate < gates; gate++)
            for (int r = 0; r < rows; r++)
            {
                ReadOnlySpan<float> row = weights.Slice(((firstGate + gate) * rows + r) * _units, _units);
                for (int block = 0; block < _sixteens; block++)
                {
                    float* to = At(block, out nint step, out _) + (gate * pitch + r) * step;
                    int count = Math.Min(16, _units - block * 16);
                    row.Slice(block * 16, count).CopyTo(new Span<float>(to, count));
                }
            }
    }

    /// <summary>c += a · panels, for the units of some blocks of 16.</summary>
    /// <param name="a">[rows, depth].</param>
    /// <param name="c">[rows, …]: gate 0, unit 0; row by row.</param>
    /// <param name="pitch">Floats from one gate to the next in a row of c.</param>
    /// <param name="from">The first block of 16 units.</param>
    /// <param name="to">The block after the last.</param>
    public void AddProduct(in Block a, in Block c, int pitch, int from, int to) => AddProduct(a.Start, a.Stride, a.Rows, c, pitch, from, to);

    /// <summary>The same with rows of floats that may move: they are held for the call.</summary>
    /// <param name="a">[rows, depth] without gaps.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="c">See the other overload.</param>
    /// <param name="pitch">See the other overload.</param>
    /// <param name="from">See the other overload.</param>
    /// <param name="to">See the other overload.</param>
    public void AddProduct(ReadOnlySpan<float> a, int rows, in Block c, int pitch, int from, int to)
    {
        Debug.Assert(a.Length >= rows * Depth);
        fixed (float* start = a) AddProduct(start, Depth, rows, c, pitch, from, to);
    }

    /// <summary>The same into rows that may move and have no gaps; for one gate.</summary>
    /// <param name="a">[rows, depth].</param>
    /// <param name="c">[rows, units], units a multiple of 16.</param>
    public void AddProduct(in Block a, Span<float> c)
    {
        Debug.Assert(_gates == 1 && _units % 16 == 0 && c.Length >= a.Rows * _units);
        fixed (float* start = c) AddProduct(a.Start, a.Stride, a.Rows, new Block(start, a.Rows, _units, _units), 0, 0, _sixteens);
    }

    // Many rows are done in blocks that stay in the second-level cache, a part of the sum at a time: the chain goes on where it stopped.
    private void AddProduct(float* a, nint aRow, int rows, in Block c, int pitch, int from, int to)
    {
        Debug.Assert(c.Rows >= rows && from >= 0 && to <= _sixteens);
        int rowStep = rows <= 64 ? rows : BlockedRows, depthStep = rows <= 64 ? Depth : BlockedDepth;
        for (int k = 0; k < Depth; k += depthStep)
            for (int row = 0; row < rows; row += rowStep)
                Strip(a + row * aRow + k, aRow, Math.Min(rowStep, rows - row), k, Math.Min(depthStep, Depth - k), c.Start + (nint)row * c.Stride,
                    c.Stride, pitch, from, to);
    }

    private void Strip(float* a, nint aRow, int rows, int k, int depth, float* c, nint cRow, int pitch, int from, int to)
    {
        for (int block = from; block < to;)
        {
            float* b = At(block, out nint bStep, out nint bBlock) + k * bStep;
            int blocks = _gates > 1 ? 1 : Math.Min(to - block, 4 - block % 4);
            MatrixTiles.Add(rows, _gates > 1 ? _gates : blocks, a, aRow, 1, b, bStep, bBlock, depth, c + block * 16, cRow, _gates > 1 ? pitch : 16);
            block += blocks;
        }
    }

    // Where a block of 16 units begins in its panel, and how the panel lies.
    private float* At(int block, out nint step, out nint blockStep)
    {
        int panel = _gates > 1 ? block : block / 4, inPanel = _gates > 1 ? 0 : block % 4;
        (step, blockStep) = MatrixTiles.PanelLayout(_gates > 1 ? _gates : Math.Min(4, _sixteens - panel * 4), Depth);
        return _buffer.Block(0, 1, 0, 0).Start + (nint)panel * (_gates > 1 ? _gates : 4) * 16 * Depth + inPanel * blockStep;
    }
}
