using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

//  y = x Wᵀ (+ b)        δx = δy W        δW += δyᵀ x      δb += Σ_rows δy

/// <summary>A matrix whose products are wanted a few rows at a time, and whose gradient is added for all rows together.</summary>
internal sealed class RowProduct
{
    private readonly Parameter _weight;
    private readonly Parameter? _bias;
    private readonly DensePanels _panels;

    /// <summary>Adds the parameters <c>{name}.weight</c> [outputs, inputs] and perhaps <c>{name}.bias</c> [outputs] to the store.</summary>
    public RowProduct(string name, ParameterStore store, int inputs, int outputs, bool bias)
    {
        if (inputs < 1 || outputs < 1)
            throw new UserErrorException($"layer '{name}' sizes: expected at least 1, got {inputs} inputs and {outputs} outputs.");
        (Inputs, Outputs) = (inputs, outputs);
        _weight = store.Add($"{name}.weight", outputs, inputs);
        if (bias) _bias = store.Add($"{name}.bias", outputs);
        _panels = new DensePanels(_weight, _bias);
    }

    public int Inputs { get; }

    public int Outputs { get; }

    /// <summary>Floats of scratch for some rows, forward or back.</summary>
    public int Scratch(int rows) => ArraySize.Of(rows, 16 * Math.Max(_panels.Forward.Sixteens, _panels.Back.Sixteens));

    /// <summary>Rebuilds the panels if the weights have changed; to be called before any rows are computed, forward or backward.</summary>
    public void Refresh(ThreadTeam? team, bool back = false)
    {
        _panels.Refresh(team);
        if (back) _panels.RefreshBack(team!);
    }

    /// <summary>y of some rows.</summary>
    /// <param name="x">[rows, inputs].</param>
    /// <param name="y">[rows, outputs], overwritten.</param>
    /// <param name="scratch">A row of at least <see cref="Scratch"/> floats.</param>
    public void Forward(ReadOnlySpan<float> x, Span<float> y, in MatrixView scratch) =>
        Product(_panels.Forward, x, Inputs, ChainStart.Bias(_panels.Bias), y, Outputs, scratch);

    /// <summary>δx of some rows.</summary>
    public void Back(ReadOnlySpan<float> dy, Span<float> dx, in MatrixView scratch) =>
        Product(_panels.Back, dy, Outputs, ChainStart.Zero, dx, Inputs, scratch);

    /// <summary>y of a whole batch.</summary>
    public SequenceBatch Forward(in SequenceBatch x, in Pass pass)
    {
        SequenceBatch y = pass.Workspace.Rent(x.Layout, Outputs);
        Refresh(pass.Threads);
        pass.Workspace.Cache<RowProductWork>().Run(this, x, y, Direction.Forward, pass);
        return y;
    }

    /// <summary>δx of a whole batch; adds to the gradients.</summary>
    public SequenceBatch Backward(in SequenceBatch x, in SequenceBatch dy, in Pass pass)
    {
        SequenceBatch dx = pass.Workspace.Rent(x.Layout, Inputs);
        Refresh(pass.Threads, back: true);
        pass.Workspace.Cache<RowProductWork>().Run(this, dy, dx, Direction.Back, pass);
        AddGradients(x, dy, pass);
        return dx;
    }

    /// <summary>Adds to the gradients alone.</summary>
    public void AddGradients(in SequenceBatch x, in SequenceBatch dy, in Pass pass)
    {
        if (x.Layout.Rows > 0) pass.Workspace.Cache<RowProductWork>().Run(this, x, dy, Direction.Gradients, pass);
    }

    private static void Product(Panels panels, ReadOnlySpan<float> from, int depth, in ChainStart start, Span<float> to, int columns,
        in MatrixView scratch)
    {
        int rows = from.Length / depth;
        if (rows == 0) return;
        MatrixView wide = scratch.Fold(rows, panels.Sixteens * 16);
        panels.Product(from, rows, start, wide, 0, 0, panels.Sixteens);
        MatrixViews.Narrow(wide, to, columns);
    }

    private enum Direction
    {
        Forward,
        Back,
        Gradients,
    }

    private sealed class RowProductWork : IWork
    {
        private RowProduct _product = null!;
        private SequenceBatch _a, _b;
        private PinnedBuffer _scratch = null!;
        private RowSums _sums;
        private Direction _direction;
        private int _workers, _scratchEach;

        public void Run(RowProduct product, in SequenceBatch a, in SequenceBatch b, Direction direction, in Pass pass)
        {
            int rows = a.Layout.Rows;
            (_product, _a, _b, _direction, _sums) = (product, a, b, direction, pass.SumsOf(a.Layout));
            if (direction == Direction.Gradients && _sums.AreSeveral) (_a, _b) = (Together(a, pass), Together(b, pass));
            _workers = DenseShare.Workers(pass.Threads, rows, product.Inputs, product.Outputs);
            _scratchEach = direction == Direction.Gradients ? WeightGradient.Scratch : product.Scratch((rows + _workers - 1) / _workers);
            _scratch = pass.Workspace.Rent(_workers, _scratchEach);
            if (_workers == 1) Run(0);
            else pass.Threads.Run(this, _workers);
        }

        public void Run(int worker)
        {
            MatrixView scratch = _scratch.MatrixView(worker * _scratchEach, 1, _scratchEach, _scratchEach);
            if (_direction == Direction.Gradients)
            {
                Gradients(worker, scratch);
                return;
            }
            int from = Share.Split(_a.Layout.Rows, worker, _workers), rows = Share.Split(_a.Layout.Rows, worker + 1, _workers) - from;
            ReadOnlySpan<float> a = _a.All.Slice(from * _a.Features, rows * _a.Features);
            Span<float> b = _b.All.Slice(from * _b.Features, rows * _b.Features);
            if (_direction == Direction.Forward) _product.Forward(a, b, scratch);
            else _product.Back(a, b, scratch);
        }

        // Divided by outputs, so that every sum is one worker's.
        private void Gradients(int worker, in MatrixView scratch)
        {
            int outputs = _product.Outputs, inputs = _product.Inputs, rows = _a.Layout.Rows;
            int first = Share.Split(outputs, worker, _workers), units = Share.Split(outputs, worker + 1, _workers) - first;
            if (units == 0) return;
            using PinnedRows held = new(_b.Memory, rows, outputs);
            for (int shard = 0, row = 0; shard < _sums.Shards; row += _sums.Rows(shard++))
            {
                MatrixView dy = held.MatrixView.Part(row, _sums.Rows(shard), first, units);
                WeightGradient.Add(dy, _a.All[(row * inputs)..], inputs, inputs,
                    _sums.Gradients(_product._weight, shard).Slice(first * inputs, units * inputs), scratch);
                if (_product._bias is { } bias) MatrixViews.AddRowSums(dy, _sums.Gradients(bias, shard).Slice(first, units));
            }
        }

        // The rows of the first shard, then those of the next.
        private SequenceBatch Together(in SequenceBatch batch, in Pass pass)
        {
            SequenceBatch copy = pass.Workspace.Rent(batch.Layout, batch.Features);
            Span<float> to = copy.All;
            for (int shard = 0; shard < _sums.Shards; shard++)
                foreach (RowPiece piece in _sums.Pieces(shard, 0, _sums.Rows(shard)))
                {
                    batch.All.Slice(piece.First * batch.Features, piece.Count * batch.Features).CopyTo(to);
                    to = to[(piece.Count * batch.Features)..];
                }
            return copy;
        }
    }
}
