using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers;

/// <summary>A linear layer on every row: y = x Wᵀ + b. Parameters <c>weight</c> [outputs, inputs] and <c>bias</c> [outputs].</summary>
public sealed class Dense : ILayer
{
    private readonly Parameter _weight, _bias;
    private readonly Panels _panels, _panelsBack;
    private readonly Lock _packing = new();
    private long _version = -1;

    /// <summary>Makes the layer and adds its parameters, all zero, to the store.</summary>
    /// <param name="name">For messages, and the prefix of its parameters: <c>"head"</c> gives <c>head.weight</c>.</param>
    /// <param name="store">Receives the parameters.</param>
    /// <param name="inputSize">Features of the input, at least 1.</param>
    /// <param name="outputSize">Features of the output, at least 1.</param>
    /// <exception cref="UserErrorException">A size is below 1, or both are too large for an array.</exception>
    public Dense(string name, ParameterStore store, int inputSize, int outputSize)
    {
        long widest = (long)(inputSize + 15L) * (outputSize + 15L);
        if (inputSize < 1 || outputSize < 1)
            throw new UserErrorException($"layer '{name}' sizes: expected at least 1, got {inputSize} inputs and {outputSize} outputs.");
        if (widest > ArraySize.Most) throw new UserErrorException($"layer '{name}' sizes: expected at most {ArraySize.Most} weights "
            + $"because an array holds no more, got {inputSize} inputs and {outputSize} outputs.");
        (Name, InputSize, OutputSize) = (name, inputSize, outputSize);
        _weight = store.Add($"{name}.weight", outputSize, inputSize);
        _bias = store.Add($"{name}.bias", outputSize);
        (_panels, _panelsBack) = (new Panels(1, outputSize, inputSize), new Panels(1, inputSize, outputSize));
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int InputSize { get; }

    /// <inheritdoc/>
    public int OutputSize { get; }

    //  y = x Wᵀ + b
    /// <inheritdoc/>
    public Cache Forward(in SequenceBatch x, in Pass pass)
    {
        if (x.Features != InputSize)
            ShapeException.Throw(x.Features, InputSize, $"layer '{Name}' input features", $"weight is [{OutputSize}, {InputSize}]");
        Refresh();
        DenseCache cache = pass.Workspace.Cache<DenseCache>();
        cache.Layer = this;
        int rows = x.Layout.Rows, padded = _panels.Sixteens * 16;
        cache.Input = x;
        cache.Wide = pass.Workspace.Rent(rows, padded);
        cache.Output = padded == OutputSize ? new SequenceBatch(x.Layout, OutputSize, cache.Wide.Memory) : pass.Workspace.Rent(x.Layout, OutputSize);
        if (rows > 0) pass.Workspace.Cache<ForwardWork>().Run(this, cache, pass.Threads);
        return cache;
    }

    //  δx = δy W      δW += δyᵀ x      δb += Σ_rows δy
    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass)
    {
        DenseCache own = cache.Of<DenseCache>(this, dy);
        return pass.Workspace.Cache<BackwardWork>().Run(this, dy, own, pass);
    }

    // One row at a time through the same panels as a whole batch, so that streaming gives the same bits.
    /// <summary>The layer on some rows: same bits as <see cref="Forward"/>, nothing allocated.</summary>
    /// <param name="x">[rows, inputs].</param>
    /// <param name="y">[rows, outputs], overwritten.</param>
    /// <param name="scratch">At least rows · (outputs in whole sixteens) floats.</param>
    internal void Step(ReadOnlySpan<float> x, Span<float> y, PinnedBuffer scratch)
    {
        Refresh();
        int rows = x.Length / InputSize, padded = _panels.Sixteens * 16;
        Block wide = scratch.Block(0, rows, padded, padded);
        Blocks.Widen(_bias.Values, wide);
        _panels.Product(x, rows, ChainStart.Of(wide), wide, 0, 0, _panels.Sixteens);
        Blocks.Narrow(wide, y, OutputSize);
        GC.KeepAlive(scratch);                                           // the block above is an address in it
    }

