using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers;

/// <summary>The gradient of a table whose rows stand for indices.</summary>
internal static class TableGradients
{
    //  δE[x] += δy      row by row in packed order
    /// <summary>Adds the rows to those of their indices, each shard's to its own gradient.</summary>
    /// <param name="indices">[rows].</param>
    /// <param name="dy">[rows, columns of the table].</param>
    /// <param name="table">[…, columns].</param>
    /// <param name="pass">Whose shards.</param>
    public static void Add(ReadOnlySpan<int> indices, in SequenceBatch dy, Parameter table, in Pass pass)
    {
        RowSums sums = pass.SumsOf(dy.Layout);
        int size = dy.Features;
        for (int shard = 0; shard < sums.Shards; shard++)
            foreach (RowPiece piece in sums.Pieces(shard, 0, sums.Rows(shard)))
                TableRows.Add(indices.Slice(piece.First, piece.Count), dy.All.Slice(piece.First * size, piece.Count * size),
                    sums.Gradients(table, shard), size);
    }
}
