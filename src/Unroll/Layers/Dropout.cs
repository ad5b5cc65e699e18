using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers;

/// <summary>
/// Inverted dropout (Srivastava et al. 2014): in training an element becomes 0 with probability <see cref="Rate"/>, else it is divided by
/// 1 − rate, so that its expectation stays; otherwise the layer hands its input on, uncopied.
/// Locked, it drops the same units at every step of a sequence (variational dropout: Gal and Ghahramani 2016, arXiv:1512.05287).
/// </summary>
/// <remarks>
/// A draw belongs to the training step, the layer's name, the sequence's id, t (unless locked) and the unit: it does not depend on who else is in the
/// batch.
/// </remarks>
public sealed class Dropout : IStepLayer
{
    /// <summary>Makes the layer.</summary>
    /// <param name="name">Determines the draws: two layers with the same name drop the same elements.</param>
    /// <param name="size">Features of a row.</param>
    /// <param name="rate">Probability of a zero, in [0, 1).</param>
    /// <param name="locked">Whether a sequence has one mask for all of its steps.</param>
    /// <exception cref="UserErrorException">The rate is outside.</exception>
    public Dropout(string name, int size, float rate, bool locked = false)
    {
        if (!(rate >= 0 && rate < 1))
            throw new UserErrorException($"layer '{name}' dropout: expected a rate of at least 0 and below 1 "
                + $"because it is a probability, got {rate}.");
        (Name, InputSize, Rate, Locked) = (name, size, rate, locked);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int InputSize { get; }

    /// <inheritdoc/>
    public int OutputSize => InputSize;

    /// <summary>Probability of a zero.</summary>
    public float Rate { get; }

    /// <summary>Whether a sequence has one mask for all of its steps.</summary>
    public bool Locked { get; }

    //  m⟨t⟩ = 0 with probability rate, else 1 / (1 − rate)        y⟨t⟩ = m⟨t⟩ ⊙ x⟨t⟩        locked: m⟨t⟩ = m⟨1⟩
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

        ReadOnlyMemory<long> ids = pass.SequenceIds;
        if (!ids.IsEmpty && ids.Length != x.Layout.Sequences)
            ShapeException.Throw(ids.Length, x.Layout.Sequences, $"layer '{Name}' sequence ids", "the batch has that many sequences");
        if (pass.Recomputation is null) cache.Mask = pass.Workspace.Rent(x.Layout, InputSize);
        cache.IsMaskKept = pass.Recomputation is null;
        cache.Output = pass.Workspace.Rent(x.Layout, InputSize);
        pass.Workspace.Cache<DropoutForward>().Run(x, cache.Output, cache, this, pass);
        return cache;
    }

    //  δx = m ⊙ δy
    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass)
    {
        DropoutCache mine = cache.Of<DropoutCache>(this, dy);
        if (!mine.Dropped) return dy;
        SequenceBatch dx = pass.Workspace.Rent(dy.Layout, InputSize);
        if (mine.IsMaskKept) Masks.Multiply(mine.Mask.All, dy.All, dx.All);
        else pass.Workspace.Cache<DropoutForward>().Run(dy, dx, mine, this, pass);     // the same draws
        return dx;
    }

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<float> x, Span<float> y) => x.CopyTo(y);
}

internal sealed class DropoutCache : Cache
{
    public bool Dropped { get; set; }

    /// <summary>Whether there is a mask; else it is drawn again.</summary>
    public bool IsMaskKept { get; set; }

    public SequenceBatch Mask { get; set; }
}

/// <summary>Draws the masks and applies them, every worker those of its sequences.</summary>
internal sealed class DropoutForward : IWork
{
    private const int WorthSharing = 1 << 14;                            // with fewer draws one worker is as fast
    private const int Cost = 64;                                         // of a draw, in multiply-adds
    private SequenceBatch _x, _y;
    private DropoutCache _cache = null!;
    private PinnedBuffer _rows = null!;                                  // a worker's mask of one row, where masks are not kept
    private Rng _random;
    private ReadOnlyMemory<long> _ids;
    private Dropout _layer = null!;
    private int _workers;

    public void Run(in SequenceBatch x, in SequenceBatch y, DropoutCache cache, Dropout layer, in Pass pass)
    {
        (_x, _y, _cache, _random, _ids, _layer) = (x, y, cache, pass.Random.For(layer.Name), pass.SequenceIds, layer);
        _workers = x.All.Length < WorthSharing ? 1 : pass.Threads.WorkersFor((long)Cost * x.All.Length);
        if (!cache.IsMaskKept) _rows = pass.Workspace.Rent(_workers, layer.InputSize);
        if (_workers == 1) Run(0);
        else pass.Threads.Run(this, _workers);
    }

    public void Run(int worker)
    {
        SequenceLayout layout = _x.Layout;
        Span<float> one = _cache.IsMaskKept ? default : _rows.Span.Slice(worker * _layer.InputSize, _layer.InputSize);
        ReadOnlySpan<long> ids = _ids.Span;
        float rate = _layer.Rate, kept = 1 / (1 - rate);
        for (int s = worker; s < layout.Sequences; s += _workers)        // handed out in turn: sequences differ in length
        {
            Rng own = _random.At((ulong)(ids.IsEmpty ? s : ids[s]));
            for (int t = 0; t < layout.Lengths[s]; t++)
            {
                Span<float> row = _cache.IsMaskKept ? _cache.Mask.Row(t, s) : one;
                own.Uniform(_layer.Locked ? 0 : (ulong)t << 32, row);
                Masks.Drop(row, _x.Row(t, s), _y.Row(t, s), rate, kept);
            }
        }
    }
}
