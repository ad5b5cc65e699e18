using Unroll.Cells;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

/// <summary>
/// What one step of streaming needs, owned by the state so that the step allocates nothing; the arithmetic is the whole sequence's own.
/// </summary>
internal sealed class StepScratch(RecurrentWeights weights, int sequences)
{
    private readonly PinnedBuffer _slots = new(sequences * weights.Slots * weights.Padded);
    private readonly PinnedBuffer _hPrev = new(sequences * weights.PaddedState), _h = new(sequences * weights.PaddedState);
    private readonly PinnedBuffer _furtherPrev = new(sequences * weights.Further * weights.Padded),
        _further = new(sequences * weights.Further * weights.Padded);

    /// <summary>Whether it was made for this layer: a state may have been another's before.</summary>
    public bool Serves(RecurrentWeights other) => ReferenceEquals(other, weights);

    public void Run(ReadOnlySpan<float> x, State state, Span<float> y)
    {
        ICell cell = weights.Cell;
        int width = weights.Padded, narrow = weights.PaddedState, slots = weights.Slots * width, further = weights.Further * width;
        StepRows rows = new()
        {
            Slots = _slots.MatrixView(0, sequences, slots, slots),
            HPrev = _hPrev.MatrixView(0, sequences, narrow, narrow), H = _h.MatrixView(0, sequences, narrow, narrow),
            FurtherPrev = _furtherPrev.MatrixView(0, sequences, further, further), Further = _further.MatrixView(0, sequences, further, further),
        };
        MatrixViews.Widen(state.H, weights.StateSize, rows.HPrev);
        int others = sequences * weights.Further;
        MatrixViews.Widen(state.C, weights.Hidden, _furtherPrev.MatrixView(0, others, width, width));

        weights.Panels.Refresh();
        Share all = new(0, sequences, 0, width / 16, 0, narrow / 16);
        CellStep.Input(weights, x, rows.Slots, 0, width / 16);
        for (int stage = 0; stage < cell.Stages; stage++) CellStep.Stage(weights, stage, rows, all);

        MatrixViews.Narrow(rows.H, state.H, weights.StateSize);
        MatrixViews.Narrow(_further.MatrixView(0, others, width, width), state.C, weights.Hidden);
        state.H.CopyTo(y);
        GC.KeepAlive(this);                                              // the blocks above are addresses in its buffers
    }
}
