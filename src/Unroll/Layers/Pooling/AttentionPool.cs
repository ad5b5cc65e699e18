using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Pooling;

/// <summary>
/// Many to one: the mean of each sequence's rows, weighted by how well each answers a learned query. Parameters <c>weight</c> [attention, features],
/// <c>bias</c> [attention] and <c>query</c> [attention]. A sequence of length zero has no rows and stays without one.
/// </summary>
/// <remarks>Source: Yang, Yang, Dyer, He, Smola, Hovy 2016, "Hierarchical attention networks for document classification", section 2.2.</remarks>
public sealed class AttentionPool : IPooling
{
    private readonly Dense _hidden;
    private readonly Parameter _query;

    /// <summary>Makes the layer and adds its parameters, all zero, to the store.</summary>
    /// <param name="name">For messages, and the prefix of its parameters' names.</param>
    /// <param name="store">Receives the parameters.</param>
    /// <param name="size">Features of a row.</param>
    /// <param name="attention">Length of the query, at least 1.</param>
    /// <exception cref="UserErrorException">A size is below 1.</exception>
    public AttentionPool(string name, ParameterStore store, int size, int attention)
    {
        _hidden = new Dense(name, store, size, attention);
        _query = store.Add($"{name}.query", attention);
    }

    /// <inheritdoc/>
    public string Name => _hidden.Name;

    /// <inheritdoc/>
    public int InputSize => _hidden.InputSize;

    /// <inheritdoc/>
    public int OutputSize => _hidden.InputSize;

    //  uₜ = tanh(W xₜ + b)      eₜ = q · uₜ      α = softmax(e) over the steps of the sequence      y = Σₜ αₜ xₜ
    /// <inheritdoc/>
    public Cache Forward(in SequenceBatch x, in Pass pass)
    {
        AttentionPoolCache cache = pass.Workspace.Cache<AttentionPoolCache>();
        cache.Pooled = Pooling.Begin(this, x, pass);
        (cache.Layer, cache.Output) = (this, cache.Pooled.Output);
        cache.Hidden = _hidden.Forward(x, pass);
        cache.U = pass.Workspace.Rent(x.Layout, _query.Length);
        cache.Hidden.Output.All.CopyTo(cache.U.All);
        Elementwise.Tanh(cache.U.All);
        cache.Weights = pass.Workspace.Rent(x.Layout.Rows);
        for (int s = 0, first = 0; s < x.Layout.Sequences; first += x.Layout.Lengths[s++])
        {
            if (x.Layout.Lengths[s] == 0) continue;
            Span<float> weights = cache.Weights.Span.Slice(first, x.Layout.Lengths[s]), y = cache.Output.Row(0, s);
            for (int t = 0; t < weights.Length; t++) weights[t] = (float)Reduce.Dot(cache.U.Row(t, s), _query.Values);
            Softmax.Row(weights, weights);
            y.Clear();
            for (int t = 0; t < weights.Length; t++) Elementwise.AddScaled(x.Row(t, s), weights[t], y);
        }
        return cache;
    }

    //  δαₜ = δy · xₜ      δeₜ = αₜ (δαₜ − Σ_j αⱼ δαⱼ)      δq += Σ δeₜ uₜ      δ(W xₜ + b) = δeₜ q ⊙ (1 − uₜ²)
    //  δxₜ = αₜ δy + Wᵀ δ(W xₜ + b)
    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass)
    {
        AttentionPoolCache own = cache.Of<AttentionPoolCache>(this, dy);
        SequenceBatch x = own.Pooled.X, dHidden = pass.Workspace.Rent(x.Layout, _query.Length);
        PinnedBuffer scores = pass.Workspace.Rent(x.Layout.Rows);
        RowSums sums = pass.SumsOf(x.Layout);
        for (int s = 0, first = 0; s < x.Layout.Sequences; first += x.Layout.Lengths[s++])
        {
            Span<float> de = scores.Span.Slice(first, x.Layout.Lengths[s]);
            for (int t = 0; t < de.Length; t++) de[t] = (float)Reduce.Dot(dy.Row(0, s), x.Row(t, s));
            Softmax.Backward(own.Weights.Span.Slice(first, de.Length), de);
            Span<float> dQuery = sums.GradientsOfSequence(_query, s);
            for (int t = 0; t < de.Length; t++)
            {
                Elementwise.AddScaled(own.U.Row(t, s), de[t], dQuery);
                Span<float> row = dHidden.Row(t, s);
                _query.Values.CopyTo(row);
                Elementwise.Scale(row, de[t]);
            }
        }
        Elementwise.TanhBackward(own.U.All, dHidden.All);
        SequenceBatch dx = _hidden.Backward(dHidden, own.Hidden, pass);
        for (int s = 0, first = 0; s < x.Layout.Sequences; first += x.Layout.Lengths[s++])
            for (int t = 0; t < x.Layout.Lengths[s]; t++) Elementwise.AddScaled(dy.Row(0, s), own.Weights.Span[first + t], dx.Row(t, s));
        return dx;
    }

    /// <summary>How much each step of a sequence counts: [length], at least 0, with the sum 1.</summary>
    /// <param name="cache">What <see cref="Forward"/> returned.</param>
    /// <param name="sequence">In the caller's order.</param>
    /// <exception cref="ArgumentException">The cache is another layer's.</exception>
    public ReadOnlySpan<float> Weights(Cache cache, int sequence)
    {
        AttentionPoolCache own = cache.Of<AttentionPoolCache>(this);
        ReadOnlySpan<int> lengths = own.Pooled.Input.Lengths;
        int first = 0;
        for (int s = 0; s < sequence; s++) first += lengths[s];
        return own.Weights.Span.Slice(first, lengths[sequence]);
    }

    private sealed class AttentionPoolCache : Cache
    {
        public PooledCache Pooled { get; set; } = null!;
        public Cache Hidden { get; set; } = null!;
        public SequenceBatch U { get; set; }
        public PinnedBuffer Weights { get; set; } = null!;
    }
}
