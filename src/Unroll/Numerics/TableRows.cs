using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Unroll.Numerics;

/// <summary>Rows of a table by index: only the rows that are named are touched.</summary>
internal static unsafe class TableRows
{
    //  table[index[r], j] += rows[r, j]      r ascending
    /// <summary>Adds each row to the table's row of its index.</summary>
    /// <param name="indices">[rows], each a row of the table.</param>
    /// <param name="rows">[rows, size].</param>
    /// <param name="table">[…, size].</param>
    /// <param name="size">Floats of a row.</param>
    public static void Add(ReadOnlySpan<int> indices, ReadOnlySpan<float> rows, Span<float> table, int size)
    {
        Debug.Assert(rows.Length >= indices.Length * size);
        fixed (int* i = indices)
        fixed (float* r = rows, t = table)
            Kernel.Run<Adding, Arguments>(new Arguments { Indices = i, Count = indices.Length, Rows = r, Table = t, Size = size });
    }

    private struct Arguments
    {
        public int* Indices;
        public float* Rows, Table;
        public nint Count, Size;
    }

    private readonly struct Adding : IKernel<Arguments>
    {
        [MethodImpl(Compilation.Kernel)]
        public static void Run<V>(in Arguments s) where V : struct, ILane<V>
        {
            nint size = s.Size, whole = size - V.Count;
            for (nint row = 0; row < s.Count; row++)
            {
                float* d = s.Rows + row * size, target = s.Table + s.Indices[row] * size;
                nint j = 0;
                for (; j <= whole; j += V.Count) (V.Load(target + j) + V.Load(d + j)).Store(target + j);
                for (; j < size; j++) target[j] += d[j];
            }
        }
    }
}
