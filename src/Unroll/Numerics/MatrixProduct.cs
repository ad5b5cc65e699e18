using System.Runtime.CompilerServices;

namespace Unroll.Numerics;

/// <summary>Where the operands of a matrix product lie: c = start + a b, or c = a b.</summary>
/// <remarks>
/// b is a panel: columns in blocks of 16, each [depth][16]. A tile takes up to 6 rows and up to 4 such blocks; the tile below begins
/// <see cref="ATile"/>, <see cref="StartTile"/> and <see cref="CTile"/> further on.
/// </remarks>
internal unsafe struct MatrixProduct
{
    /// <summary>a[i, k] lies at A + i · ARow + k.</summary>
    public float* A;
    public nint ARow, ATile;

    /// <summary>b[k, j] of block s lies at B + s · BBlock + 16 k + j.</summary>
    public float* B;
    public nint BBlock, Depth;

    /// <summary>What is wanted next: fetched a little at every other term of a sum, so that memory is never waited for all at once.</summary>
    public float* Ahead;
    public nint AheadStep;

    /// <summary>What a chain begins with, laid out as c but with its own distance between rows: 0 for a bias. Null for zero.</summary>
    public float* Start;
    public nint StartRow, StartTile;

    /// <summary>c[i, j] of blocks 0 … 3 lies at C + i · CRow + (0, CAt1, CAt2, CAt3) + j.</summary>
    public float* C;
    public nint CRow, CTile, CAt1, CAt2, CAt3;

    /// <summary>Whether a chain begins with zero.</summary>
    public readonly bool FromZero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Start == null;
    }
}
