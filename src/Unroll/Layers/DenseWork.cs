using Unroll.Core;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Layers;

/// <summary>One worker's part of a dense layer's product: some rows × some blocks of 16 columns. How it is cut changes no bit.</summary>
internal readonly record struct DenseShare(int FromRow, int ToRow, int From, int To)
{
    private const int ColumnsEach = 8, RowsEach = 12;                    // blocks of 16 columns; rows: two tiles

    /// <summary>
    /// Columns are split where there are many of them, so that each worker reads its part of the weights alone, or where there are few rows; else
    /// rows.
    /// </summary>
    public static DenseShare Of(int worker, int workers, int rows, int sixteens) =>
        sixteens >= ColumnsEach * workers || rows < RowsEach * workers
            ? new(0, rows, Share.Split(sixteens, worker, workers), Share.Split(sixteens, worker + 1, workers))
            : new(Share.Split(rows, worker, workers), Share.Split(rows, worker + 1, workers), 0, sixteens);

    /// <summary>One for work that is too small to share.</summary>
    public static int Workers(ThreadTeam team, int rows, int inputs, int outputs) => team.WorkersFor((long)rows * inputs * outputs);
}

/// <summary>y = x Wᵀ + b, every worker its part.</summary>
internal sealed class DenseForward : IWork
{
    private const int ChunkFloats = 1 << 16, MinRows = 72;            // what is made too wide is narrowed while it is in the second-level cache
    private DensePanels _panels = null!;
    private SequenceBatch _x, _y;
    private PinnedBuffer _wide = null!;
    private int _workers, _chunk, _padded;

    public SequenceBatch Run(DensePanels panels, in SequenceBatch x, int outputs, in Pass pass)
    {
        int rows = x.Layout.Rows;
        _padded = panels.Forward.Sixteens * 16;
        (_panels, _x, _workers) = (panels, x, DenseShare.Workers(pass.Threads, rows, x.Features, outputs));
        bool direct = _padded == outputs;
        _chunk = direct ? rows : Math.Min(rows, Math.Max(MinRows, ChunkFloats / _padded));
        _wide = pass.Workspace.Rent(direct ? rows : _workers * _chunk, _padded);
        _y = direct ? new SequenceBatch(x.Layout, outputs, _wide.Memory) : pass.Workspace.Rent(x.Layout, outputs);
        panels.Refresh(pass.Threads);
        if (_workers == 1) Run(0);
        else pass.Threads.Run(this, _workers);
        return _y;
    }

    public void Run(int worker)
    {
        DenseShare share = DenseShare.Of(worker, _workers, _x.Layout.Rows, _panels.Forward.Sixteens);
        int inputs = _x.Features, outputs = _y.Features, first = share.From * 16, columns = Math.Min(outputs, share.To * 16) - first;
        for (int row = share.FromRow; row < share.ToRow && columns > 0; row += _chunk)
        {
            int rows = Math.Min(_chunk, share.ToRow - row);
            MatrixView wide = _wide.MatrixView((outputs == _padded ? row : worker * _chunk) * _padded, rows, _padded, _padded);
            _panels.Forward.Product(_x.All.Slice(row * inputs, rows * inputs), rows, ChainStart.Bias(_panels.Bias), wide, 0, share.From, share.To);
            if (outputs == _padded) continue;
            for (int r = 0; r < rows; r++) wide.Row(r).Slice(first, columns).CopyTo(_y.All[((row + r) * outputs + first)..]);
        }
    }
}

/// <summary>δx = δy W, δW += δyᵀ x, δb += Σ_rows δy, every worker its part.</summary>
internal sealed class DenseBackward : IWork
{
    // Of a weight gradient's product at a time: it is then read and written seldom.
    private const int MaxRows = 640;
    private DensePanels _panels = null!;
    private Parameter _weight = null!, _bias = null!;
    private SequenceBatch _x, _dx;
    private PinnedBuffer _wide = null!, _scratch = null!;
    private MatrixView _dy;
    private RowSums _sums;
    private int _workers, _rowsAtOnce, _strips, _tiles, _scratchEach;

