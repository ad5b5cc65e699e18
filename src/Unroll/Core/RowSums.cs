namespace Unroll.Core;

/// <summary>
/// Which rows of a layout are summed together, and where their gradients are: the rows of each shard of the pass; without shards all rows, as
/// shard 0.
/// </summary>
internal readonly struct RowSums
{
    private readonly PassShards? _shards;
    private readonly ShardRows? _rows;
    private readonly SequenceLayout _layout;

    public RowSums(PassShards? shards, SequenceLayout layout) => (_shards, _rows, _layout) = (shards, shards?.RowsOf(layout), layout);

    /// <summary>How many shards.</summary>
    public int Shards => _shards?.Count ?? 1;

    /// <summary>Whether the rows of a shard may lie apart.</summary>
    public bool AreSeveral => _shards is not null;

    /// <summary>Where a shard's gradients of a parameter are added.</summary>
    public Span<float> Gradients(Parameter parameter, int shard) => _shards is null ? parameter.Gradients : _shards.Gradients(shard, parameter);

    /// <summary>Where those of a row are.</summary>
    public Span<float> GradientsOfRow(Parameter parameter, int row) => Gradients(parameter, _rows is null ? 0 : _rows.OfRow[row]);

    /// <summary>Where those of a sequence are.</summary>
    public Span<float> GradientsOfSequence(Parameter parameter, int sequence) => Gradients(parameter, ShardOf(sequence));

    /// <summary>The shard of a sequence.</summary>
    public int ShardOf(int sequence) => _shards is null ? 0 : _shards.Of(sequence);

    /// <summary>The shard of a row.</summary>
    public int ShardOfRow(int row) => _rows is null ? 0 : _rows.OfRow[row];

    /// <summary>How many rows a shard has.</summary>
    public int Rows(int shard) => _rows is null ? _layout.Rows : _rows.Count(shard);

    /// <summary>Of how many runs its packed positions are.</summary>
    public int PositionRuns(int shard) => _rows is null ? 1 : _rows.Positions(shard).Length;

    /// <summary>One of them.</summary>
    public RowRun Positions(int shard, int run) => _rows is null ? new RowRun(0, _layout.Sequences) : _rows.Positions(shard)[run];

    /// <summary>Of how many runs its rows are.</summary>
    public int RowRuns(int shard) => _rows is null ? 1 : _rows.Rows(shard).Length;

    /// <summary>One of them.</summary>
    public RowRun Rows(int shard, int run) => _rows is null ? new RowRun(0, _layout.Rows) : _rows.Rows(shard)[run];

    /// <summary>Some of a shard's rows, counted among its own, as pieces that lie together.</summary>
    public RowPieces Pieces(int shard, int from, int count) => new(this, shard, from, count);
}

/// <summary>A piece of a shard's rows: where it lies in the batch, and at which of the rows that were asked for it begins.</summary>
internal readonly record struct RowPiece(int First, int Count, int At);

/// <summary>Some of a shard's rows, piece by piece.</summary>
internal ref struct RowPieces(RowSums sums, int shard, int from, int count)
{
    private readonly int _runs = sums.RowRuns(shard);
    private int _run = -1, _before, _at;

    public RowPiece Current { get; private set; }

    public readonly RowPieces GetEnumerator() => this;

    public bool MoveNext()
    {
        while (_at < count && ++_run < _runs)
        {
            RowRun run = sums.Rows(shard, _run);
            int first = Math.Max(from - _before, 0), until = Math.Min(run.Count, from + count - _before);
            _before += run.Count;
            if (first >= until) continue;
            Current = new RowPiece(run.First + first, until - first, _at);
            _at += until - first;
            return true;
        }
        return false;
    }
}
