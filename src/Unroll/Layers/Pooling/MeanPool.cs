using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Pooling;

/// <summary>Many to one: the mean of each sequence's rows. A sequence of length zero has none and stays without a row.</summary>
/// <param name="name">For messages.</param>
/// <param name="size">Features of a row.</param>
public sealed class MeanPool(string name, int size) : IPooling
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public int InputSize => size;

    /// <inheritdoc/>
    public int OutputSize => size;

    //  yₛ = (xₛ⟨0⟩ + xₛ⟨1⟩ + … ) · (1 / lengthₛ),  steps ascending
    /// <inheritdoc/>
    public Cache Forward(in SequenceBatch x, in Pass pass)
    {
        PooledCache cache = Pooling.Begin(this, x, pass);
        for (int s = 0; s < x.Layout.Sequences; s++)
        {
            int length = x.Layout.Lengths[s];
            if (length == 0) continue;
            Span<float> y = cache.Output.Row(0, s);
            x.Row(0, s).CopyTo(y);
            for (int t = 1; t < length; t++) Elementwise.Add(x.Row(t, s), y);
            Elementwise.Scale(y, 1f / length);
        }
        return cache;
    }

    //  δxₛ⟨t⟩ = δyₛ / lengthₛ
    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass)
    {
        SequenceLayout layout = cache.Of<PooledCache>(this, dy).Input;
        SequenceBatch dx = pass.Workspace.Rent(layout, size);
        for (int s = 0; s < layout.Sequences; s++)
            for (int t = 0; t < layout.Lengths[s]; t++)
            {
                Span<float> row = dx.Row(t, s);
                if (t > 0) dx.Row(0, s).CopyTo(row);
                else
                {
                    dy.Row(0, s).CopyTo(row);
                    Elementwise.Scale(row, 1f / layout.Lengths[s]);
                }
            }
        return dx;
    }
}
