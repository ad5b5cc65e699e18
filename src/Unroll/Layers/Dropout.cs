using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers;

/// <summary>
/// Inverted dropout (Srivastava et al. 2014): in training an element becomes 0 with probability <see cref="Rate"/>, else it is divided by
/// 1 − rate, so that its expectation stays; otherwise the layer hands its input on, uncopied.
/// </summary>
/// <remarks>
/// A draw belongs to the training step, the layer's name, the sequence's id, t and the unit: it does not depend on who else is in the batch.
/// </remarks>
public sealed class Dropout : IStepLayer
{
    /// <summary>Makes the layer.</summary>
    /// <param name="name">Which draws it gets: two layers of one name drop the same elements.</param>
    /// <param name="size">Features of a row.</param>
    /// <param name="rate">Probability of a zero, in [0, 1).</param>
    /// <exception cref="UserErrorException">The rate is outside.</exception>
    public Dropout(string name, int size, float rate)
    {
        if (!(rate >= 0 && rate < 1))
            throw new UserErrorException($"layer '{name}' dropout: expected a rate of at least 0 and below 1 "
                + $"because it is a probability, got {rate}.");
        (Name, InputSize, Rate) = (name, size, rate);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int InputSize { get; }

    /// <inheritdoc/>
    public int OutputSize => InputSize;

    /// <summary>Probability of a zero.</summary>
    public float Rate { get; }

    //  m = 0 with probability rate, else 1 / (1 − rate)        y = m ⊙ x
    /// <inheritdoc/>
    /// <exception cref="ShapeException">The features, or the number of the pass's sequence ids, do not fit.</exception>
    public Cache Forward(in SequenceBatch x, in Pass pass)
    {
        if (x.Features != InputSize) ShapeException.Throw(x.Features, InputSize, $"layer '{Name}' input features", "the layer below has that many");
        DropoutCache cache = pass.Workspace.Cache<DropoutCache>();
        cache.Layer = this;
        cache.Dropped = pass.Training && Rate > 0;
        cache.Output = x;
        if (!cache.Dropped) return cache;

        cache.Mask = pass.Workspace.Rent(x.Layout, InputSize);
        cache.Output = pass.Workspace.Rent(x.Layout, InputSize);
        DrawMask(cache.Mask, pass);
        x.All.CopyTo(cache.Output.All);
        Elementwise.Multiply(cache.Mask.All, cache.Output.All);
        return cache;
    }

    //  δx = m ⊙ δy
    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass)
    {
        DropoutCache mine = cache.Of<DropoutCache>(this, dy);
        if (!mine.Dropped) return dy;
        SequenceBatch dx = pass.Workspace.Rent(dy.Layout, InputSize);
        dy.All.CopyTo(dx.All);
        Elementwise.Multiply(mine.Mask.All, dx.All);
        return dx;
    }

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<float> x, Span<float> y) => x.CopyTo(y);

    private void DrawMask(in SequenceBatch mask, in Pass pass)
    {
        SequenceLayout layout = mask.Layout;
        Rng random = pass.Random.For(Name);
        ReadOnlySpan<long> ids = pass.SequenceIds.Span;
        if (!ids.IsEmpty && ids.Length != layout.Sequences)
            ShapeException.Throw(ids.Length, layout.Sequences, $"layer '{Name}' sequence ids", "the batch has that many sequences");
        float kept = 1 / (1 - Rate);
        for (int s = 0; s < layout.Sequences; s++)
        {
            Rng own = random.At((ulong)(ids.IsEmpty ? s : ids[s]));
            for (int t = 0; t < layout.Lengths[s]; t++)
            {
                Span<float> row = mask.Row(t, s);
                own.Uniform((ulong)t << 32, row);
                for (int unit = 0; unit < row.Length; unit++) row[unit] = row[unit] < Rate ? 0 : kept;
            }
        }
    }
}

internal sealed class DropoutCache : Cache
{
    public bool Dropped { get; set; }

    public SequenceBatch Mask { get; set; }
}
