using System.Buffers;
using System.Diagnostics;

namespace Unroll.Numerics;

/// <summary>Rows that may move, held where they are until disposed of: as a block, which kernels read without a copy.</summary>
internal readonly unsafe struct PinnedRows : IDisposable
{
    private readonly MemoryHandle _hold;

    /// <summary>Holds the rows.</summary>
    /// <param name="values">[rows, columns] without gaps.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Floats of a row.</param>
    public PinnedRows(Memory<float> values, int rows, int columns)
    {
        Debug.Assert(values.Length >= (long)rows * columns);
        _hold = values.Pin();
        MatrixView = new MatrixView((float*)_hold.Pointer, rows, columns, columns);
    }

    /// <summary>The rows.</summary>
    public MatrixView MatrixView { get; }

    /// <summary>Lets them move again.</summary>
    public void Dispose() => _hold.Dispose();
}
