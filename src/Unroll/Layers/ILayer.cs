using Unroll.Core;

namespace Unroll.Layers;

/// <summary>The pattern of the whole system: <c>cache = layer.Forward(x)</c>, <c>dx = layer.Backward(dy, cache)</c>.</summary>
public interface ILayer
{
    /// <summary>As in its parameters' names: <c>"encoder"</c>.</summary>
    string Name { get; }

    /// <summary>Features of the input.</summary>
    int InputSize { get; }

    /// <summary>Features of the output.</summary>
    int OutputSize { get; }

    /// <summary>The output, and with it what backward needs; both lie in the pass's workspace until it is reset.</summary>
    /// <param name="x">[rows, <see cref="InputSize"/>]; not copied: it stays as it is until the last backward pass of this cache.</param>
    /// <param name="pass">Workspace, threads, random draws.</param>
    /// <exception cref="ShapeException">The input's features are not <see cref="InputSize"/>, or the batch is too large for an array.</exception>
    Cache Forward(in SequenceBatch x, in Pass pass);

    /// <summary>Adds to the parameters' gradients and returns ∂L/∂x; leaves the cache intact, so that it can be called again.</summary>
    /// <param name="dy">[rows, <see cref="OutputSize"/>]: ∂L/∂y.</param>
    /// <param name="cache">What <see cref="Forward"/> returned; the weights are those that it saw.</param>
    /// <param name="pass">The same pass as forward's.</param>
    /// <exception cref="ArgumentException">The cache is another layer's.</exception>
    /// <exception cref="ShapeException">The gradient has not the shape of the output.</exception>
    SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass);
}

/// <summary>What a forward pass leaves for the backward pass and for inspection.</summary>
public abstract class Cache
{
    /// <summary>[rows, output size]; may lie in memory that the cache keeps for itself: not to be written.</summary>
    public SequenceBatch Output { get; protected internal set; }

    /// <summary>The layer that made it; set by the layers of this library.</summary>
    internal ILayer? Layer { get; set; }

    /// <summary>This cache, if it is the layer's: kernels trust its sizes.</summary>
    /// <exception cref="ArgumentException">It was made by another layer.</exception>
    internal T Of<T>(ILayer layer) where T : Cache => this is T own && ReferenceEquals(Layer, layer)
        ? own
        : throw new ArgumentException($"layer '{layer.Name}' got a cache that is not its own but layer '{Layer?.Name}''s");

    /// <summary>The same before a backward pass.</summary>
    /// <exception cref="ArgumentException">It was made by another layer.</exception>
    /// <exception cref="ShapeException">The gradient has not the shape of the output.</exception>
    internal T Of<T>(ILayer layer, in SequenceBatch dy) where T : Cache
    {
        T own = Of<T>(layer);
        if (dy.Features != Output.Features)
            ShapeException.Throw(dy.Features, Output.Features, $"layer '{layer.Name}' output gradient features", "its output has that many");
        if (!dy.Layout.IsLike(Output.Layout))
            throw new ShapeException($"layer '{layer.Name}' output gradient [{dy.Layout.Rows}, {dy.Features}]: "
                + $"expected the sequence lengths of its output "
                + $"[{Output.Layout.Rows}, {Output.Features}], got others.");
        return own;
    }
}

/// <summary>A layer with a state that goes from step to step: state in, state out.</summary>
public interface IRecurrentLayer : ILayer
{
    /// <summary>Whether an output depends on earlier steps only: then states can be carried over and steps taken one by one.</summary>
    bool Causal { get; }

    /// <summary>A state of zeros of the right shape.</summary>
    /// <param name="sequences">B.</param>
    State NewState(int sequences);

    /// <summary>Sets a state to what a sequence begins with when none is given: zero, random or learned.</summary>
    void SetFirst(State state);

    /// <summary>Forward from a given state.</summary>
    /// <param name="x">[rows, input size].</param>
    /// <param name="first">Null: the layer's own initial state.</param>
    /// <param name="pass">Workspace, threads, random draws.</param>
    Cache Forward(in SequenceBatch x, State? first, in Pass pass);

    /// <summary>Copies the state after each sequence's last step; a sequence of length zero has its initial state.</summary>
    void Last(Cache cache, State into);

    /// <summary>Backward with gradients of the states.</summary>
    /// <param name="dy">[rows, output size].</param>
    /// <param name="dLast">∂L/∂(final state); null for zero.</param>
    /// <param name="cache">What forward returned.</param>
    /// <param name="dFirst">Overwritten with ∂L/∂(initial state); null where it is not wanted.</param>
    /// <param name="pass">The same pass as forward's.</param>
    SequenceBatch Backward(in SequenceBatch dy, State? dLast, Cache cache, State? dFirst, in Pass pass);

    /// <summary>One step for every sequence of the state: same bits as <see cref="ILayer.Forward"/>, nothing allocated.</summary>
    /// <param name="x">[B, input size], in the caller's order.</param>
    /// <param name="state">Replaced by the state after the step.</param>
    /// <param name="y">[B, output size], overwritten.</param>
    void Step(ReadOnlySpan<float> x, State state, Span<float> y);
}

/// <summary>A layer without a state that can serve streaming: each row by itself, as when it does not train.</summary>
public interface IStepLayer : ILayer
{
    /// <summary>Some rows: same bits as <see cref="ILayer.Forward"/>, nothing allocated.</summary>
    /// <param name="x">[rows, input size].</param>
    /// <param name="y">[rows, output size], overwritten.</param>
    void Step(ReadOnlySpan<float> x, Span<float> y);
}
