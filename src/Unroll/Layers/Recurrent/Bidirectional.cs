using Unroll.Core;

namespace Unroll.Layers.Recurrent;

/// <summary>Two recurrent layers over the same input, one from each end (Schuster and Paliwal 1997; notes S49), their outputs merged.</summary>
public sealed class Bidirectional : IRecurrentLayer
{
    private readonly RecurrentLayer _forward, _reverse;
    private readonly Merge _merge;

    /// <summary>Joins two layers.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="forward">First step to last.</param>
    /// <param name="reverse">Last step to first, with the same input and output sizes.</param>
    /// <param name="merge">How the two outputs become one.</param>
    /// <exception cref="ArgumentException">The layers' directions or sizes do not fit.</exception>
    public Bidirectional(string name, RecurrentLayer forward, RecurrentLayer reverse, Merge merge)
    {
        if (forward.Reverse || !reverse.Reverse || forward.InputSize != reverse.InputSize || forward.OutputSize != reverse.OutputSize)
            throw new ArgumentException("a bidirectional layer needs a forward and a reverse layer of the same sizes");
        (Name, _forward, _reverse, _merge) = (name, forward, reverse, merge);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The layer from the first step to the last.</summary>
    public RecurrentLayer ForwardLayer => _forward;

    /// <summary>The layer from the last step to the first.</summary>
    public RecurrentLayer ReverseLayer => _reverse;

    /// <summary>What <see cref="ForwardLayer"/> left: every gate of it is there.</summary>
    public RecurrentCache ForwardPart(Cache cache) => (RecurrentCache)((BidirectionalCache)cache).Forward;

    /// <summary>What <see cref="ReverseLayer"/> left.</summary>
    public RecurrentCache ReversePart(Cache cache) => (RecurrentCache)((BidirectionalCache)cache).Reverse;

    /// <inheritdoc/>
    public int InputSize => _forward.InputSize;

    /// <inheritdoc/>
    public int OutputSize => _merge == Merge.Concatenate ? 2 * _forward.OutputSize : _forward.OutputSize;

    /// <inheritdoc/>
    public bool Causal => false;

    /// <inheritdoc/>
    public State NewState(int sequences) => new(Name, sequences, _forward.NewState(sequences), _reverse.NewState(sequences));

    /// <inheritdoc/>
    public void SetFirst(State state)
    {
        state.RequireParts(Name, state.Sequences, 2);
        _forward.SetFirst(state.Children[0]);
        _reverse.SetFirst(state.Children[1]);
    }

    /// <inheritdoc/>
    public Cache Forward(in SequenceBatch x, in Pass pass) => Forward(x, null, pass);

    //  y = [→h, ←h]      or →h + ←h      or (→h + ←h) / 2      or →h ⊙ ←h
    /// <inheritdoc/>
    public Cache Forward(in SequenceBatch x, State? first, in Pass pass)
    {
        first?.RequireParts(Name, x.Layout.Sequences, 2);
        BidirectionalCache cache = pass.Workspace.Cache<BidirectionalCache>();
        cache.Layer = this;
        cache.Forward = _forward.Forward(x, first?.Children[0], pass);
        cache.Reverse = _reverse.Forward(x, first?.Children[1], pass);
        cache.Output = pass.Workspace.Rent(x.Layout, OutputSize);
        ReadOnlySpan<float> a = cache.Forward.Output.All, b = cache.Reverse.Output.All;
        Span<float> y = cache.Output.All;
        int width = _forward.OutputSize;
        if (_merge == Merge.Concatenate)
        {
            for (int row = 0; row < x.Layout.Rows; row++)
            {
                a.Slice(row * width, width).CopyTo(y.Slice(2 * row * width));
                b.Slice(row * width, width).CopyTo(y.Slice((2 * row + 1) * width));
            }
            return cache;
        }
        if (_merge == Merge.Multiply)
            for (int i = 0; i < y.Length; i++) y[i] = a[i] * b[i];
        else
        {
            float scale = _merge == Merge.Average ? 0.5f : 1f;
            for (int i = 0; i < y.Length; i++) y[i] = scale * (a[i] + b[i]);
        }
        return cache;
    }

    /// <inheritdoc/>
    public void Last(Cache cache, State into)
    {
        BidirectionalCache own = cache.Of<BidirectionalCache>(this);
        into.RequireParts(Name, own.Output.Layout.Sequences, 2);
        _forward.Last(own.Forward, into.Children[0]);
        _reverse.Last(own.Reverse, into.Children[1]);
    }

    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass) => Backward(dy, null, cache, null, pass);

    //  δ→h and δ←h are δy's halves, or both δy, or both δy / 2, or δy ⊙ ←h and δy ⊙ →h      δx = →δx + ←δx
    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, State? dLast, Cache cache, State? dFirst, in Pass pass)
    {
        BidirectionalCache own = cache.Of<BidirectionalCache>(this, dy);
        dLast?.RequireParts(Name, dy.Layout.Sequences, 2);
        dFirst?.RequireParts(Name, dy.Layout.Sequences, 2);
        int width = _forward.OutputSize;
        SequenceBatch a = pass.Workspace.Rent(dy.Layout, width), b = a;
        if (_merge == Merge.Concatenate)
        {
            b = pass.Workspace.Rent(dy.Layout, width);
            for (int row = 0; row < dy.Layout.Rows; row++)
            {
                dy.All.Slice(2 * row * width, width).CopyTo(a.All.Slice(row * width));
                dy.All.Slice((2 * row + 1) * width, width).CopyTo(b.All.Slice(row * width));
            }
        }
        else if (_merge == Merge.Multiply)
        {
            b = pass.Workspace.Rent(dy.Layout, width);
            ReadOnlySpan<float> forward = own.Forward.Output.All, reverse = own.Reverse.Output.All;
            for (int i = 0; i < a.All.Length; i++) (a.All[i], b.All[i]) = (dy.All[i] * reverse[i], dy.All[i] * forward[i]);
        }
        else
        {
            float scale = _merge == Merge.Average ? 0.5f : 1f;
            for (int i = 0; i < a.All.Length; i++) a.All[i] = scale * dy.All[i];
        }
        SequenceBatch dx = _forward.Backward(a, dLast?.Children[0], own.Forward, dFirst?.Children[0], pass);
        SequenceBatch other = _reverse.Backward(b, dLast?.Children[1], own.Reverse, dFirst?.Children[1], pass);
        Span<float> sum = dx.All, add = other.All;
        for (int i = 0; i < sum.Length; i++) sum[i] += add[i];
        return dx;
    }

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<float> x, State state, Span<float> y) =>
        throw new UserErrorException($"layer '{Name}' is bidirectional: it needs the whole sequence and cannot take steps one by one.");

    private sealed class BidirectionalCache : Cache
    {
        public Cache Forward { get; set; } = null!;
        public Cache Reverse { get; set; } = null!;
    }
}
