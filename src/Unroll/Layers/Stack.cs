using Unroll.Core;
using Unroll.Layers.Characters;
using Unroll.Layers.LinearChain;
using Unroll.Layers.Pooling;
using Unroll.Numerics;

namespace Unroll.Layers;

/// <summary>Stacked layers, as one layer; its state has a child for each recurrent layer, in order.</summary>
public sealed class Stack : IRecurrentLayer
{
    private readonly ILayer[] _layers;
    private readonly IRecurrentLayer[] _recurrent;

    /// <summary>Stacks layers.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="layers">From input to output, at least one; each takes what the one before it gives.</param>
    /// <exception cref="ShapeException">Two neighbors do not fit.</exception>
    public Stack(string name, params ReadOnlySpan<ILayer> layers)
    {
        if (layers.Length == 0) throw new UserErrorException($"network '{name}': expected at least one layer, got none.");
        (Name, _layers) = (name, layers.ToArray());
        _recurrent = [.. _layers.OfType<IRecurrentLayer>()];
        Causal = _recurrent.All(layer => layer.Causal) && _layers.All(layer => layer is IRecurrentLayer or Dense or CharacterEmbedding or IStepLayer);
        for (int i = 1; i < _layers.Length; i++)
            if (_layers[i].InputSize != _layers[i - 1].OutputSize)
                ShapeException.Throw(_layers[i].InputSize, _layers[i - 1].OutputSize, $"layer '{_layers[i].Name}' input size",
                    $"layer '{_layers[i - 1].Name}' gives as many");
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>From input to output.</summary>
    public IReadOnlyList<ILayer> Layers => _layers;

    /// <inheritdoc/>
    public int InputSize => _layers[0].InputSize;

    /// <inheritdoc/>
    public int OutputSize => _layers[^1].OutputSize;

    /// <inheritdoc/>
    public bool Causal { get; }

    /// <inheritdoc/>
    public State NewState(int sequences) => new(Name, sequences, [.. _recurrent.Select(layer => layer.NewState(sequences))]);

    /// <inheritdoc/>
    public void SetFirst(State state)
    {
        state.RequireParts(Name, state.Sequences, _recurrent.Length);
        for (int i = 0; i < _recurrent.Length; i++) _recurrent[i].SetFirst(state.Children[i]);
    }

    /// <inheritdoc/>
    public Cache Forward(in SequenceBatch x, in Pass pass) => Forward(x, null, pass);

    /// <inheritdoc/>
    public Cache Forward(in SequenceBatch x, State? first, in Pass pass)
    {
        first?.RequireParts(Name, x.Layout.Sequences, _recurrent.Length);
        StackCache cache = pass.Workspace.Cache<StackCache>();
        cache.Layer = this;
        cache.Parts.Clear();
        cache.Output = x;
        int state = 0;
        foreach (ILayer layer in _layers)
        {
            Cache part = layer switch
            {
                IRecurrentLayer recurrent => recurrent.Forward(cache.Output, first?.Children[state++], pass),
                IFromInput both => both.Forward(cache.Output, x, pass),
                _ => layer.Forward(cache.Output, pass),
            };
            cache.Parts.Add(part);
            cache.Output = part.Output;
        }
        return cache;
    }

    /// <inheritdoc/>
    public void Last(Cache cache, State into)
    {
        StackCache own = cache.Of<StackCache>(this);
        into.RequireParts(Name, own.Output.Layout.Sequences, _recurrent.Length);
        int state = 0;
        for (int i = 0; i < _layers.Length; i++)
            if (_layers[i] is IRecurrentLayer recurrent) recurrent.Last(own.Parts[i], into.Children[state++]);
    }

    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass) => Backward(dy, null, cache, null, pass);

    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, State? dLast, Cache cache, State? dFirst, in Pass pass)
    {
        StackCache own = cache.Of<StackCache>(this, dy);
        dLast?.RequireParts(Name, dy.Layout.Sequences, _recurrent.Length);
        dFirst?.RequireParts(Name, dy.Layout.Sequences, _recurrent.Length);
        SequenceBatch d = dy;
        SequenceBatch? around = null;                                    // ∂L/∂x of what sees x past the layers below it
        int state = _recurrent.Length;
        for (int i = _layers.Length - 1; i >= 0; i--)
        {
            if (_layers[i] is IRecurrentLayer recurrent)
            {
                state--;
                d = recurrent.Backward(d, dLast?.Children[state], own.Parts[i], dFirst?.Children[state], pass);
            }
            else if (_layers[i] is IFromInput both)
            {
                d = both.Backward(d, own.Parts[i], pass, out SequenceBatch more);
                if (around is { } before) Elementwise.Add(before.All, more.All);
                around = more;
            }
            else
            {
                d = _layers[i].Backward(d, own.Parts[i], pass);
            }
        }
        if (around is not { } past) return d;
        Elementwise.Add(d.All, past.All);
        return past;
    }

    /// <summary>The cache of one of <see cref="Layers"/>: every gate of a recurrent layer is in it.</summary>
    public Cache Part(Cache cache, int layer) => ((StackCache)cache).Parts[layer];

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<float> x, State state, Span<float> y)
    {
        Require(state);
        int sequences = state.Sequences;
        if (x.Length != sequences * InputSize)
            ShapeException.Throw(x.Length, sequences * InputSize, $"layer '{Name}' step input",
                $"{sequences} sequences have {InputSize} features each");
        if (y.Length != sequences * OutputSize)
            ShapeException.Throw(y.Length, sequences * OutputSize, $"layer '{Name}' step output",
                $"{sequences} sequences have {OutputSize} features each");
        StackScratch scratch = state.Scratch is StackScratch kept && kept.Serves(this) ? kept : new StackScratch(this, sequences);
        state.Scratch = scratch;
        scratch.Step(x, new ReadOnlySpan<State>(in state), sequences, y);
    }

    /// <summary>Throws unless the state has a part for each recurrent layer.</summary>
    internal void Require(State state) => state.RequireParts(Name, state.Sequences, _recurrent.Length);

    private sealed class StackCache : Cache
    {
        public List<Cache> Parts { get; } = [];
    }
}
