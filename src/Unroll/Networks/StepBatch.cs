using Unroll.Core;
using Unroll.Layers;

namespace Unroll.Networks;

/// <summary>
/// Steps of many streams at once: their states stay apart, one for each listener, and only the products are shared. Every stream gets the bits that
/// it would get alone, whoever else is in the step. One thread at a time; the streams' states may come and go.
/// </summary>
/// <example><code>
/// StepBatch batch = new(network, most: 64);
/// batch.Step(x, [alice, bob, carol], y);       // x [3, input size], y [3, output size]
/// </code></example>
public sealed class StepBatch
{
    private readonly Network _network;
    private readonly StackScratch _scratch;

    /// <summary>Takes the memory of a step.</summary>
    /// <param name="network">Whose states they are.</param>
    /// <param name="most">The most sequences of a step, at least 1.</param>
    /// <exception cref="UserErrorException">A layer looks ahead: the message names it.</exception>
    public StepBatch(Network network, int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        network.RequireCausal("taking steps one by one");
        (_network, _scratch, Most) = (network, new StackScratch(network.Stack, most), most);
    }

    /// <summary>The most sequences of a step.</summary>
    public int Most { get; }

    /// <summary>One step of every sequence of some states: same bits as <see cref="Network.Step"/> of each, nothing allocated.</summary>
    /// <param name="x">[rows, input size]: the rows of the first state, then those of the second, ….</param>
    /// <param name="states">
    /// Made by <see cref="Network.NewState"/> of this network, each once; replaced by the states after the step. As many sequences together as there
    /// are rows, at most <see cref="Most"/>.
    /// </param>
    /// <param name="y">[rows, output size], overwritten.</param>
    /// <exception cref="ShapeException">Rows, or states, do not fit, or a state is there twice.</exception>
    public void Step(ReadOnlySpan<float> x, ReadOnlySpan<State> states, Span<float> y)
    {
        int rows = Count(states);
        if (rows > Most) ShapeException.Throw(rows, Most, "sequences of the step", "the batch was made for at most so many");
        if (x.Length != rows * _network.InputSize)
            ShapeException.Throw(x.Length, rows * _network.InputSize, "step input", $"{rows} sequences have {_network.InputSize} features each");
        if (y.Length != rows * _network.OutputSize)
            ShapeException.Throw(y.Length, rows * _network.OutputSize, "step output", $"{rows} sequences have {_network.OutputSize} features each");
        _scratch.Step(x, states, rows, y);
    }

    // The sequences of all states; each state is marked while they are counted, so that one that is there twice is found.
    private int Count(ReadOnlySpan<State> states)
    {
        int rows = 0, marked = 0;
        try
        {
            foreach (State state in states)
            {
                _network.Stack.Require(state);
                if (state.IsCounted) throw new ShapeException($"'{state.Name}': a state is there twice; each stream has a state of its own.");
                state.IsCounted = true;
                marked++;
                rows += state.Sequences;
            }
        }
        finally
        {
            foreach (State state in states[..marked]) state.IsCounted = false;
        }
        return rows;
    }
}
