using Unroll.Numerics;

namespace Unroll.Core;

/// <summary>
/// The shards that a pass runs together. No row's numbers depend on the rows beside it, so that one pass serves all of them; what is summed over
/// rows, gradients and losses, is summed for each shard apart, in the order in which the shard alone would have it.
/// </summary>
internal sealed class PassShards
{
    private readonly int[] _of;
    private readonly PinnedBuffer[] _gradients;
    private readonly LossSum[] _losses;
    private readonly List<ShardRows> _rows = [];

    /// <summary>Names the shards 0, 1, ….</summary>
    /// <param name="of">The shard of each sequence of the batch, in the caller's order.</param>
    /// <param name="gradients">One for each shard, as long as the store's and cleared: the pass adds to them.</param>
    /// <param name="losses">One for each shard, cleared: the pass adds to them.</param>
    public PassShards(int[] of, PinnedBuffer[] gradients, LossSum[] losses) => (_of, _gradients, _losses) = (of, gradients, losses);

    /// <summary>How many.</summary>
    public int Count => _gradients.Length;

    /// <summary>The shard of a sequence.</summary>
    public int Of(int sequence) => _of[sequence];

    /// <summary>A shard's gradients of a parameter.</summary>
    public Span<float> Gradients(int shard, Parameter parameter) => _gradients[shard].Span.Slice(parameter.Offset, parameter.Length);

    /// <summary>Adds to a shard's loss.</summary>
    public void AddLoss(int shard, in LossSum loss) => _losses[shard] += loss;

    /// <summary>The same shards for a batch of parts of these sequences: part i is of sequence <paramref name="sequences"/>[i].</summary>
    public PassShards For(ReadOnlySpan<int> sequences)
    {
        int[] of = new int[sequences.Length];
        for (int part = 0; part < of.Length; part++) of[part] = _of[sequences[part]];
        return new PassShards(of, _gradients, _losses);
    }

    /// <summary>The sequences of a shard, ascending.</summary>
    public int[] Sequences(int shard) => [.. Enumerable.Range(0, _of.Length).Where(sequence => _of[sequence] == shard)];

    /// <summary>Where the rows of each shard lie in a layout of these sequences.</summary>
    public ShardRows RowsOf(SequenceLayout layout)
    {
        foreach (ShardRows known in _rows)
            if (ReferenceEquals(known.Layout, layout)) return known;
        ShardRows rows = new(layout, _of, Count);
        _rows.Add(rows);
        return rows;
    }
}

/// <summary>Rows, or packed positions, that follow each other.</summary>
internal readonly record struct RowRun(int First, int Count);

//  packed positions   0 1 2 3 4 5 6 7      of shards   0 0 0 1 1 2 2 2      a shard's runs of positions: 0 … 2, 3 … 4, 5 … 7
//  a step of n rows has of each run the positions below n; the rows of the steps, one after the other, are the shard's rows in its own order

/// <summary>Where the rows of each shard lie in one layout.</summary>
internal sealed class ShardRows
{
    private readonly RowRun[][] _positions, _rows;
    private readonly int[] _counts, _ofRow;

    public ShardRows(SequenceLayout layout, int[] of, int shards)
    {
        Layout = layout;
        List<RowRun>[] positions = [.. Enumerable.Range(0, shards).Select(_ => new List<RowRun>())],
            rows = [.. positions.Select(_ => new List<RowRun>())];
        for (int p = 0; p < layout.Sequences; p++) Append(positions[of[layout.Order[p]]], new RowRun(p, 1));
        (_counts, _ofRow) = (new int[shards], new int[layout.Rows]);
        for (int shard = 0; shard < shards; shard++)
            for (int t = 0; t < layout.Steps; t++)
                foreach (RowRun run in positions[shard])
                {
                    int count = Math.Min(run.Count, layout.Active(t) - run.First), row = layout.Offset(t) + run.First;
                    if (count <= 0) break;
                    Append(rows[shard], new RowRun(row, count));
                    _ofRow.AsSpan(row, count).Fill(shard);
                    _counts[shard] += count;
                }
        (_positions, _rows) = ([.. positions.Select(own => own.ToArray())], [.. rows.Select(own => own.ToArray())]);
    }

    /// <summary>The layout.</summary>
    public SequenceLayout Layout { get; }

    /// <summary>The shard of each row.</summary>
    public ReadOnlySpan<int> OfRow => _ofRow;

    /// <summary>How many rows a shard has.</summary>
    public int Count(int shard) => _counts[shard];

    /// <summary>Its rows, ascending.</summary>
    public ReadOnlySpan<RowRun> Rows(int shard) => _rows[shard];

    /// <summary>Its packed positions, ascending.</summary>
    public ReadOnlySpan<RowRun> Positions(int shard) => _positions[shard];

    private static void Append(List<RowRun> runs, RowRun next)
    {
        if (runs.Count > 0 && runs[^1] is var last && last.First + last.Count == next.First) runs[^1] = last with { Count = last.Count + next.Count };
        else runs.Add(next);
    }
}
