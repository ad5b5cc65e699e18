using Unroll.Cells;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

/// <summary>
/// What one step of streaming needs, kept from step to step so that it allocates nothing; the arithmetic is the whole sequence's own.
/// </summary>
/// <param name="weights">The layer.</param>
/// <param name="sequences">The most rows of a step.</param>
internal sealed class StepScratch(RecurrentWeights weights, int sequences)
{
    private readonly PinnedBuffer _slots = new(sequences * weights.Slots * weights.Padded);
    private readonly PinnedBuffer _hPrev = new(sequences * weights.PaddedState), _h = new(sequences * weights.PaddedState);
    private readonly PinnedBuffer _furtherPrev = new(sequences * weights.Further * weights.Padded),
        _further = new(sequences * weights.Further * weights.Padded);

    /// <summary>Whether it was made for this layer: a state may have been another's before.</summary>
    public bool Serves(RecurrentWeights other) => ReferenceEquals(other, weights);

    /// <summary>One step of every sequence of some states, whose rows lie side by side meanwhile.</summary>
    /// <param name="x">[rows, input size].</param>
    /// <param name="states">Replaced by the states after the step.</param>
    /// <param name="rows">Sequences of all states together.</param>
    /// <param name="y">[rows, output size], overwritten.</param>
    public void Run(ReadOnlySpan<float> x, ReadOnlySpan<State> states, int rows, Span<float> y)
    {
        ICell cell = weights.Cell;
        int width = weights.Padded, narrow = weights.PaddedState, slots = weights.Slots * width, further = weights.Further * width;
        StepRows step = new()
        {
            Slots = _slots.MatrixView(0, rows, slots, slots),
            HPrev = _hPrev.MatrixView(0, rows, narrow, narrow), H = _h.MatrixView(0, rows, narrow, narrow),
            FurtherPrev = _furtherPrev.MatrixView(0, rows, further, further), Further = _further.MatrixView(0, rows, further, further),
        };
        int row = 0;
        foreach (State state in states)
        {
            MatrixViews.Widen(state.H, weights.StateSize, step.HPrev.Part(row, state.Sequences, 0, narrow));
            MatrixViews.Widen(state.C, weights.Hidden, Further(_furtherPrev, row, state));
            row += state.Sequences;
        }

        weights.Panels.Refresh();
        Share all = new(0, rows, 0, width / 16, 0, narrow / 16);
        CellStep.Input(weights, x, step.Slots, 0, width / 16);
        for (int stage = 0; stage < cell.Stages; stage++) CellStep.Stage(weights, stage, step, all);

        row = 0;
        foreach (State state in states)
        {
            MatrixViews.Narrow(step.H.Part(row, state.Sequences, 0, narrow), state.H, weights.StateSize);
            MatrixViews.Narrow(Further(_further, row, state), state.C, weights.Hidden);
            state.H.CopyTo(y[(row * weights.StateSize)..]);
            row += state.Sequences;
        }
        GC.KeepAlive(this);                                              // the blocks above are addresses in its buffers
    }

    // Each further state of a sequence in a row of its own.
    private MatrixView Further(PinnedBuffer all, int row, State state)
    {
        int width = weights.Padded, others = state.Sequences * weights.Further;
        return all.MatrixView(row * weights.Further * width, others, width, width);
    }
}
