using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers;

/// <summary>One worker's part of a recurrent layer's work: some sequences (packed positions) × some blocks of 16 units.</summary>
internal readonly record struct Share(int FromRow, int ToRow, int FromUnit, int ToUnit, int FromState, int ToState, bool Columns)
{
    private const int FewSequences = 16;

    /// <summary>
    /// Sequences are split where there are many and the weights are small enough for every thread's cache: no thread then waits for another.
    /// Otherwise units are split, with a barrier after each stage. Small work is one worker's. The bits are the same in every case.
    /// </summary>
    public static Share Of(int worker, ThreadTeam team, SequenceLayout layout, RecurrentWeights weights, int gates)
    {
        int workers = team.Threads;
        int units = weights.Padded / 16, state = weights.PaddedState / 16;
        long work = (long)layout.Rows * gates * weights.Hidden * (weights.InputSize + weights.StateSize);
        if (workers == 1 || work < team.SmallestShare)
            return worker == 0 ? new Share(0, layout.Sequences, 0, units, 0, state, false) : default;
        if (layout.Sequences >= Math.Max(FewSequences, 2 * workers) || units < workers || state < workers)
            return new Share(SplitRows(worker, workers, layout), SplitRows(worker + 1, workers, layout), 0, units, 0, state, false);
        return new Share(0, layout.Sequences, Split(units, worker, workers), Split(units, worker + 1, workers),
            Split(state, worker, workers), Split(state, worker + 1, workers), true);
    }

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => ToRow <= FromRow || ToUnit <= FromUnit;

    /// <summary>The share's rows of step <paramref name="t"/>: how many.</summary>
    public int RowsOf(int t, SequenceLayout layout) => Math.Clamp(layout.Active(t) - FromRow, 0, ToRow - FromRow);

    /// <summary>Where part <paramref name="worker"/> of <paramref name="count"/> things begins.</summary>
    public static int Split(int count, int worker, int workers) => (int)((long)count * worker / workers);

    // Longest first: the boundary is where the rows of the sequences before it are this worker's part of all rows.
    private static int SplitRows(int worker, int workers, SequenceLayout layout)
    {
        if (worker == workers) return layout.Sequences;
        long target = (long)layout.Rows * worker / workers, sum = 0;
        int position = 0;
        while (position < layout.Sequences && sum < target) sum += layout.PackedLength(position++);
        return position;
    }
}
