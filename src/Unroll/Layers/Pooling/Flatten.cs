using Unroll.Core;

namespace Unroll.Layers.Pooling;

/// <summary>
/// Many to one where each place has a meaning of its own, as in windows cut around a site: all rows of a sequence side by side, so that a dense layer
/// above has weights for every step. Of a sequence shorter than <paramref name="steps"/> the rest is 0; a longer one is refused; one of length zero
/// stays without a row.
/// </summary>
/// <param name="name">For messages.</param>
/// <param name="size">Features of a row.</param>
/// <param name="steps">Steps of a sequence at most, at least 1.</param>
public sealed class Flatten(string name, int size, int steps) : IPooling
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public int InputSize => size;

    /// <summary>Steps × features.</summary>
    public int OutputSize { get; } = Size(name, size, steps);

    //  yₛ = [xₛ⟨0⟩; xₛ⟨1⟩; …; 0]
    /// <inheritdoc/>
    /// <exception cref="ShapeException">The input's features are not <see cref="InputSize"/>, or a sequence is too long.</exception>
    public Cache Forward(in SequenceBatch x, in Pass pass)
    {
        if (x.Layout.Steps > steps)
            ShapeException.Throw(x.Layout.Steps, steps, $"layer '{name}' input steps", "it has a place for that many and no more");
        PooledCache cache = Pooling.Begin(this, x, pass);
        for (int s = 0; s < x.Layout.Sequences; s++)
        {
            int length = x.Layout.Lengths[s];
            if (length == 0) continue;
            Span<float> y = cache.Output.Row(0, s);
            for (int t = 0; t < length; t++) x.Row(t, s).CopyTo(y[(t * size)..]);
            y[(length * size)..].Clear();
        }
        return cache;
    }

    //  δxₛ⟨t⟩ = the part of δyₛ that stands at t
    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass)
    {
        SequenceLayout layout = cache.Of<PooledCache>(this, dy).Input;
        SequenceBatch dx = pass.Workspace.Rent(layout, size);
        for (int s = 0; s < layout.Sequences; s++)
            for (int t = 0; t < layout.Lengths[s]; t++) dy.Row(0, s).Slice(t * size, size).CopyTo(dx.Row(t, s));
        return dx;
    }

    private static int Size(string name, int size, int steps) => steps >= 1 && (long)steps * size <= Array.MaxLength
        ? steps * size
        : throw new UserErrorException(
            $"layer '{name}' steps: expected at least 1, and no more than an array holds of {size} features each, got {steps}.");
}
