using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

/// <summary>How a pass over one recurrent layer is divided among the workers of a team.</summary>
internal enum Partitioning
{
    /// <summary>One worker does all: less work than it costs to share it.</summary>
    Alone,

    /// <summary>Each worker has some sequences, and no step waits for another worker.</summary>
    Sequences,

    /// <summary>Each worker has some units, and all meet after each stage of a step.</summary>
    Units,
}

/// <summary>One worker's part of a layer's loop through time: some sequences (packed positions) × some blocks of 16 units.</summary>
internal readonly record struct Share(int FromRow, int ToRow, int FromUnit, int ToUnit, int FromState, int ToState)
{
    private const int FewSequences = 16;
    private const long FewWeights = 1 << 18;                             // 1 MiB; measured: above it each worker should read only its part

    /// <summary>
    /// Sequences are divided where there are many of one length and the recurrent weights fit each worker's cache: no worker then waits for another.
    /// Otherwise units are, if a step is worth a meeting and the cell takes no sums over them. The bits are the same in every case.
    /// </summary>
    /// <param name="team">The threads.</param>
    /// <param name="layout">The rows.</param>
    /// <param name="weights">The layer.</param>
    /// <param name="workers">How many workers have a share.</param>
    public static Partitioning Partitioning(ThreadTeam team, SequenceLayout layout, RecurrentWeights weights, out int workers)
    {
        workers = team.WorkersFor(layout.Rows * weights.Work);
        Partitioning found = workers == 1 ? Unroll.Layers.Recurrent.Partitioning.Alone : Shared(team, layout, weights, workers);
        if (found == Unroll.Layers.Recurrent.Partitioning.Alone) workers = 1;
        return found;
    }

    private static Partitioning Shared(ThreadTeam team, SequenceLayout layout, RecurrentWeights weights, int workers)
    {
        bool units = !weights.Plan.NeedsWholeRows && Math.Min(weights.Padded, weights.PaddedState) / 16 >= workers
            && layout.Rows / layout.Steps * weights.Work >= team.SmallestShare;
        bool sequences = layout.Sequences >= Math.Max(FewSequences, 2 * workers);
        if (sequences && units)
        {
            bool even = layout.Rows == layout.Sequences * layout.Steps, small = weights.RecurrentWork <= FewWeights;
            units = !(even && small);
        }
        return units ? Unroll.Layers.Recurrent.Partitioning.Units
            : sequences ? Unroll.Layers.Recurrent.Partitioning.Sequences
            : Unroll.Layers.Recurrent.Partitioning.Alone;
    }

    /// <summary>The part of one worker.</summary>
    public static Share Of(int worker, int workers, Partitioning partitioning, SequenceLayout layout, RecurrentWeights weights)
    {
        int units = weights.Padded / 16, state = weights.PaddedState / 16;
        return partitioning switch
        {
            Unroll.Layers.Recurrent.Partitioning.Sequences =>
                new Share(SplitRows(worker, workers, layout), SplitRows(worker + 1, workers, layout), 0, units, 0, state),
            Unroll.Layers.Recurrent.Partitioning.Units =>
                new Share(0, layout.Sequences, Split(units, worker, workers), Split(units, worker + 1, workers),
                Split(state, worker, workers), Split(state, worker + 1, workers)),
            _ => worker == 0 ? new Share(0, layout.Sequences, 0, units, 0, state) : default,
        };
    }

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => ToRow <= FromRow || ToUnit <= FromUnit;

    /// <summary>First column and columns of the share's units.</summary>
    public (int First, int Count) Units => (FromUnit * 16, (ToUnit - FromUnit) * 16);

    /// <summary>First column and columns of the share's part of the state.</summary>
    public (int First, int Count) State => (FromState * 16, (ToState - FromState) * 16);

    /// <summary>Where part <paramref name="worker"/> of <paramref name="count"/> things begins.</summary>
    public static int Split(int count, int worker, int workers) => (int)((long)count * worker / workers);

    /// <summary>Where the sequences of a worker begin, in packed order, when they are divided by their rows.</summary>
    // Longest first: the boundary is where the rows of the sequences before it are this worker's part of all rows.
    public static int SplitRows(int worker, int workers, SequenceLayout layout)
    {
        if (worker == workers) return layout.Sequences;
        long target = (long)layout.Rows * worker / workers, sum = 0;
        int position = 0;
        while (position < layout.Sequences && sum < target) sum += layout.PackedLength(position++);
        return position;
    }
}