    public SequenceBatch Run(DensePanels panels, Parameter weight, Parameter bias, in SequenceBatch x, in SequenceBatch dy, in Pass pass)
    {
        int rows = x.Layout.Rows, padded = panels.Back.Sixteens * 16;
        (_panels, _weight, _bias, _x, _workers) = (panels, weight, bias, x, DenseShare.Workers(pass.Threads, rows, x.Features, dy.Features));
        _wide = pass.Workspace.Rent(rows, padded);
        _dx = padded == x.Features ? new SequenceBatch(x.Layout, padded, _wide.Memory) : pass.Workspace.Rent(x.Layout, x.Features);
        if (rows == 0) return _dx;
        _sums = pass.SumsOf(dy.Layout);
        int parts = (rows + MaxRows - 1) / MaxRows;
        _rowsAtOnce = (rows + parts - 1) / parts;
        (_strips, _tiles) = (WeightGradient.Strips(x.Features) * 16 * _rowsAtOnce, WeightGradient.ProductScratch(_rowsAtOnce));
        _scratchEach = _strips + _tiles + (_sums.AreSeveral ? WeightGradient.MaxUnits * _rowsAtOnce : 0);
        _scratch = pass.Workspace.Rent(_workers * _scratchEach);
        panels.RefreshBack(pass.Threads);
        using PinnedRows held = new(dy.Memory, rows, dy.Features);
        _dy = held.MatrixView;
        if (_workers == 1) Run(0);
        else pass.Threads.Run(this, _workers);
        return _dx;
    }

    public void Run(int worker)
    {
        InputGradient(worker);
        int outputs = _dy.Columns, first = Share.Split(outputs, worker, _workers), units = Share.Split(outputs, worker + 1, _workers) - first;
        if (units == 0) return;
        MatrixView scratch = _scratch.MatrixView(worker * _scratchEach, 1, _scratchEach, _scratchEach);
        for (int shard = 0; shard < _sums.Shards; shard++)
        {
            WeightGradients(shard, first, units, scratch);
            Span<float> sums = _sums.Gradients(_bias, shard).Slice(first, units);
            foreach (RowPiece piece in _sums.Pieces(shard, 0, _sums.Rows(shard)))
                MatrixViews.AddRowSums(_dy.Part(piece.First, piece.Count, first, units), sums);
        }
    }

    // Some outputs: x is copied once for all of them, δy once.
    private void WeightGradients(int shard, int first, int units, in MatrixView scratch)
    {
        int inputs = _x.Features, all = _sums.Rows(shard);
        MatrixView tiles = scratch.Part(0, 1, _strips, _tiles), gathered = scratch.Part(0, 1, _strips + _tiles, _scratchEach - _strips - _tiles);
        Span<float> gradients = _sums.Gradients(_weight, shard);
        for (int row = 0; row < all; row += _rowsAtOnce)
        {
            int rows = Math.Min(_rowsAtOnce, all - row);
            foreach (RowPiece piece in _sums.Pieces(shard, row, rows))
                WeightGradient.CopyStrips(_x.All.Slice(piece.First * inputs, piece.Count * inputs), inputs, scratch, piece.At, rows,
                    0, WeightGradient.Strips(inputs));
            for (int done = 0, count; done < units; done += count)
            {
                count = Math.Min(WeightGradient.MaxUnits, units - done);
                WeightGradient.CopyTiles(Together(_dy.Part(0, _dy.Rows, first + done, count), shard, row, rows, gathered), tiles);
                WeightGradient.AddCopied(tiles, count, rows, scratch, inputs, gradients.Slice((first + done) * inputs, count * inputs));
            }
        }
    }

    // Some of a shard's rows, copied where they lie apart.
    private MatrixView Together(in MatrixView dy, int shard, int row, int rows, in MatrixView into)
    {
        MatrixView target = default;
        foreach (RowPiece piece in _sums.Pieces(shard, row, rows))
        {
            if (piece.Count == rows) return dy.Part(piece.First, rows, 0, dy.Columns);
            if (piece.At == 0) target = into.Fold(rows, dy.Columns);
            MatrixViews.Copy(dy.Part(piece.First, piece.Count, 0, dy.Columns), target.Part(piece.At, piece.Count, 0, dy.Columns));
        }
        return target;
    }

    private void InputGradient(int worker)
    {
        int inputs = _x.Features, padded = _panels.Back.Sixteens * 16;
        DenseShare share = DenseShare.Of(worker, _workers, _dy.Rows, _panels.Back.Sixteens);
        int rows = share.ToRow - share.FromRow, first = share.From * 16, columns = Math.Min(inputs, share.To * 16) - first;
        if (rows == 0 || columns <= 0) return;
        MatrixView wide = _wide.MatrixView(share.FromRow * padded, rows, padded, padded);
        _panels.Back.Product(_dy.Part(share.FromRow, rows, 0, _dy.Columns), ChainStart.Zero, wide, 0, share.From, share.To);
        if (padded == inputs) return;
        for (int r = 0; r < rows; r++) wide.Row(r).Slice(first, columns).CopyTo(_dx.All[((share.FromRow + r) * inputs + first)..]);
    }
}
