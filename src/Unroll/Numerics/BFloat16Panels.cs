using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Unroll.Numerics;

//  c[i, j] = start + Σ_k a[i, k] · w[j, k]      w of 16 bits, each the float whose lower half is zero
/// <summary>
/// A matrix of weights in bfloat16 as the tiles of a product read it: half the bytes. The products are those of floats with these weights, the same
/// chains of multiply-adds, and so the same bits as those of <see cref="Panels"/>.
/// </summary>
/// <remarks>
/// Columns come in blocks of 16, those beyond the matrix zero, in the order of <see cref="PanelOrder"/>: [panel][k][sixteen][8 words], where a word
/// holds columns j (lower half) and j + 8, so that a shift and a mask make two vectors of floats of it. A few rows are multiplied by the words;
/// for more, the weights are first widened, some at a time, for the tiles of floats.
/// </remarks>
internal sealed unsafe class BFloat16Panels : IPanels
{
    private const int FewRows = 3;                                       // up to which the words are read again for each
    private const int ScratchFloats = 16384;                             // 64 KiB: stays in the second-level cache
    private readonly PinnedBuffer _weights;
    private readonly PanelOrder _order;
    private readonly int _gates, _units, _depth;

    /// <summary>Takes memory for panels of zeros.</summary>
    /// <param name="gates">g, 1 … 4.</param>
    /// <param name="units">Columns of each gate.</param>
    /// <param name="depth">Terms of a sum.</param>
    public BFloat16Panels(int gates, int units, int depth)
    {
        (_gates, _units, _depth, Sixteens) = (gates, units, depth, (units + 15) / 16);
        _weights = new PinnedBuffer(checked(Sixteens * gates * depth * BFloat16Tiles.Words));
        _order = new PanelOrder(gates, Sixteens);
    }

    /// <inheritdoc/>
    public int Sixteens { get; }

    /// <inheritdoc/>
    /// <remarks>Each weight is rounded to bfloat16 here.</remarks>
    public void Pack(ReadOnlySpan<float> weights, int firstGate, int from, int to)
    {
        for (int block = from; block < to; block++)
            for (int gate = 0; gate < _gates; gate++)
            {
                ushort* halves = (ushort*)(At(block, out nint step) + gate * BFloat16Tiles.Words);
                for (int column = 0; column < Math.Min(16, _units - block * 16); column++)
                {
                    ReadOnlySpan<float> row = weights.Slice(((firstGate + gate) * _units + block * 16 + column) * _depth, _depth);
                    ushort* place = halves + 2 * (column % 8) + column / 8;
                    for (int k = 0; k < row.Length; k++) place[2 * step * k] = Rounding.BFloat16(row[k]);
                }
            }
    }

    /// <inheritdoc/>
    public void Product(in MatrixView a, in ChainStart start, in MatrixView c, int pitch, int from, int to) =>
        Product(a.Start, a.Stride, a.Rows, start, c, pitch, from, to);

    /// <inheritdoc/>
    public void Product(ReadOnlySpan<float> a, int rows, in ChainStart start, in MatrixView c, int pitch, int from, int to)
    {
        Debug.Assert(a.Length >= rows * _depth);
        fixed (float* first = a) Product(first, _depth, rows, start, c, pitch, from, to);
    }

    private void Product(float* a, nint aRow, int rows, in ChainStart start, in MatrixView c, int pitch, int from, int to)
    {
        Debug.Assert(c.Rows >= rows && from >= 0 && to <= Sixteens);
        if (rows > FewRows) Wide(a, aRow, rows, start, c, pitch, from, to);
        else
            for (int block = from, blocks; block < to; block += blocks)
            {
                uint* words = At(block, out nint step);
                blocks = _order.BlocksFrom(block, to);
                nint apart = _gates > 1 ? pitch : 16;
                for (int row = 0; row < rows; row++)
                {
                    float* begin = start.At(row), out0 = c.Start + (nint)row * c.Stride + block * 16;
                    BFloat16Tiles.MultiplyRow(_gates * blocks, a + row * aRow, words, step, _depth, begin == null ? null : begin + block * 16,
                        out0, apart);
                }
            }
    }

    // Sixteen by sixteen, part of the sum by part of the sum: the chain goes on where it stopped.
    [SkipLocalsInit]
    private void Wide(float* a, nint aRow, int rows, in ChainStart start, in MatrixView c, int pitch, int from, int to)
    {
        float* memory = stackalloc float[ScratchFloats + 16], scratch = (float*)(((nuint)memory + 63) & ~(nuint)63);
        int most = ScratchFloats / 16;
        for (int block = from; block < to; block++)
            for (int gate = 0; gate < _gates; gate++)
            {
                nint column = (nint)gate * pitch + block * 16;
                uint* words = At(block, out nint step) + gate * BFloat16Tiles.Words;
                int k = 0;
                do
                {
                    int depth = Math.Min(most, _depth - k);
                    BFloat16Tiles.Widen(words + k * step, step, depth, scratch);
                    float* begin = k > 0 ? c.Start : start.At(0);
                    MatrixProduct p = new()
                    {
                        A = a + k, ARow = aRow, B = scratch, BBlock = 0, Depth = depth, Ahead = scratch,
                        Start = begin == null ? null : begin + column, StartRow = k > 0 ? c.Stride : start.Row, C = c.Start + column, CRow = c.Stride,
                    };
                    MatrixTiles.Run(ref p, rows, 1);
                    k += depth;
                }
                while (k < _depth);
            }
    }

    // Where a block of 16 units begins in its panel, and the words from a term to the next.
    private uint* At(int block, out nint step)
    {
        (int before, int within, int sixteens) = _order.Of(block);
        step = sixteens * BFloat16Tiles.Words;
        return (uint*)_weights.MatrixView(0, 1, 0, 0).Start + ((nint)before * _depth + within) * BFloat16Tiles.Words;
    }
}
