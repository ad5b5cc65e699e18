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
    /// <param name="x">[rows, <see cref="InputSize"/>].</param>
    /// <param name="pass">Workspace, threads, random draws.</param>
    /// <exception cref="ShapeException">The input's features are not <see cref="InputSize"/>.</exception>
    Cache Forward(in SequenceBatch x, in Pass pass);

    /// <summary>Adds to the parameters' gradients and returns ∂L/∂x; leaves the cache intact, so that it can be called again.</summary>
    /// <param name="dy">[rows, <see cref="OutputSize"/>]: ∂L/∂y.</param>
    /// <param name="cache">What <see cref="Forward"/> returned.</param>
    /// <param name="pass">The same pass as forward's.</param>
    SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass);
}

/// <summary>What a forward pass leaves for the backward pass and for onlookers.</summary>
public abstract class Cache
{
    /// <summary>[rows, output size].</summary>
    public SequenceBatch Output { get; protected internal set; }
}

/// <summary>A layer with a state that goes from step to step: state in, state out.</summary>
public interface IRecurrentLayer : ILayer
{
    /// <summary>Whether an output depends on earlier steps only: then states can be carried on and steps taken one by one.</summary>
    bool Causal { get; }

    /// <summary>A state of zeros of the right shape.</summary>
    /// <param name="sequences">B.</param>
    State NewState(int sequences);

    /// <summary>Sets a state to what a sequence begins with when none is given: zero, random or learnt.</summary>
    void SetFirst(State state);

    /// <summary>Forward from a given state.</summary>
    /// <param name="x">[rows, input size].</param>
    /// <param name="first">Null: the layer's own first state.</param>
    /// <param name="pass">Workspace, threads, random draws.</param>
    Cache Forward(in SequenceBatch x, State? first, in Pass pass);

    /// <summary>Copies the state after each sequence's last step; a sequence of length zero has its first state.</summary>
    void Last(Cache cache, State into);

    /// <summary>Backward with gradients of the states.</summary>
    /// <param name="dy">[rows, output size].</param>
    /// <param name="dLast">∂L/∂(last state); null for zero.</param>
    /// <param name="cache">What forward returned.</param>
    /// <param name="dFirst">Overwritten with ∂L/∂(first state); null where it is not wanted.</param>
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
