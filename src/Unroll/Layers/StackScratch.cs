using Unroll.Core;
using Unroll.Layers.Characters;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Layers;

/// <summary>What single steps of stacked layers need, kept from step to step so that none allocates.</summary>
internal sealed class StackScratch
{
    private readonly Stack _stack;
    private readonly PinnedBuffer[] _outputs, _wide;
    private readonly object?[] _recurrent;                               // a layer's own scratch; null: it takes the states one by one
    private readonly State[] _children;
    private CharacterScratch? _characters;

    /// <summary>Takes memory.</summary>
    /// <param name="stack">The layers.</param>
    /// <param name="rows">The most sequences of a step, all states together.</param>
    public StackScratch(Stack stack, int rows)
    {
        (_stack, _children) = (stack, new State[rows]);
        _outputs = [.. stack.Layers.Select(layer => new PinnedBuffer(ArraySize.Of(rows, layer.OutputSize)))];
        _wide = [.. stack.Layers.Select(layer => new PinnedBuffer(layer is Dense ? ArraySize.Of(rows, (layer.OutputSize + 15) / 16 * 16) : 0))];
        _recurrent = [.. stack.Layers.Select(layer => (object?)(layer as RecurrentLayer)?.NewScratch(rows)
            ?? (layer is Stack inner ? new StackScratch(inner, rows) : null))];
    }

    /// <summary>Whether it was made for these layers: a state may have been another network's before.</summary>
    public bool Serves(Stack other) => ReferenceEquals(other, _stack);

    /// <summary>One step of every sequence of some states.</summary>
    /// <param name="x">[rows, input size].</param>
    /// <param name="states">Replaced by the states after the step; each has a child for each recurrent layer.</param>
    /// <param name="rows">Sequences of all states together.</param>
    /// <param name="y">[rows, output size], overwritten.</param>
    public void Step(ReadOnlySpan<float> x, ReadOnlySpan<State> states, int rows, Span<float> y)
    {
        IReadOnlyList<ILayer> layers = _stack.Layers;
        ReadOnlySpan<float> input = x;
        int child = 0;
        for (int i = 0; i < layers.Count; i++)
        {
            Span<float> output = i == layers.Count - 1 ? y : _outputs[i].Span[..(rows * layers[i].OutputSize)];
            if (layers[i] is IRecurrentLayer recurrent)
            {
                for (int s = 0; s < states.Length; s++) _children[s] = states[s].Children[child];
                child++;
                Step(recurrent, _recurrent[i], input, _children.AsSpan(0, states.Length), rows, output);
            }
            else if (layers[i] is CharacterEmbedding words) words.Step(input, output, _characters ??= new CharacterScratch());
            else if (layers[i] is Dense dense) dense.Step(input, output, _wide[i]);
            else ((IStepLayer)layers[i]).Step(input, output);
            input = output;
        }
    }

    private static void Step(
        IRecurrentLayer layer, object? scratch, ReadOnlySpan<float> x, ReadOnlySpan<State> states, int rows, Span<float> y)
    {
        if (layer is RecurrentLayer own && scratch is StepScratch step) own.Step(x, states, rows, y, step);
        else if (scratch is StackScratch inner) inner.Step(x, states, rows, y);
        else
            for (int s = 0, row = 0; s < states.Length; row += states[s++].Sequences)
                layer.Step(x.Slice(row * layer.InputSize, states[s].Sequences * layer.InputSize), states[s],
                    y.Slice(row * layer.OutputSize, states[s].Sequences * layer.OutputSize));
    }
}
