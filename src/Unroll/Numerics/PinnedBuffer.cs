using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Unroll.Numerics;

/// <summary>
/// Floats that begin at a multiple of 64 bytes and never move: managed memory, pinned for its life, so that kernels may keep addresses in it
/// while the garbage collector frees it like any other object.
/// </summary>
public sealed unsafe class PinnedBuffer
{
    private const int Alignment = 64;
    private readonly float[] _array;
    private readonly int _start;

    /// <summary>Takes zeroed memory.</summary>
    /// <param name="length">How many floats; may be 0.</param>
    public PinnedBuffer(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        _array = GC.AllocateArray<float>(checked(length + Alignment / sizeof(float)), pinned: true);
        nuint address = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_array));
        _start = (int)((Alignment - address % Alignment) % Alignment / sizeof(float));
        Length = length;
    }

    /// <summary>How many floats.</summary>
    public int Length { get; }

    /// <summary>All of them.</summary>
    public Span<float> Span => _array.AsSpan(_start, Length);

    /// <summary>All of them, as memory.</summary>
    public Memory<float> Memory => _array.AsMemory(_start, Length);

    /// <summary>The rows of a matrix that lies in this buffer, as kernels see it.</summary>
    /// <param name="offset">Where row 0 begins.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Floats of a row.</param>
    /// <param name="stride">Floats from one row to the next.</param>
    /// <exception cref="ArgumentOutOfRangeException">The matrix does not fit the buffer.</exception>
    public MatrixView MatrixView(int offset, int rows, int columns, int stride)
    {
        if ((uint)offset > (uint)Length || (rows > 0 && (long)offset + (long)(rows - 1) * stride + columns > Length))
            throw new ArgumentOutOfRangeException(nameof(rows), $"[{rows}, {columns}] with stride {stride} at {offset} does not fit {Length} floats");
        return new MatrixView((float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_array)) + _start + offset, rows, columns, stride);
    }
}

/// <summary>
/// A matrix that lies in a larger one, in memory that does not move: <see cref="Rows"/> × <see cref="Columns"/> floats,
/// <see cref="Stride"/> floats from row to row. It does not keep its memory alive: who makes it holds the buffer.
/// </summary>
public readonly unsafe struct MatrixView
{
    internal readonly float* Start;

    internal MatrixView(float* start, int rows, int columns, int stride)
    {
        Start = start;
        (Rows, Columns, Stride) = (rows, columns, stride);
    }

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Floats of a row.</summary>
    public int Columns { get; }

    /// <summary>Floats from one row to the next.</summary>
    public int Stride { get; }

    /// <summary>One row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public Span<float> Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows, nameof(row));
        return new Span<float>(Start + (nint)row * Stride, Columns);
    }

    /// <summary>The first float of a row, for <see cref="ILane{V}"/>; of a matrix that has columns.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public ref float RowStart(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows, nameof(row));
        return ref Start[(nint)row * Stride];
    }

    /// <summary>
    /// The same rows of the <paramref name="slot"/>-th of several matrices that lie side by side, <paramref name="pitch"/> floats apart.
    /// </summary>
    internal MatrixView Slot(int slot, int pitch, int columns) => new(Start + (nint)slot * pitch, Rows, columns, Stride);

    /// <summary>The first row many times over, to be read only: every row is that row.</summary>
    internal MatrixView Repeated(int rows) => new(Start, rows, Columns, 0);

    /// <summary>The first floats of a single row as a matrix without gaps.</summary>
    internal MatrixView Fold(int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)rows * columns, Columns, nameof(rows));
        return new MatrixView(Start, rows, columns, columns);
    }

    /// <summary>Some rows and some columns of it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not all inside.</exception>
    public MatrixView Part(int row, int rows, int column, int columns)
    {
        if ((uint)row > (uint)Rows || (uint)rows > (uint)(Rows - row) || (uint)column > (uint)Columns || (uint)columns > (uint)(Columns - column))
            throw new ArgumentOutOfRangeException(nameof(row), $"rows {row}+{rows}, columns {column}+{columns} of [{Rows}, {Columns}]");
        return new MatrixView(Start + (nint)row * Stride + column, rows, columns, Stride);
    }
}
