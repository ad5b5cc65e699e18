using Unroll.Core;

namespace Unroll.Layers.Pooling;

/// <summary>
/// Many to one above two directions: what each direction ends with, the forward one's last step beside the reverse one's, which is step 0. Each
/// has then read the whole sequence. A sequence of length zero stays without a row.
/// </summary>
public sealed class LastStates : IPooling
{
    private readonly int _half;

    /// <summary>Makes the layer.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="size">Features of a row: the forward direction's, then as many of the reverse direction's.</param>
    /// <exception cref="UserErrorException">The features are not an even number.</exception>
    public LastStates(string name, int size)
    {
        if (size < 2 || size % 2 != 0)
            throw new UserErrorException($"layer '{name}' input features: expected an even number because it reads the two concatenated halves of "
                + $"a bidirectional layer, got {size}.");
        (Name, InputSize, _half) = (name, size, size / 2);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int InputSize { get; }

    /// <inheritdoc/>
    public int OutputSize => InputSize;

    //  yₛ = [→hₛ⟨lengthₛ − 1⟩; ←hₛ⟨0⟩]
    /// <inheritdoc/>
    public Cache Forward(in SequenceBatch x, in Pass pass)
    {
        PooledCache cache = Pooling.Begin(this, x, pass);
        for (int s = 0; s < x.Layout.Sequences; s++)
        {
            if (x.Layout.Lengths[s] == 0) continue;
            Span<float> y = cache.Output.Row(0, s);
            x.Row(x.Layout.Lengths[s] - 1, s)[.._half].CopyTo(y);
            x.Row(0, s)[_half..].CopyTo(y[_half..]);
        }
        return cache;
    }

    //  δ→h goes to the last step, δ←h to step 0
    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass)
    {
        SequenceLayout layout = cache.Of<PooledCache>(this, dy).Input;
        SequenceBatch dx = pass.Workspace.Rent(layout, InputSize);
        dx.All.Clear();
        for (int s = 0; s < layout.Sequences; s++)
        {
            if (layout.Lengths[s] == 0) continue;
            ReadOnlySpan<float> from = dy.Row(0, s);
            from[.._half].CopyTo(dx.Row(layout.Lengths[s] - 1, s));
            from[_half..].CopyTo(dx.Row(0, s)[_half..]);
        }
        return dx;
    }
}
