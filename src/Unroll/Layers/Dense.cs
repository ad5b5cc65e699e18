using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers;

/// <summary>A linear layer on every row: y = x Wᵀ + b. Parameters <c>weight</c> [outputs, inputs] and <c>bias</c> [outputs].</summary>
public sealed class Dense : ILayer
{
    private readonly Parameter _weight, _bias;
    private readonly DensePanels _panels;

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
        if (widest > ArraySize.Max) throw new UserErrorException($"layer '{name}' sizes: expected at most {ArraySize.Max} weights "
            + $"because an array holds no more, got {inputSize} inputs and {outputSize} outputs.");
        (Name, InputSize, OutputSize) = (name, inputSize, outputSize);
        _weight = store.Add($"{name}.weight", outputSize, inputSize);
        _bias = store.Add($"{name}.bias", outputSize);
        _panels = new DensePanels(_weight, _bias);
    }

    //  y = x Eᵀ + b
    /// <summary>
    /// Makes a layer whose weight is the table of an embedding, so that a symbol's row stands for it at the input and at the output alike (Press and
    /// Wolf 2017, arXiv:1608.05859; Inan et al. 2017, arXiv:1611.01462). The store has the table once; both layers add to its gradient.
    /// </summary>
    /// <param name="name">For messages, and the prefix of the bias.</param>
    /// <param name="store">The one that the embedding's table is in; receives the bias.</param>
    /// <param name="embedding">Its size is the layer's input size, its vocabulary the layer's output size.</param>
    public Dense(string name, ParameterStore store, Embedding embedding)
    {
        (Name, InputSize, OutputSize) = (name, embedding.OutputSize, embedding.Vocabulary);
        _weight = embedding.Weight;
        _bias = store.Add($"{name}.bias", OutputSize);
        _panels = new DensePanels(_weight, _bias);
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
        DenseCache cache = pass.Workspace.Cache<DenseCache>();
        (cache.Layer, cache.Input) = (this, x);
        cache.Output = pass.Workspace.Cache<DenseForward>().Run(_panels, x, OutputSize, pass);
        return cache;
    }

    //  δx = δy W      δW += δyᵀ x      δb += Σ_rows δy
    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass)
    {
        DenseCache own = cache.Of<DenseCache>(this, dy);
        return pass.Workspace.Cache<DenseBackward>().Run(_panels, _weight, _bias, own.Input, dy, pass);
    }

    // One row at a time through the same panels as a whole batch, so that streaming gives the same bits.
    /// <summary>The layer on some rows: same bits as <see cref="Forward"/>, nothing allocated.</summary>
    /// <param name="x">[rows, inputs].</param>
    /// <param name="y">[rows, outputs], overwritten.</param>
    /// <param name="scratch">At least rows · (outputs rounded up to a multiple of 16) floats.</param>
    internal void Step(ReadOnlySpan<float> x, Span<float> y, PinnedBuffer scratch)
    {
        _panels.Refresh();
        int rows = x.Length / InputSize, padded = _panels.Forward.Sixteens * 16;
        MatrixView wide = scratch.MatrixView(0, rows, padded, padded);
        _panels.Forward.Product(x, rows, ChainStart.Bias(_panels.Bias), wide, 0, 0, _panels.Forward.Sixteens);
        MatrixViews.Narrow(wide, y, OutputSize);
        GC.KeepAlive(scratch);                                           // the block above is an address in it
    }

    private sealed class DenseCache : Cache
    {
        public SequenceBatch Input { get; set; }
    }
}
