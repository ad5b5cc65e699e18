using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Unroll.Numerics;

//  c[i, j] = start + t_i s_j Σ_k p[i, k] q[j, k]          a[i, k] ≈ t_i p[i, k]      w[j, k] = s_j q[j, k]
/// <summary>
/// A matrix of weights of 8 bits with a scale for each row, as the tiles of a product read it. The other side of the product is rounded to 16
/// bits, row by row, when it is multiplied; the sum is one of integers and exact.
/// </summary>
/// <remarks>
/// The sum stays within 32 bits because |p| ≤ limit and limit · max_j Σ_k |q[j, k]| &lt; 2³¹: up to K = 516 the limit is 32,767 for whatever
/// weights, and beyond for all but the most unusual. Columns come in blocks of 16, those beyond the matrix zero. A panel is 16 units of each of
/// several gates, or up to 64 units of one: [panel][pair of k][sixteen][column][2], so that a row is multiplied by memory in order.
/// </remarks>
internal sealed unsafe class QuantizedPanels : IPanels
{
    private const int RowsAtOnce = 16, StackShorts = 16384;
    private readonly PinnedBuffer _weights, _scales;
    private readonly long[] _largestSums;                                // of each block of units: the largest Σ |q| of a row
    private readonly PanelOrder _order;
    private readonly int _gates, _units, _depth, _pairs;

    /// <summary>Takes memory for panels of zeros.</summary>
    /// <param name="gates">g, 1 … 4.</param>
    /// <param name="units">Columns of each gate.</param>
    /// <param name="depth">Terms of a sum.</param>
    public QuantizedPanels(int gates, int units, int depth)
    {
        (_gates, _units, _depth, Sixteens, _pairs) = (gates, units, depth, (units + 15) / 16, (depth + 1) / 2);
        _weights = new PinnedBuffer(checked(Sixteens * gates * _pairs * (QuantizedTiles.PairBytes / sizeof(float))));
        _scales = new PinnedBuffer(Sixteens * gates * 16);
        _largestSums = new long[Sixteens];
        _order = new PanelOrder(gates, Sixteens);
    }

    /// <inheritdoc/>
    public int Sixteens { get; }

    /// <inheritdoc/>
    /// <remarks>Each row is rounded to 8 bits here.</remarks>
    public void Pack(ReadOnlySpan<float> weights, int firstGate, int from, int to)
    {
        sbyte[] row = new sbyte[_depth];
        for (int block = from; block < to; block++)
        {
            long largest = 0;
            for (int gate = 0; gate < _gates; gate++)
                for (int column = 0; column < Math.Min(16, _units - block * 16); column++)
                {
                    int at = (firstGate + gate) * _units + block * 16 + column;
                    _scales.Span[(block * _gates + gate) * 16 + column] = Rounding.Weights(weights.Slice(at * _depth, _depth), row);
                    largest = Math.Max(largest, Place(row, At(block, out nint step) + gate * QuantizedTiles.PairBytes + 2 * column, step));
                }
            _largestSums[block] = largest;
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

    // Writes a column's weights; returns Σ |q|.
    private static long Place(ReadOnlySpan<sbyte> row, sbyte* to, nint step)
    {
        long sum = 0;
        for (int k = 0; k < row.Length; k++)
        {
            to[k / 2 * step + k % 2] = row[k];
            sum += Math.Abs((int)row[k]);
        }
        return sum;
    }

    // Some rows at a time: rounded, they lie on the stack; only a row that is too long for it takes a lent array.
    [SkipLocalsInit]
    private void Product(float* a, nint aRow, int rows, in ChainStart start, in MatrixView c, int pitch, int from, int to)
    {
        Debug.Assert(c.Rows >= rows && from >= 0 && to <= Sixteens);
        int length = 2 * _pairs, atOnce = Math.Clamp(StackShorts / length, 1, RowsAtOnce), limit = Rounding.ActivationLimit(Largest());
        short[]? lent = length > StackShorts ? ArrayPool<short>.Shared.Rent(length) : null;
        short* stack = stackalloc short[StackShorts];
        float* steps = stackalloc float[RowsAtOnce];
        fixed (short* array = lent)
        {
            short* x = lent is null ? stack : array;
            for (int row = 0; row < rows; row += atOnce)
            {
                int count = Math.Min(atOnce, rows - row);
                for (int i = 0; i < count; i++)
                {
                    x[i * length + length - 1] = 0;                      // the partner of the last term where their number is odd
                    steps[i] = Rounding.Activations(a + (row + i) * aRow, _depth, limit, x + i * length);
                }
                ScaledSums sums = new()
                {
                    Steps = steps, Start = start.At(row), StartRow = start.Row, C = c.Start + (nint)row * c.Stride, CRow = c.Stride,
                };
                Strip(x, count, sums, pitch, from, to);
            }
        }
        if (lent is not null) ArrayPool<short>.Shared.Return(lent);
    }

    // Panel by panel: four rows at a time by some of its sixteens, single rows by all of them.
    [SkipLocalsInit]
    private void Strip(short* x, int rows, in ScaledSums target, int pitch, int from, int to)
    {
        nint length = 2 * _pairs;
        int whole = rows - rows % QuantizedTiles.Rows;
        int* integers = stackalloc int[QuantizedTiles.Rows * PanelOrder.MostSixteens * 16];
        float* scales = _scales.MatrixView(0, 1, 0, 0).Start;
        for (int block = from, blocks; block < to; block += blocks)
        {
            sbyte* weights = At(block, out nint step);
            blocks = _order.BlocksFrom(block, to);
            ScaledSums sums = target.From(block * 16, integers, scales + block * _gates * 16, apart: _gates > 1 ? pitch : 16);
            int count = _gates * blocks;
            for (int j = 0, some; j < count && whole > 0; j += some)
            {
                some = QuantizedTiles.SixteensOfRows(count - j);
                for (int i = 0; i < whole; i += QuantizedTiles.Rows)
                {
                    QuantizedTiles.MultiplyRows(some, x + i * length, length, weights + j * QuantizedTiles.PairBytes, step, _pairs, integers);
                    sums.Store(i, QuantizedTiles.Rows, j, some);
                }
            }
            for (int i = whole; i < rows; i++)
            {
                QuantizedTiles.MultiplyRow(count, x + i * length, weights, step, _pairs, integers);
                sums.Store(i, 1, 0, count);
            }
        }
    }

    // Where a block of 16 units begins in its panel, and the bytes from a pair of terms to the next.
    private sbyte* At(int block, out nint step)
    {
        (int before, int within, int sixteens) = _order.Of(block);
        step = sixteens * QuantizedTiles.PairBytes;
        return (sbyte*)_weights.MatrixView(0, 1, 0, 0).Start + ((nint)before * _pairs + within) * QuantizedTiles.PairBytes;
    }

    private long Largest()
    {
        long largest = 0;
        foreach (long sum in _largestSums) largest = Math.Max(largest, sum);
        return largest;
    }
}
