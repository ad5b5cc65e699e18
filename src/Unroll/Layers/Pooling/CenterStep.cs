using Unroll.Core;

namespace Unroll.Layers.Pooling;

/// <summary>
/// Many to one where the middle is what counts, as in a window cut around a site: the row of step ⌊length ÷ 2⌋. Above a bidirectional layer it has
/// read the whole. A sequence of length zero stays without a row.
/// </summary>
/// <param name="name">For messages.</param>
/// <param name="size">Features of a row.</param>
public sealed class CenterStep(string name, int size) : IPooling
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public int InputSize => size;

    /// <inheritdoc/>
    public int OutputSize => size;

    //  yₛ = xₛ⟨⌊lengthₛ ÷ 2⌋⟩
    /// <inheritdoc/>
    public Cache Forward(in SequenceBatch x, in Pass pass)
    {
        PooledCache cache = Pooling.Begin(this, x, pass);
        for (int s = 0; s < x.Layout.Sequences; s++)
            if (x.Layout.Lengths[s] > 0) x.Row(x.Layout.Lengths[s] / 2, s).CopyTo(cache.Output.Row(0, s));
        return cache;
    }

    //  δxₛ⟨t⟩ = δyₛ at that step, 0 elsewhere
    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass)
    {
        SequenceLayout layout = cache.Of<PooledCache>(this, dy).Input;
        SequenceBatch dx = pass.Workspace.Rent(layout, size);
        dx.All.Clear();
        for (int s = 0; s < layout.Sequences; s++)
            if (layout.Lengths[s] > 0) dy.Row(0, s).CopyTo(dx.Row(layout.Lengths[s] / 2, s));
        return dx;
    }
}
