using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers;

//  μ = mean x      σ² = mean (x − μ)²      x̂ = (x − μ) ρ,  ρ = 1 / √(σ² + ε)      y = g ⊙ x̂ + b

/// <summary>
/// Layer normalization of every row (Ba, Kiros, Hinton 2016, arXiv:1607.06450), as PyTorch's. Parameters <c>weight</c> [size], g, and
/// <c>bias</c> [size], b. A row of equal numbers gives b.
/// </summary>
public sealed class LayerNorm : IStepLayer
{
    private readonly double _epsilon;
    private readonly Parameter _weight, _bias;

    /// <summary>Makes the layer and adds its parameters, all zero, to the store.</summary>
    /// <param name="name">For messages, and the prefix of its parameters' names.</param>
    /// <param name="store">Receives the parameters.</param>
    /// <param name="size">Features of a row, at least 1.</param>
    /// <param name="epsilon">ε, above 0 and at most 1.</param>
    /// <exception cref="UserErrorException">The size is below 1, or ε out of its range.</exception>
    public LayerNorm(string name, ParameterStore store, int size, double epsilon = 1e-5)
    {
        if (!(epsilon is > 0 and <= 1))
            throw new UserErrorException($"layer '{name}' epsilon: expected a number above 0 and at most 1, got {epsilon}.");
        _epsilon = epsilon;
        if (size < 1) throw new UserErrorException($"layer '{name}' size: expected at least 1 feature, got {size}.");
        Name = name;
        _weight = store.Add($"{name}.weight", size);
        _bias = store.Add($"{name}.bias", size);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int InputSize => _weight.Length;

    /// <inheritdoc/>
    public int OutputSize => _weight.Length;

    /// <inheritdoc/>
    public Cache Forward(in SequenceBatch x, in Pass pass)
    {
        if (x.Features != InputSize) ShapeException.Throw(x.Features, InputSize, $"layer '{Name}' input features", $"weight is [{InputSize}]");
        LayerNormCache cache = pass.Workspace.Cache<LayerNormCache>();
        cache.Layer = this;
        cache.Normal = pass.Workspace.Rent(x.Layout, InputSize);
        cache.Scales = pass.Workspace.Rent(x.Layout.Rows);
        cache.Output = pass.Workspace.Rent(x.Layout, InputSize);
        for (int row = 0; row < x.Layout.Rows; row++)
            cache.Scales.Span[row] = Normalize(RowOf(x, row), RowOf(cache.Normal, row), RowOf(cache.Output, row));
        return cache;
    }

    //  δx̂ = g ⊙ δy      δx = ρ (δx̂ − mean δx̂ − x̂ mean(δx̂ ⊙ x̂))      δg += Σ_rows δy ⊙ x̂      δb += Σ_rows δy
    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass)
    {
        LayerNormCache own = cache.Of<LayerNormCache>(this, dy);
        SequenceBatch dx = pass.Workspace.Rent(dy.Layout, InputSize);
        RowSums sums = pass.SumsOf(dy.Layout);
        for (int row = 0; row < dy.Layout.Rows; row++)
        {
            Span<float> d = RowOf(dx, row), normal = RowOf(own.Normal, row), from = RowOf(dy, row);
            from.CopyTo(d);
            Elementwise.Multiply(normal, d);
            Elementwise.Add(d, sums.GradientsOfRow(_weight, row));
            Elementwise.Add(from, sums.GradientsOfRow(_bias, row));
            from.CopyTo(d);
            Elementwise.Multiply(_weight.Values, d);
            float mean = (float)(Reduce.Sum(d) / d.Length), along = (float)(Reduce.Dot(d, normal) / d.Length);
            Elementwise.Shift(d, -mean);
            Elementwise.AddScaled(normal, -along, d);
            Elementwise.Scale(d, own.Scales.Span[row]);
        }
        return dx;
    }

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<float> x, Span<float> y)
    {
        for (int at = 0; at < x.Length; at += InputSize) Normalize(x.Slice(at, InputSize), y.Slice(at, InputSize), y.Slice(at, InputSize));
    }

    // Returns ρ; the normal row and the output may be the same.
    private float Normalize(ReadOnlySpan<float> x, Span<float> normal, Span<float> y)
    {
        x.CopyTo(normal);
        Elementwise.Shift(normal, -(float)(Reduce.Sum(x) / x.Length));
        float scale = (float)(1 / Math.Sqrt(Reduce.SumSquares(normal) / x.Length + _epsilon));
        Elementwise.Scale(normal, scale);
        normal.CopyTo(y);
        Elementwise.Multiply(_weight.Values, y);
        Elementwise.Add(_bias.Values, y);
        return scale;
    }

    private static Span<float> RowOf(in SequenceBatch batch, int row) => batch.All.Slice(row * batch.Features, batch.Features);

    private sealed class LayerNormCache : Cache
    {
        public SequenceBatch Normal { get; set; }
        public PinnedBuffer Scales { get; set; } = null!;
    }
}
