using Unroll.Core;

namespace Unroll.Layers.Pooling;

/// <summary>
/// Many to one: of each sequence the row of its last step alone. The output has a layout of its own with one step per sequence, in the caller's
/// order; a sequence of length zero has no last step and stays without one.
/// </summary>
/// <param name="name">For messages.</param>
/// <param name="size">Features of a row.</param>
public sealed class LastStep(string name, int size) : IStepLayer, IPooling
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public int InputSize => size;

    /// <inheritdoc/>
    public int OutputSize => size;

    //  yₛ = xₛ⟨lengthₛ − 1⟩
    /// <inheritdoc/>
    public Cache Forward(in SequenceBatch x, in Pass pass)
    {
        PooledCache cache = Pooling.Begin(this, x, pass);
        SequenceBatch y = cache.Output;
        for (int s = 0; s < x.Layout.Sequences; s++)
            if (x.Layout.Lengths[s] > 0) x.Row(x.Layout.Lengths[s] - 1, s).CopyTo(y.Row(0, s));
        return cache;
    }

    //  δxₛ⟨t⟩ = δyₛ at the last step, 0 before it
    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass)
    {
        SequenceLayout layout = cache.Of<PooledCache>(this, dy).Input;
        SequenceBatch dx = pass.Workspace.Rent(layout, size);
        dx.All.Clear();
        for (int s = 0; s < layout.Sequences; s++)
            if (layout.Lengths[s] > 0) dy.Row(0, s).CopyTo(dx.Row(layout.Lengths[s] - 1, s));
        return dx;
    }

    /// <summary>While a sequence is still coming, every step is the last one so far.</summary>
    /// <param name="x">[rows, size].</param>
    /// <param name="y">[rows, size], overwritten.</param>
    public void Step(ReadOnlySpan<float> x, Span<float> y) => x.CopyTo(y);

    /// <summary>The layout of the output of a batch: length 1 where the sequence has steps, 0 elsewhere.</summary>
    public static SequenceLayout LayoutOf(SequenceLayout input) => Pooling.LayoutOf(input);
}
