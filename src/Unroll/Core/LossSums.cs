namespace Unroll.Core;

/// <summary>Adds up the losses of a batch, of each shard of the pass apart, in the order in which they are added.</summary>
internal readonly struct LossSums
{
    private readonly PassShards? _shards;
    private readonly RowSums _rows;
    private readonly LossSum[] _sums;

    /// <summary>Begins with nothing.</summary>
    /// <param name="pass">Whose shards.</param>
    /// <param name="layout">Of the outputs.</param>
    /// <param name="scratch">One number for each shard, or more.</param>
    public LossSums(in Pass pass, SequenceLayout layout, ref LossSum[] scratch)
    {
        (_shards, _rows) = (pass.Shards, pass.SumsOf(layout));
        if (scratch.Length < _rows.Shards) scratch = new LossSum[_rows.Shards];
        _sums = scratch;
        _sums.AsSpan(0, _rows.Shards).Clear();
    }

    /// <summary>Adds the loss of a row.</summary>
    public void AddRow(int row, double loss, long count) => _sums[_rows.ShardOfRow(row)] += new LossSum(loss, count);

    /// <summary>Adds the loss of a sequence.</summary>
    public void AddSequence(int sequence, double loss, long count) => _sums[_rows.ShardOf(sequence)] += new LossSum(loss, count);

    /// <summary>Tells the pass's shards their losses; the sum of all.</summary>
    public LossSum Total()
    {
        LossSum total = _sums[0];
        for (int shard = 1; shard < _rows.Shards; shard++) total += _sums[shard];
        for (int shard = 0; _shards is not null && shard < _rows.Shards; shard++) _shards.AddLoss(shard, _sums[shard]);
        return total;
    }
}