    private void Refresh()
    {
        if (Volatile.Read(ref _version) == _weight.Version) return;
        lock (_packing)
        {
            long version = _weight.Version;
            if (_version == version) return;
            _panels.Pack(_weight.Values, 0, 0, _panels.Sixteens);
            _panelsBack.PackTransposed(_weight.Values, 0, 1, OutputSize, OutputSize, 0, _panelsBack.Sixteens);
            Volatile.Write(ref _version, version);
        }
    }

    private sealed class DenseCache : Cache
    {
        public SequenceBatch Input { get; set; }
        /// <summary>[rows, outputs in whole sixteens].</summary>
        public PinnedBuffer Wide { get; set; } = null!;
    }

    private sealed class ForwardWork : IWork
    {
        private Dense _layer = null!;
        private DenseCache _cache = null!;
        private ThreadTeam _team = null!;

        public void Run(Dense layer, DenseCache cache, ThreadTeam team)
        {
            (_layer, _cache, _team) = (layer, cache, team);
            team.Run(this);
        }

        public void Run(int worker)
        {
            int rows = _cache.Input.Layout.Rows, from = Share.Split(rows, worker, _team.Threads),
                count = Share.Split(rows, worker + 1, _team.Threads) - from;
            int inputs = _layer.InputSize, outputs = _layer.OutputSize, padded = _layer._panels.Sixteens * 16;
            Block wide = _cache.Wide.Block(from * padded, count, padded, padded);
            Blocks.Widen(_layer._bias.Values, wide);
            _layer._panels.Product(_cache.Input.All.Slice(from * inputs, count * inputs), count, ChainStart.Of(wide), wide, 0, 0,
                _layer._panels.Sixteens);
            if (padded != outputs) Blocks.Narrow(wide, _cache.Output.All.Slice(from * outputs, count * outputs), outputs);
        }
    }

    private sealed class BackwardWork : IWork
    {
        private Dense _layer = null!;
        private DenseCache _cache = null!;
        private ThreadTeam _team = null!;
        private SequenceBatch _dx;
        private PinnedBuffer _dy = null!, _dxWide = null!, _scratch = null!;

        public SequenceBatch Run(Dense layer, in SequenceBatch dy, DenseCache cache, in Pass pass)
        {
            (_layer, _cache, _team) = (layer, cache, pass.Threads);
            int rows = dy.Layout.Rows, padded = layer._panelsBack.Sixteens * 16;
            _dy = pass.Workspace.Rent(dy.All.Length);
            dy.All.CopyTo(_dy.Span);                                     // the caller's rows may move; kernels hold addresses
            _dx = pass.Workspace.Rent(dy.Layout, layer.InputSize);
            _dxWide = pass.Workspace.Rent(rows, padded);
            _scratch = pass.Workspace.Rent(_team.Threads * WeightGradient.Scratch);
            if (rows > 0) _team.Run(this);
            return _dx;
        }

        public void Run(int worker)
        {
            int rows = _dx.Layout.Rows, inputs = _layer.InputSize, outputs = _layer.OutputSize, padded = _layer._panelsBack.Sixteens * 16,
                workers = _team.Threads;
            int from = Share.Split(rows, worker, workers), count = Share.Split(rows, worker + 1, workers) - from;
            Block wide = _dxWide.Block(from * padded, count, padded, padded);
            _layer._panelsBack.Product(_dy.Block(from * outputs, count, outputs, outputs), ChainStart.Zero, wide, 0, 0, _layer._panelsBack.Sixteens);
            Blocks.Narrow(wide, _dx.All.Slice(from * inputs, count * inputs), inputs);

            int first = Share.Split(outputs, worker, workers), units = Share.Split(outputs, worker + 1, workers) - first;
            if (units == 0) return;
            Block dy = _dy.Block(0, rows, outputs, outputs).Part(0, rows, first, units);
            WeightGradient.Add(dy, _cache.Input.All, inputs, inputs, _layer._weight.Gradients.Slice(first * inputs, units * inputs),
                _scratch.Block(worker * WeightGradient.Scratch, 1, WeightGradient.Scratch, WeightGradient.Scratch));
            Blocks.AddRowSums(dy, _layer._bias.Gradients.Slice(first, units));
        }
    }
}
