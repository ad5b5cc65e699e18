using Unroll.Core;

namespace Unroll.Layers;

/// <summary>The steps of every sequence from the last to the first, as a Keras layer that goes backwards leaves its outputs.</summary>
/// <param name="name">For messages.</param>
/// <param name="size">Features of a step.</param>
public sealed class Flip(string name, int size) : ILayer
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public int InputSize => size;

    /// <inheritdoc/>
    public int OutputSize => size;

    //  yₛ⟨t⟩ = xₛ⟨lengthₛ − 1 − t⟩
    /// <inheritdoc/>
    public Cache Forward(in SequenceBatch x, in Pass pass)
    {
        if (x.Features != size) ShapeException.Throw(x.Features, size, $"layer '{name}' input features", "it was made for that many");
        FlipCache cache = pass.Workspace.Cache<FlipCache>();
        cache.Layer = this;
        cache.Output = Flipped(x, pass);
        return cache;
    }

    //  δxₛ⟨t⟩ = δyₛ⟨lengthₛ − 1 − t⟩
    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass)
    {
        cache.Of<FlipCache>(this, dy);
        return Flipped(dy, pass);
    }

    private SequenceBatch Flipped(in SequenceBatch from, in Pass pass)
    {
        SequenceBatch to = pass.Workspace.Rent(from.Layout, size);
        for (int s = 0; s < from.Layout.Sequences; s++)
            for (int t = 0, last = from.Layout.Lengths[s] - 1; t <= last; t++) from.Row(t, s).CopyTo(to.Row(last - t, s));
        return to;
    }

    private sealed class FlipCache : Cache;
}
