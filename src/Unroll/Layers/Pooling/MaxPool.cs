using Unroll.Core;

namespace Unroll.Layers.Pooling;

/// <summary>
/// Many to one: of each feature the largest of the sequence's values; of equal ones the first; a NaN wins. A sequence of length zero has none and
/// stays without a row.
/// </summary>
/// <param name="name">For messages.</param>
/// <param name="size">Features of a row.</param>
public sealed class MaxPool(string name, int size) : IPooling
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public int InputSize => size;

    /// <inheritdoc/>
    public int OutputSize => size;

    //  yₛ,ₖ = maxₜ xₛ⟨t⟩ₖ
    /// <inheritdoc/>
    public Cache Forward(in SequenceBatch x, in Pass pass)
    {
        PooledCache cache = Pooling.Begin(this, x, pass);
        SequenceLayout pooled = cache.Output.Layout;
        if (cache.Chosen.Length < pooled.Rows * size) cache.Chosen = new int[pooled.Rows * size];
        for (int s = 0; s < x.Layout.Sequences; s++)
        {
            if (x.Layout.Lengths[s] == 0) continue;
            Span<float> y = cache.Output.Row(0, s);
            Span<int> chosen = cache.Chosen.AsSpan(pooled.Row(0, s) * size, size);
            x.Row(0, s).CopyTo(y);
            chosen.Clear();
            for (int t = 1; t < x.Layout.Lengths[s]; t++)
            {
                ReadOnlySpan<float> row = x.Row(t, s);
                for (int k = 0; k < row.Length; k++)
                    if (row[k] > y[k] || (float.IsNaN(row[k]) && !float.IsNaN(y[k]))) (y[k], chosen[k]) = (row[k], t);
            }
        }
        return cache;
    }

    //  δxₛ⟨t⟩ₖ = δyₛ,ₖ at the step that was chosen, 0 elsewhere
    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass)
    {
        PooledCache own = cache.Of<PooledCache>(this, dy);
        SequenceBatch dx = pass.Workspace.Rent(own.Input, size);
        dx.All.Clear();
        for (int s = 0; s < own.Input.Sequences; s++)
        {
            if (own.Input.Lengths[s] == 0) continue;
            ReadOnlySpan<float> from = dy.Row(0, s);
            ReadOnlySpan<int> chosen = Chosen(own, s);
            for (int k = 0; k < from.Length; k++) dx.Row(chosen[k], s)[k] = from[k];
        }
        return dx;
    }

    /// <summary>The step that each output of a sequence comes from: [size]; empty for a sequence of length zero.</summary>
    /// <param name="cache">What <see cref="Forward"/> returned.</param>
    /// <param name="sequence">In the caller's order.</param>
    /// <exception cref="ArgumentException">The cache is another layer's.</exception>
    public ReadOnlySpan<int> Chosen(Cache cache, int sequence)
    {
        PooledCache own = cache.Of<PooledCache>(this);
        return own.Input.Lengths[sequence] == 0 ? [] : own.Chosen.AsSpan(own.Output.Layout.Row(0, sequence) * size, size);
    }
}
