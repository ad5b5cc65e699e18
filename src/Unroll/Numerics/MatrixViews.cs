using System.Runtime.CompilerServices;

namespace Unroll.Numerics;

/// <summary>Plain work on blocks: rows are copied, added and summed in a defined order.</summary>
internal static unsafe class MatrixViews
{
    /// <summary>Overwrites the target's first columns with the source; target rows and columns may be more.</summary>
    public static void Copy(in MatrixView source, in MatrixView target)
    {
        for (int r = 0; r < source.Rows; r++) source.Row(r).CopyTo(target.Row(r));
    }

    /// <summary>Fills all rows with the same one.</summary>
    public static void SetRows(in MatrixView target, ReadOnlySpan<float> row)
    {
        for (int r = 0; r < target.Rows; r++) row.CopyTo(target.Row(r));
    }

    /// <summary>Sets all to zero.</summary>
    public static void Clear(in MatrixView target)
    {
        for (int r = 0; r < target.Rows; r++) target.Row(r).Clear();
    }

    /// <summary>Fills all rows with the same one, the rest of each row zero.</summary>
    public static void Widen(ReadOnlySpan<float> row, in MatrixView target)
    {
        for (int r = 0; r < target.Rows; r++)
        {
            Span<float> to = target.Row(r);
            row.CopyTo(to);
            to[row.Length..].Clear();
        }
    }

    /// <summary>Rows without gaps → rows of a wider block, the rest of each row zero.</summary>
    public static void Widen(ReadOnlySpan<float> rows, int columns, in MatrixView target)
    {
        for (int r = 0; r < target.Rows; r++)
        {
            Span<float> row = target.Row(r);
            rows.Slice(r * columns, columns).CopyTo(row);
            row[columns..].Clear();
        }
    }

    /// <summary>The first columns of each row → rows without gaps.</summary>
    public static void Narrow(in MatrixView source, Span<float> rows, int columns)
    {
        for (int r = 0; r < source.Rows; r++) source.Row(r)[..columns].CopyTo(rows.Slice(r * columns, columns));
    }

    //  target[r, j] = a[r, j] + b[r, first + j]
    /// <summary>Sum of a block and of some columns of rows without gaps; where these have no such column the sum is a's alone.</summary>
    public static void Sum(in MatrixView a, ReadOnlySpan<float> b, int columns, int first, in MatrixView target)
    {
        int shared = Math.Clamp(columns - first, 0, a.Columns);
        fixed (float* start = b)
            for (int r = 0; r < a.Rows; r++)
            {
                float* x = a.Start + (nint)r * a.Stride, y = start + (nint)r * columns + first, z = target.Start + (nint)r * target.Stride;
                Kernel.Run(new Total(x, y, z), shared);
                for (int j = shared; j < a.Columns; j++) z[j] = x[j];
            }
    }

    /// <summary>Rows of up to 16 floats → [rows][16]; where there are fewer the rest is left as it is.</summary>
    public static void CopySixteens(float* from, nint stride, int rows, int count, float* to)
    {
        if (count == 16 && Hardware.Half) CopySixteens<Lanes8>(from, stride, rows, to);
        else if (count == 16 && Hardware.Quarter) CopySixteens<Lanes4>(from, stride, rows, to);
        else
            for (int r = 0; r < rows; r++) new ReadOnlySpan<float>(from + r * stride, count).CopyTo(new Span<float>(to + r * 16, count));
    }

    // Moves only: two vectors of 8, or four of 4.
    [MethodImpl(Compilation.Kernel)]
    private static void CopySixteens<V>(float* from, nint stride, int rows, float* to) where V : struct, ILane<V>
    {
        for (int r = 0; r < rows; r++, from += stride, to += 16)
        {
            V.Load(from).Store(to);
            V.Load(from + V.Count).Store(to + V.Count);
            if (V.Count == 8) continue;
            V.Load(from + 2 * V.Count).Store(to + 2 * V.Count);
            V.Load(from + 3 * V.Count).Store(to + 3 * V.Count);
        }
    }

    //  sums[j] += Σ_r a[r, j]      one chain per column, rows ascending
    /// <summary>Adds the sum of all rows.</summary>
    public static void AddRowSums(in MatrixView a, Span<float> sums)
    {
        fixed (float* to = sums) Kernel.Run(new RowSums(a, to), Math.Min(a.Columns, sums.Length));
    }

    private readonly struct Total(float* x, float* y, float* z) : ILoop
    {
        [MethodImpl(Compilation.Kernel)]
        public nint Run<V>(nint k, nint n) where V : struct, ILane<V>
        {
            for (; k <= n - V.Count; k += V.Count) (V.Load(x + k) + V.Load(y + k)).Store(z + k);
            return k;
        }
    }

    private readonly struct RowSums(MatrixView a, float* sums) : ILoop
    {
        public nint Run<V>(nint k, nint n) where V : struct, ILane<V>
        {
            for (; k <= n - 4 * V.Count; k += 4 * V.Count) FourColumns<V>(a, k, sums);
            for (; k <= n - V.Count; k += V.Count) Column<V>(a, k, sums);
            return k;
        }
    }

    [MethodImpl(Compilation.Kernel)]
    private static void FourColumns<V>(in MatrixView a, nint j, float* to) where V : struct, ILane<V>
    {
        int n = V.Count;
        float* from = a.Start + j;
        to += j;
        V s0 = V.Load(to), s1 = V.Load(to + n), s2 = V.Load(to + 2 * n), s3 = V.Load(to + 3 * n);
        for (int r = 0; r < a.Rows; r++, from += a.Stride)
        {
            s0 += V.Load(from);
            s1 += V.Load(from + n);
            s2 += V.Load(from + 2 * n);
            s3 += V.Load(from + 3 * n);
        }
        s0.Store(to); s1.Store(to + n); s2.Store(to + 2 * n); s3.Store(to + 3 * n);
    }

    [MethodImpl(Compilation.Kernel)]
    private static void Column<V>(in MatrixView a, nint j, float* to) where V : struct, ILane<V>
    {
        V sum = V.Load(to + j);
        float* from = a.Start + j;
        for (int r = 0; r < a.Rows; r++, from += a.Stride) sum += V.Load(from);
        sum.Store(to + j);
    }
}
