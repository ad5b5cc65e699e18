using Unroll.Core;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Layers.Pooling;

/// <summary>
/// Many to one above two directions: what each direction ends with, the forward one's last step beside the reverse one's, which is step 0, or the
/// two as one. Each has then read the whole sequence. A sequence of length zero stays without a row.
/// </summary>
public sealed class LastStates : IPooling
{
    private readonly int _half;
    private readonly Merge _merge;

    /// <summary>Makes the layer.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="size">Features of a row: the forward direction's, then as many of the reverse direction's.</param>
    /// <param name="merge">How the two halves become one row.</param>
    /// <exception cref="UserErrorException">The features are not an even number.</exception>
    public LastStates(string name, int size, Merge merge = Merge.Concatenate)
    {
        if (size < 2 || size % 2 != 0)
            throw new UserErrorException($"layer '{name}' input features: expected an even number because it reads the two concatenated halves of "
                + $"a bidirectional layer, got {size}.");
        (Name, InputSize, _half, _merge) = (name, size, size / 2, merge);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int InputSize { get; }

    /// <inheritdoc/>
    public int OutputSize => _merge == Merge.Concatenate ? InputSize : _half;

    //  yₛ = [→hₛ⟨lengthₛ − 1⟩; ←hₛ⟨0⟩], or their sum, mean or product
    /// <inheritdoc/>
    public Cache Forward(in SequenceBatch x, in Pass pass)
    {
        PooledCache cache = Pooling.Begin(this, x, pass);
        for (int s = 0; s < x.Layout.Sequences; s++)
        {
            if (x.Layout.Lengths[s] == 0) continue;
            Span<float> y = cache.Output.Row(0, s), a = x.Row(x.Layout.Lengths[s] - 1, s)[.._half], b = x.Row(0, s)[_half..];
            a.CopyTo(y);
            if (_merge == Merge.Concatenate) b.CopyTo(y[_half..]);
            else if (_merge == Merge.Multiply) Elementwise.Multiply(b, y);
            else Elementwise.Add(b, y);
            if (_merge == Merge.Average) Elementwise.Scale(y, 0.5f);
        }
        return cache;
    }

    //  δ→h goes to the last step, δ←h to step 0; of a product δ→h = δy ⊙ ←h, δ←h = δy ⊙ →h
    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass)
    {
        PooledCache own = cache.Of<PooledCache>(this, dy);
        SequenceLayout layout = own.Input;
        SequenceBatch dx = pass.Workspace.Rent(layout, InputSize);
        dx.All.Clear();
        for (int s = 0; s < layout.Sequences; s++)
        {
            if (layout.Lengths[s] == 0) continue;
            ReadOnlySpan<float> from = dy.Row(0, s);
            Span<float> a = dx.Row(layout.Lengths[s] - 1, s)[.._half], b = dx.Row(0, s)[_half..];
            from[.._half].CopyTo(a);
            (_merge == Merge.Concatenate ? from[_half..] : from).CopyTo(b);
            if (_merge == Merge.Average)
            {
                Elementwise.Scale(a, 0.5f);
                Elementwise.Scale(b, 0.5f);
            }
            if (_merge != Merge.Multiply) continue;
            Elementwise.Multiply(own.X.Row(0, s)[_half..], a);
            Elementwise.Multiply(own.X.Row(layout.Lengths[s] - 1, s)[.._half], b);
        }
        return dx;
    }
}
